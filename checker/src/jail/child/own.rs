//! A program that is a child of ours, in a process group of its own: killing the leader alone would leave grandchildren that hold its pipes.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::Exit;
use crate::jail::watchdog::Watched;
use crate::jail::{MARK, signals};

/// So many were started by this checker.
static STARTED: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
pub(super) struct Process {
    child: std::process::Child,
    group: Pid,
    exit: Arc<OnceLock<Exit>>,
    /// Becomes readable (hangs up) once the leader has ended.
    ended: OwnedFd,
    waiter: Option<JoinHandle<()>>,
}

impl Process {
    pub(super) fn start(
        argv: &[OsString],
        environment: &[(&'static str, OsString)],
        [stdin, stdout, stderr]: [OwnedFd; 3],
    ) -> io::Result<Self> {
        let (program, arguments) = argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        #[expect(clippy::disallowed_methods, reason = "the jail is where programs are started")]
        let mut command = std::process::Command::new(program);
        command
            .args(arguments)
            .env_remove("LESSON08_SECRET")
            .env(
                MARK,
                format!("{}.{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed)),
            )
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::from(stdin))
            .stdout(Stdio::from(stdout))
            .stderr(Stdio::from(stderr))
            .process_group(0);
        restore_signals(&mut command);
        let child = command.spawn()?;
        // Its own ends are in there.
        drop(command);
        let group = Pid::from_raw(child.id().cast_signed());
        let (ended, ends) = io::pipe()?;
        let exit = Arc::new(OnceLock::new());
        let waiter = std::thread::Builder::new().stack_size(64 * 1024).spawn({
            let exit = Arc::clone(&exit);
            move || {
                await_end(group, &exit);
                drop(ends);
            }
        });
        let mut process = Process {
            child,
            group,
            exit,
            ended: ended.into(),
            waiter: None,
        };
        // On failure the drop of `process` kills what was started.
        process.waiter = Some(waiter?);
        Ok(process)
    }

    pub(super) fn watched(&self) -> Arc<Watched> {
        let group = self.group;
        Watched::new(move || {
            let _ = killpg(group, Signal::SIGKILL);
        })
    }

    pub(super) fn exit(&self) -> Option<Exit> {
        self.exit.get().copied()
    }

    pub(super) fn ended(&self) -> BorrowedFd<'_> {
        self.ended.as_fd()
    }

    pub(super) fn pid(&self) -> i32 {
        self.group.as_raw()
    }

    pub(super) fn signal(&self, signal: Signal) {
        // ESRCH: nobody is left, which is what the signal was for.
        let _ = killpg(self.group, signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        if let Some(waiter) = self.waiter.take() {
            // A waiter that panicked has nothing more to tell.
            let _ = waiter.join();
        }
        // Only now may the number of the process be given to another.
        let _ = self.child.wait();
    }
}

/// Gives the program its signals as a shell does that starts it in the foreground.
fn restore_signals(command: &mut std::process::Command) {
    // SAFETY: the hook calls nothing but sigaction(2) and sigprocmask(2), which may be called between `fork` and `exec`.
    #[expect(unsafe_code, reason = "a hook between `fork` and `exec` must be async-signal-safe")]
    unsafe {
        command.pre_exec(|| Ok(signals::restore()?));
    }
}

/// Waits until the leader has ended.
fn await_end(leader: Pid, exit: &OnceLock<Exit>) {
    use nix::sys::wait::WaitStatus;
    loop {
        let how = match ended(leader) {
            Ok(WaitStatus::Exited(_, code)) => Exit::Code(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => Exit::Signal(signal as i32),
            Err(nix::errno::Errno::EINTR) | Ok(_) => continue,
            Err(_) => Exit::Signal(0),
        };
        let _ = exit.set(how);
        return;
    }
}

/// Leaves its body in place, so that its number stays taken while the group is killed.
#[cfg(target_os = "linux")]
fn ended(leader: Pid) -> nix::Result<nix::sys::wait::WaitStatus> {
    use nix::sys::wait::{Id, WaitPidFlag, waitid};
    waitid(Id::Pid(leader), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)
}

#[cfg(not(target_os = "linux"))]
fn ended(leader: Pid) -> nix::Result<nix::sys::wait::WaitStatus> {
    nix::sys::wait::waitpid(leader, None)
}
