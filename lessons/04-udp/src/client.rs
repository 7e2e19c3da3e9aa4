//! The client of lesson 4. The steps are explained in `README.md`.

use anyhow::Result;

/// Asks the server line by line, each until it is answered.
///
/// 1. Look up the server's address: see [`ToSocketAddrs`](std::net::ToSocketAddrs).
/// 2. Bind one `UdpSocket` to port 0 of any address (`0.0.0.0:0`; for an IPv6 server
///    `[::]:0`). It is used for everything that you send.
/// 3. For each line of stdin (blank ones are skipped; the quit word and end of stdin end the
///    client) make the datagram `NUMBER TEXT`. Numbers count the lines that are sent, from 1.
/// 4. Send it, and note the moment at which waiting for it is over: 200 ms from now.
/// 5. Receive until that moment: see `UdpSocket::set_read_timeout`. The answer counts if the
///    server sent it and it begins with the number and a space. Everything else is ignored, and
///    waiting goes on for what is *left* of the 200 ms.
/// 6. It counts: print the rest of it as one line, and take the next line.
/// 7. The moment is over: send the same datagram again, 5 times in all; then fail, with an
///    error that names `addr`.
pub fn run(addr: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/client.rs: look up the address of {addr}"))
}
