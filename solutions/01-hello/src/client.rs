use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};

use crate::print_line;

/// Prints the greeting of the server, then replies.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: connect
    // Returns when the handshake is done. The server need not have called `accept` for that:
    // its kernel answers.
    let mut stream = TcpStream::connect(addr).with_context(|| format!("cannot connect to {addr}"))?;
    // ANCHOR_END: connect

    // ANCHOR: greeting
    // Returns at the end-of-file that the server's `shutdown` sends, however many pieces the
    // greeting came in. Without that end-of-file both sides would wait for each other for ever.
    let mut greeting = Vec::new();
    stream
        .read_to_end(&mut greeting)
        .with_context(|| format!("cannot read the greeting of {addr}"))?;
    print_line(String::from_utf8_lossy(&greeting))?;
    // ANCHOR_END: greeting

    // ANCHOR: byebye
    // The server has ended its direction; ours is still open.
    stream
        .write_all(b"byebye")
        .with_context(|| format!("cannot reply to {addr}"))
    // `stream` is dropped here, which closes it: the kernel delivers `byebye`, then
    // end-of-file.
    // ANCHOR_END: byebye
}
