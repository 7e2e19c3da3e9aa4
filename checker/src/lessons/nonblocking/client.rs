//! The client: the keyboard and the socket at once.

use crate::bench::{Bench, Pages, Running, Talk, TcpPeer};
use crate::lessons::chat::{
    self, A_LAST_LINE_IS_A_LINE, A_LINE_ENDS_AT_ITS_NEWLINE, DECODE_WHOLE_LINES, connected_client, in_four_pieces,
    keeps_silent, leaves_the_text_alone,
};
use crate::lessons::shouting::{says, serves_the_next};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

const WAIT_FOR_BOTH: &str =
    "wait for stdin and for the socket at once (`poll`), and use whichever is ready; neither waits for the other";
const FLUSH: &str = "print each line as it comes, and flush stdout: in a pipe nothing leaves before";
const NEVER_BLOCK_IN_WRITE: &str = "a `write` that waits for a server that does not read keeps you from reading: make the socket non-blocking, keep \
     what did not go, and go on when the socket is writable";
const STDIN_HAS_A_BUFFER: &str = "what a buffered reader of stdin has read ahead lies in its buffer, and `poll` and `select` announce none of it: take all lines that \
     are whole before you wait again; and what a `write` did not take is sent when the socket is writable";
const A_SILENT_SERVER_STAYS: &str = "a server that is silent, or does not read, is still there (`EAGAIN` says so): only end-of-file or an error other than that ends the client";
const WRITE_TAKES_A_PART: &str =
    "`write` may take only a part of what is typed: what is left is sent when the socket is writable again, in order";
const EVERY_LINE_OF_A_READ: &str =
    "one `read` may bring many lines: print all that are whole before you wait again, and keep the rest";
const QUIT_IS_NOT_THE_END: &str =
    "after `Q` nothing more is typed, but answers may still be on their way: print until end-of-file, then exit with 0";
const THE_END_OF_STDIN_IS_Q: &str = "the end of stdin means the same as typing `Q`: send `Q`, and go on printing";
const ONLY_TYPED_WORDS_QUIT: &str = "a line `q` from the server is printed like any other: only what is typed quits, and only end-of-file says that the server is gone";
const THE_SERVER_IS_GONE: &str =
    "end-of-file or a reset on the socket ends the client at once, with exit code 0: it must not wait for stdin";
const SLEEP: &str = "wait without a time limit, and only for what can be used: a stdin that has ended stays readable for ever, a socket is nearly always \
     writable";

/// client/both-ways
pub(super) fn both_ways(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    for _ in 0..20 {
        is_printed(bench, &client, &mut peer).hint(WAIT_FOR_BOTH)?;
    }
    says(&mut peer, "q")?;
    client.prints("q").hint(ONLY_TYPED_WORDS_QUIT)?;
    is_printed(bench, &client, &mut peer).hint(ONLY_TYPED_WORDS_QUIT)?;
    for _ in 0..3 {
        let line = bench.words.line();
        client.types(&line)?;
        peer.receives_line(&line).hint(WAIT_FOR_BOTH)?;
    }
    leaves_the_text_alone(bench, &client, &mut peer)?;

    let host = bench.listen_narrow()?;
    let client = bench.client(host.addr)?;
    let mut peer = host.accept(&client)?;
    let much = Pages::new(&mut bench.words, 16..=1000).text(8 << 20);
    client.types_raw(&much)?;
    client.has_read_what_it_wants()?;
    for _ in 0..3 {
        is_printed(bench, &client, &mut peer).hint(NEVER_BLOCK_IN_WRITE)?;
    }
    Ok(())
}

/// client/skips-empty-lines
pub(super) fn skips_empty_lines(bench: &mut Bench) -> Step {
    chat::client_skips_empty_lines(bench).hint_for(Kind::MissingBytes, STDIN_HAS_A_BUFFER)
}

/// client/split-and-glued
pub(super) fn split_and_glued(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    let line = format!("{} 你 {}", bench.words.line(), bench.words.word());
    for piece in in_four_pieces(&line) {
        peer.dribbles(&[piece]).hint(A_LINE_ENDS_AT_ITS_NEWLINE)?;
        client.comes_to_rest()?;
        client.has_printed_no_more().hint(A_LINE_ENDS_AT_ITS_NEWLINE)?;
    }
    says(&mut peer, "")?;
    client.prints(&line).hint(DECODE_WHOLE_LINES)?;

    let lines: Vec<String> = (0..100).map(|_| bench.words.line()).collect();
    let half = bench.words.word();
    peer.sends(lines.join("\n") + "\n" + &half)?;
    for line in &lines {
        client.prints(line).hint(EVERY_LINE_OF_A_READ)?;
    }
    says(&mut peer, "")?;
    client.prints(&half).hint(EVERY_LINE_OF_A_READ)
}

/// client/loses-nothing
pub(super) fn loses_nothing(bench: &mut Bench) -> Step {
    let host = bench.listen_narrow()?;
    let client = bench.client(host.addr)?;
    let mut peer = host.accept(&client)?;
    let mut pages = Pages::new(&mut bench.words, 16..=1000);
    let typed = pages.text(2 << 20);
    client.types_raw(&typed)?;
    client.has_read_what_it_wants()?;
    // The first brings it an acknowledgement, with which a `write` that was stuck may end.
    for _ in 0..3 {
        is_printed(bench, &client, &mut peer).hint(NEVER_BLOCK_IN_WRITE)?;
    }

    let mut late = Talk::listener(peer, pages, typed.len());
    for quarter in 1..=4 {
        let answers: Vec<String> = (0..10).map(|_| bench.words.line()).collect();
        late.peer.sends(answers.join("\n") + "\n").hint(NEVER_BLOCK_IN_WRITE)?;
        late.goes_on_until_it_has_heard(typed.len() * quarter / 4)
            .hint(WRITE_TAKES_A_PART)
            .hint_for(Kind::MissingBytes, STDIN_HAS_A_BUFFER)?;
        for answer in &answers {
            client.prints(answer).hint(EVERY_LINE_OF_A_READ)?;
        }
    }
    let last = bench.words.line();
    client.types(&last)?;
    late.peer
        .receives_line(&last)
        .hint(WRITE_TAKES_A_PART)
        .hint_for(Kind::MissingBytes, STDIN_HAS_A_BUFFER)
}

/// client/quits
pub(super) fn quits(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    let line = bench.words.line();
    client.types(&line)?;
    peer.receives_line(&line).hint(WAIT_FOR_BOTH)?;
    client.types("Q")?;
    peer.receives_line("Q")
        .hint("the quit word is sent too: the server learns from it that no more will come")?;
    // Its stdin stays open.
    goes_on_printing(bench, &client, peer)?;

    for word in ["q", " Q ", "\tq "] {
        let (client, mut peer) = connected_client(bench)?;
        client.types(word)?;
        receives_the_quit_word(&mut peer)?;
        // Who did not know the word sends `Q` now.
        client.ends_input()?;
        keeps_silent(&client, &mut peer).hint(
            "`q`, `Q` and either with white space around it are the quit word, which is sent once: the end of stdin behind it adds nothing",
        )?;
        goes_on_printing(bench, &client, peer)?;
    }
    Ok(())
}

/// client/end-of-input
pub(super) fn end_of_input(bench: &mut Bench) -> Step {
    let (silent, mut peer) = connected_client(bench)?;
    silent.ends_input()?;
    peer.receives_line("Q").hint(THE_END_OF_STDIN_IS_Q)?;
    goes_on_printing(bench, &silent, peer)?;

    let (client, mut peer) = connected_client(bench)?;
    let last_line = bench.words.line();
    client.types_raw(last_line.as_bytes())?;
    client.ends_input()?;
    peer.receives_line(&last_line).hint(A_LAST_LINE_IS_A_LINE)?;
    peer.receives_line("Q").hint(THE_END_OF_STDIN_IS_Q)?;
    goes_on_printing(bench, &client, peer)
}

/// client/server-closes
pub(super) fn server_closes(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    let (line, last_line) = (bench.words.line(), bench.words.line());
    peer.sends(format!("{line}\n{last_line}"))?;
    peer.closes()?;
    client.prints(&line).hint(FLUSH)?;
    client
        .prints(&last_line)
        .hint("a last line that end-of-file ends in place of a newline is a line too: print it")?;
    client.exits(0).hint(THE_SERVER_IS_GONE)?;

    let (client, mut peer) = connected_client(bench)?;
    is_printed(bench, &client, &mut peer).hint(FLUSH)?;
    peer.resets()?;
    client.exits(0).hint(THE_SERVER_IS_GONE)
}

/// client/idle-is-idle
pub(super) fn idle_is_idle(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    is_printed(bench, &client, &mut peer).hint(FLUSH)?;
    sleeps(&client, "while both sides are silent")?;
    client.ends_input()?;
    peer.receives_line("Q").hint(THE_END_OF_STDIN_IS_Q)?;
    sleeps(&client, "after the end of its stdin")?;
    drop((client, peer));

    let host = bench.listen_narrow()?;
    let client = bench.client(host.addr)?;
    let peer = host.accept(&client)?;
    let much = Pages::new(&mut bench.words, 16..=1000).text(1 << 20);
    client.types_raw(&much)?;
    client.has_read_what_it_wants()?;
    sleeps(&client, "while 1 MiB typed waits for a server that does not read")?;
    drop(peer);
    Ok(())
}

/// together
pub(super) fn together(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let clients = [
        bench.client(server.addr)?,
        bench.client(server.addr)?,
        bench.client(server.addr)?,
    ];
    for client in clients.iter().rev().chain(&clients) {
        let line = bench.words.line();
        client.types(&line)?;
        // The first of a client that may still be starting up.
        client.prints_first(&line.to_ascii_uppercase())?;
    }
    for client in &clients {
        client.types("q")?;
        client.exits(0)?;
    }
    serves_the_next(bench, &server)
}

// --- what the checks are made of ---

/// A line that the server sends unasked is printed.
fn is_printed(bench: &mut Bench, client: &Running, peer: &mut TcpPeer) -> Step {
    let line = bench.words.line();
    says(peer, &line)?;
    client.prints(&line)
}

/// It waits, and stays.
fn sleeps(client: &Running, when: &str) -> Step {
    client
        .is_idle(when)
        .hint(SLEEP)
        .hint_for(Kind::EndedEarly, A_SILENT_SERVER_STAYS)
        .hint_for(Kind::Crash, A_SILENT_SERVER_STAYS)
}

/// The quit word comes, as it was typed or bare.
fn receives_the_quit_word(peer: &mut TcpPeer) -> Step {
    let said = peer.takes_line()?;
    if said.trim_ascii().eq_ignore_ascii_case(b"q") {
        return Ok(());
    }
    Finding::new(Kind::WrongBytes, "the program did not send the quit word")
        .expected("`q`, as it was typed or bare, and a newline")
        .actual(quoted(&said))
        .stop()
}

/// Behind its `Q` the client prints what still comes, and exits at end-of-file.
fn goes_on_printing(bench: &mut Bench, client: &Running, mut peer: TcpPeer) -> Step {
    for _ in 0..3 {
        client.comes_to_rest()?;
        is_printed(bench, client, &mut peer).hint(QUIT_IS_NOT_THE_END)?;
    }
    peer.closes()?;
    client.exits(0).hint(QUIT_IS_NOT_THE_END)
}
