//! What the client of lesson 5 must do. Its stdin has ended before anything is expected of it: a program may read all of it first.

use super::{KEEP_WHAT_IS_BUFFERED, READ_EXACTLY};
use crate::bench::{Bench, Running, TcpPeer};
use crate::lessons::frames::{LIMIT, frame, header};
use crate::verdict::{Hint, Step};

pub(super) const PRINT_EACH_ANSWER: &str =
    "print the payload of each answer, and of nothing else, as one line, an empty one too";
const A_FRAME_FOR_EACH_LINE: &str =
    "send each line, as it is typed but without its newline, behind a header of 4 bytes, the most significant first";
const DO_NOT_WAIT: &str = "send every line without waiting for answers: they are read beside it, or afterwards";
const AN_EMPTY_LINE_TOO: &str =
    "an empty line is a frame like any other, with N = 0; one of white space holds that white space";
const NO_QUIT_WORD: &str =
    "there is no quit word here: `Q` is a line like any other, and the end of stdin ends the client";
const CRLF_ENDS_A_LINE: &str = "a `\\r` right before the `\\n` belongs to the end of the line, not to its text";
const A_LAST_LINE_IS_A_LINE: &str =
    "a last line that the end of stdin ends in place of a newline is a line too, as it was typed: send it";
const SHUT_DOWN: &str = "the server learns from end-of-file that you have no more to say: shut down the sending direction (`Shutdown::Write`) at the end of \
     stdin, and go on reading";
const BYTES_ARE_NOT_ALWAYS_TEXT: &str =
    "what comes from a network is bytes, not always text: `String::from_utf8_lossy` shows the rest as U+FFFD";
const THE_SERVER_ENDS_IT: &str =
    "don't count: read and print answers until end-of-file, which is how the server says that there are no more";
const AN_ANSWER_IS_NO_GOODBYE: &str =
    "there is no quit word here: an answer that holds `q` is printed like any other, and end-of-file ends the client";
const CUT_OFF_IS_A_FAILURE: &str = "end-of-file between two answers is a proper end; inside one (a part of its header, or less than N bytes) it is a failure: \
     a message on stderr, and a non-zero exit code";
const TOO_LARGE_IS_A_FAILURE: &str = "more than 1,048,576 bytes are not allowed, and the header tells (read N as unsigned): fail at once, with a message on \
     stderr, without waiting for the payload";

/// client/frames-its-lines
pub(super) fn frames_its_lines(bench: &mut Bench) -> Step {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let lines = [
        (bench.words.line(), A_FRAME_FOR_EACH_LINE),
        (bench.words.line(), DO_NOT_WAIT),
        (String::new(), AN_EMPTY_LINE_TOO),
        ("Q".to_owned(), NO_QUIT_WORD),
        (format!("  你好 {}\t ", bench.words.word()), A_FRAME_FOR_EACH_LINE),
        (" \t".to_owned(), AN_EMPTY_LINE_TOO),
        (" q ".to_owned(), NO_QUIT_WORD),
        // More than two bytes can count.
        (bench.words.letters(70_000), A_FRAME_FOR_EACH_LINE),
    ];
    for (line, _) in &lines {
        client.types(line)?;
    }
    let (crlf, last) = (bench.words.line(), bench.words.word());
    client.types_raw(format!("{crlf}\r\n{last}").as_bytes())?;
    client.ends_input()?;

    let mut peer = host.accept(&client)?;
    for (line, hint) in &lines {
        peer.receives(frame(line)).hint(hint)?;
    }
    peer.receives(frame(crlf)).hint(CRLF_ENDS_A_LINE)?;
    peer.receives(frame(last)).hint(A_LAST_LINE_IS_A_LINE)?;
    peer.receives_end().hint(SHUT_DOWN)?;
    peer.closes()?;
    client.exits(0)
}

/// client/glued-answers
pub(super) fn glued_answers(bench: &mut Bench) -> Step {
    let (client, mut peer) = client_with_lines(bench, 3)?;
    let answers = [bench.words.line(), String::new(), bench.words.line()];
    peer.sends(answers.each_ref().map(frame).concat())?;
    peer.shuts_down()?;
    for answer in &answers {
        client.prints(answer).hint(KEEP_WHAT_IS_BUFFERED)?;
    }
    client.exits(0)
}

/// client/dribbled-answers
pub(super) fn dribbled_answers(bench: &mut Bench) -> Step {
    let (client, mut peer) = client_with_lines(bench, 1)?;
    let answer = format!("{} 你好", bench.words.line());
    let whole = frame(&answer);
    let single: Vec<&[u8]> = whole.chunks(1).collect();
    peer.dribbles_to(&client, &single).hint(READ_EXACTLY)?;
    peer.shuts_down()?;
    client.prints(&answer).hint(READ_EXACTLY)?;
    client.exits(0)
}

/// client/binary-answer
pub(super) fn binary_answer(bench: &mut Bench) -> Step {
    let (client, mut peer) = client_with_lines(bench, 1)?;
    let (one, two) = (bench.words.word(), bench.words.word());
    let answer = [one.as_bytes(), b"\xff\xfe", two.as_bytes(), b"\xe4\xbd"].concat();
    peer.sends(frame(&answer))?;
    peer.shuts_down()?;
    client.prints_bytes(&answer).hint(BYTES_ARE_NOT_ALWAYS_TEXT)?;
    client.exits(0)
}

/// client/reads-to-the-end
pub(super) fn reads_to_the_end(bench: &mut Bench) -> Step {
    let (client, mut peer) = client_with_lines(bench, 1)?;
    let answers = [bench.words.line(), bench.words.line(), bench.words.line()];
    // Who counts has read enough when the second comes.
    for answer in &answers {
        peer.dribbles_to(&client, &[frame(answer)]).hint(THE_SERVER_ENDS_IT)?;
    }
    peer.shuts_down()?;
    for answer in &answers {
        client.prints(answer).hint(THE_SERVER_ENDS_IT)?;
    }
    client.exits(0)?;

    let (client, mut peer) = client_with_lines(bench, 1)?;
    let answers = ["q", "Q", &bench.words.line()].map(str::to_owned);
    for answer in &answers {
        peer.dribbles_to(&client, &[frame(answer)])
            .hint(AN_ANSWER_IS_NO_GOODBYE)?;
    }
    peer.shuts_down()?;
    for answer in &answers {
        client.prints(answer).hint(AN_ANSWER_IS_NO_GOODBYE)?;
    }
    client.exits(0)
}

/// client/truncated-answer
pub(super) fn truncated_answer(bench: &mut Bench) -> Step {
    let whole = frame(bench.words.line());
    let inside_its_header = bench.words.between(1, 3);
    let almost_whole = whole.len() - bench.words.between(1, 3);
    for cut in [inside_its_header, almost_whole] {
        let (client, mut peer) = client_with_lines(bench, 1)?;
        peer.sends(&whole[..cut])?;
        peer.shuts_down()?;
        client.fails().hint(CUT_OFF_IS_A_FAILURE)?;
    }
    Ok(())
}

/// client/too-large-answer
pub(super) fn too_large_answer(bench: &mut Bench) -> Step {
    for length in [LIMIT + 1, u32::MAX] {
        let (client, mut peer) = client_with_lines(bench, 1)?;
        peer.sends(header(length))?;
        // The connection stays open: no end-of-file takes the decision from it.
        client.fails().hint(TOO_LARGE_IS_A_FAILURE)?;
    }
    Ok(())
}

/// A client that was given so many lines and has sent them; what exactly it sent is for `client/frames-its-lines` to judge.
fn client_with_lines(bench: &mut Bench, lines: usize) -> Step<(Running, TcpPeer)> {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let mut sent = 0;
    for _ in 0..lines {
        let line = bench.words.line();
        client.types(&line)?;
        sent += frame(line).len();
    }
    client.ends_input()?;
    let mut peer = host.accept(&client)?;
    peer.takes(sent).hint(DO_NOT_WAIT)?;
    Ok((client, peer))
}
