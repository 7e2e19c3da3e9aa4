//! What one client says, and what it is answered; what the server prints and holds.

use std::time::Duration;

use super::Farewell;
use super::clients::{
    comes_and_closes, comes_and_closes_inside_a_line, comes_and_quits, comes_and_resets,
    comes_and_resets_inside_a_line, quits,
};
use crate::bench::{Bench, TcpPeer, shout};
use crate::lessons::leaks;
use crate::lessons::log::logs;
use crate::lessons::shouting::{
    A_TAB_IS_WHITE_SPACE, SHOUT_BYTES, is_answered, is_answered_once_whole, no_text_quits, says, serves_the_next,
};
use crate::verdict::{Hint, Kind, Step};

const PRINT_AS_IT_CAME: &str =
    "print the line as it came, nothing trimmed: `String::from_utf8_lossy` shows bytes that are no UTF-8 as U+FFFD";
const A_LINE_IS_WHOLE_AT_ITS_NEWLINE: &str = "a `read` returns what has come so far, be it half a character: collect bytes up to the newline, then print and answer the line";
const KEEP_WHAT_IS_BUFFERED: &str = "one `read` may bring more than one line: keep one buffered reader for the whole conversation, or the rest of its buffer is lost";
const CLOSE_EACH_COPY: &str = "`read` returns 0 when the client has closed: leave its loop and close its socket; the client learns of it once each copy is closed \
     (`fork`, `dup` and `try_clone` make one)";
const EOF_ENDS_A_LINE: &str =
    "what came before end-of-file is a line too, though no newline ends it: answer it, then close";

/// server/shouts-back
pub(super) fn shouts_back(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = format!("Hello, 世界 {}", bench.words.word());
    says(&mut peer, &line)?;
    peer.receives_line(shout(&line)).hint_for(Kind::WrongBytes, SHOUT_BYTES)
}

/// server/keeps-the-text
pub(super) fn keeps_the_text(bench: &mut Bench) -> Step {
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
pub(super) fn split_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    is_answered_once_whole(bench, &server, &mut peer).hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)
}

/// server/glued-lines
pub(super) fn glued_lines(bench: &mut Bench) -> Step {
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
pub(super) fn long_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = bench.words.letters(60_000);
    let whole = "a line may be longer than a buffer: read until its newline has come, and write until all of it has left (`write_all`)";
    says(&mut peer, &line).hint(whole)?;
    peer.receives_line(shout(&line)).hint(whole)
}

/// server/last-line
pub(super) fn last_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = bench.words.word();
    peer.sends(&line)?;
    peer.shuts_down()?;
    peer.receives_line(shout(&line)).hint(EOF_ENDS_A_LINE)?;
    peer.receives_end().hint(CLOSE_EACH_COPY)
}

/// server/quit-is-exact
pub(super) fn quit_is_exact(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    no_text_quits(&mut peer)?;
    says(&mut peer, " q ")?;
    peer.receives_end()
        .hint("`q` or `Q` is the quit word once white space around it is removed: answer nothing, close the connection, each copy of its socket")?;

    // Another server: whether one goes on behind a quit word is for another check.
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    says(&mut peer, "\tQ ")?;
    peer.receives_end().hint(A_TAB_IS_WHITE_SPACE)
}

/// server/patient
pub(super) fn patient(bench: &mut Bench) -> Step {
    let patience = "a silence has no time limit here: wait for the next line, however long it takes";
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    is_answered(bench, &mut peer)?;
    bench.elapse(Duration::from_millis(1100))?;
    is_answered(bench, &mut peer).hint(patience)
}

/// server/log
pub(super) fn log(bench: &mut Bench) -> Step {
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
pub(super) fn leaks_nothing(bench: &mut Bench) -> Step {
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
