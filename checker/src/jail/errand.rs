//! A command that is run to its end inside a jail, for what it says: how a submission is compiled.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use super::{Exit, Jail, Play};

/// Of each stream so much is kept; what comes behind it is read and dropped.
const KEPT: usize = 16 << 20;

/// How a command ended, and what it said.
#[derive(Debug)]
pub struct Errand {
    /// `None` if it was killed because its time was over.
    pub exit: Option<Exit>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Runs `argv` in `jail` for at most `limit`.
///
/// # Errors
/// It can't be started.
pub fn run(
    jail: &Rc<Jail>,
    argv: &[OsString],
    environment: &[(&'static str, OsString)],
    limit: Duration,
) -> io::Result<Errand> {
    let mut child = jail.start(&Play::Command(argv), environment)?;
    child.stdin = None;
    let mut errand = Errand {
        exit: None,
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    let deadline = Instant::now() + limit;
    let is_over = loop {
        take(&mut child.stdout, &mut errand.stdout);
        take(&mut child.stderr, &mut errand.stderr);
        let has_ended = child.exit().is_some();
        if has_ended && child.stdout.is_none() && child.stderr.is_none() {
            break false;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break true;
        }
        let mut fds = Vec::new();
        for stream in [&child.stdout, &child.stderr].into_iter().flatten() {
            fds.push(PollFd::new(stream.as_fd(), PollFlags::POLLIN));
        }
        if !has_ended {
            fds.push(PollFd::new(child.ended(), PollFlags::POLLIN));
        }
        match poll(&mut fds, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        if !has_ended && child.exit().is_some() {
            // What it left behind would hold its streams open.
            child.signal(Signal::SIGKILL);
        }
    };
    if !is_over {
        errand.exit = child.exit();
    }
    Ok(errand)
}

/// Reads what is there; the pipe becomes `None` at its end.
fn take(pipe: &mut Option<File>, kept: &mut Vec<u8>) {
    let mut buffer = [0; 64 * 1024];
    while let Some(open) = pipe.as_mut() {
        match open.read(&mut buffer) {
            Ok(0) => *pipe = None,
            Ok(length) => {
                let room = KEPT - kept.len();
                kept.extend_from_slice(&buffer[..length.min(room)]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return,
            Err(_) => *pipe = None,
        }
    }
}
