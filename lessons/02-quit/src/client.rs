//! The client of lesson 2. The steps are explained in `README.md`.

use anyhow::Result;

/// Chats in turns, and speaks first.
///
/// 1. Connect a `TcpStream` to `addr`, and put one `BufReader` around it for the whole chat.
/// 2. Read a line from stdin; skip those with nothing but white space. End of stdin counts as
///    `Q`.
/// 3. Send it with `\n`. Was it the quit word, you are done: nobody answers it.
/// 4. Read the server's line. No line any more, or an error: it is gone, you are done.
/// 5. Is it the quit word, you are done. Else print it, and go on at step 2.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/client.rs: connect a TcpStream to {addr}"))
}
