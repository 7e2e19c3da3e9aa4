//! Lesson 4, UDP: datagrams shouted back, and a client that sends again.

mod client;
mod server;

pub(crate) use client::client;
pub(crate) use server::server;

use specimens::Flaw;

/// Room for one datagram. The largest has 65,507 bytes.
fn room(flaw: Flaw) -> Vec<u8> {
    vec![
        0;
        match flaw {
            Flaw::BufferOf1024 => 1024,
            Flaw::BufferOf2048 => 2048,
            Flaw::BufferOf65000 => 65_000,
            _ => 65_536,
        }
    ]
}
