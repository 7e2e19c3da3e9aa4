//! Lesson 7: one thread that serves many, because it waits for all of them at once.

pub mod client;
pub mod conversation;
pub mod lines;
pub mod server;

use std::io::{self, ErrorKind};

/// How much one call reads, at most: whoever talks without a pause gets no more than this before
/// the others have their turn.
const CHUNK: usize = 64 * 1024;

/// Beyond this many bytes that the other side has not taken, nothing more is read that would add
/// to them.
const PENDING_LIMIT: usize = 256 * 1024;

// ANCHOR: not_now
/// `None` if the call would have had to wait. On a non-blocking socket that is no failure: there
/// is nothing to read yet, or no room to write.
fn unless_it_would_block<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(done) => Ok(Some(done)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}
// ANCHOR_END: not_now
