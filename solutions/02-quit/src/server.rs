use std::io::{self, BufReader};
use std::net::TcpListener;

use anyhow::{Context, Result};
use solution01::print_line;

use crate::line;

/// Chats in turns with one client, which speaks first.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: accept
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    print_line(format_args!("listening on {}", listener.local_addr()?))?;

    let (stream, _client) = listener.accept().with_context(|| format!("cannot accept on {addr}"))?;
    let mut incoming = BufReader::new(&stream);
    let mut stdin = io::stdin().lock();
    // ANCHOR_END: accept

    // ANCHOR: turns
    loop {
        // The client closed the connection, or it was reset: either way it is gone.
        let Ok(Some(said)) = line::read(&mut incoming) else {
            return Ok(());
        };
        if line::is_quit(&said) {
            return Ok(());
        }
        print_line(String::from_utf8_lossy(&said))?;

        let typed = line::next_typed(&mut stdin)?;
        let Ok(()) = line::send(&stream, &typed) else {
            return Ok(());
        };
        if line::is_quit(&typed) {
            return Ok(());
        }
    }
    // ANCHOR_END: turns
}
