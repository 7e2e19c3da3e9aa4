//! What our end of a stream says.

use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use std::rc::Rc;

use nix::poll::PollFlags;

use super::super::running::Running;
use super::{End, Link, Peer};
use crate::quote::{count, quoted};
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, OrTrouble, Step};

impl<L: Link> Peer<L> {
    /// Sends all of it.
    pub fn sends(&mut self, bytes: impl AsRef<[u8]>) -> Step {
        let bytes = bytes.as_ref();
        let sent = self.push(bytes)?;
        let what = match sent < bytes.len() {
            true => Event::SendsPart {
                bytes: quoted(bytes),
                left: sent,
            },
            false => Event::Sends(quoted(bytes)),
        };
        self.stage.record(&self.who, what);
        if sent == bytes.len() {
            return Ok(());
        }
        match self.end {
            Some(_) => self.closed_before(&format!("it had read what the {} sends", self.who)),
            None => Finding::new(
                Kind::Unread,
                format!(
                    "the program does not read: {} of {} could be sent",
                    count(sent, "byte"),
                    bytes.len()
                ),
            )
            .stop(),
        }
    }

    /// Sends what can be sent: the program may be gone, or not care.
    pub fn sends_regardless(&mut self, bytes: impl AsRef<[u8]>) -> Step {
        let sent = self.push(bytes.as_ref())?;
        self.stage
            .record(&self.who, Event::Sends(quoted(&bytes.as_ref()[..sent])));
        Ok(())
    }

    /// Sends each piece only once the program has read the one before, and waits until it has read the last.
    pub fn dribbles<P: AsRef<[u8]>>(&mut self, pieces: &[P]) -> Step {
        for piece in pieces {
            self.sends(piece)?;
            self.was_read()?;
        }
        Ok(())
    }

    /// Like [`Peer::dribbles`], where the program may also wait until more has come before it reads at all (`MSG_PEEK`, `SO_RCVLOWAT`): that it
    /// has come to rest is enough for the next piece.
    pub fn dribbles_to<P: AsRef<[u8]>>(&mut self, program: &Running, pieces: &[P]) -> Step {
        for piece in pieces {
            self.sends(piece)?;
            program.comes_to_rest_unless(|| Ok(matches!(self.unread()?, Some(0) | None)))?;
        }
        Ok(())
    }

    /// Waits until the program has read everything that was sent.
    pub fn was_read(&mut self) -> Step {
        let read = self.stage.watch(self.stage.timeout, || match self.unread()? {
            Some(0) | None => Ok(Some(())),
            Some(_) => Ok(None),
        })?;
        if read.is_some() {
            return Ok(());
        }
        let unread = self.unread()?.unwrap_or(0);
        Finding::new(
            Kind::Unread,
            format!(
                "the program did not read {} {}",
                count(unread, "byte"),
                self.stage.how_long("it", self.stage.timeout)
            ),
        )
        .expected("everything that was sent is read")
        .stop()
    }

    fn unread(&self) -> Step<Option<usize>> {
        self.link.unread().or_trouble("asking for the program's receive queue")
    }

    /// Ends the sending direction; receiving goes on.
    pub fn shuts_down(&mut self) -> Step {
        self.stage.record(&self.who, Event::ShutsDown);
        // ENOTCONN: the program's reset came first, which a later step will see.
        let _ = nix::sys::socket::shutdown(
            std::os::fd::AsRawFd::as_raw_fd(&self.socket),
            nix::sys::socket::Shutdown::Write,
        );
        Ok(())
    }

    /// Closes the connection properly: what the program has sent so far is read first, since closing with unread bytes is a reset.
    pub fn closes(mut self) -> Step {
        self.pull()?;
        self.stage.record(&self.who, Event::Closes);
        Ok(())
    }

    /// Closes without reading what lies unread (the kernel makes a reset of that).
    pub fn closes_unread(self) {
        self.stage.record(&self.who, Event::ClosesUnread);
    }

    /// Writes as much as goes within the time of one wait; what comes meanwhile is kept.
    fn push(&mut self, bytes: &[u8]) -> Step<usize> {
        let stage = Rc::clone(&self.stage);
        let Ok(socket) = self.socket.try_clone() else {
            return Err(std::io::Error::last_os_error()).or_trouble("duplicating a socket");
        };
        let interest = [(socket.as_fd(), PollFlags::POLLIN | PollFlags::POLLOUT)];
        let mut sent = 0;
        stage.wait(&interest, stage.timeout, || {
            while sent < bytes.len() {
                match self.socket.write(&bytes[sent..]) {
                    Ok(n) => {
                        self.stage.says(n);
                        sent += n;
                    }
                    Err(error) => match error.kind() {
                        ErrorKind::WouldBlock => {
                            self.pull()?;
                            // Its end-of-file alone does not keep us from sending; a reset does.
                            return Ok((self.end == Some(End::Reset)).then_some(()));
                        }
                        ErrorKind::Interrupted => {}
                        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::NotConnected => {
                            self.pull()?;
                            self.end.get_or_insert(End::Reset);
                            return Ok(Some(()));
                        }
                        _ => return Err(error).or_trouble("writing to a connection"),
                    },
                }
            }
            Ok(Some(()))
        })?;
        Ok(sent)
    }
}
