//! What happens beside a long talk: a single thread of ours plays both sides, and looks at the quiet one first.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use super::talk::Talk;
use super::tcp::TcpPeer;
use super::{Bench, running};
use crate::quote::{count, quoted};
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, Step};

impl Bench {
    /// Lets time pass where the contract itself speaks of it, in which these say what they can and hear nothing.
    pub fn elapses_while_they_say(&self, span: Duration, talks: &mut [Talk]) -> Step {
        self.stage.record("checker", Event::LetsPass(span));
        let deadline = Instant::now() + span;
        loop {
            self.stage.attend_to_all()?;
            let mut said = 0;
            for talk in talks.iter_mut() {
                said += talk.says_what_goes()?;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                talks.iter().for_each(Talk::records);
                return Ok(());
            }
            if said > 0 {
                continue;
            }
            let waiting: Vec<(BorrowedFd<'_>, PollFlags)> = talks
                .iter()
                .filter(|talk| !talk.has_said_all())
                .map(|talk| (talk.peer.socket.as_fd(), PollFlags::POLLOUT))
                .collect();
            self.stage.sleep_until_something_happens(&waiting, left)?;
        }
    }
}

impl TcpPeer {
    /// Receives `line` while `greedy` says and hears as much as goes: before that one has heard `limit` bytes more.
    ///
    /// Order proves it, not time: every look is at this peer first.
    pub fn receives_line_beside(&mut self, line: &[u8], greedy: &mut Talk, limit: usize) -> Step {
        let stage = std::rc::Rc::clone(&self.stage);
        let line = [line, b"\n"].concat();
        let before = greedy.heard();
        let mut moved = Instant::now();
        loop {
            stage.attend_to_all()?;
            self.pull()?;
            if self.received.len() >= line.len() || self.end.is_some() {
                return self.receives(line);
            }
            if greedy.heard() - before > limit {
                greedy.records();
                return Finding::new(
                    Kind::MissingBytes,
                    format!(
                        "one line of the {} waits while the server answers {} of another client",
                        self.who,
                        count(greedy.heard() - before, "byte")
                    ),
                )
                .expected(quoted(&line))
                .stop();
            }
            if greedy.says_what_goes()? + greedy.hears_what_came()? > 0 {
                moved = Instant::now();
                continue;
            }
            let left = stage.timeout.saturating_sub(moved.elapsed());
            if left.is_zero() {
                greedy.records();
                return Finding::new(
                    Kind::MissingBytes,
                    format!(
                        "neither the {} nor the one beside it is answered any more for {}",
                        self.who,
                        running::seconds(stage.timeout)
                    ),
                )
                .expected(quoted(&line))
                .stop();
            }
            let own = (self.socket.as_fd(), PollFlags::POLLIN);
            let other = (greedy.peer.socket.as_fd(), greedy.interest());
            stage.sleep_until_something_happens(&[own, other], left)?;
        }
    }
}
