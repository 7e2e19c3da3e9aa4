//! What goes to stdout.

use std::io::{self, Write};

use anyhow::{Context, Result};

/// The report goes to stdout; a reader that went away (`| head`) is no trouble of ours.
pub(super) fn say(text: &str) -> Result<()> {
    say_bytes(text.as_bytes())
}

pub(super) fn say_bytes(text: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("failed to write the report to stdout")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
