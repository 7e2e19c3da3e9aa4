//! A client process of its own for lesson 6, so that the kernel names a pid that is not the checker's: it connects to a path and carries
//! its stdin there and what comes back to its stdout. The checker starts itself for it, with this hidden command.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result};

/// Connects and carries bytes both ways; ends when the other side does.
///
/// # Errors
/// Nobody listens at the path, or a copy failed.
pub fn run(path: &Path) -> Result<()> {
    let stream = UnixStream::connect(path).with_context(|| format!("failed to connect to `{}`", path.display()))?;
    let (mut to, mut from) = (stream.try_clone()?, stream);
    std::thread::spawn(move || {
        // The other side may be gone first; then nothing is left to be carried.
        let _ = carry(&mut io::stdin().lock(), &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    carry(&mut from, &mut io::stdout().lock())?;
    Ok(())
}

/// Copies until end-of-file. Not `io::copy`: between a socket and a pipe it takes splice(2), which keeps the pipe locked while it waits for
/// the socket, so that whoever reads the pipe is blocked in the kernel, non-blocking or not.
fn carry(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let bytes = match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(n) => &buffer[..n],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        to.write_all(bytes)?;
        to.flush()?;
    }
}
