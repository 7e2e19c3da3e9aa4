use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};

use anyhow::{Context, Result};

use crate::print_line;

/// Greets one client, and prints what it replies.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: listen
    // Three system calls in one: socket, bind, listen. From here on the kernel completes
    // connections by itself and queues them; so the ready line may be printed before `accept`.
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    // With port 0 the kernel chose a port. Only the socket knows which.
    print_line(format_args!("listening on {}", listener.local_addr()?))?;
    // ANCHOR_END: listen

    // ANCHOR: accept
    // Takes the first connection out of the queue, or sleeps until there is one.
    let (mut stream, client) = listener.accept().with_context(|| format!("cannot accept on {addr}"))?;
    // ANCHOR_END: accept

    // ANCHOR: greet
    // Done when the kernel has taken the bytes; it sends them while we go on.
    stream
        .write_all(b"hello")
        .with_context(|| format!("cannot greet {client}"))?;
    // The peer reads until end-of-file. This is what sends one, behind the greeting, and it
    // leaves the other direction open.
    stream
        .shutdown(Shutdown::Write)
        .with_context(|| format!("cannot end the greeting of {client}"))?;
    // ANCHOR_END: greet

    // ANCHOR: reply
    // One read returns what has come so far, which may be half a character. The message is
    // whole at end-of-file, when a read returns 0 bytes; `read_to_end` reads until then.
    let mut reply = Vec::new();
    stream
        .read_to_end(&mut reply)
        .with_context(|| format!("cannot read the reply of {client}"))?;
    print_line(String::from_utf8_lossy(&reply))
    // ANCHOR_END: reply
}
