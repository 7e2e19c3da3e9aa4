//! The server of lesson 7. The steps are explained in `README.md`.

use anyhow::Result;

/// Serves any number of clients at once, in one thread, for ever.
///
/// 1. Bind a `TcpListener` to `addr`, make it non-blocking, and print `listening on IP:PORT`.
///    That is the only line this server prints.
/// 2. Keep for each client: its stream (non-blocking, too), the bytes it has said that are no
///    whole line yet, the bytes it is owed, and whether it has said its last.
/// 3. For ever: sleep in `poll` until something happens. Ask for `POLLIN` of the listener, and for
///    each client only for what you would make use of: to read if it may say more and is not
///    owed too much, to write if it is owed something.
/// 4. For each client that something happened to: read once, answer the lines that are whole, write
///    once. What would block is no error. Every other error is this client's end, and nobody
///    else's.
/// 5. The quit word, end-of-file and a line over 64 KiB are a client's last words. When it has got
///    what it is owed, shut down the sending direction, read what still comes until end-of-file,
///    and then close. But do not wait for that end-of-file for ever.
/// 6. Accept those who have come. If that fails, do not ask for newcomers for a moment.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/server.rs: bind a TcpListener to {addr}"))
}
