//! The server's end of one connection: a conversation, and the socket that carries it.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use crate::conversation::Conversation;
use crate::readiness::unless_it_would_block;

/// How long a client that was told goodbye may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

pub struct Connection {
    stream: TcpStream,
    stage: Stage,
}

// ANCHOR: stage
enum Stage {
    Talking(Conversation),
    /// All has been said, and the client has been told so. We only wait for its end-of-file.
    Farewell {
        until: Instant,
    },
    Gone,
}
// ANCHOR_END: stage

impl Connection {
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Connection {
            stream,
            stage: Stage::Talking(Conversation::default()),
        })
    }

    // ANCHOR: interest
    /// What this connection waits for; it must be no more than that. A socket is ready to be
    /// written to most of the time: to wait for that with nothing to write is not to wait at all.
    pub fn interest(&self) -> PollFlags {
        let mut events = PollFlags::empty();
        match &self.stage {
            Stage::Talking(conversation) => {
                events.set(PollFlags::POLLIN, conversation.wants_more());
                events.set(PollFlags::POLLOUT, !conversation.owed().is_empty());
            }
            Stage::Farewell { .. } => events.insert(PollFlags::POLLIN),
            Stage::Gone => {}
        }
        events
    }

    /// The moment from which on it is not waited for any longer.
    pub fn deadline(&self) -> Option<Instant> {
        match self.stage {
            Stage::Farewell { until } => Some(until),
            Stage::Talking(_) | Stage::Gone => None,
        }
    }
    // ANCHOR_END: interest

    // ANCHOR: step
    /// Something happened to the socket: one step, which waits for nobody.
    pub fn step(&mut self, chunk: &mut [u8]) {
        let next = match &mut self.stage {
            Stage::Talking(conversation) => talk(&mut self.stream, conversation, chunk),
            Stage::Farewell { .. } => discard(&mut self.stream, chunk),
            Stage::Gone => Ok(None),
        };
        match next {
            Ok(None) => {}
            Ok(Some(stage)) => self.stage = stage,
            // An error is about this client, and its end. Nobody else hears of it.
            Err(_connection_lost) => self.stage = Stage::Gone,
        }
    }
    // ANCHOR_END: step

    pub fn is_gone(&self, now: Instant) -> bool {
        match self.stage {
            Stage::Talking(_) => false,
            Stage::Farewell { until } => until <= now,
            Stage::Gone => true,
        }
    }
}

// ANCHOR: talk
/// Reads once and writes once. There may be more to read, and more to write; `poll` will say so
/// at once, and in between all the others have their turn.
fn talk(stream: &mut TcpStream, conversation: &mut Conversation, chunk: &mut [u8]) -> io::Result<Option<Stage>> {
    if conversation.wants_more() {
        match unless_it_would_block(stream.read(chunk))? {
            None => {}
            Some(0) => conversation.hear_the_end(),
            Some(length) => conversation.hear(&chunk[..length]),
        }
    }
    if !conversation.owed().is_empty() {
        let taken = unless_it_would_block(stream.write(conversation.owed()))?;
        conversation.sent(taken.unwrap_or(0));
    }
    if !conversation.is_done() {
        return Ok(None);
    }
    stream.shutdown(Shutdown::Write)?;
    let until = Instant::now() + FAREWELL;
    Ok(Some(Stage::Farewell { until }))
}
// ANCHOR_END: talk

// ANCHOR: discard
/// Reads what is of no interest any more, until end-of-file.
///
/// Closing a socket with unread bytes in it sends a reset, and a reset destroys what the client
/// has not yet received, the last answers among it.
fn discard(stream: &mut TcpStream, chunk: &mut [u8]) -> io::Result<Option<Stage>> {
    match unless_it_would_block(stream.read(chunk))? {
        Some(0) => Ok(Some(Stage::Gone)),
        Some(_ignored) => Ok(None),
        None => Ok(None),
    }
}
// ANCHOR_END: discard

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
