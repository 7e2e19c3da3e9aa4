//! Lesson 4, UDP: datagrams keep their boundaries and promise nothing else.
//!
//! On a machine that is busy a right client sends a line again although its answer left at once: no step here takes a copy of the
//! datagram in hand amiss, but where copies are what is counted.

use std::net::SocketAddr;
use std::time::Duration;

use super::every;
use crate::bench::{Bench, Datagram, Running, Server, UdpPeer, shout};
use crate::course::{Check, Lesson};
use crate::quote::{count, quoted};
use crate::verdict::{Finding, Hint, Kind, Step, Stop};

pub const LESSON: Lesson = Lesson {
    id: "lesson04",
    folder: "04-udp",
    title: "UDP: datagrams",
    checks: &[
        Check::new(
            "usage",
            "says how it is used, and what the lesson is about",
            every::usage,
        ),
        Check::new(
            "server/shouts-back",
            "answers one datagram with one datagram, its shout",
            shouts_back,
        ),
        Check::new("server/prints-each", "prints each datagram as one line", prints_each),
        Check::new(
            "server/answers-the-sender",
            "answers each of three clients where its datagram came from",
            answers_the_sender,
        ),
        Check::new(
            "server/keeps-boundaries",
            "gives two answers to two datagrams sent back to back",
            keeps_boundaries,
        ),
        Check::new(
            "server/keeps-the-text",
            "finds nothing special in spaces, `é`, `Q` or a repeated datagram",
            server_keeps_the_text,
        ),
        Check::new(
            "server/empty-datagram",
            "answers an empty datagram with an empty one, and goes on",
            empty_datagram,
        ),
        Check::new(
            "server/largest-datagram",
            "sends 65,507 bytes back whole",
            largest_datagram,
        ),
        Check::new(
            "server/binary-datagram",
            "sends bytes that are no UTF-8 back unchanged",
            binary_datagram,
        ),
        Check::new(
            "server/sender-is-gone",
            "goes on when its answer meets a closed port",
            sender_is_gone,
        ),
        Check::new(
            "server/port-in-use",
            "fails when its address is taken, and names it",
            port_in_use,
        ),
        Check::new(
            "client/numbers-its-lines",
            "sends `NUMBER TEXT`, one line at a time, and prints each answer without its number",
            numbers_its_lines,
        ),
        Check::new(
            "client/skips-empty-lines",
            "neither sends nor numbers an empty line",
            client_skips_empty_lines,
        ),
        Check::new(
            "client/patient",
            "waits 120 ms for an answer without sending twice",
            client_patient,
        )
        .waits(),
        Check::new(
            "client/sends-again",
            "sends a lost datagram again, the same bytes from the same port",
            sends_again,
        )
        .waits(),
        Check::new(
            "client/ignores-late-answers",
            "takes a second copy of answer 1 neither for answer 2 nor for answer 10",
            ignores_late_answers,
        )
        .waits(),
        Check::new(
            "client/ignores-strangers",
            "ignores an answer from another port or another address",
            ignores_strangers,
        )
        .waits(),
        Check::new(
            "client/long-answer",
            "prints an answer of 60,000 bytes whole",
            long_answer,
        ),
        Check::new(
            "client/gives-up",
            "fails after exactly five tries, and names the address",
            gives_up,
        )
        .waits(),
        Check::new(
            "client/refused",
            "keeps trying where nobody listens, then fails and names the address",
            refused,
        )
        .waits(),
        Check::new(
            "client/late-server",
            "is answered by a server that opens its port after the first tries",
            late_server,
        )
        .waits(),
        Check::new(
            "client/quits",
            "exits with 0 at the quit word and at the end of stdin, and sends nothing for them",
            client_quits,
        ),
        Check::new(
            "together",
            "talks to itself: twenty lines go out and come back",
            together,
        ),
    ],
};

/// A line is sent so many times at most.
const TRIES: usize = 5;

const ANSWER_EACH: &str = "one `recv_from`, one `send_to`: every datagram is answered as soon as it is there";
const TO_WHERE_IT_CAME_FROM: &str =
    "`recv_from` returns the sender's address with each datagram: that is where the answer goes, from the same socket";
const NO_STREAM: &str = "one receive returns one datagram, whole: nothing is to be collected, joined or cut, answer what this one call returned";
const NOTHING_IS_SPECIAL: &str = "the server answers every datagram, byte by byte: it trims nothing, knows no quit word and keeps no memory of what came before";
const EMPTY_IS_A_DATAGRAM: &str = "a datagram may hold no bytes: 0 from `recv_from` is an empty datagram, not an end-of-file, and is answered \
     by an empty one";
const ROOM_FOR_THE_LARGEST: &str =
    "what does not fit the buffer of a receive is thrown away by the kernel, without a word: make it 65,535 bytes long";
const BYTES_BEFORE_TEXT: &str = "a datagram is bytes, not always text: make the answer from the bytes that came (`to_ascii_uppercase`); only \
     what is printed becomes text (`String::from_utf8_lossy`)";
const A_LOST_ANSWER_IS_NO_FAILURE: &str = "the sender had gone, and ICMP said so: an answer that can't be delivered is lost, and the error that \
     a later call returns for it is no reason to end";
const NUMBER_THEN_TEXT: &str =
    "a datagram is the line's number (from 1, one more for each line sent), one space, and the line as it was typed";
const ONE_LINE_IN_HAND: &str = "a line stays in hand until its answer has come: only then read the next one from stdin";
const PRINT_THE_REST: &str =
    "what is printed is what comes behind the number and the space, as it came, and before the next line is read";
const SKIP_EMPTY_LINES: &str =
    "a typed line that is empty, or only white space, is not sent and gets no number: read the next one from stdin";
const WAIT_200_MS: &str = "each try waits 200 ms for its answer, counted from its own send: an answer after 120 ms is in time, and one datagram is enough";
const ASK_AGAIN: &str =
    "datagrams get lost: when 200 ms have passed without an answer that counts, send again, five times in all";
const THE_SAME_BYTES: &str = "the number belongs to the line, not to the try: the same datagram again, so that any of the answers is the right one";
const THE_SAME_PORT: &str = "keep one socket for all tries of a line: a late answer to the first try goes to the port that the first try left from";
const THE_FIFTH_TRY_WAITS_TOO: &str =
    "the fifth try waits 200 ms for its answer like the four before it: only then give up";
const THE_NUMBER_AND_THE_SPACE: &str = "the number and the space behind it must be those of the line in hand: `1` begins `10` too, and a late \
     answer begins with the number of an earlier line";
const WHO_SENT_IT: &str = "anybody can send to your port: an answer counts only if its sender has the server's address *and* its port \
     (`recv_from` tells; a connected socket lets nothing else in)";
const IGNORED_COSTS_NOTHING: &str =
    "a datagram that does not count is no failed try: receive again, for what is left of the 200 ms";
const A_MOMENT_NOT_A_WHILE: &str = "wait until a moment, not for a while: `deadline = now + 200 ms` after the send, and each receive waits for \
     what is left of it, or every stray datagram begins the wait anew";
const FIVE_TRIES: &str = "a line is sent five times at most: 200 ms after the fifth, give up";
const GIVING_UP_IS_A_FAILURE: &str = "five tries without an answer are a failure: an error that names the address, a non-zero exit code, and stdin is read no further";
const REFUSED_IS_NO_ANSWER_YET: &str = "`Connection refused` only says that nobody listens *yet*: it is an answer still missing, so wait on for what is \
     left of the 200 ms, then send again (a `send` may report it too, in place of sending)";
const QUIT_SENDS_NOTHING: &str = "there is no connection to end: the quit word, and the end of stdin, end the client with 0, and nothing is sent for them";
const ONLY_ALONE_IT_QUITS: &str =
    "the quit word is `q` or `Q` alone on its line, with white space around it or not: `quiet` is text";
const A_LAST_LINE_IS_A_LINE: &str = "a last line that the end of stdin ends in place of a newline is a line too: send it and wait for its answer, then end";

// --- the server ---

/// server/shouts-back
fn shouts_back(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    // A second answer to the first datagram would come before the answer to the second.
    for _ in 0..2 {
        is_answered(&peer, &server, bench.words.line()).hint(ANSWER_EACH)?;
    }
    peer.hears_nothing_yet().hint(ANSWER_EACH)
}

/// server/prints-each
fn prints_each(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    for text in [
        bench.words.line(),
        format!("  {} 你好 ", bench.words.word()),
        bench.words.line(),
    ] {
        peer.sends(&text, server.addr)?;
        server
            .prints(&text)
            .hint("print each datagram as it came, one line each, and flush stdout: in a pipe nothing leaves before")?;
    }
    server.comes_to_rest()?;
    server.has_printed_no_more()
}

/// server/answers-the-sender
fn answers_the_sender(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peers = [bench.udp_peer()?, bench.udp_peer()?, bench.udp_peer()?];
    // One by one, then all at once, in an order in which nobody is always the first, or the last.
    for peer in [0, 1, 2, 1, 0, 2].map(|nth| &peers[nth]) {
        is_answered(peer, &server, bench.words.line()).hint(TO_WHERE_IT_CAME_FROM)?;
    }
    let mut asked = [vec![], vec![], vec![]];
    server.freezes()?;
    for nth in [2, 0, 1, 0, 2, 1] {
        let text = bench.words.line();
        peers[nth].sends(&text, server.addr)?;
        asked[nth].push(text);
    }
    server.thaws();
    for (peer, asked) in peers.iter().zip(asked) {
        are_answered(peer, &server, &asked).hint(TO_WHERE_IT_CAME_FROM)?;
    }
    Ok(())
}

/// server/keeps-boundaries
fn keeps_boundaries(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    let two = [bench.words.word(), bench.words.word()];
    // Both are there before the server reads the first.
    server.freezes()?;
    for text in &two {
        peer.sends(text, server.addr)?;
    }
    server.thaws();
    are_answered(&peer, &server, &two).hint(NO_STREAM)?;
    is_answered(&peer, &server, bench.words.line()).hint(NO_STREAM)
}

/// server/keeps-the-text
fn server_keeps_the_text(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    let twice = bench.words.line();
    for text in [
        format!("  {}  {}\t ", bench.words.word(), bench.words.word()),
        format!("é {}", bench.words.word()),
        "Q".to_owned(),
        " q ".to_owned(),
        format!("{}\r\n", bench.words.word()),
        twice.clone(),
        twice,
    ] {
        is_answered(&peer, &server, text).hint(NOTHING_IS_SPECIAL)?;
    }
    Ok(())
}

/// server/empty-datagram
fn empty_datagram(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    is_answered(&peer, &server, "").hint(EMPTY_IS_A_DATAGRAM)?;
    server
        .prints("")
        .hint("an empty datagram is printed like any other: as an empty line")?;
    is_answered(&peer, &server, bench.words.line()).hint(EMPTY_IS_A_DATAGRAM)
}

/// server/largest-datagram
fn largest_datagram(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    let text = bench.words.letters(65_507);
    is_answered(&peer, &server, text).hint(ROOM_FOR_THE_LARGEST)
}

/// server/binary-datagram
fn binary_datagram(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    let (before, after) = (bench.words.word(), bench.words.word());
    let cut = [before.as_bytes(), b"\xff\xfe\xe4\xbd", after.as_bytes()].concat();
    is_answered(&peer, &server, &cut).hint(BYTES_BEFORE_TEXT)?;
    server.prints_bytes(&cut).hint(BYTES_BEFORE_TEXT)?;
    let mut every_byte: Vec<u8> = (0..=255).collect();
    bench.words.shuffle(&mut every_byte);
    let inside = [before.as_bytes(), &every_byte, after.as_bytes()].concat();
    is_answered(&peer, &server, inside).hint(BYTES_BEFORE_TEXT)
}

/// server/sender-is-gone
fn sender_is_gone(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let (gone, peer) = (bench.udp_peer()?, bench.udp_peer()?);
    server.freezes()?;
    gone.sends(bench.words.line(), server.addr)?;
    let _closed_port = gone.leaves()?;
    server.thaws();
    for _ in 0..2 {
        is_answered(&peer, &server, bench.words.line()).hint(A_LOST_ANSWER_IS_NO_FAILURE)?;
    }
    Ok(())
}

/// server/port-in-use
fn port_in_use(bench: &mut Bench) -> Step {
    let first = bench.server()?;
    let second = bench.server_that_fails(first.addr)?;
    second.fails_naming(&first.addr.to_string()).hint(
        "`bind` says `Address already in use`: end with an error that names the address, and a non-zero exit code (SO_REUSEADDR, \
         which TCP servers set, lets two UDP servers have one port: leave it out)",
    )?;
    let peer = bench.udp_peer()?;
    peer.sends(bench.words.line(), first.addr)?;
    peer.receives_any("an answer of the first server", &first).map(drop)
}

/// The datagram is sent, and the next that comes is its shout, from the server's port.
fn is_answered(peer: &UdpPeer, server: &Server, text: impl AsRef<[u8]>) -> Step {
    peer.sends(&text, server.addr)?;
    peer.receives(shout(&text), server.addr, server)
}

/// The next datagrams are the shouts of all these, in any order: a server may answer several at once.
fn are_answered(peer: &UdpPeer, server: &Server, asked: &[String]) -> Step {
    let mut missing: Vec<Vec<u8>> = asked.iter().map(shout).collect();
    while !missing.is_empty() {
        let wanted = missing.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(" or ");
        let datagram = peer.receives_any(&wanted, server)?;
        peer.comes_from(server.addr, &datagram)?;
        match missing.iter().position(|text| *text == datagram.bytes) {
            Some(found) => drop(missing.swap_remove(found)),
            None => {
                return Finding::new(Kind::WrongBytes, "the server sent another datagram")
                    .expected(wanted)
                    .actual(quoted(&datagram.bytes))
                    .stop();
            }
        }
    }
    Ok(())
}

// --- the client ---

/// client/numbers-its-lines
fn numbers_its_lines(bench: &mut Bench) -> Step {
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
fn client_skips_empty_lines(bench: &mut Bench) -> Step {
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
fn client_patient(bench: &mut Bench) -> Step {
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
fn sends_again(bench: &mut Bench) -> Step {
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
fn ignores_late_answers(bench: &mut Bench) -> Step {
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
fn ignores_strangers(bench: &mut Bench) -> Step {
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
fn long_answer(bench: &mut Bench) -> Step {
    let mut talk = Talk::begin(bench)?;
    let (line, answer) = (bench.words.line(), bench.words.letters(60_000));
    talk.client.types(&line)?;
    let question = talk.asks(&line)?;
    talk.answers(&question, &answer)?;
    talk.client.prints(&answer).hint(ROOM_FOR_THE_LARGEST)
}

/// client/gives-up
fn gives_up(bench: &mut Bench) -> Step {
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
fn refused(bench: &mut Bench) -> Step {
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
fn late_server(bench: &mut Bench) -> Step {
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
fn client_quits(bench: &mut Bench) -> Step {
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

/// A client that talks to our socket, and what it has in hand. (The client is dropped first: nobody else gets what it sends to our port.)
struct Talk {
    client: Running,
    peer: UdpPeer,
    number: usize,
    /// The datagram of the line in hand, or of the one answered last; empty before the first.
    in_hand: Vec<u8>,
}

impl Talk {
    fn begin(bench: &mut Bench) -> Step<Self> {
        let peer = bench.udp_peer()?;
        let client = bench.client(peer.addr)?;
        Ok(Talk::with(client, peer))
    }

    fn with(client: Running, peer: UdpPeer) -> Self {
        Talk {
            client,
            peer,
            number: 0,
            in_hand: Vec::new(),
        }
    }

    /// A line is typed, sent and answered; its answer is printed.
    fn takes_a_turn(&mut self, bench: &mut Bench) -> Step {
        let (line, answer) = (bench.words.line(), bench.words.line());
        self.client.types(&line)?;
        let question = self.asks(&line).hint(NUMBER_THEN_TEXT)?;
        self.answers(&question, &answer)?;
        self.client.prints(&answer).hint(PRINT_THE_REST)
    }

    /// The client sends `line` under the next number. Copies of the datagram before it, which was answered, are passed over.
    fn asks(&mut self, line: &str) -> Step<Datagram> {
        self.number += 1;
        let expected = numbered(self.number, line);
        let answered = std::mem::replace(&mut self.in_hand, expected.clone());
        let mut datagram = self.peer.receives_first(&quoted(&expected), &self.client)?;
        for _ in 1..TRIES {
            if answered.is_empty() || datagram.bytes != answered {
                break;
            }
            datagram = self.peer.receives_any(&quoted(&expected), &self.client)?;
        }
        self.peer.is(&expected, &datagram)?;
        Ok(datagram)
    }

    /// The client sends the datagram in hand again, from the same port.
    fn asks_again(&self, question: &Datagram) -> Step<Datagram> {
        let again = self
            .peer
            .receives_any(&format!("{} again", quoted(&self.in_hand)), &self.client)
            .hint(ASK_AGAIN)?;
        self.is_the_same(question, &again)?;
        Ok(again)
    }

    fn is_the_same(&self, question: &Datagram, again: &Datagram) -> Step {
        self.peer.is(&question.bytes, again).hint(THE_SAME_BYTES)?;
        self.peer.comes_from(question.from, again).hint(THE_SAME_PORT)
    }

    /// We answer the line in hand, where its datagram came from: a client may use a new port for each line.
    fn answers(&self, question: &Datagram, text: impl AsRef<[u8]>) -> Step {
        self.peer.sends(numbered(self.number, text), question.from)
    }

    /// A line whose answer is lost twice is sent again in its time, although `stray` comes all the while.
    fn sends_again_while(&mut self, bench: &mut Bench, stray: impl Fn(&Talk, SocketAddr) -> Step) -> Step {
        let (line, answer) = (bench.words.line(), bench.words.line());
        self.client.types(&line)?;
        let mut question = self.asks(&line)?;
        for _ in 0..2 {
            let wanted = format!("{} again", quoted(&self.in_hand));
            let again = self
                .peer
                .receives_while(Duration::from_millis(40), &wanted, &self.client, || {
                    stray(self, question.from)
                })
                .hint(A_MOMENT_NOT_A_WHILE)?;
            self.peer.is(&self.in_hand, &again).hint(THE_SAME_BYTES)?;
            question = again;
        }
        self.answers(&question, &answer)?;
        self.client.prints(&answer).hint(IGNORED_COSTS_NOTHING)
    }

    /// How many more copies of the datagram in hand have come so far; nothing else has.
    fn has_sent_again(&self) -> Step<usize> {
        for copies in 0..TRIES {
            match self.peer.take()? {
                None => return Ok(copies),
                Some(datagram) => self.is_no_more_than_a_copy(&datagram)?,
            }
        }
        Finding::new(
            Kind::WrongCount,
            "the client sent one datagram more often than five times",
        )
        .expected("five times at most")
        .actual(format!("more of {}", quoted(&self.in_hand)))
        .stop()
        .hint(FIVE_TRIES)
    }

    fn is_no_more_than_a_copy(&self, datagram: &Datagram) -> Step {
        match datagram.bytes == self.in_hand {
            true => Ok(()),
            false => Finding::new(
                Kind::OutOfTurn,
                "the client sent a datagram that was not its turn to send",
            )
            .expected("nothing")
            .actual(quoted(&datagram.bytes))
            .stop(),
        }
    }

    /// The client exits with 0 and sends nothing before it. (What it prints is for other checks to judge.)
    fn ends(&self) -> Step {
        self.client.remaining_output().hint(QUIT_SENDS_NOTHING)?;
        self.client.exits(0).hint(QUIT_SENDS_NOTHING)?;
        self.has_sent_again().hint(QUIT_SENDS_NOTHING).map(drop)
    }
}

/// `NUMBER TEXT`
fn numbered(number: usize, text: impl AsRef<[u8]>) -> Vec<u8> {
    [format!("{number} ").as_bytes(), text.as_ref()].concat()
}

/// On a machine that stalls, us or the client, the right program can come too late, or seem to end too early. Not three times in a row.
fn unless_it_happens_every_time(bench: &mut Bench, attempt: fn(&mut Bench) -> Step) -> Step {
    for _ in 0..2 {
        match attempt(bench) {
            Err(Stop::Finding(finding)) if matches!(finding.kind, Kind::EndedEarly | Kind::OutOfTurn) => {}
            outcome => return outcome,
        }
    }
    attempt(bench)
}

// --- both ---

/// together
fn together(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let client = bench.client(server.addr)?;
    let lines: Vec<String> = (0..20).map(|_| bench.words.line()).collect();
    let (in_turn, ahead) = lines.split_at(10);
    for line in in_turn {
        client.types(line)?;
        client.reads_its_first_input()?;
        client.prints_bytes(&shout(line)).hint(PRINT_THE_REST)?;
    }
    for line in ahead {
        client.types(line)?;
    }
    for line in ahead {
        client.prints_bytes(&shout(line)).hint(ONE_LINE_IN_HAND)?;
    }
    client.ends_input()?;
    client.exits(0).hint(QUIT_SENDS_NOTHING)?;
    has_printed_all(&server, &lines)
}

/// The server has printed the datagram of each line, in order; of one that was sent again also its copies.
fn has_printed_all(server: &Server, lines: &[String]) -> Step {
    let mut last = Vec::new();
    for (line, number) in lines.iter().zip(1..) {
        let expected = numbered(number, line);
        let wanted = format!("the line {}", quoted(&expected));
        let mut printed = server.next_line(&wanted)?;
        for _ in 1..TRIES {
            if last.is_empty() || printed != last {
                break;
            }
            printed = server.next_line(&wanted)?;
        }
        if printed != expected {
            return Finding::new(Kind::WrongOutput, "the server printed another line")
                .expected(quoted(&expected))
                .actual(quoted(&printed))
                .stop();
        }
        last = printed;
    }
    Ok(())
}
