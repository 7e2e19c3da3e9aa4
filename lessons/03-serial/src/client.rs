//! The client of lesson 3. The steps are explained in `README.md`.

use anyhow::Result;

/// Sends lines and prints the shouts that come back, in turns.
///
/// It is the client of lesson 2: begin with a copy of it. It need not look for a quit word from
/// the server any more, and it does no harm if it does.
///
/// 1. Connect a `TcpStream` to `addr`, and put one `BufReader` around it.
/// 2. In turns: send a line of stdin, print the line that comes back.
/// 3. End when you have sent the quit word (end of stdin counts as `Q`), or when the server is
///    gone.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/client.rs: connect a TcpStream to {addr}"))
}
