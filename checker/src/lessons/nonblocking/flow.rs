//! The server under pressure: a client that never stops, one that does not read, one that leaves with much still owed to it.

use std::time::Duration;

use super::server::{ACCEPT_ALL, come};
use crate::bench::{Bench, Farewell, Pages, Server, Talk, TcpPeer, shout};
use crate::lessons::shouting::{is_answered, says};
use crate::quote::count;
use crate::verdict::{Finding, Hint, Kind, Step};

/// What the client of `server/slow-reader` would send.
const ENDLESS: usize = 64 << 20;
/// What a server may take of it: the contract's 32 MiB, and the little that still lies in our own socket.
const TAKEN: usize = (32 << 20) + (128 << 10);
/// A server has stopped reading once it has given so many answers to another client in a row without taking a byte, and then takes none for a while.
const ANSWERS_WITHOUT_A_BYTE: usize = 20;
const WHILE_WITHOUT_A_BYTE: Duration = Duration::from_secs(1);
/// What a greedy client may be answered while one line of another waits: far above any buffer.
const GREEDY: usize = 48 << 20;
/// What a half-closed client is owed, about: less than what any server keeps for one client.
const OWED: usize = 16 << 10;

const ONE_PIECE_EACH: &str = "a client that always has more to say makes `read` return for ever: read a bounded piece from each client that is ready, \
     then look at all of them again";
const A_BOUND_FOR_EACH: &str = "what is read and what is owed lies in memory: once more than a bounded number of bytes is owed to a client, take no \
     interest in reading from it until it has read some of them";
const NEVER_WAIT_FOR_ONE: &str = "a `write` to a client that does not read must not block: keep what did not go, and write on when the socket is \
     writable again";
const GO_ON_WHERE_IT_STOPPED: &str = "when what was owed has been sent, there may be whole lines in the buffer that nobody will announce again: answer \
     them first, then take interest in reading again; `write` may take only a part, and the rest stays owed";
const OWED_BEFORE_CLOSED: &str = "the end of a client's lines is not the end of its answers: first send all that is owed, however slowly it is read, \
     then shut down and close";
const EVERY_ANSWER_IN_ORDER: &str = "every line is answered once, whole and in order: what one `write` did not take is sent before anything newer, from the byte \
     on at which it stopped";
const SLEEP: &str = "wait without a time limit, and only for what can be used: readable while more may be read, writable only while something is owed; an \
     end-of-file or a full buffer stays readable for ever";

/// server/greedy-client
pub(super) fn greedy_client(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut modest = bench.connect(&server)?;
    is_answered(bench, &mut modest)?;
    let pages = Pages::new(&mut bench.words, 16..=16);
    let peer = bench.connect(&server)?;
    let mut greedy = Talk::new(peer, pages, usize::MAX / 2, Farewell::Stays);
    greedy.goes_on_until_it_has_heard(256 << 10)?;
    for _ in 0..8 {
        let line = bench.words.line();
        says(&mut modest, &line)?;
        modest
            .receives_line_beside(&shout(&line), &mut greedy, GREEDY)
            .hint(ONE_PIECE_EACH)?;
    }
    Ok(())
}

/// server/slow-reader
pub(super) fn slow_reader(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut other = bench.connect(&server)?;
    is_answered(bench, &mut other)?;
    let mut slow = slow_client(bench, &server)?;
    says_until_the_server_stops(bench, &mut slow, &mut other)?;
    let taken = slow.taken()?;
    if taken > TAKEN {
        return Finding::new(
            Kind::NeverFull,
            format!(
                "the server took {} from a client that reads none of its answers, and did not stop there",
                count(taken, "byte")
            ),
        )
        .expected("at most 32 MiB, 33,554,432 bytes")
        .stop()
        .hint(A_BOUND_FOR_EACH);
    }
    slow.ends_after(1 << 20);
    slow.goes_to_its_end().hint(GO_ON_WHERE_IT_STOPPED)?;
    is_answered(bench, &mut slow.peer).hint(GO_ON_WHERE_IT_STOPPED)?;
    is_answered(bench, &mut other)
}

/// server/pipelined-quit
pub(super) fn pipelined_quit(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let (a, b) = (bench.words.line(), bench.words.line());
    // What is behind the quit word is ignored, however much it is.
    let behind = format!("{a}\n").repeat(60_000 / (a.len() + 1));
    peer.sends(format!("{a}\n{b}\nq\n{behind}"))?;
    peer.receives(shout(format!("{a}\n{b}\n")))
        .hint(OWED_BEFORE_CLOSED)
        .hint_for(Kind::WrongBytes, EVERY_ANSWER_IN_ORDER)?;
    peer.receives_end()
        .hint(
            "`q` ends this client once all that is owed has been sent; what is behind it is not answered, and makes a `close` without \
             `shutdown` a reset",
        )?;
    all_that_is_owed_comes(bench, &server, Farewell::Quits)
}

/// server/half-close
pub(super) fn half_close(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    all_that_is_owed_comes(bench, &server, Farewell::ShutsDown)
}

/// server/idle-is-idle
pub(super) fn idle_is_idle(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut quiet = come(bench, &server, 50).hint(ACCEPT_ALL)?;
    server.is_idle("with 50 quiet clients").hint(SLEEP)?;

    let mut half_closed = half_closed_client(bench, &server, &mut quiet[0])?;
    let mut gone = bench.connect(&server)?;
    says(&mut gone, "q")?;
    gone.receives_end()
        .hint("`q` ends this client: send what is owed, shut down, close; answer nothing")?;
    server
        .is_idle(
            "with one client that is half closed and has not read its answers, and one that has quit and not closed",
        )
        .hint(SLEEP)?;

    let mut slow = slow_client(bench, &server)?;
    says_until_the_server_stops(bench, &mut slow, &mut quiet[1])?;
    server
        .is_idle("with one client that does not read what it is owed")
        .hint(SLEEP)?;

    slow.ends_after(64 << 10);
    slow.goes_to_its_end().hint(GO_ON_WHERE_IT_STOPPED)?;
    half_closed.goes_to_its_end().hint(OWED_BEFORE_CLOSED)?;
    server.is_idle("after a slow reader has caught up").hint(SLEEP)
}

// --- what the checks are made of ---

fn slow_client(bench: &mut Bench, server: &Server) -> Step<Talk> {
    let peer = bench.connect_narrow(server)?;
    let pages = Pages::new(&mut bench.words, 16..=1000);
    Ok(Talk::new(peer, pages, ENDLESS, Farewell::Stays))
}

/// It reads nothing, and shuts down its sending side once the server itself, and not its kernel alone, owes it something: little enough for the
/// server to read up to the end-of-file, whatever it keeps for one client.
fn half_closed_client(bench: &mut Bench, server: &Server, quiet: &mut TcpPeer) -> Step<Talk> {
    let peer = bench.connect_narrow(server)?;
    let pages = Pages::new(&mut bench.words, 16..=1000);
    let mut talk = Talk::new(peer, pages, 8 << 20, Farewell::ShutsDown);
    let mut before = None;
    while before != Some(talk.taken()?) && !owes(server, &talk)? {
        before = Some(talk.taken()?);
        talk.says_at_most(OWED / 2)?;
        for _ in 0..ANSWERS_WITHOUT_A_BYTE {
            is_answered(bench, quiet).hint(NEVER_WAIT_FOR_ONE)?;
            if talk.taken()? == talk.said() {
                break;
            }
        }
    }
    talk.ends_after(2000);
    while !talk.has_said_all() && server_takes_more(bench, &mut talk, quiet)? {}
    Ok(talk)
}

/// Whether it is the server's to keep, and not just about to be written.
fn owes(server: &Server, talk: &Talk) -> Step<bool> {
    if talk.owed()? < OWED {
        return Ok(false);
    }
    server.comes_to_rest_at_last()?;
    Ok(talk.owed()? >= OWED)
}

/// The slow one speaks and does not read until the server takes no more of it (or far too much). Another client is answered all the while.
fn says_until_the_server_stops(bench: &mut Bench, slow: &mut Talk, other: &mut TcpPeer) -> Step {
    while !slow.has_said_all() && slow.taken()? <= TAKEN && server_takes_more(bench, slow, other)? {}
    Ok(())
}

/// Whether the server takes anything before it has answered the other client so many times, or in a while behind that: it may have a reason of its
/// own to pause (its start, a helper, a limit of so many bytes a second).
fn server_takes_more(bench: &mut Bench, slow: &mut Talk, other: &mut TcpPeer) -> Step<bool> {
    let before = slow.taken()?;
    for _ in 0..ANSWERS_WITHOUT_A_BYTE {
        slow.says_what_goes().hint(A_BOUND_FOR_EACH)?;
        is_answered(bench, other).hint(NEVER_WAIT_FOR_ONE)?;
        if slow.taken()? != before {
            return Ok(true);
        }
    }
    slow.is_taken_further(WHILE_WITHOUT_A_BYTE)
}

/// Clients that are owed much speak, take their leave, and read a second later: everything comes, then end-of-file.
///
/// Of each, the kernel holds some 430 KB, which leaves 1.5 MB of the longest to the server. Where a server keeps less than the rest for one client, that is said while it is read.
fn all_that_is_owed_comes(bench: &mut Bench, server: &Server, farewell: Farewell) -> Step {
    let pages = Pages::new(&mut bench.words, 16..=1000);
    let mut talks = Vec::new();
    for about in [
        1_900_000,
        bench.words.between(600_000, 900_000),
        bench.words.between(450_000, 550_000),
    ] {
        let peer = bench.connect_narrow(server)?;
        talks.push(Talk::new(peer, pages.clone(), about, farewell));
    }
    bench
        .elapses_while_they_say(Duration::from_millis(1100), &mut talks)
        .hint(OWED_BEFORE_CLOSED)?;
    for talk in &mut talks {
        talk.goes_to_its_end()
            .hint(OWED_BEFORE_CLOSED)
            .hint_for(Kind::WrongBytes, EVERY_ANSWER_IN_ORDER)?;
        talk.peer.receives_end().hint(OWED_BEFORE_CLOSED)?;
    }
    Ok(())
}
