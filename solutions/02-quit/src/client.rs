use std::io::{self, BufReader};
use std::net::TcpStream;

use anyhow::{Context, Result};
use solution01::print_line;

use crate::line;

/// Chats in turns, and speaks first.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: connect
    let stream = TcpStream::connect(addr).with_context(|| format!("cannot connect to {addr}"))?;
    // Both live as long as the conversation: their buffers hold what was read too early.
    let mut incoming = BufReader::new(&stream);
    let mut stdin = io::stdin().lock();
    // ANCHOR_END: connect

    // ANCHOR: turns
    loop {
        let typed = line::next_typed(&mut stdin)?;
        // An error on a connected socket means that the connection is lost: the server is gone,
        // and that ends a chat like a quit word does.
        let Ok(()) = line::send(&stream, &typed) else {
            return Ok(());
        };
        if line::is_quit(&typed) {
            return Ok(());
        }

        // `Ok(None)` is a server that closed the connection, `Err` one that was reset.
        let Ok(Some(reply)) = line::read(&mut incoming) else {
            return Ok(());
        };
        if line::is_quit(&reply) {
            return Ok(());
        }
        print_line(String::from_utf8_lossy(&reply))?;
    }
    // ANCHOR_END: turns
}
