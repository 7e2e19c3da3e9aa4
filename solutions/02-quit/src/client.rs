use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};
use solution01::print_line;

use crate::line;

/// Chats in turns, and speaks first.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: connect
    let stream = TcpStream::connect(addr).with_context(|| format!("cannot connect to {addr}"))?;
    // It lives as long as the conversation: its buffer holds what was read too early.
    take_turns(BufReader::new(&stream), &stream)
    // ANCHOR_END: connect
}

// ANCHOR: turns
/// Sends a line of stdin and prints the reply, until either side has had enough.
pub fn take_turns(mut incoming: impl BufRead, mut outgoing: impl Write) -> Result<()> {
    let mut stdin = io::stdin().lock();
    loop {
        let typed = line::next_typed(&mut stdin)?;
        // An error on a connected socket means that the connection is lost: the server is gone,
        // and that ends a chat like a quit word does.
        let Ok(()) = line::send(&mut outgoing, &typed) else {
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
}
// ANCHOR_END: turns
