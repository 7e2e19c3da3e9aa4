//! The client of lesson 1. The steps are explained in `README.md`.

use anyhow::Result;

/// Prints the greeting of the server, then replies.
///
/// 1. Connect a [`TcpStream`](std::net::TcpStream) to `addr`. If nobody listens there, the error
///    should name `addr`.
/// 2. Read until end-of-file: the greeting may come in pieces.
/// 3. Print it as one line.
/// 4. Only now send the six bytes `byebye`. The stream is closed when it goes out of scope.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/client.rs: connect a TcpStream to {addr}"))
}
