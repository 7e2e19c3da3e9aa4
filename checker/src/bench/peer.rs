//! Our end of a stream: every step acts, waits with the deadline, and records itself.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::running::Running;
use super::stage::Stage;
use crate::quote::{count, difference, part, quoted};
use crate::transcript::Event;
use crate::verdict::{Finding, Hint, Kind, OrTrouble, Step};

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

    // --- sending ---

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

    // --- receiving ---

    /// Receives exactly these bytes next.
    pub fn receives(&mut self, expected: impl AsRef<[u8]>) -> Step {
        let expected = expected.as_ref();
        self.receives_within(expected, self.stage.timeout)
    }

    /// Like [`Peer::receives`], as the first act of a program that may still be starting up.
    pub fn receives_first(&mut self, expected: impl AsRef<[u8]>) -> Step {
        self.receives_within(expected.as_ref(), self.stage.timeout * super::STARTUP)
    }

    fn receives_within(&mut self, expected: &[u8], limit: Duration) -> Step {
        self.fill(limit, |received| {
            // What came may be as long as a lesson's largest message, and is looked at after every piece.
            received.len() >= expected.len() || !expected.starts_with(received)
        })?;
        let have = self.received.len().min(expected.len());
        if self.received[..have] == *expected {
            let got: Vec<u8> = self.received.drain(..have).collect();
            self.stage.record(&self.who, Event::Receives(quoted(&got)));
            return Ok(());
        }
        self.records_arrival(&self.received);
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
                format!("the program closed after {}", part(have, expected.len(), "byte")),
            ),
            (false, Some(End::Reset)) => Finding::new(
                Kind::WasReset,
                format!("the connection was reset after {}", part(have, expected.len(), "byte")),
            ),
            (false, None) => Finding::new(
                Kind::MissingBytes,
                format!(
                    "{} came {}",
                    part(have, expected.len(), "byte"),
                    self.stage.how_long("the program", limit)
                ),
            ),
        };
        let lacks_its_newline = have > 0 && expected.strip_suffix(b"\n") == Some(&self.received);
        let finding = finding.expected(wanted).actual(actual);
        let stop = match self.end {
            Some(_) => self.stage.broke_off(finding),
            None => finding.stop(),
        };
        match lacks_its_newline {
            true => stop.hint("a line ends with its newline: send `\\n` behind the text"),
            false => stop,
        }
    }

    /// Receives exactly this text and a newline next.
    pub fn receives_line(&mut self, line: impl AsRef<[u8]>) -> Step {
        self.receives([line.as_ref(), b"\n"].concat())
    }

    /// What came, if anything did.
    fn records_arrival(&self, received: &[u8]) {
        if !received.is_empty() {
            self.stage.record(&self.who, Event::Receives(quoted(received)));
        }
    }

    /// Receives so many bytes next, whatever they are.
    pub fn takes(&mut self, length: usize) -> Step<Vec<u8>> {
        self.fill(self.stage.timeout, |received| received.len() >= length)?;
        let have = self.received.len().min(length);
        let got: Vec<u8> = self.received.drain(..have).collect();
        self.records_arrival(&got);
        let kind = match (have == length, self.end) {
            (true, _) => return Ok(got),
            (false, Some(End::EndOfFile)) => Kind::ClosedEarly,
            (false, Some(End::Reset)) => Kind::WasReset,
            (false, None) => Kind::MissingBytes,
        };
        let finding = Finding::new(kind, format!("{} came", part(have, length, "byte"))).actual(quoted(&got));
        match self.end {
            Some(_) => self.stage.broke_off(finding),
            None => finding.stop(),
        }
    }

    /// Receives one line next, whatever it says; returned without its newline.
    pub fn takes_line(&mut self) -> Step<Vec<u8>> {
        self.fill(self.stage.timeout, |received| received.contains(&b'\n'))?;
        if let Some(at) = self.received.iter().position(|&byte| byte == b'\n') {
            let mut line: Vec<u8> = self.received.drain(..=at).collect();
            self.stage.record(&self.who, Event::Receives(quoted(&line)));
            line.pop();
            return Ok(line);
        }
        let (kind, what) = match self.end {
            Some(End::EndOfFile) => (Kind::ClosedEarly, "the program closed before it had sent a line"),
            Some(End::Reset) => (Kind::WasReset, "the connection was reset before a line had come"),
            None => (Kind::MissingBytes, "no line came"),
        };
        let finding = Finding::new(kind, what)
            .expected("a line, with its newline")
            .actual(quoted(&self.received));
        match self.end {
            Some(_) => self.stage.broke_off(finding),
            None => finding.stop(),
        }
    }

    /// Waits until something has come, and leaves it unread.
    pub fn leaves_unread(&mut self) -> Step {
        let socket = self.socket.try_clone().or_trouble("duplicating a socket")?;
        let stage = Rc::clone(&self.stage);
        let came = stage.wait(&[(socket.as_fd(), PollFlags::POLLIN)], stage.timeout, || {
            let mut look = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
            let ready = poll(&mut look, PollTimeout::ZERO).or_trouble("looking at a socket")?;
            Ok((ready > 0).then_some(()))
        })?;
        match came {
            Some(()) => Ok(()),
            None => Finding::new(
                Kind::MissingBytes,
                format!(
                    "nothing came {}",
                    self.stage.how_long("the program", self.stage.timeout)
                ),
            )
            .stop(),
        }
    }

    /// Receives the end of the program's sending direction, and nothing before it.
    pub fn receives_end(&mut self) -> Step {
        match self.end_within()? {
            Some(End::EndOfFile) => Ok(()),
            Some(End::Reset) => self.stage.broke_off(
                Finding::new(
                    Kind::WasReset,
                    "the program's end reset the connection instead of closing it",
                )
                .expected("end-of-file")
                .actual("a reset: a close with bytes unread does that, and so does SO_LINGER 0"),
            ),
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
        self.stage.record(&self.who, Event::Receives(quoted(&self.received)));
        Finding::new(Kind::OutOfTurn, "the program sent before its turn")
            .expected("nothing yet")
            .actual(quoted(&self.received))
            .stop()
    }

    /// Whether something comes that no step asked for, or the end of the program's sending direction, within `span`: only where the contract
    /// itself speaks of time.
    pub fn hears_within(&mut self, span: Duration) -> Step<bool> {
        let stage = Rc::clone(&self.stage);
        let socket = self.socket.try_clone().or_trouble("duplicating a socket")?;
        stage.wait_it_out(&[(socket.as_fd(), PollFlags::POLLIN)], span, || {
            self.pull()?;
            Ok((self.end.is_some() || !self.received.is_empty()).then_some(()))
        })?;
        Ok(!self.received.is_empty() || self.end.is_some())
    }

    /// Receives whatever comes, to the end of the program's sending direction.
    pub fn receives_all(&mut self) -> Step<Vec<u8>> {
        self.fill(self.stage.timeout, |_| false)?;
        let all = std::mem::take(&mut self.received);
        self.records_arrival(&all);
        match self.end {
            Some(_) => Ok(all),
            None => self.not_closed(),
        }
    }

    fn end_within(&mut self) -> Step<Option<End>> {
        self.fill(self.stage.timeout, |received| !received.is_empty())?;
        if !self.received.is_empty() {
            self.stage.record(&self.who, Event::Receives(quoted(&self.received)));
            return Finding::new(Kind::ExtraBytes, "the program sent more than the contract names")
                .expected("end-of-file")
                .actual(quoted(&self.received))
                .stop();
        }
        match self.end {
            Some(End::EndOfFile) => self.stage.record(&self.who, Event::ReceivesEnd),
            Some(End::Reset) => self.stage.record(&self.who, Event::ReceivesReset),
            None => {}
        }
        Ok(self.end)
    }

    fn not_closed<T>(&self) -> Step<T> {
        Finding::new(
            Kind::NotClosed,
            format!(
                "the program did not end its sending direction {}",
                self.stage.how_long("it", self.stage.timeout)
            ),
        )
        .expected("end-of-file")
        .actual("nothing: the connection stays open")
        .stop()
    }

    fn closed_before<T>(&self, what: &str) -> Step<T> {
        self.stage.broke_off(Finding::new(
            Kind::ClosedEarly,
            format!("the program closed the connection before {what}"),
        ))
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
