//! Lesson 3, serial: a server that outlives its clients, however they leave.
//!
//! A server may serve one client after another or several at once, so clients overlap in `server/waits-in-the-queue` alone. That one is
//! gone is proved by the next one's answer; what the server prints is judged by `server/log` and `server/keeps-the-text` alone.

use std::time::Duration;

use super::log::logs;
use super::shouting::{SHOUT_BYTES, is_answered, is_answered_once_whole, no_text_quits, says, serves_the_next};
use super::{chat, every, leaks, shouting};
use crate::bench::{Bench, Server, TcpPeer, shout};
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
        Check::new("server/shouts-back", "answers a line with its shout", shouts_back),
        Check::new(
            "server/keeps-the-text",
            "changes nothing in a line but its ASCII letters, whatever bytes it holds",
            keeps_the_text,
        ),
        Check::new(
            "server/split-line",
            "answers a line that comes in pieces once it is whole",
            split_line,
        ),
        Check::new(
            "server/glued-lines",
            "answers three lines that come in one segment",
            glued_lines,
        ),
        Check::new("server/long-line", "answers a line of 60,000 bytes", long_line),
        Check::new(
            "server/last-line",
            "answers a last line that end-of-file ends",
            last_line,
        ),
        Check::new(
            "server/quit-is-exact",
            "ends a client at ` q `, and at nothing that only looks like it",
            quit_is_exact,
        ),
        Check::new(
            "server/next-after-quit",
            "serves the next client once one has quit",
            next_after_quit,
        ),
        Check::new(
            "server/next-after-eof",
            "serves the next client once one has closed without a word",
            next_after_eof,
        ),
        Check::new(
            "server/next-after-reset",
            "serves the next client once one has reset its connection, also inside a line",
            next_after_reset,
        ),
        Check::new(
            "server/waits-in-the-queue",
            "answers the clients that came while it served another",
            waits_in_the_queue,
        ),
        Check::new(
            "server/gone-before-the-reply",
            "survives a client that asks much and leaves without reading",
            gone_before_the_reply,
        ),
        Check::new(
            "server/patient",
            "still serves a client that was silent for a second",
            patient,
        )
        .waits(),
        Check::new(
            "server/log",
            "prints who came, what was said and who is gone, in order",
            log,
        ),
        Check::new(
            "server/leaks-nothing",
            "holds no more descriptors after 100 more clients",
            leaks_nothing,
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

const PRINT_AS_IT_CAME: &str =
    "print the line as it came, nothing trimmed: `String::from_utf8_lossy` shows bytes that are no UTF-8 as U+FFFD";
const A_LINE_IS_WHOLE_AT_ITS_NEWLINE: &str = "a `read` returns what has come so far, be it half a character: collect bytes up to the newline, then print and answer the line";
const KEEP_WHAT_IS_BUFFERED: &str = "one `read` may bring more than one line: keep one buffered reader for the whole conversation, or the rest of its buffer is lost";
const EOF_ENDS_A_LINE: &str =
    "what came before end-of-file is a line too, though no newline ends it: answer it, then close";
const QUIT_ENDS_ONE_CLIENT: &str =
    "`q` ends this client, not the server: close its connection, print `disconnected ADDR`, and go on to `accept`";
const EOF_ENDS_ONE_CLIENT: &str =
    "`read` returns 0 when the client has closed: leave its loop, print `disconnected ADDR`, and go on to `accept`";
const RESET_ENDS_ONE_CLIENT: &str =
    "a reset is an error of `read` (`Connection reset by peer`): it ends this client, never the server";
const FORGET_THE_HALF_LINE: &str = "a reset inside a line ends this client alone, and the half line goes with it: the next one begins with an empty buffer";

// --- server ---

/// server/shouts-back
fn shouts_back(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = format!("Hello, 世界 {}", bench.words.word());
    says(&mut peer, &line)?;
    peer.receives_line(shout(&line)).hint(SHOUT_BYTES)
}

/// server/keeps-the-text
fn keeps_the_text(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    server.next_line("the line `connected ADDR`")?;
    let (one, two) = (bench.words.word(), bench.words.word());
    let ill_formed = [one.as_bytes(), b" \xff\xfe ", two.as_bytes()].concat();
    for line in [
        format!("  {one}  {two}\t ").as_bytes(),
        b"",
        format!("{two} é {one}").as_bytes(),
        &ill_formed,
    ] {
        says(&mut peer, line)?;
        peer.receives_line(shout(line)).hint(SHOUT_BYTES)?;
        server.prints_bytes(line).hint(PRINT_AS_IT_CAME)?;
    }
    let crlf = "a `\\r` right before the `\\n` belongs to the end of the line, not to its text";
    peer.sends(format!("{two}\r\n"))?;
    peer.receives_line(shout(&two)).hint(crlf)?;
    server.prints(&two).hint(crlf)
}

/// server/split-line
fn split_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    is_answered_once_whole(bench, &server, &mut peer).hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)
}

/// server/glued-lines
fn glued_lines(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let lines = format!(
        "{}\n{}\n{}\n",
        bench.words.line(),
        bench.words.line(),
        bench.words.line()
    );
    peer.sends(&lines)?;
    peer.receives(shout(&lines)).hint(KEEP_WHAT_IS_BUFFERED)
}

/// server/long-line
fn long_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = bench.words.letters(60_000);
    let whole = "a line may be longer than a buffer: read until its newline has come, and write until all of it has left (`write_all`)";
    says(&mut peer, &line).hint(whole)?;
    peer.receives_line(shout(&line)).hint(whole)
}

/// server/last-line
fn last_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = bench.words.word();
    peer.sends(&line)?;
    peer.shuts_down()?;
    peer.receives_line(shout(&line)).hint(EOF_ENDS_A_LINE)?;
    peer.receives_end().hint(EOF_ENDS_ONE_CLIENT)
}

/// server/quit-is-exact
fn quit_is_exact(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    no_text_quits(&mut peer)?;
    says(&mut peer, " q ")?;
    peer.receives_end()
        .hint("`q` or `Q` is the quit word once white space around it is removed: close the connection, answer nothing")
}

/// server/next-after-quit
fn next_after_quit(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut first = bench.connect(&server)?;
    is_answered(bench, &mut first)?;
    // It keeps its own end open: the server is the one to close.
    says(&mut first, "Q")?;
    serves_the_next(bench, &server).hint(QUIT_ENDS_ONE_CLIENT)
}

/// server/next-after-eof
fn next_after_eof(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    bench.connect(&server)?.closes()?;

    let mut second = bench.connect(&server)?;
    is_answered(bench, &mut second).hint(EOF_ENDS_ONE_CLIENT)?;
    second.closes()?;

    serves_the_next(bench, &server).hint(EOF_ENDS_ONE_CLIENT)
}

/// server/next-after-reset
fn next_after_reset(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut first = bench.connect(&server)?;
    is_answered(bench, &mut first)?;
    first.resets()?;

    let mut second = bench.connect(&server).hint(RESET_ENDS_ONE_CLIENT)?;
    is_answered(bench, &mut second).hint(RESET_ENDS_ONE_CLIENT)?;
    second.dribbles(&[bench.words.word()])?;
    second.resets()?;

    serves_the_next(bench, &server).hint(FORGET_THE_HALF_LINE)
}

/// server/waits-in-the-queue
fn waits_in_the_queue(bench: &mut Bench) -> Step {
    let harmless = "a client may be gone before `accept` returns it: that ends this one client, never the server";
    let server = bench.server()?;
    let mut first = bench.connect(&server)?;
    is_answered(bench, &mut first)?;

    let (asked, asked_too) = (bench.words.line(), bench.words.line());
    let mut second = bench.connect(&server)?;
    says(&mut second, &asked)?;
    let mut third = bench.connect(&server)?;
    says(&mut third, &asked_too)?;
    is_answered(bench, &mut first).hint("who comes meanwhile waits: go on with the client that you serve")?;
    first.closes()?;

    let queued =
        "the accept queue keeps who came meanwhile, with all that they said: after one client, `accept` the next";
    second.receives_line(shout(&asked)).hint(queued)?;
    // Never more than two wait, so that even `listen(fd, 1)` is enough.
    bench.connect(&server)?.resets()?;
    second.closes()?;
    third.receives_line(shout(&asked_too)).hint(queued)?;
    third.closes()?;

    // Behind the one that was reset.
    let mut last = bench.connect(&server).hint(harmless)?;
    is_answered(bench, &mut last).hint(harmless)
}

/// server/gone-before-the-reply
fn gone_before_the_reply(bench: &mut Bench) -> Step {
    let survive = "an answer to a client that is gone fails with `Broken pipe` or `Connection reset by peer` (in C, SIGPIPE kills): it ends this client, never the server";
    let server = bench.server()?;
    // With its newlines 9 KB: it fits into the server's receive buffer, so that nobody has to wait for anybody. A server that is quick may have
    // answered all before the client is gone.
    let lines: String = (0..1000).map(|_| bench.words.letters(8) + "\n").collect();
    let farewells: [Farewell; 2] = [TcpPeer::resets, TcpPeer::closes];
    for leaves in farewells {
        let mut peer = bench.connect(&server).hint(survive)?;
        is_answered(bench, &mut peer).hint(survive)?;
        peer.sends(&lines)?;
        leaves(peer)?;
    }
    // However quick it is, it owes these some answers.
    for leaves in farewells {
        let mut peer = bench.connect_narrow(&server).hint(survive)?;
        is_answered(bench, &mut peer).hint(survive)?;
        let line = bench.words.letters(1000) + "\n";
        peer.says_unheard(&server, line.as_bytes())?;
        leaves(peer)?;
    }
    serves_the_next(bench, &server).hint(survive)
}

/// server/patient
fn patient(bench: &mut Bench) -> Step {
    let patience = "a silence has no time limit here: wait for the next line, however long it takes";
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    is_answered(bench, &mut peer)?;
    bench.elapse(Duration::from_millis(1100))?;
    is_answered(bench, &mut peer).hint(patience)
}

/// server/log
fn log(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let endings: [(Farewell, &str); 3] = [
        (
            TcpPeer::closes,
            "end-of-file is no line: next comes `disconnected`, with the address of `connected`",
        ),
        (
            TcpPeer::resets,
            "a client that resets is gone too; its socket no longer knows the address: keep what `accept` told you",
        ),
        (
            quits,
            "the quit word is not printed: next comes `disconnected`, with the address of `connected`",
        ),
    ];
    for (leaves, hint) in endings {
        let mut peer = bench.connect(&server)?;
        let address = peer.link.local;
        logs(&server, "connected", address)
            .hint("print the address that `accept` returns, `IP:PORT`, before you read the first line")?;
        for _ in 0..2 {
            let line = bench.words.line();
            says(&mut peer, &line)?;
            server
                .prints(&line)
                .hint("print each line as it came, once, between `connected` and `disconnected`")?;
            peer.receives_line(shout(&line))?;
        }
        leaves(peer)?;
        logs(&server, "disconnected", address).hint(hint)?;
    }
    server.has_printed_no_more()
}

/// server/leaks-nothing
fn leaks_nothing(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let visits = [
        comes_and_quits,
        comes_and_closes_inside_a_line,
        comes_and_resets,
        comes_and_resets_inside_a_line,
        comes_and_closes,
    ];
    leaks::leaks_nothing(bench, &server, &visits)?;
    // A server that has ended holds none either.
    serves_the_next(bench, &server)
}

// --- client ---

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

// --- what the checks are made of ---

/// How a peer leaves.
type Farewell = fn(TcpPeer) -> Step;

fn comes_and_quits(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    quits(peer)
}

fn comes_and_closes(bench: &mut Bench, server: &Server) -> Step {
    bench.connect(server)?.closes()
}

fn comes_and_closes_inside_a_line(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    peer.sends(bench.words.word())?;
    peer.closes()
}

fn comes_and_resets(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    peer.resets()
}

fn comes_and_resets_inside_a_line(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    peer.dribbles(&[bench.words.word()])?;
    peer.resets()
}

fn quits(mut peer: TcpPeer) -> Step {
    says(&mut peer, "q")?;
    peer.closes()
}
