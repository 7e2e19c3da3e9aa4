//! Right servers: of lesson 1, and of lesson 6 as far as it listens at its path.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::UnixListener;

use crate::Order;
use crate::said::sleep_for_ever;

pub(crate) fn serve(order: &Order) -> io::Result<()> {
    if let Some(path) = order.behind("--path") {
        let _listener = UnixListener::bind(path)?;
        say(&format!("listening on {path}\n"))?;
        sleep_for_ever();
    }
    let address = order.behind("--addr").unwrap_or("127.0.0.1:0");
    let listener = TcpListener::bind(address).map_err(|error| io::Error::other(format!("{address}: {error}")))?;
    say(&format!("listening on {}\n", listener.local_addr()?))?;
    let (mut peer, _) = listener.accept()?;
    peer.write_all(b"hello")?;
    peer.shutdown(Shutdown::Write)?;
    let mut reply = Vec::new();
    peer.read_to_end(&mut reply)?;
    say(&format!("{}\n", String::from_utf8_lossy(&reply)))
}

pub(crate) fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}
