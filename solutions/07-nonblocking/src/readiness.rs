//! Waiting for several things at once, and asking without waiting.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollTimeout, poll};

// ANCHOR: unless
/// `None` if the call would have had to wait. On a non-blocking socket that is no failure: there
/// is nothing to read yet, or no room to write.
pub fn unless_it_would_block<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}
// ANCHOR_END: unless

// ANCHOR: wait
/// Sleeps until something happens to one of `fds`, or until a moment has come. Then it says for
/// each of them whether something has happened to it.
pub fn wait(fds: &mut [PollFd<'_>], until: Option<Instant>) -> io::Result<Vec<bool>> {
    match poll(fds, until.map_or(PollTimeout::NONE, timeout)) {
        // A signal woke us. What has happened will be said the next time.
        Err(Errno::EINTR) => return Ok(vec![false; fds.len()]),
        Err(errno) => return Err(errno.into()),
        Ok(_how_many) => {}
    }
    // Besides what it was asked for, `poll` tells of a connection that is lost (`POLLERR`) or has
    // ended in both directions (`POLLHUP`). It does so at once, and again each time, until that
    // socket is closed. So whatever it tells is a reason to look: the next read or write says what
    // it is.
    Ok(fds.iter().map(|fd| fd.any() != Some(false)).collect())
}

/// `poll` counts in milliseconds. Rounded down, the last one would be a loop that does not sleep.
fn timeout(until: Instant) -> PollTimeout {
    let left = until.saturating_duration_since(Instant::now());
    PollTimeout::try_from(left + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX)
}
// ANCHOR_END: wait
