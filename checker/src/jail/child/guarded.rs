//! A program that the warden of a jail started for us.

use std::cell::OnceCell;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::Exit;
use crate::jail::message::{Ending, Reply, Request, Start};
use crate::jail::watchdog::Watched;
use crate::jail::{Jail, Level, link};

#[derive(Debug)]
pub(super) struct Process {
    jail: Rc<Jail>,
    pid: i32,
    pid_inside: i32,
    /// The warden writes how it ended, and hangs up.
    report: io::PipeReader,
    ending: OnceCell<Exit>,
}

impl Process {
    pub(super) fn start(jail: &Rc<Jail>, start: Start, [stdin, stdout, stderr]: [OwnedFd; 3]) -> io::Result<Self> {
        let (report, reports) = io::pipe()?;
        fcntl(&report, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let theirs = [stdin.as_fd(), stdout.as_fd(), stderr.as_fd(), reports.as_fd()];
        let (answer, pidfds) = jail.ask(&Request::Start(start), &theirs)?;
        let (Reply::Started { program }, [pidfd]) = (answer, &pidfds[..]) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        Ok(Process {
            jail: Rc::clone(jail),
            // A program that has ended already has no number any more, but keeps its body until it is forgotten.
            pid: link::host_number(pidfd)?,
            pid_inside: program,
            report,
            ending: OnceCell::new(),
        })
    }

    /// All that is in the jail is killed: any of its processes may be the one that holds us up.
    pub(super) fn watched(&self) -> io::Result<Arc<Watched>> {
        if self.jail.level() == Level::Full {
            let warden = self.jail.warden()?;
            return Ok(Watched::new(move || link::kill(&warden)));
        }
        // The end of this warden would end nobody else; but no process can leave the group that it was started in, whose number stays taken until
        // the program is forgotten.
        let group = Pid::from_raw(self.pid);
        Ok(Watched::new(move || {
            let _ = killpg(group, Signal::SIGKILL);
        }))
    }

    pub(super) fn exit(&self) -> Option<Exit> {
        if self.ending.get().is_none() {
            let mut said = [0; 512];
            let exit = match (&self.report).read(&mut said) {
                Ok(0) => Exit::Signal(Signal::SIGKILL as i32),
                Ok(length) => exit_of(&said[..length]),
                Err(_not_yet) => return None,
            };
            let _ = self.ending.set(exit);
        }
        self.ending.get().copied()
    }

    pub(super) fn ended(&self) -> BorrowedFd<'_> {
        self.report.as_fd()
    }

    pub(super) fn pid(&self) -> i32 {
        self.pid
    }

    pub(super) fn pid_inside(&self) -> i32 {
        self.pid_inside
    }

    pub(super) fn leftovers(&self) -> usize {
        let program = self.pid_inside;
        match self.jail.ask(&Request::CountLeftovers { program }, &[]) {
            Ok((Reply::Count(left), _)) => left,
            Ok(_) | Err(_) => 0,
        }
    }

    pub(super) fn signal(&self, signal: Signal) {
        let request = Request::Signal {
            program: self.pid_inside,
            signal: signal as i32,
        };
        // A jail that has ended has taken the program with it.
        let _ = self.jail.ask(&request, &[]);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let program = self.pid_inside;
        let _ = self.jail.ask(&Request::Forget { program }, &[]);
    }
}

fn exit_of(report: &[u8]) -> Exit {
    match serde_json::from_slice::<Ending>(report) {
        Ok(Ending { code: Some(code), .. }) => Exit::Code(code),
        Ok(Ending {
            signal: Some(signal), ..
        }) => Exit::Signal(signal),
        Ok(_) | Err(_) => Exit::Signal(Signal::SIGKILL as i32),
    }
}
