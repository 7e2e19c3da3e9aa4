//! One started program and its three pipes, whoever started it.

#[cfg(target_os = "linux")]
mod guarded;
mod own;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;
use std::sync::Arc;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::Signal;

use super::peek;
use super::watchdog::{Call, Watched};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Code(i32),
    Signal(i32),
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Exit::Code(code) => write!(f, "exit code {code}"),
            Exit::Signal(number) => match Signal::try_from(number) {
                Ok(signal) => write!(f, "killed by {signal}"),
                Err(_) => write!(f, "killed by signal {number}"),
            },
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        match status.code() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(status.signal().unwrap_or_default()),
        }
    }
}

/// A started program. Dropping it kills all of its processes.
#[derive(Debug)]
pub struct Child {
    /// Our end of its stdin, non-blocking; `None` once closed.
    pub stdin: Option<File>,
    /// Our ends of its stdout and stderr, non-blocking; `None` once they ended.
    pub stdout: Option<File>,
    pub stderr: Option<File>,
    keeper: Keeper,
    watched: Arc<Watched>,
}

/// Who started it and reaps it.
#[derive(Debug)]
enum Keeper {
    Us(own::Process),
    #[cfg(target_os = "linux")]
    Warden(guarded::Process),
}

/// The two ends of a program's stdin, stdout and stderr.
struct Streams {
    ours: [OwnedFd; 3],
    theirs: [OwnedFd; 3],
}

impl Streams {
    /// Pipes, as a shell would make them, but for stdout: Rust's `io::copy` to a pipe is splice(2), which keeps the pipe locked, and what it has
    /// printed out of our reach, while it waits for more. So that is a socket.
    fn new() -> io::Result<Self> {
        let (stdin, typed) = io::pipe()?;
        let (printed, stdout) = UnixStream::pair()?;
        let (said, stderr) = io::pipe()?;
        Ok(Streams {
            ours: [typed.into(), printed.into(), said.into()],
            theirs: [stdin.into(), stdout.into(), stderr.into()],
        })
    }
}

impl Child {
    /// Starts `argv` as our own child, in a process group of its own.
    ///
    /// # Errors
    /// What `fork`, `execve`, `pipe` or starting a thread say.
    pub fn start(argv: &[OsString], environment: &[(&'static str, OsString)]) -> io::Result<Self> {
        let Streams { ours, theirs } = Streams::new()?;
        let process = own::Process::start(argv, environment, theirs)?;
        let watched = process.watched();
        Child::of(Keeper::Us(process), watched, ours)
    }

    /// Has the warden of a jail start it.
    #[cfg(target_os = "linux")]
    pub(super) fn start_in(jail: &std::rc::Rc<super::Jail>, start: super::message::Start) -> io::Result<Self> {
        let Streams { ours, theirs } = Streams::new()?;
        let process = guarded::Process::start(jail, start, theirs)?;
        let watched = process.watched()?;
        Child::of(Keeper::Warden(process), watched, ours)
    }

    fn of(keeper: Keeper, watched: Arc<Watched>, streams: [OwnedFd; 3]) -> io::Result<Self> {
        for stream in &streams {
            fcntl(stream, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let [stdin, stdout, stderr] = streams.map(File::from).map(Some);
        Ok(Child {
            stdin,
            stdout,
            stderr,
            keeper,
            watched,
        })
    }

    /// To be held while its streams are read or written: a program can block even that, and is killed for it.
    pub fn moves_bytes(&self) -> Call {
        self.watched.call()
    }

    /// How the leader ended; `None` while it runs.
    pub fn exit(&self) -> Option<Exit> {
        match &self.keeper {
            Keeper::Us(process) => process.exit(),
            #[cfg(target_os = "linux")]
            Keeper::Warden(process) => process.exit(),
        }
    }

    /// Readable once the leader has ended.
    pub fn ended(&self) -> BorrowedFd<'_> {
        match &self.keeper {
            Keeper::Us(process) => process.ended(),
            #[cfg(target_os = "linux")]
            Keeper::Warden(process) => process.ended(),
        }
    }

    /// Its number among our processes.
    pub fn pid(&self) -> i32 {
        match &self.keeper {
            Keeper::Us(process) => process.pid(),
            #[cfg(target_os = "linux")]
            Keeper::Warden(process) => process.pid(),
        }
    }

    /// Its number among the processes of its jail, as other programs in there see it.
    pub fn pid_inside(&self) -> i32 {
        match &self.keeper {
            Keeper::Us(process) => process.pid(),
            #[cfg(target_os = "linux")]
            Keeper::Warden(process) => process.pid_inside(),
        }
    }

    /// How many processes are left that it started, once it has ended; where nobody can tell, none.
    pub fn leftovers(&self) -> usize {
        match &self.keeper {
            Keeper::Us(_) => 0,
            #[cfg(target_os = "linux")]
            Keeper::Warden(process) => process.leftovers(),
        }
    }

    /// Sends `signal` to all of its processes; one that has ended already is no error.
    pub fn signal(&self, signal: Signal) {
        match &self.keeper {
            Keeper::Us(process) => process.signal(signal),
            #[cfg(target_os = "linux")]
            Keeper::Warden(process) => process.signal(signal),
        }
    }

    /// Bytes that lie in its stdin, not yet read by the program; none where that is closed.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn unread_stdin(&self) -> io::Result<usize> {
        match &self.stdin {
            Some(pipe) => peek::unread(pipe).ok_or_else(peek::not_told),
            None => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sys::signal::SigSet;

    /// As it is in the checker, whose threads all have the signals blocked that end it.
    #[test]
    fn a_program_does_not_inherit_blocked_signals() {
        let blocked: SigSet = [Signal::SIGINT, Signal::SIGTERM].into_iter().collect();
        blocked.thread_block().expect("a mask");
        for (signal, number) in [("INT", 2), ("TERM", 15)] {
            let argv = ["sh".into(), "-c".into(), format!("kill -{signal} $$").into()];
            let child = Child::start(&argv, &[]).expect("a shell");
            poll(&mut [PollFd::new(child.ended(), PollFlags::POLLIN)], PollTimeout::NONE).expect("an end");
            assert_eq!(child.exit(), Some(Exit::Signal(number)));
        }
    }
}
