//! A started program as the stage attends to it: its output read into bounded buffers, its input written, its end noticed.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::Signal;

use super::closing;
use super::stage::Stage;
use crate::jail::{Child, Exit};
use crate::quote::{count, quoted};
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, OrTrouble, Step};

/// Unread stdout kept for the steps to come; no contract names as much.
const STDOUT_BYTES: usize = 16 << 20;
const STDOUT_LINES: usize = 50_000;
/// Of stderr, the first and the last so many bytes are kept.
const STDERR_END: usize = 8 << 10;
/// What a program may say on stderr in all before that is a finding.
const STDERR_BYTES: usize = 64 << 20;
/// Read at once, so that a flood does not starve the step that waits.
const PER_LOOK: usize = 1 << 20;

/// Processes that a program started may end so much later than itself.
const GRACE: Duration = Duration::from_secs(1);

/// `1 process`, `2 processes`
pub(super) fn processes(number: usize) -> String {
    match number {
        1 => "1 process".to_owned(),
        _ => format!("{number} processes"),
    }
}

#[derive(Debug)]
pub(super) struct Attended {
    pub(super) who: String,
    pub(super) child: Child,
    pub(super) stdout: Lines,
    pub(super) stderr: Ends,
    /// Typed, not yet in the pipe.
    typed: VecDeque<u8>,
    input_ends: bool,
    exit: Option<Exit>,
    /// It has ended, and what it started may do so too until then.
    lingers_until: Option<Instant>,
    /// How many of its processes had to be killed after its end.
    pub(super) left_behind: usize,
}

/// Output cut into lines that no step has asked for yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    whole: VecDeque<Vec<u8>>,
    /// What came after the last newline.
    pub(super) rest: Vec<u8>,
    bytes: usize,
    #[cfg(target_os = "linux")]
    has_begun: bool,
}

impl Lines {
    pub(super) fn next(&mut self) -> Option<Vec<u8>> {
        let line = self.whole.pop_front()?;
        self.bytes -= line.len();
        Some(line)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.rest.is_empty()
    }

    /// Whether anything has come at all.
    #[cfg(target_os = "linux")]
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// No contract asks for a line: that none comes is no sign.
    pub(super) fn owe_nothing(&mut self) {
        #[cfg(target_os = "linux")]
        {
            self.has_begun = true;
        }
    }

    fn push(&mut self, bytes: &[u8], mut whole_line: impl FnMut(&[u8])) {
        #[cfg(target_os = "linux")]
        {
            self.has_begun |= !bytes.is_empty();
        }
        self.bytes += bytes.len();
        let mut pieces = bytes.split(|&byte| byte == b'\n');
        self.rest.extend_from_slice(pieces.next().unwrap_or_default());
        for piece in pieces {
            let line = std::mem::replace(&mut self.rest, piece.to_vec());
            whole_line(&line);
            self.bytes -= 1;
            self.whole.push_back(line);
        }
    }

    fn is_a_flood(&self) -> bool {
        self.bytes > STDOUT_BYTES || self.whole.len() > STDOUT_LINES
    }
}

/// The first and the last bytes of a stream, with a count of all.
#[derive(Debug, Default)]
pub(super) struct Ends {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: usize,
}

impl Ends {
    fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len();
        let (head, tail) = bytes.split_at(bytes.len().min(STDERR_END - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let surplus = self.tail.len().saturating_sub(STDERR_END);
        self.tail.drain(..surplus);
    }

    /// What was kept, as text.
    pub(super) fn text(&self) -> String {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        let dropped = self.total - self.head.len() - tail.len();
        let mut bytes = self.head.clone();
        if dropped > 0 {
            bytes.extend_from_slice(format!("\n… {} …\n", count(dropped, "more byte")).as_bytes());
        }
        bytes.extend(tail);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Attended {
    pub(super) fn new(who: String, child: Child) -> Self {
        Attended {
            who,
            child,
            stdout: Lines::default(),
            stderr: Ends::default(),
            typed: VecDeque::new(),
            input_ends: false,
            exit: None,
            lingers_until: None,
            left_behind: 0,
        }
    }

    pub(super) fn types(&mut self, bytes: &[u8]) {
        self.typed.extend(bytes);
    }

    /// No more will be typed: stdin is closed once all is in the pipe.
    pub(super) fn ends_input(&mut self) {
        self.input_ends = true;
    }

    /// How it ended, once that was noticed and its output has been read to the end.
    pub(super) fn exit(&self) -> Option<Exit> {
        let drained = self.child.stdout.is_none() && self.child.stderr.is_none();
        self.exit.filter(|_| drained)
    }

    /// It has ended, but what it said or left behind has not been dealt with.
    #[cfg(target_os = "linux")]
    pub(super) fn is_ending(&self) -> bool {
        self.lingers() || self.exit.is_some() && self.exit().is_none()
    }

    /// Whether everything that was typed has been read by the program (or can't be any more).
    pub(super) fn has_read_its_input(&self) -> Step<bool> {
        Ok(self.unread_input()? == 0)
    }

    /// Bytes that were typed and that the program has not read.
    pub(super) fn unread_input(&self) -> Step<usize> {
        let unread = self.child.unread_stdin();
        Ok(self.typed.len() + unread.or_trouble("asking what of its input a program has not read")?)
    }

    /// What a wait should wake up for.
    pub(super) fn interest(&self) -> impl Iterator<Item = PollFd<'_>> {
        let outputs = [&self.child.stdout, &self.child.stderr].into_iter().flatten();
        let input = self.child.stdin.as_ref().filter(|_| !self.typed.is_empty());
        let end = self.exit.is_none().then(|| self.child.ended());
        outputs
            .map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN))
            .chain(input.map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLOUT)))
            .chain(end.map(|pipe| PollFd::new(pipe, PollFlags::POLLIN)))
    }

    /// Moves bytes both ways as far as that goes without waiting.
    ///
    /// # Errors
    /// A finding when the program floods its output.
    pub(super) fn attend(&mut self, stage: &Stage) -> Step {
        let call = self.child.moves_bytes();
        self.write_input(stage);
        // Noticed before the output is read: so what it said before its end is complete.
        let ended = self.child.exit();
        let (stdout, stderr, who) = (&mut self.stdout, &mut self.stderr, &self.who);
        read_into(&mut self.child.stdout, |bytes| {
            stdout.push(bytes, |line| stage.record(who, Event::Prints(quoted(line))));
        });
        read_into(&mut self.child.stderr, |bytes| {
            stage.record(who, Event::SaysOnStderr(quoted(bytes)));
            stderr.push(bytes);
        });
        drop(call);
        if let (Some(exit), None) = (ended, self.exit) {
            self.exit = Some(exit);
            stage.record(&self.who, Event::Ends(exit.to_string()));
            self.lingers_until = Some(Instant::now() + GRACE);
        }
        self.clear_away(stage);
        if self.stdout.is_a_flood() || self.stderr.total > STDERR_BYTES {
            self.child.signal(Signal::SIGKILL);
            let (stream, total) = match self.stdout.is_a_flood() {
                true => ("stdout", self.stdout.bytes),
                false => ("stderr", self.stderr.total),
            };
            return Finding::new(
                Kind::TooMuchOutput,
                format!(
                    "the {} prints without end: {} on {stream}",
                    self.who,
                    count(total, "byte")
                ),
            )
            .stop();
        }
        Ok(())
    }

    /// Kills what it left behind, which would hold its pipes open: at once where there is nothing worth a word, after a moment of grace where there is.
    fn clear_away(&mut self, stage: &Stage) {
        let Some(until) = self.lingers_until else { return };
        self.left_behind = self.child.leftovers();
        if self.left_behind > 0 && Instant::now() < until {
            return;
        }
        if self.left_behind > 0 {
            let left = processes(self.left_behind);
            stage.record(&self.who, format!("has left {left} behind, which the checker kills"));
        }
        self.lingers_until = None;
        self.child.signal(Signal::SIGKILL);
    }

    /// Whether it is looked at again soon, though nothing may happen.
    pub(super) fn lingers(&self) -> bool {
        self.lingers_until.is_some()
    }

    fn write_input(&mut self, stage: &Stage) {
        while let (Some(pipe), false) = (&mut self.child.stdin, self.typed.is_empty()) {
            let (front, _) = self.typed.as_slices();
            match pipe.write(front) {
                Ok(written) => drop(self.typed.drain(..written)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => {
                    // It closed its stdin or ended: what was typed reaches nobody.
                    self.typed.clear();
                    self.child.stdin = None;
                }
            }
        }
        if self.input_ends
            && let Some(stdin) = self.child.stdin.take()
        {
            closing::close(stdin);
            stage.record(
                "checker",
                Event::EndsInput {
                    program: self.who.clone(),
                },
            );
        }
    }
}

/// Reads what is there; the pipe becomes `None` at its end.
fn read_into(pipe: &mut Option<File>, mut sink: impl FnMut(&[u8])) {
    let mut buffer = [0; 64 * 1024];
    let mut taken = 0;
    while let (Some(open), true) = (pipe.as_mut(), taken < PER_LOOK) {
        match open.read(&mut buffer) {
            Ok(0) => *pipe = None,
            Ok(n) => {
                sink(&buffer[..n]);
                taken += n;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => *pipe = None,
        }
    }
}
