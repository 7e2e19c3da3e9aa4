//! The server of lesson 2. The steps are explained in `README.md`.
//!
//! What both ends need (how to read a line, what the quit word is) is worth a file of its own:
//! write `src/line.rs`, add `pub mod line;` to `main.rs`, and use it here with
//! `use crate::line;`.

use anyhow::Result;

/// Chats in turns with one client, which speaks first.
///
/// 1. Bind a `TcpListener` to `addr`, print `listening on IP:PORT`, accept one client.
/// 2. Put one [`BufReader`](std::io::BufReader) around the stream and keep it for the whole chat.
/// 3. Read a line from the client. No line any more, or an error: it is gone, you are done.
/// 4. Is it the quit word, you are done. Else print it.
/// 5. Read a line from stdin; skip those with nothing but white space. End of stdin counts as
///    `Q`.
/// 6. Send it with `\n`. Was it the quit word, you are done. Else go on at step 3.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!(
        "step 1 of src/server.rs: listen on {addr} and accept one client"
    ))
}
