use std::io::BufReader;
use std::os::unix::net::UnixStream;

use anyhow::{Context, Result};
use solution01::print_line;
use solution02::client::take_turns;
use solution02::line;

/// Prints the greeting, then sends lines and prints the shouts that come back, in turns.
pub fn run(path: &str) -> Result<()> {
    // ANCHOR: connect
    // Two ways to fail that look alike: no file at `path`, and a file that nobody listens on. The
    // second is not ours to remove, we are only visiting.
    let stream = UnixStream::connect(path).with_context(|| format!("cannot connect to {path}"))?;
    // ANCHOR_END: connect

    // ANCHOR: greeting
    // The first reply may come glued to the greeting: one reader for both.
    let mut incoming = BufReader::new(&stream);
    let Ok(Some(greeting)) = line::read(&mut incoming) else {
        return Ok(());
    };
    print_line(String::from_utf8_lossy(&greeting))?;
    // From here on nothing tells this socket from one of TCP.
    take_turns(incoming, &stream)
    // ANCHOR_END: greeting
}
