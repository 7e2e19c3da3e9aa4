//! Lesson 3, serial: a server that outlives its clients, however they leave.
//!
//! A server may serve one client after another or several at once, so clients overlap in `server/waits-in-the-queue` alone. That one is
//! gone is proved by the next one's answer; what the server prints is judged by `server/log` and `server/keeps-the-text` alone.

mod clients;
mod server;

use super::{chat, every, shouting};
use crate::bench::{Bench, TcpPeer};
use crate::course::{Check, Lesson};
use crate::verdict::{Hint, Step};

pub const LESSON: Lesson = Lesson {
    id: "lesson03",
    folder: "03-serial",
    title: "serial: one client after another",
    checks: &[
        Check::new(
            "usage",
            "says how it is used, and what the lesson is about",
            every::usage,
        ),
        Check::new(
            "server/shouts-back",
            "answers a line with its shout",
            server::shouts_back,
        ),
        Check::new(
            "server/keeps-the-text",
            "changes nothing in a line but its ASCII letters, whatever bytes it holds",
            server::keeps_the_text,
        ),
        Check::new(
            "server/split-line",
            "answers a line that comes in pieces once it is whole",
            server::split_line,
        ),
        Check::new(
            "server/glued-lines",
            "answers three lines that come in one segment",
            server::glued_lines,
        ),
        Check::new("server/long-line", "answers a line of 60,000 bytes", server::long_line),
        Check::new(
            "server/last-line",
            "answers a last line that end-of-file ends",
            server::last_line,
        ),
        Check::new(
            "server/quit-is-exact",
            "ends a client at ` q `, and at nothing that only looks like it",
            server::quit_is_exact,
        ),
        Check::new(
            "server/next-after-quit",
            "serves the next client once one has quit",
            clients::next_after_quit,
        ),
        Check::new(
            "server/next-after-eof",
            "serves the next client once one has closed without a word",
            clients::next_after_eof,
        ),
        Check::new(
            "server/next-after-reset",
            "serves the next client once one has reset its connection, also inside a line",
            clients::next_after_reset,
        ),
        Check::new(
            "server/waits-in-the-queue",
            "answers the clients that came while it served another",
            clients::waits_in_the_queue,
        ),
        Check::new(
            "server/gone-before-the-reply",
            "survives a client that asks much and leaves without reading",
            clients::gone_before_the_reply,
        ),
        Check::new(
            "server/patient",
            "still serves a client that was silent for a second",
            server::patient,
        )
        .waits(),
        Check::new(
            "server/log",
            "prints who came, what was said and who is gone, in order",
            server::log,
        ),
        Check::new(
            "server/leaks-nothing",
            "holds no more descriptors after 100 more clients",
            server::leaks_nothing,
        ),
        Check::new(
            "server/port-in-use",
            "fails when its address is taken, and names it",
            shouting::port_in_use,
        ),
        Check::new(
            "server/starts-again",
            "starts again at once on the address it has just used",
            shouting::starts_again,
        ),
        Check::new(
            "client/takes-turns",
            "sends a line, prints the answer, and only then sends the next",
            takes_turns,
        ),
        Check::new(
            "client/split-reply",
            "prints a reply that comes in pieces as one line",
            chat::split_reply,
        ),
        Check::new(
            "client/glued-replies",
            "keeps the second of two replies that come in one segment for its next turn",
            chat::glued_replies,
        ),
        Check::new(
            "client/quits",
            "sends `Q` and exits with 0 without waiting for a reply",
            chat::client_quits,
        ),
        Check::new(
            "client/end-of-input",
            "sends `Q` when its stdin ends, and exits with 0",
            chat::client_end_of_input,
        ),
        Check::new(
            "client/skips-empty-lines",
            "sends no empty line, and prints an empty reply",
            chat::client_skips_empty_lines,
        ),
        Check::new(
            "client/server-closes",
            "exits with 0 when end-of-file, or a reset, comes in place of a reply",
            server_closes,
        ),
        Check::new(
            "client/no-server",
            "fails when nobody listens, and names the address",
            every::no_server,
        ),
        Check::new(
            "together",
            "serves three of its own clients, one after another",
            together,
        ),
    ],
};

/// How a peer leaves.
type Farewell = fn(TcpPeer) -> Step;

/// client/takes-turns
fn takes_turns(bench: &mut Bench) -> Step {
    let (client, mut peer) = chat::connected_client(bench)?;
    chat::takes_turns(bench, &client, &mut peer)
}

/// client/server-closes
fn server_closes(bench: &mut Bench) -> Step {
    let ways: [(Farewell, &str); 2] = [
        (
            TcpPeer::closes,
            "end-of-file in place of a reply: the server is gone, which ends the client, with exit code 0 and nothing printed",
        ),
        (
            TcpPeer::resets,
            "a reset in place of a reply (`Connection reset by peer`): the server is gone, which ends the client like end-of-file",
        ),
    ];
    for (goes, hint) in ways {
        let host = bench.listen()?;
        let client = bench.client(host.addr)?;
        let mut peer = host.accept(&client)?;
        let line = bench.words.line();
        client.types(&line)?;
        peer.receives_line(&line)?;
        goes(peer)?;
        client.exits(0).hint(hint)?;
    }
    Ok(())
}

/// together
fn together(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    for _ in 0..3 {
        let client = bench.client(server.addr)?;
        for _ in 0..2 {
            let line = bench.words.line();
            client.types(&line)?;
            // The first of a client that may still be starting up.
            client.prints_first(&line.to_ascii_uppercase())?;
        }
        client.types("q")?;
        client.exits(0)?;
    }
    server.still_runs()
}
