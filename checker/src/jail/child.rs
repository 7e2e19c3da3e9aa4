//! One started process group and its three pipes.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, killpg, sigaction};
use nix::unistd::Pid;

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
        match status.code() {
            Some(code) => Exit::Code(code),
            None => Exit::Signal(status.signal().unwrap_or_default()),
        }
    }
}

/// A started program. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Child {
    process: std::process::Child,
    group: Pid,
    /// Our end of its stdin, non-blocking; `None` once closed.
    pub stdin: Option<File>,
    /// Our ends of its stdout and stderr, non-blocking; `None` once they ended.
    pub stdout: Option<File>,
    pub stderr: Option<File>,
    exit: Arc<OnceLock<Exit>>,
    /// Becomes readable (hangs up) once the leader has ended.
    ended: OwnedFd,
    waiter: Option<JoinHandle<()>>,
}

impl Child {
    /// Starts `argv` in a process group of its own, with the three standard streams piped to us.
    ///
    /// # Errors
    /// What `fork`, `execve`, `pipe` or starting a thread say.
    pub fn start(argv: &[OsString], environment: &[(&'static str, OsString)]) -> io::Result<Self> {
        let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        #[expect(clippy::disallowed_methods, reason = "the jail is where programs are started")]
        let mut command = std::process::Command::new(program);
        let process = command
            .args(arguments)
            .env_remove("LESSON08_SECRET")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        restore_signals(process);
        let mut process = process.spawn()?;
        let group = Pid::from_raw(process.id().cast_signed());
        let stdin = process.stdin.take().map(OwnedFd::from).map(File::from);
        let stdout = process.stdout.take().map(OwnedFd::from).map(File::from);
        let stderr = process.stderr.take().map(OwnedFd::from).map(File::from);
        for pipe in [&stdin, &stdout, &stderr].into_iter().flatten() {
            fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let (ended, ends) = io::pipe()?;
        let exit = Arc::new(OnceLock::new());
        let waiter = std::thread::Builder::new().stack_size(64 * 1024).spawn({
            let exit = Arc::clone(&exit);
            move || {
                await_end(group, &exit);
                drop(ends);
            }
        });
        let mut child = Child {
            process,
            group,
            stdin,
            stdout,
            stderr,
            exit,
            ended: ended.into(),
            waiter: None,
        };
        // On failure the drop of `child` kills what was started.
        child.waiter = Some(waiter?);
        Ok(child)
    }

    /// How the leader ended; `None` while it runs.
    pub fn exit(&self) -> Option<Exit> {
        self.exit.get().copied()
    }

    /// Readable once the leader has ended.
    pub fn ended(&self) -> BorrowedFd<'_> {
        self.ended.as_fd()
    }

    pub fn pid(&self) -> i32 {
        self.group.as_raw()
    }

    /// Sends `signal` to every process of the group; one that has ended already is no error.
    pub fn signal(&self, signal: Signal) {
        // ESRCH: nobody is left, which is what the signal was for.
        let _ = killpg(self.group, signal);
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

impl Drop for Child {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        if let Some(waiter) = self.waiter.take() {
            // A waiter that panicked has nothing more to tell.
            let _ = waiter.join();
        }
        // Only now may the number of the process be given to another.
        let _ = self.process.wait();
    }
}

/// Gives the program its signals as a shell does that starts it in the foreground. It inherits ours otherwise: blocked, since a thread of the
/// checker waits for them, and SIGINT ignored where the checker itself was started in the background.
fn restore_signals(command: &mut std::process::Command) {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    let restore = move || {
        for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
            // SAFETY: the default action runs no code of ours.
            #[expect(unsafe_code, reason = "actions of signals are set by an unsafe call")]
            unsafe { sigaction(signal, &default) }?;
        }
        Ok(SigSet::empty().thread_set_mask()?)
    };
    // SAFETY: the hook calls nothing but sigaction(2) and sigprocmask(2), which may be called between `fork` and `exec`.
    #[expect(unsafe_code, reason = "a hook between `fork` and `exec` must be async-signal-safe")]
    unsafe {
        command.pre_exec(restore);
    }
}

/// Waits until the leader has ended and leaves its body in place, so that its number stays taken while the group is killed.
#[cfg(target_os = "linux")]
fn await_end(leader: Pid, exit: &OnceLock<Exit>) {
    use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
    loop {
        let how = match waitid(Id::Pid(leader), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) {
            Ok(WaitStatus::Exited(_, code)) => Exit::Code(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => Exit::Signal(signal as i32),
            Err(nix::errno::Errno::EINTR) | Ok(_) => continue,
            Err(_) => Exit::Signal(0),
        };
        let _ = exit.set(how);
        return;
    }
}

#[cfg(not(target_os = "linux"))]
fn await_end(leader: Pid, exit: &OnceLock<Exit>) {
    use nix::sys::wait::{WaitStatus, waitpid};
    loop {
        let how = match waitpid(leader, None) {
            Ok(WaitStatus::Exited(_, code)) => Exit::Code(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => Exit::Signal(signal as i32),
            Err(nix::errno::Errno::EINTR) | Ok(_) => continue,
            Err(_) => Exit::Signal(0),
        };
        let _ = exit.set(how);
        return;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

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
