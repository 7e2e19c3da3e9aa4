//! One file per lesson: a const table of checks, and one short function for each.

pub mod auth;
mod chat;
mod every;
mod frames;
pub mod framing;
pub mod hello;
mod leaks;
mod log;
pub mod nonblocking;
pub mod quit;
pub mod serial;
mod shouting;
pub mod udp;
pub mod unix;
