//! The client of lesson 7. The steps are explained in `README.md`.

use anyhow::Result;

/// Sends what is typed and prints what comes, whichever happens first.
///
/// 1. Connect a `TcpStream` to `addr`, and make it non-blocking.
/// 2. Read stdin without a buffer that `poll` does not know of: a [`File`](std::fs::File) made of
///    its descriptor has none. Leave stdin blocking.
/// 3. Keep: the bytes typed that are no line yet, the bytes to be sent, and the bytes that have
///    come and are no line yet.
/// 4. Sleep in `poll` on both. Ask for `POLLOUT` only with something to send; stop asking for stdin
///    while a lot waits to be sent, and for good when it has ended.
/// 5. Something came: read once, and print the lines that are whole. End-of-file: print what is
///    left, you are done. A lost connection: you are done.
/// 6. Something was typed: read once, and keep the lines for sending, but for blank ones. After the
///    quit word, or the `Q` that the end of stdin stands for, nothing more is sent; what comes
///    is printed on.
/// 7. Send as much as the kernel takes without waiting.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/client.rs: connect a TcpStream to {addr}"))
}
