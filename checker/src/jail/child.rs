//! One started program and its three pipes, whoever started it.

#[cfg(target_os = "linux")]
mod guarded;
mod own;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::process::ExitStatus;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::Signal;

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
}

/// Who started it and reaps it.
#[derive(Debug)]
enum Keeper {
    Us(own::Process),
    #[cfg(target_os = "linux")]
    Warden(guarded::Process),
}

impl Child {
    /// Starts `argv` as our own child, in a process group of its own.
    ///
    /// # Errors
    /// What `fork`, `execve`, `pipe` or starting a thread say.
    pub fn start(argv: &[OsString], environment: &[(&'static str, OsString)]) -> io::Result<Self> {
        let (process, [stdin, stdout, stderr]) = own::Process::start(argv, environment)?;
        Child::of(Keeper::Us(process), [stdin, stdout, stderr])
    }

    /// Has the warden of a jail start it.
    #[cfg(target_os = "linux")]
    pub(super) fn start_in(jail: &std::rc::Rc<super::Jail>, start: super::message::Start) -> io::Result<Self> {
        let (process, streams) = guarded::Process::start(jail, start)?;
        Child::of(Keeper::Warden(process), streams)
    }

    fn of(keeper: Keeper, streams: [OwnedFd; 3]) -> io::Result<Self> {
        for stream in &streams {
            fcntl(stream, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let [stdin, stdout, stderr] = streams.map(File::from).map(Some);
        Ok(Child {
            stdin,
            stdout,
            stderr,
            keeper,
        })
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

    /// Bytes that lie in its stdin, not yet read by the program; `None` where stdin is closed or the system does not say.
    pub fn unread_stdin(&self) -> Option<usize> {
        let pipe = self.stdin.as_ref()?;
        let mut unread: nix::libc::c_int = 0;
        // SAFETY: FIONREAD writes one int to the address given, which lives until the call returns.
        #[expect(unsafe_code, reason = "no safe wrapper for FIONREAD in the dependencies")]
        let answer = unsafe { nix::libc::ioctl(pipe.as_raw_fd(), nix::libc::FIONREAD, &raw mut unread) };
        (answer == 0).then(|| unread.cast_unsigned() as usize)
    }
}
