//! Lesson 5: a message says how long it is, and the stream may be cut wherever it likes.

pub mod client;
pub mod frame;
pub mod server;
