//! The client of a chat in turns, which lessons 2, 3 and 6 share: a line out, a line in.

use crate::bench::{Bench, Link, Peer, Running, TcpPeer, shout};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

pub(super) const A_LINE_ENDS_AT_ITS_NEWLINE: &str =
    "one `read` returns what has come so far, be it half a line: collect bytes until the newline is there";
pub(super) const DECODE_WHOLE_LINES: &str =
    "a character can be cut between two reads: collect the bytes of the whole line, and only then turn them into text";
pub(super) const KEEP_WHAT_CAME_TOO_EARLY: &str = "one `read` can return more than one line: keep what is behind the newline for the next turn (one buffered reader \
     for the whole conversation, not a new one for each line)";
pub(super) const SKIP_EMPTY_LINES: &str =
    "a typed line that is empty, or only white space, is not sent: read the next one from stdin";
pub(super) const ONE_LINE_A_TURN: &str =
    "one line is sent, then one is awaited: do not read on before the next line is sent";
pub(super) const AWAIT_THE_REPLY: &str = "after a line the reply is awaited: send the next one only when it has come";
const SEND_IT_AS_TYPED: &str = "send the line as it was typed, byte by byte: white space at its ends is part of it, and `é` is two bytes that stay as they are";
pub(super) const PRINT_IT_AS_IT_CAME: &str =
    "print what comes from the other side as it came: white space at the ends of a line is part of it";
pub(super) const QUIT_ENDS: &str =
    "the quit word is the last that is said: send it, then end, without waiting for a reply";
const THE_END_OF_STDIN_IS_Q: &str =
    "the end of stdin means the same as typing `Q`: a `read_line` that returns 0 is no reason to leave without a word";
pub(super) const A_LAST_LINE_IS_A_LINE: &str =
    "a last line that the end of stdin ends in place of a newline is a line too: send it, with a newline";

pub(super) const NO_UTF8: &str = "what comes from a network is bytes, not always text: read bytes up to the newline; `String::from_utf8_lossy` shows \
     what is no UTF-8 as U+FFFD";
pub(super) const QUIT_IS_A_WHOLE_LINE: &str = "the quit word stands alone on its line: take white space off both ends, then compare the whole line with `q` and `Q`";

/// How a client comes to us, ready for its first turn.
pub(super) type Comes<L> = fn(&mut Bench) -> Step<(Running, Peer<L>)>;

/// A client that has connected to us.
pub(super) fn connected_client(bench: &mut Bench) -> Step<(Running, TcpPeer)> {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let peer = host.accept(&client)?;
    Ok((client, peer))
}

/// One turn of the client: a line is typed and sent, its reply is printed.
pub(super) fn client_takes_a_turn<L: Link>(bench: &mut Bench, client: &Running, peer: &mut Peer<L>) -> Step {
    let (line, reply) = (bench.words.line(), bench.words.line());
    client.types(&line)?;
    peer.receives_line(&line)?;
    peer.sends(format!("{reply}\n"))?;
    client.prints(&reply)
}

/// Three turns typed one by one, and three typed ahead: lines out, answers printed, nothing sent before its turn.
pub(super) fn takes_turns<L: Link>(bench: &mut Bench, client: &Running, peer: &mut Peer<L>) -> Step {
    for _ in 0..3 {
        let line = bench.words.line();
        client.types(&line)?;
        peer.receives_line(&line)
            .hint("send each line as soon as it is typed, with its newline: don't wait for the end of stdin")?;
        peer.sends([shout(&line), b"\n".to_vec()].concat())?;
        client.prints_bytes(&shout(&line)).hint(
            "print the answer as soon as its newline has come, and flush stdout: in a pipe nothing leaves before",
        )?;
    }

    // The same, typed ahead. The answers are no shouts: what the server says is printed.
    let lines = [bench.words.line(), bench.words.line(), bench.words.line()];
    client.types(&lines.join("\n"))?;
    for line in &lines {
        peer.receives_line(line)?;
        keeps_silent(client, peer).hint(AWAIT_THE_REPLY)?;
        let answer = bench.words.line();
        peer.sends(format!("{answer}\n"))?;
        client
            .prints(&answer)
            .hint("print what the server answered, as it came")?;
    }
    leaves_the_text_alone(bench, client, peer)
}

/// What stands at the ends of a line stays there, and what is not ASCII stays what it is, in both directions.
pub(super) fn leaves_the_text_alone<L: Link>(bench: &mut Bench, client: &Running, peer: &mut Peer<L>) -> Step {
    let line = format!(" \té 你 {}  ", bench.words.line());
    client.types(&line)?;
    peer.receives_line(&line).hint(SEND_IT_AS_TYPED)?;
    let reply = format!("  {} é\t ", bench.words.line());
    peer.sends(format!("{reply}\n"))?;
    client.prints(&reply).hint(PRINT_IT_AS_IT_CAME)
}

/// The program, which has had the time for it, has sent nothing that no step asked for.
pub(super) fn keeps_silent<L: Link>(program: &Running, peer: &mut Peer<L>) -> Step {
    program.comes_to_rest()?;
    peer.hears_nothing_yet()
}

/// Four pieces of a line that holds `你`, which is cut after its second byte.
pub(super) fn in_four_pieces(line: &str) -> [&[u8]; 4] {
    let inside = line.find('你').unwrap_or_default() + 2;
    let (head, tail) = line.as_bytes().split_at(inside);
    [&head[..2], &head[2..], &tail[..1], &tail[1..]]
}

/// The quit word comes, as it was typed or bare, and end-of-file behind it.
pub(super) fn receives_the_quit_word<L: Link>(peer: &mut Peer<L>) -> Step {
    let said = peer.receives_all()?;
    let word = said.strip_suffix(b"\n").unwrap_or_default();
    if word.contains(&b'\n') || !word.trim_ascii().eq_ignore_ascii_case(b"q") {
        return Finding::new(
            Kind::WrongBytes,
            "the program did not send the quit word, and nothing behind it",
        )
        .expected("`Q`, with or without the white space around it, and a newline")
        .actual(quoted(&said))
        .stop();
    }
    peer.receives_end()
}

/// client/split-reply
pub(super) fn split_reply(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    let (line, typed_ahead) = (bench.words.line(), bench.words.line());
    client.types(&line)?;
    peer.receives_line(&line)?;
    client.types(&typed_ahead)?;
    keeps_silent(&client, &mut peer).hint(AWAIT_THE_REPLY)?;
    let reply = format!("{} 你 {}", bench.words.line(), bench.words.word());
    for piece in in_four_pieces(&reply) {
        peer.dribbles(&[piece]).hint(A_LINE_ENDS_AT_ITS_NEWLINE)?;
        keeps_silent(&client, &mut peer).hint(A_LINE_ENDS_AT_ITS_NEWLINE)?;
    }
    peer.sends("\n")?;
    client.prints(&reply).hint(DECODE_WHOLE_LINES)?;
    peer.receives_line(&typed_ahead)
}

/// client/glued-replies
pub(super) fn glued_replies(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    let (first, second) = (bench.words.line(), bench.words.line());
    let (this, next) = (bench.words.line(), bench.words.line());
    client.types(&first)?;
    peer.receives_line(&first)?;
    peer.sends(format!("{this}\n{next}\n"))?;
    client.prints(&this).hint(KEEP_WHAT_CAME_TOO_EARLY)?;
    client.comes_to_rest()?;
    client.has_printed_no_more().hint(ONE_LINE_A_TURN)?;
    client.types(&second)?;
    peer.receives_line(&second)?;
    client.prints(&next).hint(KEEP_WHAT_CAME_TOO_EARLY)
}

/// client/quits
pub(super) fn client_quits(bench: &mut Bench) -> Step {
    quits(bench, connected_client)
}

/// `Q` is sent, and ends the client.
pub(super) fn quits<L: Link>(bench: &mut Bench, comes: Comes<L>) -> Step {
    let (client, mut peer) = comes(bench)?;
    client_takes_a_turn(bench, &client, &mut peer)?;
    client.types("Q")?;
    peer.receives_line("Q")
        .hint("the quit word is sent too: the server learns from it that the chat is over")?;
    // Its stdin and the connection stay open: only the quit word can end it.
    client.exits(0).hint(QUIT_ENDS)?;
    peer.receives_end()
}

/// client/end-of-input
pub(super) fn client_end_of_input(bench: &mut Bench) -> Step {
    input_ends(bench, connected_client)
}

/// The end of stdin means `Q`, also behind a last line that has no newline.
pub(super) fn input_ends<L: Link>(bench: &mut Bench, comes: Comes<L>) -> Step {
    let (silent, mut peer) = comes(bench)?;
    silent.ends_input()?;
    peer.receives_line("Q").hint(THE_END_OF_STDIN_IS_Q)?;
    peer.receives_end().hint(QUIT_ENDS)?;
    silent.exits(0)?;

    let (client, mut peer) = comes(bench)?;
    let (last_line, reply) = (bench.words.line(), bench.words.line());
    client.types_raw(last_line.as_bytes())?;
    client.ends_input()?;
    peer.receives_line(&last_line).hint(A_LAST_LINE_IS_A_LINE)?;
    keeps_silent(&client, &mut peer).hint(AWAIT_THE_REPLY)?;
    peer.sends(format!("{reply}\n"))?;
    client.prints(&reply).hint(AWAIT_THE_REPLY)?;
    peer.receives_line("Q").hint(THE_END_OF_STDIN_IS_Q)?;
    peer.receives_end().hint(QUIT_ENDS)?;
    client.exits(0)
}

/// client/skips-empty-lines
pub(super) fn client_skips_empty_lines(bench: &mut Bench) -> Step {
    empty_lines_are_skipped(bench, connected_client)
}

/// Empty lines are not sent; an empty reply is printed.
pub(super) fn empty_lines_are_skipped<L: Link>(bench: &mut Bench, comes: Comes<L>) -> Step {
    let (client, mut peer) = comes(bench)?;
    let (first, second) = (bench.words.line(), bench.words.line());
    client.types_raw(format!("\n \t \n\r\n{first}\n").as_bytes())?;
    peer.receives_line(&first).hint(SKIP_EMPTY_LINES)?;
    peer.sends("\n")?;
    client
        .prints("")
        .hint("an empty line from the other side is a reply like any other: print it")?;
    client.types_raw(format!("\n{second}\n").as_bytes())?;
    peer.receives_line(&second).hint(SKIP_EMPTY_LINES)
}
