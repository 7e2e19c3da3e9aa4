//! Lesson 2: messages are lines, and a conversation has an end that both sides know.

pub mod client;
pub mod line;
pub mod server;
