use std::net::UdpSocket;

use anyhow::{Context, Result};
use solution01::print_line;

use crate::LARGEST_DATAGRAM;

/// Shouts each datagram back to where it came from.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: bind
    // No listen, no accept: there are no connections. One socket hears everybody.
    let socket = UdpSocket::bind(addr).with_context(|| format!("cannot bind to {addr}"))?;
    print_line(format_args!("listening on {}", socket.local_addr()?))?;
    // ANCHOR_END: bind

    // ANCHOR: serve
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    loop {
        // One call returns one datagram, whole, and who sent it. 0 bytes are an empty datagram:
        // there is no end-of-file where there is no connection.
        let (length, sender) = socket
            .recv_from(&mut buffer)
            .with_context(|| format!("cannot receive on {addr}"))?;
        let datagram = &buffer[..length];
        print_line(String::from_utf8_lossy(datagram))?;

        // An answer that cannot be sent is lost, as it could be on its way. The sender asks
        // again, and nobody else should have to suffer for it.
        let _ = socket.send_to(&datagram.to_ascii_uppercase(), sender);
    }
    // ANCHOR_END: serve
}
