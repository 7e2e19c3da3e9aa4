//! The server, line by line and client by client.

use crate::bench::{Bench, Farewell, Pages, Server, Talk, TcpPeer, shout};
use crate::lessons::shouting::{
    A_TAB_IS_WHITE_SPACE, SHOUT_BYTES, is_answered, is_answered_once_whole, no_text_quits, says, serves_the_next,
};
use crate::quote::count;
use crate::verdict::{Finding, Hint, Kind, Step};

const LONGEST_LINE: usize = 65_536;

const A_LINE_IS_WHOLE_AT_ITS_NEWLINE: &str =
    "a `read` returns what has come so far, be it half a character: keep it for this client until the newline is there";
const ANSWER_EVERY_LINE_OF_A_READ: &str = "one `read` may bring many lines: answer all that are whole before you wait again, since nothing will announce \
     what you have read already";
const WAIT_FOR_ALL_AT_ONCE: &str =
    "wait for all sockets at once (`poll`, `epoll`), never in a `read` of one: the others speak meanwhile";
pub(super) const ACCEPT_ALL: &str = "wait for all sockets at once (`poll`, `epoll`), never in a `read` of one; where the listening socket is ready, `accept` until there is \
     nobody left: one event may announce many clients";
const ITS_OWN_BUFFER: &str = "each client has a buffer of its own for the half line that it has sent so far";
const QUIT_ENDS_ONE_CLIENT: &str = "`q` or `Q` is the quit word once white space around it is removed: send what is still owed, shut down, close; \
     answer nothing";
const EOF_ENDS_A_LINE: &str =
    "what came before end-of-file is a line too, though no newline ends it: answer it, then close";
const THE_LIMIT: &str = "a line of 65,536 bytes before its newline is the longest that is answered, a `\\r` counted";
const OVER_THE_LIMIT: &str =
    "more than 65,536 bytes without a newline, and no more is kept: close this client, and go on with the others";
const AN_ERROR_ENDS_ONE_CLIENT: &str = "an error of `read` or `write` (`Connection reset by peer`, `Broken pipe`) ends this one client: take it out of \
     the loop and go on";

/// server/shouts-back
pub(super) fn shouts_back(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let (one, two) = (bench.words.word(), bench.words.word());
    let ill_formed = [one.as_bytes(), b" \xff\xfe ", two.as_bytes()].concat();
    for line in [
        format!("Hello, 世界 {one}").as_bytes(),
        format!("  {one}  {two}\t ").as_bytes(),
        b"",
        format!("{two} é {one}").as_bytes(),
        &ill_formed,
    ] {
        says(&mut peer, line)?;
        peer.receives_line(shout(line)).hint(SHOUT_BYTES)?;
    }
    peer.sends(format!("{two}\r\n"))?;
    peer.receives_line(shout(&two))
        .hint("a `\\r` right before the `\\n` belongs to the end of the line, not to its text")?;
    server.comes_to_rest()?;
    server
        .has_printed_no_more()
        .hint("this server prints its ready line alone: logs go to stderr")
}

/// server/split-and-glued
pub(super) fn split_and_glued(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    is_answered_once_whole(bench, &server, &mut peer).hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)?;

    // Short ones, and as much as one segment holds on loopback: more than some keep for one client.
    for longest in [30, 640] {
        let lines: String = (0..100)
            .map(|_| {
                let length = bench.words.between(longest / 2, longest);
                bench.words.letters(length) + "\n"
            })
            .collect();
        peer.sends(&lines)?;
        peer.receives(shout(&lines)).hint(ANSWER_EVERY_LINE_OF_A_READ)?;
    }
    Ok(())
}

/// server/many-at-once
pub(super) fn many_at_once(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peers = come(bench, &server, 200).hint(ACCEPT_ALL)?;
    for _ in 0..2 {
        bench.words.shuffle(&mut peers);
        let lines: Vec<String> = peers.iter().map(|_| bench.words.line()).collect();
        // All have spoken before the first one listens; half of them in two pieces, so that many lines are half at the same time.
        for (peer, line) in peers.iter_mut().zip(&lines) {
            peer.sends(&line[..line.len() / 2])?;
        }
        for (peer, line) in peers.iter_mut().zip(&lines) {
            says(peer, &line[line.len() / 2..])?;
        }
        for (peer, line) in peers.iter_mut().zip(&lines).rev() {
            peer.receives_line(shout(line)).hint(ITS_OWN_BUFFER)?;
        }
    }
    Ok(())
}

/// server/half-a-line
pub(super) fn half_a_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut other = bench.connect(&server)?;
    is_answered(bench, &mut other)?;
    let mut slow = bench.connect(&server)?;
    let (begun, ended) = (bench.words.line(), bench.words.line());
    slow.dribbles(&[&begun]).hint(WAIT_FOR_ALL_AT_ONCE)?;

    is_answered(bench, &mut other).hint(WAIT_FOR_ALL_AT_ONCE)?;
    serves_the_next(bench, &server).hint(WAIT_FOR_ALL_AT_ONCE)?;
    slow.hears_nothing_yet().hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)?;

    says(&mut slow, &ended)?;
    slow.receives_line(shout(begun + &ended)).hint(ITS_OWN_BUFFER)
}

/// server/one-thread
pub(super) fn one_thread(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut first = bench.connect(&server)?;
    is_answered(bench, &mut first)?;
    let before = server.threads()?;
    let _others = come(bench, &server, 199).hint(ACCEPT_ALL)?;
    let more = server.threads()?.saturating_sub(before);
    if more < 100 {
        return Ok(());
    }
    Finding::new(
        Kind::WrongCount,
        "the server starts a thread or a process for each client",
    )
    .expected("one thread, and the few that a runtime keeps for itself")
    .actual(format!("{} more for 199 more clients", count(more, "thread")))
    .stop()
    .hint(WAIT_FOR_ALL_AT_ONCE)
}

/// server/quit-is-exact
pub(super) fn quit_is_exact(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut other = bench.connect(&server)?;
    let mut peer = bench.connect(&server)?;
    no_text_quits(&mut peer)?;
    says(&mut peer, " q ")?;
    peer.receives_end().hint(QUIT_ENDS_ONE_CLIENT)?;

    let mut peer = bench.connect(&server)?;
    says(&mut peer, "\tQ ")?;
    peer.receives_end().hint(A_TAB_IS_WHITE_SPACE)?;
    is_answered(bench, &mut other).hint("`q` ends the client that says it, and no other")
}

/// server/last-line
pub(super) fn last_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = bench.words.word();
    peer.sends(&line)?;
    peer.shuts_down()?;
    peer.receives_line(shout(&line)).hint(EOF_ENDS_A_LINE)?;
    peer.receives_end()
        .hint("after end-of-file, and once all that is owed has been sent, the connection is closed")
}

/// server/longest-line
pub(super) fn longest_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = bench.words.letters(LONGEST_LINE);
    // It is not too long as long as only its newline is missing.
    peer.dribbles(&[&line]).hint(THE_LIMIT)?;
    server.comes_to_rest()?;
    peer.sends("\n")?;
    peer.receives_line(shout(&line)).hint(THE_LIMIT)?;

    let shorter = &line[1..];
    peer.sends(format!("{shorter}\r\n"))?;
    peer.receives_line(shout(shorter)).hint(THE_LIMIT)?;
    is_answered(bench, &mut peer)
}

/// server/endless-line
pub(super) fn endless_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut other = bench.connect(&server)?;
    is_answered(bench, &mut other)?;
    let line = bench.words.letters(LONGEST_LINE);
    for too_long in [format!("{line}a"), format!("{line}a\n"), format!("{line}\r\n")] {
        let mut peer = bench.connect(&server).hint(OVER_THE_LIMIT)?;
        is_answered(bench, &mut peer)?;
        peer.sends_regardless(too_long)?;
        peer.receives_end_or_reset().hint(OVER_THE_LIMIT)?;
        is_answered(bench, &mut other).hint(OVER_THE_LIMIT)?;
    }
    Ok(())
}

/// server/reset
pub(super) fn reset(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut other = bench.connect(&server)?;
    is_answered(bench, &mut other)?;

    let mut idle = bench.connect(&server)?;
    is_answered(bench, &mut idle)?;
    idle.resets()?;
    is_answered(bench, &mut other).hint(AN_ERROR_ENDS_ONE_CLIENT)?;

    let mut inside_a_line = bench.connect(&server).hint(AN_ERROR_ENDS_ONE_CLIENT)?;
    inside_a_line.dribbles(&[bench.words.word()])?;
    inside_a_line.resets()?;
    is_answered(bench, &mut other).hint(AN_ERROR_ENDS_ONE_CLIENT)?;

    let pages = Pages::new(&mut bench.words, 16..=1000);
    for leaves in [TcpPeer::resets, closes_unread] {
        let peer = bench.connect_narrow(&server).hint(AN_ERROR_ENDS_ONE_CLIENT)?;
        let mut unread = Talk::new(peer, pages.clone(), 800_000, Farewell::Stays);
        for _ in 0..10 {
            unread.says_what_goes()?;
            is_answered(bench, &mut other).hint(WAIT_FOR_ALL_AT_ONCE)?;
        }
        leaves(unread.peer)?;
        is_answered(bench, &mut other).hint(AN_ERROR_ENDS_ONE_CLIENT)?;
    }
    serves_the_next(bench, &server).hint(AN_ERROR_ENDS_ONE_CLIENT)
}

/// server/leaves-nothing
pub(super) fn leaves_nothing(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let too_long = bench.words.letters(LONGEST_LINE + 1);
    // The first twelve let a runtime open what it wants to keep.
    for turn in 0..12 {
        comes_and_goes(bench, &server, turn, &too_long).hint(AN_ERROR_ENDS_ONE_CLIENT)?;
    }
    server.comes_to_rest()?;
    let before = server.open_descriptors()?;
    for turn in 0..300 {
        comes_and_goes(bench, &server, turn, &too_long).hint(AN_ERROR_ENDS_ONE_CLIENT)?;
    }
    server
        .holds_no_more_descriptors_than(before)
        .hint("close each client's socket, however its conversation ended: by `q`, by end-of-file, by an error or by a line too long")?;
    // A server that has ended holds none either.
    serves_the_next(bench, &server)
}

// --- what the checks are made of ---

/// So many clients come and stay. Never more than eight wait to be accepted, so that a short accept queue is enough.
pub(super) fn come(bench: &mut Bench, server: &Server, clients: usize) -> Step<Vec<TcpPeer>> {
    let mut peers = Vec::new();
    while peers.len() < clients {
        peers.push(bench.connect(server)?);
        if let (0, Some(last)) = (peers.len() % 8, peers.last_mut()) {
            is_answered(bench, last)?;
        }
    }
    for peer in &mut peers {
        is_answered(bench, peer)?;
    }
    Ok(peers)
}

/// A client comes, speaks, and leaves in one of six ways.
fn comes_and_goes(bench: &mut Bench, server: &Server, turn: usize, too_long: &str) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    let word = bench.words.word();
    match turn % 6 {
        0 => peer.closes(),
        1 => peer.resets(),
        2 => {
            says(&mut peer, "q")?;
            peer.closes()
        }
        3 => {
            peer.sends(word)?;
            peer.closes()
        }
        4 => {
            peer.dribbles(&[word])?;
            peer.resets()
        }
        _ => {
            peer.sends_regardless(too_long)?;
            closes_unread(peer)
        }
    }
}

fn closes_unread(peer: TcpPeer) -> Step {
    peer.closes_unread();
    Ok(())
}
