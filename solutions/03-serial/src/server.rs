use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpListener;

use anyhow::{Context, Result};
use solution01::print_line;
use solution02::line;

/// Serves one client after another, for ever.
pub fn run(addr: &str) -> Result<()> {
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    print_line(format_args!("listening on {}", listener.local_addr()?))?;

    // ANCHOR: accept_loop
    loop {
        // While we serve one client, the kernel keeps those who come in the accept queue, with
        // all that they say.
        let (stream, client) = match listener.accept() {
            Ok(connection) => connection,
            // This one was gone before its turn came. The next is not to blame for it.
            Err(error) if is_about_one_client(error.kind()) => continue,
            Err(error) => return Err(error).context(format!("cannot accept on {addr}")),
        };

        // `client` is the address that `accept` told. Asked later, `stream.peer_addr()` fails
        // if the connection has been reset.
        print_line(format_args!("connected {client}"))?;
        // One reader for the whole conversation: three lines may come in one segment, and its
        // buffer holds the two that are not yet asked for.
        serve(BufReader::new(&stream), &stream)?;
        // This closes the connection, before the log says so. A server that forgot to would run
        // out of descriptors.
        drop(stream);
        print_line(format_args!("disconnected {client}"))?;
    }
    // ANCHOR_END: accept_loop
}

/// Is this error of `accept` about the client that would have come, and not about us?
pub fn is_about_one_client(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
}

// ANCHOR: serve
/// Shouts back until the client quits or is gone. The only errors are our own: that a client
/// goes away, at any byte, is how its conversation ends.
pub fn serve(mut incoming: impl BufRead, mut outgoing: impl Write) -> Result<()> {
    while let Ok(Some(said)) = line::read(&mut incoming) {
        if line::is_quit(&said) {
            break;
        }
        print_line(String::from_utf8_lossy(&said))?;

        // Byte by byte: the bytes of `é` and `界`, and those that are no UTF-8 at all, are not
        // ASCII letters and stay what they are.
        let Ok(()) = line::send(&mut outgoing, &said.to_ascii_uppercase()) else {
            break;
        };
    }
    Ok(())
}
// ANCHOR_END: serve
