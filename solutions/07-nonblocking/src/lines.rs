//! Cuts bytes into lines, in whatever pieces they come.
//!
//! `solution02::line::read` waits until a line is whole. Here nobody waits: what has come so far
//! is kept until the rest comes.

use std::fmt;

/// How many bytes a line has at most, up to its newline. Without a limit one peer that never
/// sends a newline could take all the memory.
pub const LONGEST_LINE: usize = 65_536;

/// The bytes that have come and are not yet taken out as lines.
#[derive(Default)]
pub struct Lines {
    bytes: Vec<u8>,
    /// so many bytes have been taken out as lines
    taken: usize,
    /// and in so many there is no further newline: else a line that comes in single bytes would
    /// be searched from its start for each of them
    searched: usize,
}

impl Lines {
    // ANCHOR: next
    pub fn push(&mut self, bytes: &[u8]) {
        // What is left moves to the front once for each push. To move it for each line would take
        // most of the time that there is, when a thousand short lines come at once.
        self.bytes.drain(..self.taken);
        self.searched -= self.taken;
        self.taken = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next line, without its end; `None` until it is whole.
    pub fn next_line(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        let newline = self.bytes[self.searched..].iter().position(|byte| *byte == b'\n');
        let end = newline.map_or(self.bytes.len(), |at| self.searched + at);
        // Whole or not: so many bytes without a newline are too many.
        if end - self.taken > LONGEST_LINE {
            return Err(TooLong);
        }
        if newline.is_none() {
            self.searched = end;
            return Ok(None);
        }

        let line = &self.bytes[self.taken..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        self.taken = end + 1;
        self.searched = self.taken;
        Ok(Some(line))
    }
    // ANCHOR_END: next

    /// What is left at end-of-file, when all lines have been taken: a last line may have no
    /// newline.
    pub fn last_line(&mut self) -> Option<Vec<u8>> {
        let line = self.bytes.split_off(self.taken);
        self.clear();
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
    fn lines_may_be_taken_out_later_than_the_next_bytes_come() {
        let mut lines = Lines::default();
        lines.push(b"one\ntwo\nth");
        assert_eq!(lines.next_line(), Ok(Some(b"one".to_vec())));
        lines.push(b"ree\n");
        assert_eq!(lines.next_line(), Ok(Some(b"two".to_vec())));
        assert_eq!(lines.next_line(), Ok(Some(b"three".to_vec())));
        assert_eq!(lines.next_line(), Ok(None));
        assert_eq!(lines.last_line(), None);
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
