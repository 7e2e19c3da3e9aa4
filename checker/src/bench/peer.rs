//! Our end of a stream: every step acts, waits with the deadline, and records itself.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use nix::libc::linger;
use nix::poll::PollFlags;
use nix::sys::socket::{setsockopt, sockopt};

use super::queues;
use super::running::{Running, seconds};
use super::stage::Stage;
use crate::quote::{count, difference, quoted};
use crate::verdict::{Finding, Kind, OrTrouble, Step};

/// One connection, seen from the checker's side.
#[derive(Debug)]
pub struct TcpPeer {
    stage: Rc<Stage>,
    who: String,
    socket: File,
    /// The address of this end, as the program sees it.
    pub local: SocketAddr,
    /// The address of the program's end.
    pub remote: SocketAddr,
    received: Vec<u8>,
    end: Option<End>,
}

/// How the program's sending direction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    EndOfFile,
    Reset,
}

/// A listening socket of ours, for a client to come to.
#[derive(Debug)]
pub struct TcpHost {
    stage: Rc<Stage>,
    listener: TcpListener,
    pub addr: SocketAddr,
}

impl TcpHost {
    pub(super) fn new(stage: Rc<Stage>) -> Step<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").or_trouble("binding a listener")?;
        listener
            .set_nonblocking(true)
            .or_trouble("making a listener non-blocking")?;
        let addr = listener.local_addr().or_trouble("asking for a listener's address")?;
        stage.record("checker", format!("listens on {addr}"));
        Ok(TcpHost { stage, listener, addr })
    }

    /// The client connects.
    pub fn accept(&self, client: &Running) -> Step<TcpPeer> {
        // A client that has not connected may still be starting up: a runtime needs seconds for that on a busy machine.
        let limit = self.stage.timeout * super::STARTUP;
        let interest = [(self.listener.as_fd(), PollFlags::POLLIN)];
        let outcome = self.stage.wait(&interest, limit, || {
            let ended = client.exit().is_some();
            match self.listener.accept() {
                Ok((stream, from)) => Ok(Some(Some((stream, from)))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(ended.then_some(None)),
                Err(error) => Err(error).or_trouble("accepting a connection"),
            }
        })?;
        match outcome {
            Some(Some((stream, from))) => {
                self.stage.record("client", format!("connects from {from}"));
                TcpPeer::new(Rc::clone(&self.stage), "peer".to_owned(), stream)
            }
            Some(None) => client.ended_before("it connected"),
            None => Finding::new(
                Kind::NeverConnected,
                format!("the client did not connect within {}", seconds(limit)),
            )
            .stop(),
        }
    }
}

impl TcpPeer {
    pub(super) fn new(stage: Rc<Stage>, who: String, stream: TcpStream) -> Step<Self> {
        let local = stream.local_addr().or_trouble("asking for an address")?;
        // A connection that was reset at once has no peer any more; what it sent can still be read.
        let remote = stream.peer_addr().unwrap_or(local);
        stream.set_nodelay(true).or_trouble("setting TCP_NODELAY")?;
        stream
            .set_nonblocking(true)
            .or_trouble("making a socket non-blocking")?;
        Ok(TcpPeer {
            stage,
            who,
            socket: File::from(OwnedFd::from(stream)),
            local,
            remote,
            received: Vec::new(),
            end: None,
        })
    }

    // --- sending ---

    /// Sends all of it.
    pub fn sends(&mut self, bytes: impl AsRef<[u8]>) -> Step {
        let bytes = bytes.as_ref();
        let sent = self.push(bytes)?;
        let what = match sent < bytes.len() {
            true => format!("tries to send {}, of which {} left", quoted(bytes), count(sent, "byte")),
            false => format!("sends {}", quoted(bytes)),
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
            .record(&self.who, format!("sends {}", quoted(&bytes.as_ref()[..sent])));
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

    /// Waits until the program has read everything that was sent.
    pub fn was_read(&mut self) -> Step {
        let (theirs, ours) = (self.remote, self.local);
        let read = self.stage.watch(self.stage.timeout, || {
            match queues::unread(theirs, ours).or_trouble("asking for the program's receive queue")? {
                Some(0) | None => Ok(Some(())),
                Some(_) => Ok(None),
            }
        })?;
        if read.is_some() {
            return Ok(());
        }
        let unread = queues::unread(theirs, ours)
            .or_trouble("asking for the program's receive queue")?
            .unwrap_or(0);
        Finding::new(
            Kind::Unread,
            format!(
                "the program left {} unread for {}",
                count(unread, "byte"),
                seconds(self.stage.timeout)
            ),
        )
        .expected("everything that was sent is read")
        .stop()
    }

    /// Ends the sending direction; receiving goes on.
    pub fn shuts_down(&mut self) -> Step {
        self.stage.record(&self.who, "shuts down its sending direction (FIN)");
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
        self.stage.record(&self.who, "closes the connection");
        Ok(())
    }

    /// Closes without reading what lies unread (the kernel makes a reset of that).
    pub fn closes_unread(self) {
        self.stage.record(&self.who, "closes the connection without reading");
    }

    /// Resets the connection (linger 0: RST), and goes on once the reset has reached the program's socket.
    pub fn resets(self) -> Step {
        let zero = linger {
            l_onoff: 1,
            l_linger: 0,
        };
        setsockopt(&self.socket, sockopt::Linger, &zero).or_trouble("setting SO_LINGER")?;
        self.stage.record(&self.who, "resets the connection (RST)");
        let (theirs, ours) = (self.remote, self.local);
        drop(self.socket);
        self.stage
            .watch(Duration::from_millis(200), || {
                let unread = queues::unread(theirs, ours).or_trouble("asking for the program's receive queue")?;
                Ok(unread.is_none().then_some(()))
            })
            .map(drop)
    }

    // --- receiving ---

    /// Receives exactly these bytes next.
    pub fn receives(&mut self, expected: impl AsRef<[u8]>) -> Step {
        let expected = expected.as_ref();
        self.receives_within(expected, self.stage.timeout)
    }

    /// Like [`TcpPeer::receives`], as the first act of a program that may still be starting up.
    pub fn receives_first(&mut self, expected: impl AsRef<[u8]>) -> Step {
        self.receives_within(expected.as_ref(), self.stage.timeout * super::STARTUP)
    }

    fn receives_within(&mut self, expected: &[u8], limit: Duration) -> Step {
        self.fill(limit, |received| {
            let wrong = received.iter().zip(expected).any(|(a, b)| a != b);
            received.len() >= expected.len() || wrong
        })?;
        let have = self.received.len().min(expected.len());
        if self.received[..have] == *expected {
            let got: Vec<u8> = self.received.drain(..have).collect();
            self.stage.record(&self.who, format!("receives {}", quoted(&got)));
            return Ok(());
        }
        self.stage
            .record(&self.who, format!("receives {}", quoted(&self.received)));
        let wrong = self.received.iter().zip(expected).any(|(a, b)| a != b);
        let (wanted, actual, at) = difference(expected, &self.received);
        let finding = match (wrong, self.end) {
            (true, _) => {
                let place = at
                    .map(|at| format!(", different from byte {at} on"))
                    .unwrap_or_default();
                Finding::new(Kind::WrongBytes, format!("the program sent something else{place}"))
            }
            (false, Some(End::EndOfFile)) => Finding::new(
                Kind::ClosedEarly,
                format!("the program closed after {} of {}", have, count(expected.len(), "byte")),
            ),
            (false, Some(End::Reset)) => Finding::new(
                Kind::WasReset,
                format!(
                    "the connection was reset after {} of {}",
                    have,
                    count(expected.len(), "byte")
                ),
            ),
            (false, None) => Finding::new(
                Kind::MissingBytes,
                format!(
                    "{} of {} came within {}",
                    have,
                    count(expected.len(), "byte"),
                    seconds(limit)
                ),
            ),
        };
        finding.expected(wanted).actual(actual).stop()
    }

    /// Receives exactly this text and a newline next.
    pub fn receives_line(&mut self, line: impl AsRef<[u8]>) -> Step {
        self.receives([line.as_ref(), b"\n"].concat())
    }

    /// Receives the end of the program's sending direction, and nothing before it.
    pub fn receives_end(&mut self) -> Step {
        match self.end_within()? {
            Some(End::EndOfFile) => Ok(()),
            Some(End::Reset) => Finding::new(
                Kind::WasReset,
                "the program's end reset the connection instead of closing it",
            )
            .expected("end-of-file")
            .actual("a reset: closing a socket that holds unread bytes does that")
            .stop(),
            None => self.not_closed(),
        }
    }

    /// Receives the end of the program's sending direction, be it a reset.
    pub fn receives_end_or_reset(&mut self) -> Step {
        match self.end_within()? {
            Some(End::EndOfFile | End::Reset) => Ok(()),
            None => self.not_closed(),
        }
    }

    /// Nothing has come so far that no step asked for. Call it behind a step that proves that the program went on.
    pub fn hears_nothing_yet(&mut self) -> Step {
        self.pull()?;
        if self.received.is_empty() {
            return Ok(());
        }
        self.stage
            .record(&self.who, format!("receives {}", quoted(&self.received)));
        Finding::new(Kind::OutOfTurn, "the program sent before its turn")
            .expected("nothing yet")
            .actual(quoted(&self.received))
            .stop()
    }

    /// Receives whatever comes, to the end of the program's sending direction.
    pub fn receives_all(&mut self) -> Step<Vec<u8>> {
        self.fill(self.stage.timeout, |_| false)?;
        let all = std::mem::take(&mut self.received);
        self.stage.record(&self.who, format!("receives {}", quoted(&all)));
        match self.end {
            Some(_) => Ok(all),
            None => self.not_closed(),
        }
    }

    fn end_within(&mut self) -> Step<Option<End>> {
        self.fill(self.stage.timeout, |received| !received.is_empty())?;
        if !self.received.is_empty() {
            self.stage
                .record(&self.who, format!("receives {}", quoted(&self.received)));
            return Finding::new(Kind::ExtraBytes, "the program sent more than the contract names")
                .expected("end-of-file")
                .actual(quoted(&self.received))
                .stop();
        }
        match self.end {
            Some(End::EndOfFile) => self.stage.record(&self.who, "receives end-of-file"),
            Some(End::Reset) => self.stage.record(&self.who, "receives a reset"),
            None => {}
        }
        Ok(self.end)
    }

    fn not_closed<T>(&self) -> Step<T> {
        Finding::new(
            Kind::NotClosed,
            format!(
                "the program did not end its sending direction within {}",
                seconds(self.stage.timeout)
            ),
        )
        .expected("end-of-file")
        .actual("nothing: the connection stays open")
        .stop()
    }

    fn closed_before<T>(&self, what: &str) -> Step<T> {
        Finding::new(
            Kind::ClosedEarly,
            format!("the program closed the connection before {what}"),
        )
        .stop()
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
    fn pull(&mut self) -> Step {
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
        Ok(())
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
                    Ok(n) => sent += n,
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
