//! Cuts bytes into lines, in whatever pieces they come.
//!
//! `solution02::line::read` waits until a line is whole. Here nobody waits: what has come so far
//! is kept until the rest comes.

use std::collections::VecDeque;
use std::fmt;

/// How many bytes a line has at most, up to its newline. Without a limit one peer that never
/// sends a newline could take all the memory.
pub const LONGEST_LINE: usize = 65_536;

/// The bytes that have come and are not yet taken out as lines.
#[derive(Default)]
pub struct Lines {
    bytes: VecDeque<u8>,
    /// so many of them are known to hold no newline: else a line that comes in single bytes
    /// would be searched from its start for each of them
    searched: usize,
}

impl Lines {
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    // ANCHOR: next
    /// The next line, without its end; `None` until it is whole.
    pub fn next_line(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        let unsearched = self.bytes.range(self.searched..);
        let newline = unsearched.enumerate().find(|(_, byte)| **byte == b'\n');
        let length = newline.map_or(self.bytes.len(), |(at, _)| self.searched + at);
        // Whole or not: so many bytes without a newline are too many.
        if length > LONGEST_LINE {
            return Err(TooLong);
        }
        if newline.is_none() {
            self.searched = length;
            return Ok(None);
        }

        let mut line: Vec<u8> = self.bytes.drain(..length).collect();
        self.bytes.pop_front();
        self.searched = 0;
        if line.ends_with(b"\r") {
            line.pop();
        }
        Ok(Some(line))
    }
    // ANCHOR_END: next

    /// What is left at end-of-file, when all lines have been taken: a last line may have no
    /// newline.
    pub fn last_line(&mut self) -> Option<Vec<u8>> {
        self.searched = 0;
        let line: Vec<u8> = self.bytes.drain(..).collect();
        (!line.is_empty()).then_some(line)
    }

    pub fn clear(&mut self) {
        *self = Lines::default();
    }
}

/// No newline within the first [`LONGEST_LINE`] bytes and one.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a line is longer than {LONGEST_LINE} bytes")
    }
}

impl std::error::Error for TooLong {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes one piece after another, and takes the lines out in between.
    fn lines_in<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Vec<u8>> {
        let mut lines = Lines::default();
        let mut taken = Vec::new();
        for piece in pieces {
            lines.push(piece);
            while let Some(line) = lines.next_line().expect("short lines") {
                taken.push(line);
            }
        }
        taken.extend(lines.last_line());
        taken
    }

    #[test]
    fn the_pieces_make_no_difference() {
        let bytes = "one\r\n\n你好\na\rb\r\r\nlast\r".as_bytes();
        let whole = lines_in([bytes]);
        assert_eq!(whole, [b"one", &b""[..], "你好".as_bytes(), b"a\rb\r", b"last\r"]);
        for size in 1..bytes.len() {
            assert_eq!(lines_in(bytes.chunks(size)), whole, "pieces of {size}");
        }
    }

    #[test]
    fn the_limit_counts_what_stands_before_the_newline() {
        let longest = [vec![b'x'; LONGEST_LINE - 1], b"\r\n".to_vec()].concat();
        assert_eq!(lines_in([&longest[..]]), [&longest[..LONGEST_LINE - 1]]);

        for end in ["", "\n", "\r\n"] {
            let mut lines = Lines::default();
            lines.push(&vec![b'x'; LONGEST_LINE]);
            assert_eq!(lines.next_line(), Ok(None));
            let one_more = if end == "\r\n" { "" } else { "x" };
            lines.push(format!("{one_more}{end}").as_bytes());
            assert_eq!(lines.next_line(), Err(TooLong), "ended by {end:?}");
        }
    }
}
