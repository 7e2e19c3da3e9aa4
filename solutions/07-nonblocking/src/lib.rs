//! Lesson 7: one thread that serves many, because it waits for all of them at once.

pub mod client;
pub mod connection;
pub mod conversation;
pub mod lines;
pub mod outgoing;
pub mod readiness;
pub mod server;

/// How much one call reads, at most: whoever talks without a pause gets no more than this before
/// the others have their turn.
const CHUNK: usize = 64 * 1024;

/// Beyond this many bytes that the other side has not taken, nothing more is read that would add
/// to them.
const PENDING_LIMIT: usize = 256 * 1024;
