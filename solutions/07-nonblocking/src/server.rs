use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::poll::{PollFd, PollFlags};
use solution01::print_line;

use crate::CHUNK;
use crate::connection::Connection;
use crate::readiness::{unless_it_would_block, wait};

/// How many newcomers are let in before those who are there have their turn again.
const WELCOMES: usize = 128;

/// How long nobody is let in, if it failed.
const REST: Duration = Duration::from_millis(100);

/// Serves any number of clients at once, in one thread, for ever.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: listen
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    // From here on `accept` returns an error where it would wait: a client may have gone between
    // `poll` and `accept`, and nobody else should have to wait for the next one.
    listener.set_nonblocking(true)?;
    print_line(format_args!("listening on {}", listener.local_addr()?))?;
    // ANCHOR_END: listen

    let mut connections: Vec<Connection> = Vec::new();
    let mut resting: Option<Instant> = None;
    let mut chunk = vec![0; CHUNK];
    // ANCHOR: loop
    loop {
        let happened = {
            let newcomers = match resting {
                None => PollFlags::POLLIN,
                Some(_) => PollFlags::empty(),
            };
            let mut fds = vec![PollFd::new(listener.as_fd(), newcomers)];
            fds.extend(connections.iter().map(|one| PollFd::new(one.as_fd(), one.interest())));

            let deadlines = connections.iter().filter_map(Connection::deadline);
            wait(&mut fds, deadlines.chain(resting).min()).with_context(|| format!("cannot wait on {addr}"))?
        };

        for (connection, happened) in connections.iter_mut().zip(&happened[1..]) {
            if *happened {
                connection.step(&mut chunk);
            }
        }
        let now = Instant::now();
        // Dropped, and so closed.
        connections.retain(|connection| !connection.is_gone(now));

        if happened[0] {
            resting = match welcome(&listener, &mut connections) {
                Ok(()) => None,
                Err(_) => Some(now + REST),
            };
        }
        resting = resting.filter(|until| now < *until);
    }
    // ANCHOR_END: loop
}

// ANCHOR: welcome
/// Lets in who waits in the accept queue.
///
/// It fails if there are no descriptors left, for one. Who waits goes on waiting then, so `poll`
/// would tell of it at once, again and again: the caller does not ask for a moment.
fn welcome(listener: &TcpListener, connections: &mut Vec<Connection>) -> io::Result<()> {
    for _ in 0..WELCOMES {
        let Some((stream, _addr)) = unless_it_would_block(listener.accept())? else {
            break;
        };
        connections.push(Connection::new(stream)?);
    }
    Ok(())
}
// ANCHOR_END: welcome
