//! Standard output: whole lines, each flushed as it is printed.

use std::io::{self, BufWriter, Write};

use crate::args::Role;
use specimens::Flaw;

pub(crate) struct Screen {
    stdout: Box<dyn Write>,
    trims: bool,
}

impl Screen {
    pub(crate) fn new(role: Role, flaw: Flaw) -> Screen {
        let stdout: Box<dyn Write> = match (role, flaw) {
            // What a C library, Python and others do when stdout is a pipe: all of it comes at the end.
            (Role::Server, Flaw::ReadyLineNotFlushed) | (Role::Client, Flaw::NeverFlushes) => {
                Box::new(BufWriter::with_capacity(1 << 20, io::stdout()))
            }
            _ => Box::new(io::stdout()),
        };
        let trims = role == Role::Client && flaw == Flaw::TrimsWhatItPrints;
        Screen { stdout, trims }
    }

    /// Prints what came from the other side as it came; what is no UTF-8 shows as U+FFFD.
    pub(crate) fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        let text = if self.trims { text.trim() } else { &text };
        writeln!(self.stdout, "{text}")
    }
}
