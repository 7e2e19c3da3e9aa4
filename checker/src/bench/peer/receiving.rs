//! What our end of a stream hears.

use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{End, Link, Peer};
use crate::quote::{difference, part, quoted};
use crate::transcript::Event;
use crate::verdict::{Finding, Hint, Kind, OrTrouble, Step};

impl<L: Link> Peer<L> {
    /// Receives exactly these bytes next.
    pub fn receives(&mut self, expected: impl AsRef<[u8]>) -> Step {
        let expected = expected.as_ref();
        self.receives_within(expected, self.stage.timeout)
    }

    /// Like [`Peer::receives`], as the first act of a program that may still be starting up.
    pub fn receives_first(&mut self, expected: impl AsRef<[u8]>) -> Step {
        self.receives_within(expected.as_ref(), self.stage.timeout * super::super::STARTUP)
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

    pub(super) fn closed_before<T>(&self, what: &str) -> Step<T> {
        self.stage.broke_off(Finding::new(
            Kind::ClosedEarly,
            format!("the program closed the connection before {what}"),
        ))
    }
}
