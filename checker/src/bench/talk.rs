//! A long talk: more lines than anybody wants to hold, made as they are said, and compared as they come back.
//!
//! A talk says and hears only when it is told to: a peer that does not read is one that is not told to hear. Its deadline is the longest
//! time without a byte in either direction, however much there is to say.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use super::peer::Link;
use super::tcp::TcpPeer;
use super::vigil::Vigil;
use super::{End, Pages};
use crate::quote::{count, difference, part, quoted};
use crate::verdict::{Finding, Kind, OrTrouble, Step};

/// Said or heard at once, so that one talk does not starve the step that waits beside it.
const PER_LOOK: usize = 256 << 10;
const QUIT: &[u8] = b"q\n";

/// What a peer does behind its last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    Stays,
    /// It says `q`.
    Quits,
    /// It shuts down its sending direction.
    ShutsDown,
}

/// A peer, what it has to say, and what it is to hear.
#[derive(Debug)]
pub struct Talk {
    pub peer: TcpPeer,
    says: Pages,
    hears: Pages,
    /// Whole lines.
    says_in_all: usize,
    hears_in_all: usize,
    farewell: Farewell,
    said: usize,
    heard: usize,
}

impl Talk {
    /// Says lines, of `about` so many bytes in all, and is to hear them shouted.
    pub fn new(peer: TcpPeer, says: Pages, about: usize, farewell: Farewell) -> Self {
        let length = says.whole_lines(about);
        Talk {
            peer,
            hears: says.shouted(),
            says_in_all: length,
            hears_in_all: length,
            farewell,
            says,
            said: 0,
            heard: 0,
        }
    }

    /// Says nothing, and is to hear these lines as they are.
    pub fn listener(peer: TcpPeer, hears: Pages, about: usize) -> Self {
        let mut talk = Talk::new(peer, hears.clone(), about, Farewell::Stays);
        talk.hears = hears;
        talk.says_in_all = 0;
        talk
    }

    pub fn said(&self) -> usize {
        self.said
    }

    pub fn heard(&self) -> usize {
        self.heard
    }

    /// How much it is to hear.
    pub fn hears_in_all(&self) -> usize {
        self.hears_in_all
    }

    /// How much of what was said the program has taken: the rest lies unread in its socket (or, a few KiB of it, in ours).
    pub fn taken(&self) -> Step<usize> {
        let unread = self.peer.link.unread();
        let unread = unread.or_trouble("asking for the program's receive queue")?;
        Ok(self.said - unread.unwrap_or(0).min(self.said))
    }

    /// Whether the program takes more of what was said, within `span` or until it is certain that it waits for others.
    pub fn is_taken_further(&self, span: Duration) -> Step<bool> {
        let before = self.taken()?;
        let stage = &self.peer.stage;
        let more = stage.watch(span, || Ok((self.taken()? != before).then_some(())))?;
        Ok(more.is_some())
    }

    /// How much the program itself still owes of what it has taken: at least so much of it lies neither with us nor in the kernel.
    pub fn owed(&self) -> Step<usize> {
        let link = &self.peer.link;
        let queues = link
            .kernel
            .queues(link.remote, link.local)
            .or_trouble("asking for the program's queues")?;
        let ours = self.peer.waiting()?;
        Ok(queues.map_or(0, |queues| {
            self.said
                .saturating_sub(self.heard + queues.unread + queues.unsent + ours)
        }))
    }

    pub fn has_said_all(&self) -> bool {
        self.said == self.says_in_all + self.parting_word().len()
    }

    /// From here on it has only so much more to say, which must be more than a line.
    pub fn ends_after(&mut self, more: usize) {
        let length = self.says.whole_lines(self.said + more);
        self.says_in_all = length.min(self.says_in_all);
        self.hears_in_all = self.says_in_all;
    }

    fn parting_word(&self) -> &'static [u8] {
        match self.farewell {
            Farewell::Quits => QUIT,
            Farewell::Stays | Farewell::ShutsDown => b"",
        }
    }

    /// Says what goes without waiting.
    pub fn says_what_goes(&mut self) -> Step<usize> {
        self.says_at_most(PER_LOOK)
    }

    /// Says what goes without waiting, in pieces of a page, until it has said so much.
    pub fn says_at_most(&mut self, most: usize) -> Step<usize> {
        let before = self.said;
        let parting_word = self.parting_word();
        while !self.has_said_all() && self.said - before < most {
            let bytes = match self.says_in_all.checked_sub(self.said) {
                Some(left) if left > 0 => {
                    let bytes = self.says.at(self.said);
                    &bytes[..bytes.len().min(left)]
                }
                _ => &parting_word[self.said - self.says_in_all..],
            };
            match self.peer.socket.write(bytes) {
                Ok(n) => {
                    self.peer.stage.says(n);
                    self.said += n;
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => break,
                    ErrorKind::Interrupted => {}
                    ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::NotConnected => {
                        return self.closed_too_early(End::EndOfFile);
                    }
                    _ => return Err(error).or_trouble("writing to a connection"),
                },
            }
            if self.has_said_all() && self.farewell == Farewell::ShutsDown {
                self.peer.shuts_down()?;
            }
        }
        Ok(self.said - before)
    }

    /// Hears what is there without waiting, and compares it.
    pub fn hears_what_came(&mut self) -> Step<usize> {
        let before = self.heard;
        let mut buffer = [0; 64 * 1024];
        while self.heard < self.hears_in_all && self.heard - before < PER_LOOK {
            let room = buffer.len().min(self.hears_in_all - self.heard);
            match self.peer.socket.read(&mut buffer[..room]) {
                Ok(0) => return self.closed_too_early(End::EndOfFile),
                Ok(n) => self.compares(&buffer[..n])?,
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => break,
                    ErrorKind::Interrupted => {}
                    ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::NotConnected => {
                        return self.closed_too_early(End::Reset);
                    }
                    _ => return Err(error).or_trouble("reading from a connection"),
                },
            }
        }
        Ok(self.heard - before)
    }

    fn compares(&mut self, mut came: &[u8]) -> Step {
        while !came.is_empty() {
            let expected = self.hears.at(self.heard);
            let (now, rest) = came.split_at(came.len().min(expected.len()));
            if expected[..now.len()] != *now {
                let (wanted, actual, at) = difference(&expected[..now.len()], now);
                let at = self.heard + at.unwrap_or(0);
                return Finding::new(
                    Kind::WrongBytes,
                    format!("the program sent something else, different from byte {at} on"),
                )
                .expected(wanted)
                .actual(actual)
                .stop();
            }
            self.heard += now.len();
            came = rest;
        }
        Ok(())
    }

    /// Says the rest, hears everything.
    pub fn goes_to_its_end(&mut self) -> Step {
        self.goes_on_until_it_has_heard(self.hears_in_all)
    }

    /// Goes on, in both directions, until so much was heard (and, at the end, everything was said).
    pub fn goes_on_until_it_has_heard(&mut self, enough: usize) -> Step {
        let stage = std::rc::Rc::clone(&self.peer.stage);
        let mut moved = Instant::now();
        let mut vigil = Vigil::for_acts(&stage);
        while self.heard < enough || (enough == self.hears_in_all && !self.has_said_all()) {
            stage.attend_to_all()?;
            if self.says_what_goes()? + self.hears_what_came()? > 0 {
                moved = Instant::now();
                vigil = Vigil::for_acts(&stage);
                continue;
            }
            let left = stage.timeout.saturating_sub(moved.elapsed());
            if left.is_zero() {
                vigil.ends(false)?;
                return self.stands_still();
            }
            if vigil.finds_them_stuck()? {
                // What they said before that has come by now.
                match self.hears_what_came()? {
                    0 => return self.stands_still(),
                    _ => continue,
                }
            }
            let socket = self.peer.socket.try_clone().or_trouble("duplicating a socket")?;
            let next_look = vigil.next_look().map_or(left, |look| look.min(left));
            stage.sleep_until_something_happens(&[(socket.as_fd(), self.interest())], next_look)?;
        }
        vigil.ends(true)?;
        self.records();
        Ok(())
    }

    /// What the next byte waits for.
    pub(super) fn interest(&self) -> PollFlags {
        match self.has_said_all() {
            true => PollFlags::POLLIN,
            false => PollFlags::POLLIN | PollFlags::POLLOUT,
        }
    }

    /// Enters how far it has come.
    pub(super) fn records(&self) {
        self.peer.stage.record(
            &self.peer.who,
            format!(
                "has sent {} of lines, and received {}",
                count(self.said, "byte"),
                count(self.heard, "byte")
            ),
        );
    }

    fn stands_still(&mut self) -> Step {
        self.records();
        let how_long = self.peer.stage.how_long("it", self.peer.stage.timeout);
        if self.heard < self.hears_in_all && self.has_said_all() {
            return Finding::new(
                Kind::MissingBytes,
                format!("{}, and then nothing more {how_long}", self.progress()),
            )
            .expected(quoted_line(self.hears.at(self.heard)))
            .stop();
        }
        Finding::new(
            Kind::Unread,
            format!(
                "the program does not read on: it took {} of what was sent, and no more {how_long}",
                count(self.taken()?, "byte")
            ),
        )
        .actual(self.progress())
        .stop()
    }

    fn closed_too_early<T>(&mut self, end: End) -> Step<T> {
        // The packet that has ended it came before.
        self.peer.stage.looks_at_the_wire();
        self.records();
        self.peer.end.get_or_insert(end);
        let (kind, how) = match end {
            End::EndOfFile => (Kind::ClosedEarly, "closed the connection"),
            End::Reset => (Kind::WasReset, "reset the connection"),
        };
        let what = format!("the program {how} too early: {}", self.progress());
        let finding = Finding::new(kind, what).expected("the shout of every line");
        self.peer.stage.broke_off(finding)
    }

    fn progress(&self) -> String {
        match self.has_no_end() {
            true => format!("{} came", count(self.heard, "byte")),
            false => format!("{} came", part(self.heard, self.hears_in_all, "byte")),
        }
    }

    /// There is more to hear than anybody can.
    fn has_no_end(&self) -> bool {
        self.hears_in_all > usize::MAX / 4
    }
}

/// What was to come next, up to its newline.
fn quoted_line(bytes: &[u8]) -> String {
    quoted(bytes.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default())
}
