//! The server of lesson 3. The steps are explained in `README.md`.

use anyhow::Result;

/// Serves one client after another, for ever.
///
/// 1. Bind a `TcpListener` to `addr` and print `listening on IP:PORT`, as before.
/// 2. For ever: accept a client. Keep the address that `accept` returns: it is the one for
///    the log, and later it can no longer be asked for.
/// 3. Print `connected ADDR`.
/// 4. Serve this client in a function of its own: read a line, print it, answer with the line
///    in ASCII capitals (there is a method for that on `[u8]`) and `\n`.
/// 5. The quit word ends the client, and so do end-of-file and every error of its connection,
///    while you read and while you write. None of them may end the server.
/// 6. Close the connection, print `disconnected ADDR`, and accept the next.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/server.rs: bind a TcpListener to {addr}"))
}
