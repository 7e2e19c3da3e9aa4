//! The server of lesson 1. The steps are explained in `README.md`.

use anyhow::Result;

/// Greets one client, and prints what it replies.
///
/// Every step can fail. `?` behind it returns the error to the one who called; and
/// `.with_context(|| format!("cannot listen on {addr}"))?` (after `use anyhow::Context;`) tells
/// what failed, which is what a person at the terminal wants to read.
///
/// 1. Bind a [`TcpListener`](std::net::TcpListener) to `addr`.
/// 2. Print `listening on IP:PORT`, with the address that the listener *really* has: for port 0
///    the system has chosen one.
/// 3. Accept one connection.
/// 4. Send the five bytes `hello`, and shut down the sending direction, so that the client knows
///    that this was all.
/// 5. Read until end-of-file, which may take many reads.
/// 6. Print what came as one line. It may be no UTF-8: see [`String::from_utf8_lossy`].
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/server.rs: bind a TcpListener to {addr}"))
}
