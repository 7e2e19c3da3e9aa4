//! The server of lesson 6 and its clients.

use std::time::Duration;

use super::ASK_THE_KERNEL;
use crate::bench::{Bench, PathServer, UnixPeer, shout};
use crate::lessons::leaks;
use crate::lessons::shouting::{
    A_TAB_IS_WHITE_SPACE, SHOUT_BYTES, is_answered, is_answered_once_whole, no_text_quits, says,
};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

const PRINT_AS_IT_CAME: &str =
    "print the line as it came, nothing trimmed: `String::from_utf8_lossy` shows bytes that are no UTF-8 as U+FFFD";
const A_LINE_IS_WHOLE_AT_ITS_NEWLINE: &str = "a stream has no message boundaries, AF_UNIX or not: collect bytes up to the newline, then print and answer the line";
const KEEP_WHAT_IS_BUFFERED: &str = "one `read` may bring more than one line: keep one buffered reader for the whole conversation, or the rest of its buffer is lost";
const QUIT_ENDS_ONE_CLIENT: &str = "`q` ends this client, not the server: close its connection, and go on to `accept`";
const EOF_ENDS_ONE_CLIENT: &str = "`read` returns 0 when the client has closed: leave its loop, and go on to `accept`";
const A_KILLED_CLIENT_IS_GONE: &str =
    "the kernel closes the sockets of a process that is killed: that ends this one client, never the server";
const GONE_BEFORE_ITS_GREETING: &str = "a client may be gone before it is greeted: then the greeting fails with `Broken pipe` (in C, SIGPIPE kills), which ends this one client";

const GREET_BEFORE_YOU_READ: &str = "greet before you read, and flush a stream that buffers: a client is silent until the line `hello pid=P uid=U` has come, with its newline";
const KEEP_THE_SOCKET_FILE: &str = "the socket file stays for as long as the server runs: it is removed when a signal ends the server, not when a client has left";

/// server/listens-at-the-path
pub(super) fn listens_at_the_path(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    bench.finds_a_socket_at(&server.path)?;
    let mut peer = bench
        .connect_at(&server)
        .hint("print the ready line after `listen`: before, a connection to the socket is refused")?;
    takes_the_greeting(&mut peer).hint(GREET_BEFORE_YOU_READ)?;
    server.still_runs()
}

/// server/knows-its-peer
pub(super) fn knows_its_peer(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    for _ in 0..2 {
        let client = bench.client_process(&server)?;
        let who = client.credentials()?;
        client
            .prints_first(&format!("hello {who}"))
            .hint(ASK_THE_KERNEL)
            .hint_for(Kind::MissingOutput, GREET_BEFORE_YOU_READ)
            .hint_for(Kind::EndedEarly, KEEP_THE_SOCKET_FILE)?;
        server
            .prints(&format!("connected {who}"))
            .hint("print who came, before its first line, with what `SO_PEERCRED` says")?;
        let line = bench.words.line();
        client.types(&line)?;
        client.prints(&line.to_ascii_uppercase())?;
        server.prints(&line)?;
        client.ends_input()?;
        server
            .prints(&format!("disconnected {who}"))
            .hint("when a client is gone its pid may be too: keep what you asked the kernel when it came")?;
        client.exits(0)?;
    }
    server.has_printed_no_more()
}

/// server/shouts-back
pub(super) fn shouts_back(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server).hint(GREET_BEFORE_YOU_READ)?;
    server.next_line("the line `connected pid=P uid=U`")?;
    let (one, two) = (bench.words.word(), bench.words.word());
    let ill_formed = [one.as_bytes(), b" \xff\xfe ", two.as_bytes()].concat();
    let long = bench.words.letters(60_000);
    for line in [
        format!("Hello, 世界 {one}").as_bytes(),
        format!("  {two}  é {one}\t ").as_bytes(),
        b"",
        &ill_formed,
        long.as_bytes(),
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

/// server/split-and-glued
pub(super) fn split_and_glued(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server).hint(GREET_BEFORE_YOU_READ)?;
    is_answered_once_whole(bench, &server, &mut peer).hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)?;

    let lines = format!(
        "{}\n{}\n{}\n",
        bench.words.line(),
        bench.words.line(),
        bench.words.line()
    );
    peer.sends(&lines)?;
    peer.receives(shout(&lines)).hint(KEEP_WHAT_IS_BUFFERED)
}

/// server/last-line
pub(super) fn last_line(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server).hint(GREET_BEFORE_YOU_READ)?;
    let line = bench.words.word();
    peer.sends(&line)?;
    peer.shuts_down()?;
    peer.receives_line(shout(&line))
        .hint("what came before end-of-file is a line too, though no newline ends it: answer it, then close")?;
    peer.receives_end().hint(EOF_ENDS_ONE_CLIENT)
}

/// server/quit-is-exact
pub(super) fn quit_is_exact(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server).hint(GREET_BEFORE_YOU_READ)?;
    no_text_quits(&mut peer)?;
    says(&mut peer, " q ")?;
    peer.receives_end().hint(
        "`q` or `Q` is the quit word once white space around it is removed: close the connection, answer nothing",
    )?;

    // Another server: whether one goes on behind a quit word is for another check.
    let server = started(bench)?;
    let mut peer = greeted(bench, &server)?;
    says(&mut peer, "\tQ ")?;
    peer.receives_end().hint(A_TAB_IS_WHITE_SPACE)
}

/// server/next-client
pub(super) fn next_client(bench: &mut Bench) -> Step {
    let server = started(bench)?;

    let mut quits = greeted(bench, &server)?;
    is_answered(bench, &mut quits)?;
    // It keeps its own end open: the server is the one to close.
    says(&mut quits, "Q")?;
    let mut closes = greeted(bench, &server).hint(QUIT_ENDS_ONE_CLIENT)?;
    is_answered(bench, &mut closes).hint(QUIT_ENDS_ONE_CLIENT)?;
    closes.closes()?;

    let killed = bench.client_process(&server)?;
    killed
        .first_line("the greeting `hello pid=P uid=U`")
        .hint(EOF_ENDS_ONE_CLIENT)?;
    let line = bench.words.line();
    killed.types(&line)?;
    killed.prints(&line.to_ascii_uppercase()).hint(EOF_ENDS_ONE_CLIENT)?;
    killed.kill()?;

    // One more breaks off inside a line, with an answer left unread: the server gets a reset.
    let mut breaks_off = greeted(bench, &server).hint(A_KILLED_CLIENT_IS_GONE)?;
    says(&mut breaks_off, bench.words.line())?;
    breaks_off.leaves_unread()?;
    breaks_off.dribbles_to(&server, &[bench.words.word()])?;
    breaks_off.closes_unread();

    // One more leaves while it waits in the queue: a server that takes one client after another can't have greeted it.
    let mut first = greeted(bench, &server).hint(A_KILLED_CLIENT_IS_GONE)?;
    is_answered(bench, &mut first).hint(A_KILLED_CLIENT_IS_GONE)?;
    bench.connect_at(&server)?.closes()?;
    says(&mut first, "q")?;
    serves_the_next(bench, &server).hint(GONE_BEFORE_ITS_GREETING)
}

/// server/patient
pub(super) fn patient(bench: &mut Bench) -> Step {
    let patience = "a silence has no time limit here: wait for the next line, however long it takes";
    let server = started(bench)?;
    let mut peer = greeted(bench, &server).hint(GREET_BEFORE_YOU_READ)?;
    is_answered(bench, &mut peer)?;
    bench.elapse(Duration::from_millis(1100))?;
    is_answered(bench, &mut peer).hint(patience)
}

/// server/leaks-nothing
pub(super) fn leaks_nothing(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let ways = [
        comes_and_quits,
        comes_and_closes_inside_a_line,
        comes_and_closes_unread,
        comes_and_closes,
        comes_and_closes_at_once,
    ];
    leaks::leaks_nothing(bench, &server, &ways)?;
    // A server that has ended holds none either.
    serves_the_next(bench, &server)
}

// --- what the checks are made of ---

pub(super) fn started(bench: &mut Bench) -> Step<PathServer> {
    let path = bench.free_path()?;
    bench.server_at(&path)
}

/// A new client comes and takes its greeting.
pub(super) fn greeted(bench: &mut Bench, server: &PathServer) -> Step<UnixPeer> {
    let mut peer = bench.connect_at(server)?;
    takes_the_greeting(&mut peer)?;
    Ok(peer)
}

fn takes_the_greeting(peer: &mut UnixPeer) -> Step {
    let greeting = peer.takes_line()?;
    if greeting.starts_with(b"hello pid=") {
        return Ok(());
    }
    Finding::new(Kind::WrongBytes, "the first line that a client gets is no greeting")
        .expected("`hello pid=P uid=U`")
        .actual(quoted(&greeting))
        .stop()
}

fn comes_and_quits(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    is_answered(bench, &mut peer)?;
    says(&mut peer, "q")?;
    peer.closes()
}

fn comes_and_closes(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    is_answered(bench, &mut peer)?;
    peer.closes()
}

/// So that there may be no one left to greet.
fn comes_and_closes_at_once(bench: &mut Bench, server: &PathServer) -> Step {
    bench.connect_at(server)?.closes()
}

fn comes_and_closes_inside_a_line(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    is_answered(bench, &mut peer)?;
    peer.sends(bench.words.word())?;
    peer.closes()
}

/// With an answer left unread, which the server learns as a reset.
fn comes_and_closes_unread(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    says(&mut peer, bench.words.line())?;
    peer.leaves_unread()?;
    peer.closes_unread();
    Ok(())
}

/// A new client comes, is greeted and answered.
pub(super) fn serves_the_next(bench: &mut Bench, server: &PathServer) -> Step {
    let mut next = greeted(bench, server)?;
    is_answered(bench, &mut next)
}
