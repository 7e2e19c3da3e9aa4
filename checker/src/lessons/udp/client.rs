//! What the client of lesson 4 must do.

use std::net::SocketAddr;
use std::time::Duration;

use super::{
    ROOM_FOR_THE_LARGEST,
    talk::{
        IGNORED_COSTS_NOTHING, NUMBER_THEN_TEXT, PRINT_THE_REST, QUIT_SENDS_NOTHING, THE_SAME_BYTES, TRIES, Talk,
        numbered, unless_it_happens_every_time,
    },
};
use crate::bench::{Bench, Datagram};
use crate::quote::{count, quoted};
use crate::verdict::{Finding, Hint, Kind, Step};

pub(super) const ONE_LINE_IN_HAND: &str =
    "a line stays in hand until its answer has come: only then read the next one from stdin";
const SKIP_EMPTY_LINES: &str =
    "a typed line that is empty, or only white space, is not sent and gets no number: read the next one from stdin";
const WAIT_200_MS: &str = "each try waits 200 ms for its answer, counted from its own send: an answer after 120 ms is in time, and one datagram is enough";
const THE_FIFTH_TRY_WAITS_TOO: &str =
    "the fifth try waits 200 ms for its answer like the four before it: only then give up";
const THE_NUMBER_AND_THE_SPACE: &str = "the number and the space behind it must be those of the line in hand: `1` begins `10` too, and a late \
     answer begins with the number of an earlier line";
const WHO_SENT_IT: &str = "anybody can send to your port: an answer counts only if its sender has the server's address and its port \
     (`recv_from` tells; a connected socket lets nothing else in)";
const GIVING_UP_IS_A_FAILURE: &str = "five tries without an answer are a failure: an error that names the address, a non-zero exit code, and stdin is read no further";
const REFUSED_IS_NO_ANSWER_YET: &str = "`Connection refused` only says that nobody listens yet: it is an answer still missing, so wait on for what is \
     left of the 200 ms, then send again (a `send` may report it too, in place of sending)";
const ONLY_ALONE_IT_QUITS: &str =
    "the quit word is `q` or `Q` alone on its line, with white space around it or not: `quiet` is text";
const A_LAST_LINE_IS_A_LINE: &str = "a last line that the end of stdin ends in place of a newline is a line too: send it and wait for its answer, then end";

/// client/numbers-its-lines
pub(super) fn numbers_its_lines(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    talk.takes_a_turn(bench)?;

    let second = bench.words.line();
    let third = format!("  {} 世界 ", bench.words.word());
    talk.client.types(&second)?;
    talk.client.types(&third)?;
    let question = talk.asks(&second).hint(NUMBER_THEN_TEXT)?;
    talk.client.comes_to_rest()?;
    talk.has_sent_again().hint(ONE_LINE_IN_HAND)?;
    let answer = format!("  {} é ", bench.words.line());
    talk.answers(&question, &answer)?;
    talk.client.prints(&answer).hint(PRINT_THE_REST)?;

    let question = talk.asks(&third).hint(NUMBER_THEN_TEXT)?;
    let answer = [bench.words.word().as_bytes(), b"\xff", bench.words.word().as_bytes()].concat();
    talk.answers(&question, &answer)?;
    talk.client
        .prints_bytes(&answer)
        .hint("what comes from a network is bytes, not always text: what is no UTF-8 shows as U+FFFD")
}

/// client/skips-empty-lines
pub(super) fn client_skips_empty_lines(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    let (first, second) = (bench.words.line(), bench.words.line());
    talk.client.types_raw(format!("\n \t \n\r\n{first}\n").as_bytes())?;
    let question = talk.asks(&first).hint(SKIP_EMPTY_LINES)?;
    talk.answers(&question, "")?;
    talk.client
        .prints("")
        .hint("an answer with nothing behind the number and the space is an answer: print it, an empty line")?;
    talk.client.types_raw(format!("\n{second}\n").as_bytes())?;
    talk.asks(&second).hint(SKIP_EMPTY_LINES).map(drop)
}

/// client/patient
pub(super) fn client_patient(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    let mut again = 0;
    // On a machine that stalls our answer leaves late: only what happens with every line is the client's doing.
    for _ in 0..5 {
        let (line, answer) = (bench.words.line(), bench.words.line());
        talk.client.types(&line)?;
        let question = talk.asks(&line)?;
        bench.elapse(Duration::from_millis(120))?;
        talk.answers(&question, &answer)?;
        talk.client.prints(&answer).hint(WAIT_200_MS)?;
        again = talk.has_sent_again()?;
        if again == 0 {
            return Ok(());
        }
    }
    Finding::new(
        Kind::WrongCount,
        "the client did not wait 120 ms for its answer, with none of five lines",
    )
    .expected(format!("one datagram, {}", quoted(&talk.in_hand)))
    .actual(count(again + 1, "datagram"))
    .stop()
    .hint(WAIT_200_MS)
}

/// client/sends-again
pub(super) fn sends_again(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    for lost in [1, 2] {
        let (line, answer) = (bench.words.line(), bench.words.line());
        talk.client.types(&line)?;
        let mut question = talk.asks(&line)?;
        for _ in 0..lost {
            question = talk.asks_again(&question)?;
        }
        talk.answers(&question, &answer)?;
        talk.client.prints(&answer).hint(THE_SAME_BYTES)?;
    }
    Ok(())
}

/// client/ignores-late-answers
pub(super) fn ignores_late_answers(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    let (line, answer) = (bench.words.line(), bench.words.line());
    talk.client.types(&line)?;
    let question = talk.asks(&line)?;
    talk.peer.sends(numbered(10, bench.words.line()), question.from)?;
    let late = numbered(1, &answer);
    talk.peer.sends(&late, question.from)?;
    talk.peer.sends(&late, question.from)?;
    talk.client.prints(&answer).hint(THE_NUMBER_AND_THE_SPACE)?;

    // Line 2: more late answers than there are tries, all before the right one.
    let (line, answer) = (bench.words.line(), bench.words.line());
    talk.client.types(&line)?;
    let question = talk.asks(&line)?;
    for _ in 0..=TRIES {
        talk.peer.sends(&late, question.from)?;
    }
    talk.answers(&question, &answer)?;
    talk.client
        .prints(&answer)
        .hint(&format!("{THE_NUMBER_AND_THE_SPACE}; {IGNORED_COSTS_NOTHING}"))?;

    // Line 3: late answers that never pause.
    talk.sends_again_while(bench, |talk, to| talk.peer.sends(&late, to))?;

    while talk.number < 9 {
        talk.takes_a_turn(bench)?;
    }
    let (line, answer) = (bench.words.line(), bench.words.line());
    talk.client.types(&line)?;
    let question = talk.asks(&line)?;
    talk.peer.sends(&late, question.from)?;
    talk.answers(&question, &answer)?;
    talk.client.prints(&answer).hint(THE_NUMBER_AND_THE_SPACE)
}

/// client/ignores-strangers
pub(super) fn ignores_strangers(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    let same_port_elsewhere = SocketAddr::from(([127, 0, 0, 2], talk.peer.addr.port()));
    let strangers = [bench.udp_peer()?, bench.udp_peer_on(same_port_elsewhere)?];
    let wrong = bench.words.line();

    for stranger in &strangers {
        let (line, answer) = (bench.words.line(), bench.words.line());
        talk.client.types(&line)?;
        let question = talk.asks(&line)?;
        stranger.sends(numbered(talk.number, &wrong), question.from)?;
        talk.answers(&question, &answer)?;
        talk.client.prints(&answer).hint(WHO_SENT_IT)?;
    }

    // More strangers than there are tries, all before the right answer.
    let (line, answer) = (bench.words.line(), bench.words.line());
    talk.client.types(&line)?;
    let question = talk.asks(&line)?;
    for stranger in strangers.iter().cycle().take(2 * TRIES) {
        stranger.sends(numbered(talk.number, &wrong), question.from)?;
    }
    talk.answers(&question, &answer)?;
    talk.client.prints(&answer).hint(IGNORED_COSTS_NOTHING)?;

    // Strangers that never pause.
    talk.sends_again_while(bench, |talk, to| strangers[0].sends(numbered(talk.number, &wrong), to))
}

/// client/long-answer
pub(super) fn long_answer(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    let (line, answer) = (bench.words.line(), bench.words.letters(60_000));
    talk.client.types(&line)?;
    let question = talk.asks(&line)?;
    talk.answers(&question, &answer)?;
    talk.client.prints(&answer).hint(ROOM_FOR_THE_LARGEST)
}

/// client/gives-up
pub(super) fn gives_up(bench: &mut Bench) -> Step {
    unless_it_happens_every_time(bench, |bench| {
        let mut talk = Talk::begin(bench)?;
        let (line, further) = (bench.words.line(), bench.words.line());
        talk.client.types(&line)?;
        let first = talk.asks(&line)?;
        // Its stdin stays open: a line is there to be read, and no end.
        talk.client.types(&further)?;
        let mut last = first.clone();
        for _ in 1..TRIES {
            last = talk.asks_again(&last)?;
        }
        talk.client
            .goes_on_for(
                Duration::from_millis(100),
                "it had waited 200 ms for an answer to its fifth try",
            )
            .hint(THE_FIFTH_TRY_WAITS_TOO)?;
        if let Some(extra) = talk
            .peer
            .datagram_before_the_end(&talk.client)
            .hint(GIVING_UP_IS_A_FAILURE)?
        {
            return match extra.bytes == talk.in_hand {
                true => {
                    Finding::new(Kind::WrongCount, "the client sent its datagram a sixth time").expected("five times")
                }
                false => Finding::new(Kind::ExtraBytes, "the client went on to another line").expected("its end"),
            }
            .actual(quoted(&extra.bytes))
            .stop()
            .hint(GIVING_UP_IS_A_FAILURE);
        }
        talk.client
            .fails_naming(&talk.peer.addr.to_string())
            .hint(GIVING_UP_IS_A_FAILURE)?;
        talk.client.has_printed_no_more()?;
        takes_four_waits(&first, &last)
    })
}

/// From the first try to the fifth: single gaps tell nothing on a busy machine, their sum does.
fn takes_four_waits(first: &Datagram, last: &Datagram) -> Step {
    let took = last.at.duration_since(first.at);
    if (600..=1800).contains(&took.as_millis()) {
        return Ok(());
    }
    Finding::new(Kind::OutOfTurn, "the five tries were not sent 200 ms apart")
        .expected("about 0.8 seconds from the first to the fifth")
        .actual(format!("{:.2} seconds", took.as_secs_f64()))
        .stop()
        .hint("each try waits 200 ms for its answer, counted from its own send")
}

/// client/refused
pub(super) fn refused(bench: &mut Bench) -> Step {
    unless_it_happens_every_time(bench, |bench| {
        let nobody = bench.refused_udp_port()?;
        let client = bench.client(nobody.addr)?;
        client.types(&bench.words.line())?;
        client.reads_its_first_input()?;
        client
            .goes_on_for(
                Duration::from_millis(700),
                "its five tries can have been made: they take a second",
            )
            .hint(REFUSED_IS_NO_ANSWER_YET)?;
        client
            .fails_naming(&nobody.addr.to_string())
            .hint(GIVING_UP_IS_A_FAILURE)?;
        client.has_printed_no_more()
    })
}

/// client/late-server
pub(super) fn late_server(bench: &mut Bench) -> Step {
    unless_it_happens_every_time(bench, |bench| {
        let closed = bench.refused_udp_port()?;
        let client = bench.client(closed.addr)?;
        let (line, answer) = (bench.words.line(), bench.words.line());
        client.types(&line)?;
        client.reads_its_first_input()?;
        client
            .goes_on_for(Duration::from_millis(300), "the server opened its port, 300 ms later")
            .hint(REFUSED_IS_NO_ANSWER_YET)?;
        let mut talk = Talk::with(client, closed.opens()?);
        let question = talk.asks(&line).hint(REFUSED_IS_NO_ANSWER_YET)?;
        talk.answers(&question, &answer)?;
        talk.client.prints(&answer).hint(REFUSED_IS_NO_ANSWER_YET)
    })
}

/// client/quits
pub(super) fn client_quits(bench: &mut Bench) -> Step {
    // The stdin of the first two stays open: only the quit word can end them.
    let talk = Talk::begin(bench)?;
    talk.client.types(" Q ")?;
    talk.client.reads_its_first_input()?;
    talk.client.exits(0).hint(QUIT_SENDS_NOTHING)?;
    talk.has_sent_again().hint(QUIT_SENDS_NOTHING)?;

    let mut talk = Talk::begin(bench)?;
    talk.client.types("quiet")?;
    let question = talk.asks("quiet").hint(ONLY_ALONE_IT_QUITS)?;
    talk.answers(&question, bench.words.line())?;
    talk.client.types("q")?;
    talk.ends()?;

    let mut talk = Talk::begin(bench)?;
    let line = bench.words.line();
    talk.client.types_raw(line.as_bytes())?;
    talk.client.ends_input()?;
    let question = talk.asks(&line).hint(A_LAST_LINE_IS_A_LINE)?;
    talk.answers(&question, bench.words.line())?;
    talk.ends()
}
