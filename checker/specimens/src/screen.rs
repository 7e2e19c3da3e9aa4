//! Standard output: whole lines, each flushed as it is printed.

use std::io::{self, BufWriter, Write};

use crate::args::Role;
use specimens::Flaw;

pub(crate) struct Screen(Box<dyn Write>);

impl Screen {
    pub(crate) fn new(role: Role, flaw: Flaw) -> Screen {
        match (role, flaw) {
            // What a C library, Python and others do when stdout is a pipe: all of it comes at the end.
            (Role::Server, Flaw::ReadyLineNotFlushed) | (Role::Client, Flaw::NeverFlushes) => {
                Screen(Box::new(BufWriter::with_capacity(1 << 20, io::stdout())))
            }
            _ => Screen(Box::new(io::stdout())),
        }
    }

    /// Prints what came from the other side as it came; what is no UTF-8 shows as U+FFFD.
    pub(crate) fn line(&mut self, bytes: &[u8]) -> io::Result<()> {
        writeln!(self.0, "{}", String::from_utf8_lossy(bytes))
    }
}
