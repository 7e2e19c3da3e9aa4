//! A socket that is read from until a deadline. Right: one deadline for the whole answer, however its bytes come.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use specimens::Flaw;

/// How long the other side may take.
#[derive(Clone, Copy)]
pub(super) enum Clock {
    Unlimited,
    Until(Instant),
    EachRead(Duration),
    FromTheFirstByte(Duration),
}

pub(super) struct Timed<'a> {
    stream: &'a TcpStream,
    clock: &'a Cell<Clock>,
    came: usize,
    patience: Duration,
    flaw: Flaw,
}

impl<'a> Timed<'a> {
    pub(super) fn new(stream: &'a TcpStream, clock: &'a Cell<Clock>, patience: Duration, flaw: Flaw) -> Timed<'a> {
        Timed {
            stream,
            clock,
            came: 0,
            patience,
            flaw,
        }
    }

    fn left(&self) -> io::Result<Option<Duration>> {
        match self.clock.get() {
            Clock::Unlimited | Clock::FromTheFirstByte(_) => Ok(None),
            Clock::EachRead(patience) => Ok(Some(patience)),
            Clock::Until(deadline) => match deadline.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => Ok(Some(left)),
                _ => Err(ErrorKind::TimedOut.into()),
            },
        }
    }

    /// The mistakes that look at the clock again once some of the answer is there.
    fn has_come(&mut self, got: usize) {
        let header_was_whole = self.came >= 4;
        self.came += got;
        let header_is_whole = self.came >= 4 && !header_was_whole;
        match (self.clock.get(), self.flaw) {
            (Clock::FromTheFirstByte(patience), _) => self.clock.set(Clock::Until(Instant::now() + patience)),
            (Clock::Until(_), Flaw::DeadlineForTheHeaderAlone) if header_is_whole => self.clock.set(Clock::Unlimited),
            (Clock::Until(_), Flaw::DeadlineForEachPart) if header_is_whole => {
                self.clock.set(Clock::Until(Instant::now() + self.patience));
            }
            _ => {}
        }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        let got = self.stream.read(buffer)?;
        self.has_come(got);
        Ok(got)
    }
}

/// What a read fails with when its time is over: both, for the systems do not agree.
pub(super) fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}
