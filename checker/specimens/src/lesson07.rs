//! Lesson 7, non-blocking IO: many clients at once in one thread, and a client that listens to both sides at once.

mod blocking;
mod client;
mod incoming;
mod server;

pub(crate) use client::client;
pub(crate) use server::server;

/// A longer line closes its client. A `\r` counts.
const LONGEST_LINE: usize = 65_536;

/// What one read takes at most.
const CHUNK: usize = 16 * 1024;
