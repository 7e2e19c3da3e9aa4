//! What a line is, how it is read and sent, and which line is the quit word.
//!
//! Lines are bytes. They become text only when they are printed: until the whole line is in
//! hand, a character may be cut in two.

use std::io::{self, BufRead, Write};

use anyhow::{Context, Result};

// ANCHOR: read
/// The next line, without its end; `None` at end-of-file.
///
/// What `from` has read beyond the line stays in its buffer. So there must be one `from` for a
/// whole conversation: a new one for each line would lose the lines in the old one's buffer.
pub fn read(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    // Reads as often as it takes to come to a newline, or to end-of-file.
    if from.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    // A last line may have no newline.
    if line.ends_with(b"\n") {
        line.pop();
        if line.ends_with(b"\r") {
            line.pop();
        }
    }
    Ok(Some(line))
}
// ANCHOR_END: read

// ANCHOR: send
/// Sends a line and its end, as one piece: two writes could leave in two segments, and the
/// second would wait until the first has been acknowledged (Nagle's algorithm).
pub fn send(mut to: impl Write, line: &[u8]) -> io::Result<()> {
    to.write_all(&[line, b"\n"].concat())
}
// ANCHOR_END: send

// ANCHOR: next_typed
/// The next line that is worth sending. At the end of stdin it is the quit word.
pub fn next_typed(stdin: &mut impl BufRead) -> Result<Vec<u8>> {
    loop {
        match read(stdin).context("cannot read stdin")? {
            Some(line) if is_blank(&line) => {}
            Some(line) => return Ok(line),
            None => return Ok(b"Q".to_vec()),
        }
    }
}
// ANCHOR_END: next_typed

// ANCHOR: quit
/// Is this the quit word, alone on its line?
pub fn is_quit(line: &[u8]) -> bool {
    matches!(without_white_space(line), b"q" | b"Q")
}

/// Is there nothing on this line but white space?
pub fn is_blank(line: &[u8]) -> bool {
    without_white_space(line).is_empty()
}

fn without_white_space(mut line: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\r', rest @ ..] = line {
        line = rest;
    }
    while let [rest @ .., b' ' | b'\t' | b'\r'] = line {
        line = rest;
    }
    line
}
// ANCHOR_END: quit

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(mut input: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        while let Some(line) = read(&mut input).expect("bytes in memory can be read") {
            lines.push(line);
        }
        lines
    }

    #[test]
    fn a_line_ends_at_a_newline_or_at_end_of_file() {
        assert_eq!(lines(b"one\ntwo\n"), [b"one", b"two"]);
        assert_eq!(lines(b"one\ntwo"), [b"one", b"two"]);
        assert_eq!(lines(b"\n\n"), [b"", b""]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn only_a_carriage_return_before_the_newline_belongs_to_its_end() {
        assert_eq!(lines(b"a\r\nb\r\r\n\rc\nd\r"), [&b"a"[..], b"b\r", b"\rc", b"d\r"]);
    }

    #[test]
    fn the_quit_word_stands_alone() {
        for quit in ["q", "Q", " q", "Q ", "\t Q \r"] {
            assert!(is_quit(quit.as_bytes()), "{quit:?}");
        }
        for text in ["", " ", "quit", "qq", "q!", "q q", "\u{3000}q", "q\u{c}"] {
            assert!(!is_quit(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn blank_is_empty_or_white_space() {
        for blank in ["", " ", " \t\r"] {
            assert!(is_blank(blank.as_bytes()), "{blank:?}");
        }
        for text in ["x", " x ", "\u{3000}", "\0"] {
            assert!(!is_blank(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn blank_lines_are_not_worth_sending_and_the_end_of_stdin_quits() {
        let mut stdin: &[u8] = b"\n  \n hello \n\t";
        assert_eq!(next_typed(&mut stdin).expect("a line"), b" hello ");
        assert_eq!(next_typed(&mut stdin).expect("the end"), b"Q");
        assert_eq!(next_typed(&mut stdin).expect("still the end"), b"Q");
    }
}
