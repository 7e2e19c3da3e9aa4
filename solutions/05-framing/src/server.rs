use std::io::{BufReader, Read, Write};
use std::net::TcpListener;

use anyhow::{Context, Result};
use solution01::print_line;
use solution03::server::is_about_one_client;

use crate::frame::{self, Incoming};

/// Serves one client after another, for ever.
pub fn run(addr: &str) -> Result<()> {
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    print_line(format_args!("listening on {}", listener.local_addr()?))?;

    // ANCHOR: clients
    loop {
        let (stream, client) = match listener.accept() {
            Ok(connection) => connection,
            Err(error) if is_about_one_client(error.kind()) => continue,
            Err(error) => return Err(error).context(format!("cannot accept on {addr}")),
        };
        print_line(format_args!("connected {client}"))?;
        shout_back(BufReader::new(&stream), &stream)?;
        // This closes the connection, before the log says so.
        drop(stream);
        print_line(format_args!("disconnected {client}"))?;
    }
    // ANCHOR_END: clients
}

// ANCHOR: shout_back
/// Answers each frame with its shout, until there is no next one. As in lesson 3, the only errors
/// are our own.
pub fn shout_back(mut incoming: impl Read, mut outgoing: impl Write) -> Result<()> {
    loop {
        match frame::read(&mut incoming) {
            Ok(Incoming::Frame(payload)) => {
                print_line(format_args!("frame {}", payload.len()))?;
                let Ok(()) = frame::write(&mut outgoing, &payload.to_ascii_uppercase()) else {
                    return Ok(());
                };
            }
            Ok(Incoming::End) => return Ok(()),
            Ok(Incoming::Truncated) => return print_line("truncated"),
            // Where the next frame begins is known only to who reads this one to its end. So
            // all that is left to do is to close.
            Ok(Incoming::TooLarge(length)) => return print_line(format_args!("rejected {length}")),
            Err(_connection_lost) => return Ok(()),
        }
    }
}
// ANCHOR_END: shout_back
