//! What came, cut into lines. Right: bytes wait until their newline has come, and one chunk may hold many lines.

use std::io::BufRead;

use specimens::Flaw;

#[derive(Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    /// How many of them were handed out.
    taken: usize,
    /// Lines handed out since the last chunk.
    lines: usize,
    /// The first line of all was whole.
    began: bool,
}

impl Incoming {
    pub(super) fn push(&mut self, chunk: &[u8], flaw: Flaw) {
        self.bytes.drain(..self.taken);
        self.taken = 0;
        self.lines = 0;
        match flaw {
            Flaw::DecodesEachChunk => self.bytes.extend(String::from_utf8_lossy(chunk).bytes()),
            _ => self.bytes.extend_from_slice(chunk),
        }
        if flaw == Flaw::ReadsOnce && !self.bytes.ends_with(b"\n") {
            self.bytes.push(b'\n');
        }
    }

    /// The next whole line without its newline.
    pub(super) fn next(&mut self, flaw: Flaw) -> Option<Vec<u8>> {
        match flaw {
            Flaw::OneLineATurn if self.lines > 0 => return None,
            Flaw::OneLineAChunk if self.lines > 0 => {
                self.taken = self.bytes.len();
                return None;
            }
            _ => {}
        }
        let mut line = Vec::new();
        (&self.bytes[self.taken..]).read_until(b'\n', &mut line).ok()?;
        line.pop_if(|last| *last == b'\n')?;
        self.taken += line.len() + 1;
        self.lines += 1;
        self.began = true;
        Some(line)
    }

    /// What end-of-file has made the last line.
    pub(super) fn last(&mut self, flaw: Flaw) -> Option<Vec<u8>> {
        let line = self.bytes.split_off(self.taken);
        (!line.is_empty() && flaw != Flaw::DropsHalfLine).then_some(line)
    }

    pub(super) fn is_inside_the_first_line(&self) -> bool {
        !self.began && !self.bytes.is_empty()
    }

    /// How long the line is of which no end has come.
    pub(super) fn half_line(&self) -> usize {
        self.bytes.len() - self.taken
    }
}

/// A line's text: what stands before its end, of which a `\r` may be a part.
pub(super) fn text(mut line: Vec<u8>, flaw: Flaw) -> Vec<u8> {
    if flaw != Flaw::KeepsTheCr {
        line.pop_if(|last| *last == b'\r');
    }
    line
}
