//! Our end of a stream: every step acts, waits with the deadline, and records itself.

mod receiving;
mod sending;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use nix::poll::PollFlags;

use super::stage::Stage;
use crate::verdict::{OrTrouble, Step};

/// One connection, seen from the checker's side; `L` is what carries it.
#[derive(Debug)]
pub struct Peer<L> {
    pub(super) stage: Rc<Stage>,
    pub(super) who: String,
    pub(super) socket: File,
    pub link: L,
    pub(super) received: Vec<u8>,
    pub(super) end: Option<End>,
}

/// What carries the bytes of a connection.
pub trait Link: std::fmt::Debug {
    /// Bytes that were sent to the program and that it has not read; `None` where its end is gone.
    ///
    /// # Errors
    /// The system does not tell.
    fn unread(&self) -> std::io::Result<Option<usize>>;
}

/// How the program's sending direction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    EndOfFile,
    Reset,
}

impl<L: Link> Peer<L> {
    pub(super) fn of(stage: Rc<Stage>, who: String, socket: OwnedFd, link: L) -> Self {
        Peer {
            stage,
            who,
            socket: File::from(socket),
            link,
            received: Vec::new(),
            end: None,
        }
    }

    /// Reads until `enough`, the end of the stream, or the limit.
    fn fill(&mut self, limit: Duration, mut enough: impl FnMut(&[u8]) -> bool) -> Step {
        let stage = Rc::clone(&self.stage);
        let Ok(socket) = self.socket.try_clone() else {
            return Err(std::io::Error::last_os_error()).or_trouble("duplicating a socket");
        };
        let interest = [(socket.as_fd(), PollFlags::POLLIN)];
        stage
            .wait(&interest, limit, || {
                self.pull()?;
                Ok((self.end.is_some() || enough(&self.received)).then_some(()))
            })
            .map(drop)
    }

    /// Reads what is there, without waiting.
    pub(super) fn pull(&mut self) -> Step {
        let mut buffer = [0; 64 * 1024];
        while self.end.is_none() {
            match self.socket.read(&mut buffer) {
                Ok(0) => self.end = Some(End::EndOfFile),
                Ok(n) => self.received.extend_from_slice(&buffer[..n]),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => break,
                    ErrorKind::Interrupted => {}
                    ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::NotConnected => {
                        self.end = Some(End::Reset)
                    }
                    _ => return Err(error).or_trouble("reading from a connection"),
                },
            }
        }
        if self.end.is_some() {
            // The packet that has ended it came before.
            self.stage.looks_at_the_wire();
        }
        Ok(())
    }
}
