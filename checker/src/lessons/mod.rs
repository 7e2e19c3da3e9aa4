//! One file per lesson: a const table of checks, and one short function for each.

mod chat;
mod every;
pub mod hello;
pub mod quit;
pub mod serial;
pub mod udp;
