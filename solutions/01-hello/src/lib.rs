//! Lesson 1: each direction of a connection carries one message, and end-of-file ends it.

pub mod client;
pub mod server;

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::{Context, Result};

// ANCHOR: print_line
/// Prints a line that whoever reads our stdout sees at once, also through a pipe.
///
/// `println!` would panic if nobody reads stdout any more; this is an error like any other.
pub fn print_line(line: impl Display) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .context("cannot print to stdout")
}
// ANCHOR_END: print_line
