//! The server's side of the chat.

use super::{A_LOST_CONNECTION_ENDS, END_OF_FILE_ENDS, THE_PEERS_Q_ENDS};
use crate::bench::{Bench, Running, Server, TcpPeer};
use crate::lessons::chat::{
    A_LAST_LINE_IS_A_LINE, A_LINE_ENDS_AT_ITS_NEWLINE, DECODE_WHOLE_LINES, KEEP_WHAT_CAME_TOO_EARLY, NO_UTF8,
    ONE_LINE_A_TURN, QUIT_IS_A_WHOLE_LINE, SKIP_EMPTY_LINES, in_four_pieces, keeps_silent, receives_the_quit_word,
};
use crate::lessons::every;
use crate::lessons::shouting::A_TAB_IS_WHITE_SPACE;
use crate::verdict::{Hint, Step};

const THE_CLIENT_SPEAKS_FIRST: &str =
    "the client speaks first, then the two take turns: do not send before the peer's line has come";
const NOTHING_BEHIND_THE_LAST_WORD: &str = "the quit word is the last that is said: end the connection after it";
const THE_END_OF_STDIN_SENDS_Q: &str = "at the end of stdin the peer is told: send `Q` and a newline before you end (a `read_line` that \
     returns 0 is the end, not an empty line)";
const NOTHING_IS_TRIMMED: &str =
    "trim a copy, to look for the quit word; what is printed or sent is the line as it came";

/// One turn of the server: a line comes and is printed, the reply is typed and sent.
fn server_takes_a_turn(bench: &mut Bench, server: &Server, peer: &mut TcpPeer) -> Step {
    it_is_the_servers_turn(bench, server, peer)?;
    let reply = bench.words.line();
    server.types(&reply)?;
    peer.receives_line(&reply)
}

/// The peer has spoken; the server is at its keyboard.
fn it_is_the_servers_turn(bench: &mut Bench, server: &Server, peer: &mut TcpPeer) -> Step {
    let line = bench.words.line();
    peer.sends(format!("{line}\n"))?;
    server.prints(&line)
}

/// server/takes-turns
pub(super) fn server_takes_turns(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    for _ in 0..3 {
        server_takes_a_turn(bench, &server, &mut peer)?;
    }
    keeps_silent(&server, &mut peer).hint(ONE_LINE_A_TURN)?;

    let server = bench.server()?;
    let replies = [bench.words.line(), bench.words.line(), bench.words.line()];
    server.types_raw(format!("{}\n", replies.join("\n")).as_bytes())?;
    let mut peer = bench.connect(&server)?;
    for reply in &replies {
        keeps_silent(&server, &mut peer).hint(THE_CLIENT_SPEAKS_FIRST)?;
        it_is_the_servers_turn(bench, &server, &mut peer)?;
        peer.receives_line(reply)
            .hint("what was typed ahead waits for its turn: read stdin with one buffered reader, one line a turn")?;
    }
    keeps_silent(&server, &mut peer).hint(ONE_LINE_A_TURN)
}

/// server/peer-quits
pub(super) fn peer_quits(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    server_takes_a_turn(bench, &server, &mut peer)?;
    peer.sends("q\n")?;
    server.exits(0).hint(THE_PEERS_Q_ENDS)?;
    peer.receives_end().hint(THE_PEERS_Q_ENDS)
}

/// server/quits
pub(super) fn server_quits(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    server.types("Q")?;
    peer.receives_line("Q")
        .hint("the quit word is sent too: the peer learns from it that the chat is over")?;
    peer.receives_end().hint(NOTHING_BEHIND_THE_LAST_WORD)?;
    peer.closes()?;
    server.exits(0).hint(NOTHING_BEHIND_THE_LAST_WORD)
}

/// server/end-of-input
pub(super) fn server_end_of_input(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    server.ends_input()?;
    peer.receives_line("Q").hint(THE_END_OF_STDIN_SENDS_Q)?;
    peer.receives_end().hint(NOTHING_BEHIND_THE_LAST_WORD)?;
    peer.closes()?;
    server.exits(0)?;

    // Its stdin has ended before its last turn: `Q` comes at once or when its turn does.
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let reply = bench.words.line();
    server.types_raw(reply.as_bytes())?;
    server.ends_input()?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    peer.receives_line(&reply).hint(A_LAST_LINE_IS_A_LINE)?;
    peer.sends_regardless(format!("{}\n", bench.words.line()))?;
    peer.receives_line("Q").hint(THE_END_OF_STDIN_SENDS_Q)?;
    peer.receives_end_or_reset().hint(NOTHING_BEHIND_THE_LAST_WORD)?;
    peer.closes()?;
    // The line behind its `Q` may be printed or not.
    server.remaining_output()?;
    server.exits(0)
}

/// server/peer-vanishes
pub(super) fn peer_vanishes(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    server_takes_a_turn(bench, &server, &mut peer)?;
    peer.closes()?;
    server.exits(0).hint(END_OF_FILE_ENDS)?;

    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    // Only its direction: closed for good, its end would answer what the server still says with a reset.
    peer.shuts_down()?;
    server.types(&bench.words.line())?;
    server.exits(0).hint(END_OF_FILE_ENDS)
}

/// server/peer-resets
pub(super) fn peer_resets(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    server_takes_a_turn(bench, &server, &mut peer)?;
    peer.resets()?;
    server.exits(0).hint(A_LOST_CONNECTION_ENDS)?;

    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    peer.resets()?;
    exits_when_it_writes(bench, &server)?;

    // A reset behind an end-of-file: what is written then is answered by EPIPE, and by SIGPIPE where nobody ignores it.
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    peer.shuts_down()?;
    peer.resets()?;
    exits_when_it_writes(bench, &server)
}

/// The connection was reset in the program's own turn, which it need not notice before it writes.
pub(super) fn exits_when_it_writes(bench: &mut Bench, program: &Running) -> Step {
    program.types(&bench.words.line())?;
    program.exits(0).hint(A_LOST_CONNECTION_ENDS)
}

/// server/split-line
pub(super) fn split_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let reply = bench.words.line();
    server.types(&reply)?;
    keeps_silent(&server, &mut peer).hint(THE_CLIENT_SPEAKS_FIRST)?;
    let line = format!("{} 你 {}", bench.words.line(), bench.words.word());
    for piece in in_four_pieces(&line) {
        peer.dribbles(&[piece]).hint(A_LINE_ENDS_AT_ITS_NEWLINE)?;
        keeps_silent(&server, &mut peer).hint(A_LINE_ENDS_AT_ITS_NEWLINE)?;
    }
    peer.sends("\n")?;
    server.prints(&line).hint(DECODE_WHOLE_LINES)?;
    peer.receives_line(&reply)
}

/// server/glued-lines
pub(super) fn glued_lines(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let (this, next) = (bench.words.line(), bench.words.line());
    let (first, second) = (bench.words.line(), bench.words.line());
    peer.sends(format!("{this}\n{next}\n"))?;
    server.prints(&this).hint(KEEP_WHAT_CAME_TOO_EARLY)?;
    server.comes_to_rest()?;
    server.has_printed_no_more().hint(ONE_LINE_A_TURN)?;
    server.types(&first)?;
    peer.receives_line(&first)?;
    server.prints(&next).hint(KEEP_WHAT_CAME_TOO_EARLY)?;
    server.types(&second)?;
    peer.receives_line(&second)
}

/// server/long-line
pub(super) fn long_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let (line, reply) = (bench.words.letters(60_000), bench.words.letters(60_000));
    peer.sends(format!("{line}\n"))?;
    server.prints(&line).hint(A_LINE_ENDS_AT_ITS_NEWLINE)?;
    server.types(&reply)?;
    peer.receives_line(&reply)
        .hint("one `write` may take only a part: `write_all` goes on until all is sent; and stdin comes in pieces too")
}

/// server/last-line
pub(super) fn last_line(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let line = bench.words.line();
    peer.sends(&line)?;
    peer.shuts_down()?;
    server
        .prints(&line)
        .hint("end-of-file ends the last line as a newline does: look at what is in hand before you end")
}

/// server/keeps-the-text
pub(super) fn keeps_the_text(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let (line, reply) = (bench.words.line(), format!(" \té {}  ", bench.words.line()));
    peer.sends(format!("  {line} \t\n"))?;
    server.prints(&format!("  {line} \t")).hint(NOTHING_IS_TRIMMED)?;
    server.types(&reply)?;
    peer.receives_line(&reply).hint(NOTHING_IS_TRIMMED)?;

    let (line, reply) = (bench.words.line(), bench.words.line());
    peer.sends(format!("{line}\r\n"))?;
    server
        .prints(&line)
        .hint("some programs end their lines with `\\r\\n`: a `\\r` right before the newline is no part of the line")?;
    server.types(&reply)?;
    peer.receives_line(&reply)?;

    let line = [
        bench.words.word().as_bytes(),
        b"\xff\xfe",
        bench.words.word().as_bytes(),
    ]
    .concat();
    peer.sends([&line, &b"\n"[..]].concat())?;
    server.prints_bytes(&line).hint(NO_UTF8)?;
    let reply = bench.words.line();
    server.types(&reply)?;
    peer.receives_line(&reply).hint(NO_UTF8)?;
    server_takes_a_turn(bench, &server, &mut peer)
}

/// server/skips-empty-lines
pub(super) fn server_skips_empty_lines(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    let (first, second) = (bench.words.line(), bench.words.line());
    server.types_raw(format!("\n \t \n\r\n{first}\n").as_bytes())?;
    peer.receives_line(&first).hint(SKIP_EMPTY_LINES)?;
    peer.sends("\n")?;
    server
        .prints("")
        .hint("an empty line from the other side is a line like any other: print it, and answer")?;
    server.types_raw(format!("\n{second}\n").as_bytes())?;
    peer.receives_line(&second).hint(SKIP_EMPTY_LINES)
}

/// server/quit-is-exact
pub(super) fn server_quit_is_exact(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    for (line, reply) in [("quit", "qq"), ("quiet", "quit"), ("qq", "quiet")] {
        peer.sends(format!("{line}\n"))?;
        server.prints(line).hint(QUIT_IS_A_WHOLE_LINE)?;
        server.types(reply)?;
        peer.receives_line(reply).hint(QUIT_IS_A_WHOLE_LINE)?;
    }
    peer.sends(" Q \r\n")?;
    server.exits(0).hint(QUIT_IS_A_WHOLE_LINE)?;

    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    it_is_the_servers_turn(bench, &server, &mut peer)?;
    server.types_raw(b" Q \r\n")?;
    receives_the_quit_word(&mut peer).hint(QUIT_IS_A_WHOLE_LINE)?;
    peer.closes()?;
    server.exits(0).hint(QUIT_IS_A_WHOLE_LINE)?;

    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    peer.sends("\tQ \n")?;
    server.exits(0).hint(A_TAB_IS_WHITE_SPACE)
}

/// server/port-in-use
pub(super) fn port_in_use(bench: &mut Bench) -> Step {
    let first = bench.server()?;
    every::a_second_server_fails(bench, &first)?;
    let mut peer = bench.connect(&first)?;
    server_takes_a_turn(bench, &first, &mut peer)
}
