use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags};
use solution01::print_line;

use crate::CHUNK;
use crate::lines::Lines;
use crate::outgoing::Outgoing;
use crate::readiness::{unless_it_would_block, wait};

/// Sends what is typed and prints what comes, whichever happens first.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: open
    let mut stream = TcpStream::connect(addr).with_context(|| format!("cannot connect to {addr}"))?;
    stream.set_nonblocking(true)?;
    // `io::stdin()` has a buffer, and `poll` does not know what is in there: it would sleep while
    // a line waits to be taken out. This reads from the descriptor itself.
    //
    // It is not made non-blocking. That would be a property of the terminal, not of our descriptor
    // alone, and the shell reads from the same terminal. One read after `poll` has told of
    // something does not wait.
    let mut stdin = File::from(io::stdin().as_fd().try_clone_to_owned().context("cannot use stdin")?);
    // ANCHOR_END: open

    let mut incoming = Lines::default();
    let mut outgoing = Outgoing::default();
    let mut chunk = vec![0; CHUNK];
    // ANCHOR: loop
    loop {
        let happened = {
            let mut fds = vec![PollFd::new(stream.as_fd(), interest(&outgoing))];
            // Not even an end-of-file is asked for when nothing more is to be typed: it would stay
            // there, and be told each time.
            if outgoing.wants_more() {
                fds.push(PollFd::new(stdin.as_fd(), PollFlags::POLLIN));
            }
            wait(&mut fds, None).context("cannot wait")?
        };

        if happened[0] {
            let still_there =
                listen(&mut stream, &mut incoming, &mut chunk).with_context(|| format!("cannot understand {addr}"))?;
            if !still_there {
                return Ok(());
            }
        }
        if happened.get(1) == Some(&true) {
            match unless_it_would_block(stdin.read(&mut chunk)).context("cannot read stdin")? {
                None => {}
                Some(0) => outgoing.end(),
                Some(length) => outgoing
                    .type_in(&chunk[..length])
                    .with_context(|| format!("{addr} would not take what was typed"))?,
            }
        }
        speak(&mut stream, &mut outgoing);
    }
    // ANCHOR_END: loop
}

/// What we wait for at the socket: always what it says, and room only if there is something to
/// send.
fn interest(outgoing: &Outgoing) -> PollFlags {
    let mut events = PollFlags::POLLIN;
    events.set(PollFlags::POLLOUT, !outgoing.unsent().is_empty());
    events
}

// ANCHOR: listen
/// Reads once, and prints the lines that are whole. Is the server still there?
fn listen(stream: &mut TcpStream, incoming: &mut Lines, chunk: &mut [u8]) -> Result<bool> {
    let length = match unless_it_would_block(stream.read(chunk)) {
        Ok(None) => return Ok(true),
        Ok(Some(length)) => length,
        Err(_connection_lost) => return Ok(false),
    };
    incoming.push(&chunk[..length]);
    while let Some(line) = incoming.next_line()? {
        print_line(String::from_utf8_lossy(&line))?;
    }
    if length > 0 {
        return Ok(true);
    }
    if let Some(line) = incoming.last_line() {
        print_line(String::from_utf8_lossy(&line))?;
    }
    Ok(false)
}
// ANCHOR_END: listen

// ANCHOR: speak
/// Sends as much as the kernel takes without waiting.
fn speak(stream: &mut TcpStream, outgoing: &mut Outgoing) {
    if outgoing.unsent().is_empty() {
        return;
    }
    match unless_it_would_block(stream.write(outgoing.unsent())) {
        Ok(taken) => outgoing.sent(taken.unwrap_or(0)),
        // The server does not listen any more. It may have spoken before it went: what is still to
        // be read is printed, and then reading says that it is gone.
        Err(_connection_lost) => outgoing.give_up(),
    }
}
// ANCHOR_END: speak
