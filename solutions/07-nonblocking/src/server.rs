use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};
use std::{io, iter};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use solution01::print_line;

use crate::conversation::Conversation;
use crate::{CHUNK, unless_it_would_block};

/// How long a client that was told goodbye may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long nobody is accepted, if accepting failed.
const REST: Duration = Duration::from_millis(100);

/// Serves any number of clients at once, in one thread, for ever.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: listen
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    // From here on `accept` returns an error instead of waiting: between `poll` and `accept` a
    // client may have gone, and nobody else should have to wait for the next one.
    listener.set_nonblocking(true)?;
    print_line(format_args!("listening on {}", listener.local_addr()?))?;
    // ANCHOR_END: listen

    let mut clients: Vec<Client> = Vec::new();
    let mut rest: Option<Instant> = None;
    let mut chunk = vec![0; CHUNK];
    // ANCHOR: loop
    loop {
        let ready = wait(&listener, rest, &clients).with_context(|| format!("cannot wait on {addr}"))?;
        let now = Instant::now();

        // One step for each client that something happened to, and it waits for nobody. An
        // error is about this client, and its end.
        let mut who = ready.clients.into_iter();
        clients.retain_mut(|client| {
            let happened = who.next().is_some_and(|ready| ready);
            let gone = happened && client.step(&mut chunk, now).is_ok_and(|still| still == Still::Here);
            (gone || !happened) && !client.is_late(now)
        });

        if ready.listener {
            rest = None;
            match unless_it_would_block(listener.accept().and_then(|(stream, _)| Client::new(stream))) {
                Ok(newcomer) => clients.extend(newcomer),
                Err(_) => rest = Some(now + REST),
            }
        }
    }
    // ANCHOR_END: loop
}
