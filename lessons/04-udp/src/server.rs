//! The server of lesson 4. The steps are explained in `README.md`.

use anyhow::Result;

/// Shouts each datagram back to where it came from.
///
/// 1. Bind a [`UdpSocket`](std::net::UdpSocket) to `addr`. There is nothing to accept: one
///    socket hears everybody.
/// 2. Print `listening on IP:PORT`.
/// 3. For ever: receive one datagram and the address it came from. The buffer must have room
///    for the largest one.
/// 4. Print it as one line.
/// 5. Send it back in ASCII capitals, as bytes. If that fails, the answer is lost, as it could
///    be on its way; the server goes on.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/server.rs: bind a UdpSocket to {addr}"))
}
