//! The server of lesson 8. The steps are explained in `README.md`.

use std::time::Duration;

use anyhow::Result;

/// Serves one client after another, for ever, if they know the secret.
///
/// 1. Take the secret from `LESSON08_SECRET`, before anything else: as bytes, see
///    [`var_os`](std::env::var_os). Without one, fail, and name the variable.
/// 2. Bind a `TcpListener` to `addr`, print `listening on IP:PORT`, and accept clients as in
///    lesson 5.
/// 3. A client has come: the login has to be over at `Instant::now() + auth_timeout`. Print
///    `connected ADDR`.
/// 4. Send a frame of 32 random bytes: see `getrandom::fill`.
/// 5. Read one frame, header and payload by the same moment: before each read, what is *left*
///    until then goes into `set_read_timeout`. Take no more bytes than the right answer has.
/// 6. Is it the right answer? Let `Mac::verify_slice` compare.
/// 7. It is not, or it did not come: send `denied`, print `denied ADDR`, shut down the sending
///    direction, read what is left, but not for long, close, and print `disconnected ADDR`.
/// 8. It is: send `ok`, print `authenticated ADDR`, take the time limit away, and serve frames as
///    in lesson 5. At the end print `disconnected ADDR`.
pub fn run(addr: &str, auth_timeout: Duration) -> Result<()> {
    let ms = auth_timeout.as_millis();
    lesson_kit::not_written_yet(format!(
        "step 1 of src/server.rs: take the secret from LESSON08_SECRET (to serve {addr}, {ms} ms for a login)"
    ))
}
