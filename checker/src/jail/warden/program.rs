//! One program of the jail: forked, walled in, turned into what was asked for, and watched until it ends.

use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{ForkResult, Pid, chdir, dup2_stderr, dup2_stdin, dup2_stdout, execve, fork, getpid, setsid};

use super::confine::Confinement;
use super::{Doing, Failure};
use crate::jail::MARK;
use crate::jail::message::{Ending, Play, Start};
use crate::jail::signals;
use crate::relay;

/// A program that was started, and that nobody has forgotten yet.
pub(super) struct Program {
    pub(super) pid: Pid,
    mark: String,
    /// Where its end is to be reported; `None` once it was.
    report: Option<File>,
}

/// Where a program is started, and what walls it in.
pub(super) struct Ground<'a> {
    pub(super) confinement: &'a Confinement,
    pub(super) working_directory: &'a Path,
}

impl Program {
    /// `streams` are its stdin, stdout and stderr, and the pipe for its end.
    pub(super) fn start(
        start: &Start,
        streams: Vec<OwnedFd>,
        number: usize,
        ground: &Ground<'_>,
    ) -> Result<Self, Failure> {
        let doing = "starting the program";
        let Ok([stdin, stdout, stderr, report]) = <[OwnedFd; 4]>::try_from(streams) else {
            return Err(Failure::new(
                doing,
                "four descriptors must come with the request".to_owned(),
            ));
        };
        // Without a namespace of processes the programs of all jails are side by side.
        let mark = format!("{MARK}={}.{number}", std::process::id());
        // It hangs up when the program has become what was asked for; else it says what failed.
        let (mut failed, failing) = io::pipe().doing(doing)?;
        #[expect(unsafe_code, reason = "`fork` is what a warden is for")]
        // SAFETY: this process has one thread, so the child may do whatever we may.
        match unsafe { fork() }.doing(doing)? {
            ForkResult::Child => {
                let failure = become_it(start, &mark, [stdin, stdout, stderr], ground);
                let _ = (&failing).write_all(&serde_json::to_vec(&failure).unwrap_or_default());
                exit_at_once(127)
            }
            ForkResult::Parent { child } => {
                drop((stdin, stdout, stderr, failing));
                let mut said = Vec::new();
                failed.read_to_end(&mut said).doing(doing)?;
                if said.is_empty() {
                    return Ok(Program {
                        pid: child,
                        mark,
                        report: Some(File::from(report)),
                    });
                }
                let _ = nix::sys::wait::waitpid(child, None);
                Err(serde_json::from_slice(&said)
                    .unwrap_or_else(|_| Failure::new(doing, "it ended at once".to_owned())))
            }
        }
    }

    /// Reports its end, if that has come. Its body stays: nobody else gets its number.
    pub(super) fn look(&mut self) {
        let Some(report) = &mut self.report else { return };
        if let Some(ending) = ending_of(self.pid) {
            // Whoever asked may be gone.
            let _ = report.write_all(&serde_json::to_vec(&ending).unwrap_or_default());
            self.report = None;
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.report.is_none()
    }

    /// To its session: what it started, unless that has left the session.
    pub(super) fn signal(&self, signal: Signal) {
        let _ = kill(Pid::from_raw(-self.pid.as_raw()), signal);
    }

    /// Processes that were started by it, or by what it started, and that still live; itself not among them.
    pub(super) fn descendants(&self) -> Vec<Pid> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.map(Pid::from_raw)
            .filter(|&pid| pid != self.pid && pid != getpid() && self.started(pid))
            .collect()
    }

    pub(super) fn started(&self, pid: Pid) -> bool {
        let Some(session) = session(pid) else {
            return false;
        };
        session == self.pid.to_string()
            || fs::read(format!("/proc/{pid}/environ")).is_ok_and(|environment| {
                environment
                    .split(|byte| *byte == 0)
                    .any(|one| one == self.mark.as_bytes())
            })
    }

    /// Its body is taken away: its number may be used again.
    pub(super) fn bury(self) {
        let _ = nix::sys::wait::waitpid(self.pid, None);
    }
}

/// The session of a process that lives. One on its way out (`PF_EXITING` in its flags, proc_pid_stat(5)) does not: it runs nothing any more, however
/// long the kernel takes to clear its memory away.
fn session(pid: Pid) -> Option<String> {
    const PF_EXITING: u32 = 0x4;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after_the_name) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = after_the_name.split_ascii_whitespace().collect();
    let [state, _parent, _group, session, _terminal, _foreground, flags, ..] = fields[..] else {
        return None;
    };
    let is_on_its_way_out = flags.parse().is_ok_and(|flags: u32| flags & PF_EXITING != 0);
    (!"ZX".contains(state) && !is_on_its_way_out).then(|| session.to_owned())
}

pub(super) fn is_alive(pid: Pid) -> bool {
    session(pid).is_some()
}

/// In the child: becomes what was asked for, or returns why not.
fn become_it(start: &Start, mark: &str, streams: [OwnedFd; 3], ground: &Ground<'_>) -> Failure {
    match prepare(streams, ground) {
        Ok(()) => {}
        Err(failure) => return failure,
    }
    match &start.play {
        Play::Relay { path } => {
            close_all_but_the_streams();
            let code = i32::from(relay::run(path).is_err());
            exit_at_once(code)
        }
        Play::Program { path, arguments } => {
            let strings = |bytes: &[Vec<u8>]| -> Vec<CString> {
                bytes
                    .iter()
                    .filter_map(|bytes| CString::new(bytes.clone()).ok())
                    .collect()
            };
            let environment: Vec<Vec<u8>> = start
                .environment
                .iter()
                .map(|(name, value)| [name.as_bytes(), b"=", value].concat())
                .chain([mark.as_bytes().to_vec()])
                .collect();
            let Ok(path) = CString::new(path.as_os_str().as_bytes()) else {
                return Failure::new("starting the program", "its path holds a zero byte".to_owned());
            };
            let Err(errno) = execve(&path, &strings(arguments), &strings(&environment));
            Failure::system("starting the program", errno)
        }
    }
}

fn prepare([stdin, stdout, stderr]: [OwnedFd; 3], ground: &Ground<'_>) -> Result<(), Failure> {
    let doing = "preparing the program";
    setsid().doing(doing)?;
    dup2_stdin(&stdin).doing(doing)?;
    dup2_stdout(&stdout).doing(doing)?;
    dup2_stderr(&stderr).doing(doing)?;
    drop((stdin, stdout, stderr));
    // The warden takes SIGCHLD from a descriptor, and our own executable ignores SIGPIPE; programs expect neither.
    signals::restore().doing(doing)?;
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
    chdir(ground.working_directory).doing("going to the working directory")?;
    ground.confinement.put_up()
}

/// The relay runs in a copy of the warden: nothing of the warden's is to stay open in it.
pub(super) fn close_all_but_the_streams() {
    #[expect(unsafe_code, reason = "no safe wrapper for close_range(2)")]
    // SAFETY: no descriptor above 2 is used by this process: not yet, or not any more.
    unsafe {
        libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0);
    }
}

/// Ends a forked child without running anything of its parent's.
pub(super) fn exit_at_once(code: i32) -> ! {
    #[expect(unsafe_code, reason = "destructors of the parent's values must not run in the child")]
    // SAFETY: `_exit` has no conditions.
    unsafe {
        libc::_exit(code)
    }
}

/// How it ended and what it used, its body left in place; `None` while it runs.
fn ending_of(pid: Pid) -> Option<Ending> {
    #[expect(unsafe_code, reason = "nix's waitid(2) does not return what the process used up")]
    // SAFETY: both structures may be all zero, are written by the kernel, and outlive the call.
    let (info, usage) = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let mut usage: libc::rusage = std::mem::zeroed();
        let result = libc::syscall(
            libc::SYS_waitid,
            libc::P_PID,
            pid.as_raw(),
            &raw mut info,
            libc::WEXITED | libc::WNOHANG | libc::WNOWAIT,
            &raw mut usage,
        );
        if result != 0 || info.si_pid() == 0 {
            return None;
        }
        (info, usage)
    };
    #[expect(unsafe_code, reason = "the status lies in a union")]
    // SAFETY: waitid has filled in the member for SIGCHLD.
    let status = unsafe { info.si_status() };
    let exited = info.si_code == libc::CLD_EXITED;
    let micros = |time: libc::timeval| time.tv_sec.cast_unsigned() * 1_000_000 + time.tv_usec.cast_unsigned();
    Some(Ending {
        code: exited.then_some(status),
        signal: (!exited).then_some(status),
        processor_time: micros(usage.ru_utime) + micros(usage.ru_stime),
        peak_memory: usage.ru_maxrss.cast_unsigned() * 1024,
    })
}
