//! All programs of a jail, and what has become of their children.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use super::program::{Program, is_alive};

#[derive(Default)]
pub(super) struct Programs(Vec<Program>);

impl Programs {
    pub(super) fn add(&mut self, program: Program) {
        self.0.push(program);
    }

    /// Some child of ours has ended: reports the programs among them, and takes away the bodies of those that nobody waits for, since their parents
    /// ended before them.
    pub(super) fn look(&mut self) {
        self.0.iter_mut().for_each(Program::look);
        for orphan in self.orphans() {
            let _ = waitpid(orphan, Some(WaitPidFlag::WNOHANG));
        }
    }

    pub(super) fn signal(&self, pid: i32, signal: Signal) {
        let Some(program) = self.find(pid) else { return };
        program.signal(signal);
        if signal == Signal::SIGKILL {
            for left in self.descendants(program) {
                let _ = kill(left, signal);
            }
        }
    }

    /// How many processes are left of a program.
    pub(super) fn leftovers(&self, pid: i32) -> usize {
        self.find(pid).map_or(0, |program| self.descendants(program).len())
    }

    /// Ends all that is left of a program, and gives its number back.
    pub(super) fn forget(&mut self, pid: i32) {
        self.signal(pid, Signal::SIGKILL);
        if let Some(at) = self.0.iter().position(|program| program.pid.as_raw() == pid) {
            self.0.swap_remove(at).bury();
        }
    }

    /// Ends everything that was started, whoever its parent is by now: as long as there are children, there may be more.
    pub(super) fn end(&mut self) {
        loop {
            let children = children();
            if children.is_empty() {
                return;
            }
            for &pid in &children {
                let _ = kill(pid, Signal::SIGKILL);
            }
            for pid in children {
                let _ = waitpid(pid, None);
            }
        }
    }

    fn find(&self, pid: i32) -> Option<&Program> {
        self.0.iter().find(|program| program.pid.as_raw() == pid)
    }

    fn descendants(&self, program: &Program) -> Vec<Pid> {
        // The children of a program that has ended are ours: without any there is nobody to look for.
        match program.has_ended() && self.orphans().is_empty() {
            true => Vec::new(),
            false => {
                let mut found = program.descendants();
                let mut strays = self.strays(program);
                strays.retain(|pid| !found.contains(pid));
                found.extend(strays);
                found
            }
        }
    }

    /// Living orphans that bear no program's mark: once all programs have ended, one of them was their parent.
    fn strays(&self, program: &Program) -> Vec<Pid> {
        let mut strays = match self.0.iter().all(Program::has_ended) {
            true => self.orphans(),
            false => Vec::new(),
        };
        strays.retain(|&pid| {
            is_alive(pid)
                && !self
                    .0
                    .iter()
                    .any(|other| other.pid != program.pid && other.started(pid))
        });
        strays
    }

    /// Children of ours that are no programs.
    fn orphans(&self) -> Vec<Pid> {
        let mut children = children();
        children.retain(|child| self.0.iter().all(|program| program.pid != *child));
        children
    }
}

fn children() -> Vec<Pid> {
    let children = fs::read_to_string("/proc/thread-self/children").unwrap_or_default();
    children
        .split_ascii_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .map(Pid::from_raw)
        .collect()
}
