//! Lines of standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::AsFd;

use crate::words::{is_blank, trim};
use specimens::Flaw;

pub(crate) struct Typed {
    input: BufReader<File>,
    flaw: Flaw,
}

impl Typed {
    pub(crate) fn new(flaw: Flaw) -> io::Result<Typed> {
        Ok(Typed {
            input: BufReader::new(stdin()?),
            flaw,
        })
    }

    /// Reads all of standard input before the first line is handed out.
    pub(crate) fn read_to_the_end(&mut self) -> io::Result<()> {
        let mut all = Vec::new();
        self.input.read_to_end(&mut all)?;
        let (read_end, mut write_end) = io::pipe()?;
        std::thread::spawn(move || io::Write::write_all(&mut write_end, &all));
        self.input = BufReader::new(File::from(std::os::fd::OwnedFd::from(read_end)));
        Ok(())
    }

    /// The next line that is to be sent, without its newline, or `None` at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.flaw == Flaw::NewStdinReaderALine {
            self.input = BufReader::new(stdin()?);
        }
        loop {
            let Some(line) = self.any()? else {
                if self.flaw == Flaw::EndOfInputIsAnEmptyLine {
                    continue;
                }
                return Ok(None);
            };
            let skipped = match self.flaw {
                Flaw::SendsBlankLines => false,
                Flaw::SendsWhiteSpace => line.is_empty(),
                _ => is_blank(&line),
            };
            if !skipped {
                return Ok(Some(match self.flaw {
                    Flaw::TrimsWhatItSends => trim(&line).to_vec(),
                    Flaw::SendsAsciiAlone => line.iter().map(|b| if b.is_ascii() { *b } else { b'?' }).collect(),
                    _ => line,
                }));
            }
        }
    }

    /// Waits until there is a line, or the end; nothing is taken.
    pub(crate) fn wait(&mut self) -> io::Result<()> {
        self.input.fill_buf().map(drop)
    }

    /// The next line, blank or not.
    pub(crate) fn any(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let got = if self.flaw == Flaw::StdinLimit4096 {
            self.input.by_ref().take(4096).read_until(b'\n', &mut line)
        } else {
            self.input.read_until(b'\n', &mut line)
        };
        if got? == 0 {
            return Ok(None);
        }
        if line.ends_with(b"\n") {
            line.pop();
        } else if self.flaw == Flaw::DropsTheUnendedLine {
            return Ok(None);
        }
        Ok(Some(line))
    }
}

fn stdin() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}
