//! A socket as lines. Right: one buffered reader for the whole conversation, and bytes until it is
//! known where the line ends.

use std::io::{self, BufRead, BufReader, Read};

use specimens::Flaw;

pub(crate) struct Lines<R> {
    reader: BufReader<R>,
    /// What `decodes-each-chunk` has decoded and not yet handed out.
    decoded: String,
    flaw: Flaw,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(stream: R, flaw: Flaw) -> Lines<R> {
        Lines {
            reader: BufReader::new(stream),
            decoded: String::new(),
            flaw,
        }
    }

    /// The next line without its end, or `None` at end-of-file.
    pub(crate) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.read_into(&mut line)?;
        self.finish(line)
    }

    /// The next line into `line`; what has come before an error stays there.
    pub(crate) fn read_into(&mut self, line: &mut Vec<u8>) -> io::Result<usize> {
        match self.flaw {
            Flaw::ReadsOnce => self.read_once(line),
            Flaw::DecodesEachChunk => self.read_and_decode(line),
            Flaw::NewBufreaderALine => BufReader::new(self.reader.get_mut()).read_until(b'\n', line),
            Flaw::LineLimit1024 => self.reader.by_ref().take(1024).read_until(b'\n', line),
            Flaw::EndsAtBadUtf8 => {
                let mut text = String::new();
                let got = self.reader.read_line(&mut text)?;
                line.extend(text.into_bytes());
                Ok(got)
            }
            Flaw::PanicsAtBadUtf8 => {
                let got = self.reader.read_until(b'\n', line)?;
                str::from_utf8(line).unwrap();
                Ok(got)
            }
            _ => self.reader.read_until(b'\n', line),
        }
    }

    /// Takes the line's end off; nothing at all is end-of-file.
    pub(crate) fn finish(&self, mut line: Vec<u8>) -> io::Result<Option<Vec<u8>>> {
        if line.is_empty() {
            return Ok(match self.flaw {
                Flaw::EndOfFileIsAnEmptyLine => Some(line),
                _ => None,
            });
        }
        if line.ends_with(b"\n") {
            line.pop();
            if line.ends_with(b"\r") && self.flaw != Flaw::KeepsTheCr {
                line.pop();
            }
        } else if self.flaw == Flaw::DropsHalfLine {
            return Ok(None);
        }
        Ok(Some(line))
    }

    fn read_once(&mut self, line: &mut Vec<u8>) -> io::Result<usize> {
        let mut buffer = [0; 1024];
        let got = self.reader.get_mut().read(&mut buffer)?;
        line.extend_from_slice(&buffer[..got]);
        Ok(got)
    }

    fn read_and_decode(&mut self, line: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            if let Some(end) = self.decoded.find('\n') {
                line.extend(self.decoded.drain(..=end).collect::<String>().bytes());
                return Ok(line.len());
            }
            let mut chunk = vec![0; 64 * 1024];
            let got = self.reader.get_mut().read(&mut chunk)?;
            if got == 0 {
                line.extend(std::mem::take(&mut self.decoded).bytes());
                return Ok(line.len());
            }
            self.decoded.push_str(&String::from_utf8_lossy(&chunk[..got]));
        }
    }
}
