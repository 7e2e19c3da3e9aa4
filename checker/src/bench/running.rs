//! A started program, and what a check can demand of it: what it prints, how it ends, what it holds.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::attended::Attended;
use super::stage::Stage;
use super::tree;
use crate::jail::Exit;
use crate::quote::{count, quoted};
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, Step};

/// A program that runs, or has run to its end.
#[derive(Debug)]
pub struct Running {
    pub(super) stage: Rc<Stage>,
    pub(super) attended: Rc<RefCell<Attended>>,
    pub(super) who: String,
}

/// A server that has said where it can be reached.
#[derive(Debug)]
pub struct Server {
    running: Running,
    pub addr: SocketAddr,
}

impl Deref for Server {
    type Target = Running;
    fn deref(&self) -> &Running {
        &self.running
    }
}

/// A server that has said at which path it can be reached.
#[derive(Debug)]
pub struct PathServer {
    running: Running,
    pub path: PathBuf,
}

impl Deref for PathServer {
    type Target = Running;
    fn deref(&self) -> &Running {
        &self.running
    }
}

impl PathServer {
    pub(super) fn new(running: Running, path: PathBuf) -> Self {
        PathServer { running, path }
    }
}

impl Running {
    pub(super) fn new(stage: Rc<Stage>, attended: Attended) -> Self {
        let who = attended.who.clone();
        let attended = Rc::new(RefCell::new(attended));
        stage.attend(&attended);
        Running { stage, attended, who }
    }
    /// Types `line` and a newline.
    pub fn types(&self, line: &str) -> Step {
        self.types_raw(format!("{line}\n").as_bytes())
    }

    /// Types `line` and a newline, or notes that nobody is left to read it.
    pub fn types_if_it_runs(&self, line: &str) -> Step {
        self.stage.attend_to_all()?;
        match self.exit() {
            None => self.types(line),
            Some(_) => {
                let bytes = quoted(format!("{line}\n").as_bytes());
                let note = format!("does not type {bytes}: the {} has ended", self.who);
                self.stage.record("checker", note);
                Ok(())
            }
        }
    }

    /// Types bytes as they are.
    pub fn types_raw(&self, bytes: &[u8]) -> Step {
        self.stage.record(
            "checker",
            Event::Types {
                program: self.who.clone(),
                bytes: quoted(bytes),
            },
        );
        self.attended.borrow_mut().types(bytes);
        self.stage.attend_to_all()
    }

    /// Closes its stdin behind all that was typed.
    pub fn ends_input(&self) -> Step {
        self.attended.borrow_mut().ends_input();
        self.stage.attend_to_all()
    }

    /// Waits until it has read all that was typed, as the first act of a program that may still be starting up.
    pub fn reads_its_first_input(&self) -> Step {
        let outcome = self.stage.watch(self.stage.timeout * super::STARTUP, || {
            let program = self.attended.borrow();
            let ended = program.exit().is_some();
            Ok((program.has_read_its_input()? || ended).then_some(ended))
        })?;
        match outcome {
            Some(true) if !self.attended.borrow().has_read_its_input()? => {
                self.ended_before("it had read what was typed on its stdin")
            }
            Some(_) => Ok(()),
            None => Finding::new(
                Kind::Unread,
                format!("the {} does not read what is typed on its stdin", self.who),
            )
            .stop(),
        }
    }

    /// Waits until it has read as much of what was typed as it wants for now: all its threads sleep, and for a while nothing more was read.
    /// One that never rests is waited for until the deadline.
    pub fn has_read_what_it_wants(&self) -> Step {
        // The kernel of the other end may hold back an acknowledgement for 200 ms: one that writes sleeps meanwhile, and has not come to its end.
        const A_WHILE: Duration = Duration::from_millis(250);
        let pid = self.pid();
        let mut seen = (0, Instant::now());
        self.stage
            .watch_it_out(self.stage.timeout, || {
                let unread = self.attended.borrow().unread_input()?;
                let sleeps = tree::activity(pid).iter().all(|(state, _)| "SZX".contains(*state));
                if unread != seen.0 || !sleeps {
                    seen = (unread, Instant::now());
                }
                Ok((seen.1.elapsed() > A_WHILE).then_some(()))
            })
            .map(drop)
    }

    pub fn pid(&self) -> i32 {
        self.attended.borrow().child.pid()
    }

    /// What the kernel tells the other end of its AF_UNIX socket, as the contract writes it.
    pub fn credentials(&self) -> Step<String> {
        let pid = self.attended.borrow().child.pid_inside();
        Ok(format!("pid={pid} uid={}", self.stage.jail()?.user()))
    }

    /// Whether `pid` is one of its processes: it may have been started by a script, and so be a child of what we started.
    pub fn has_process(&self, pid: i32) -> bool {
        tree::processes(self.pid())
            .into_iter()
            .any(|process| tree::number_inside(process) == Some(pid))
    }

    /// How it ended, if it has.
    pub(super) fn exit(&self) -> Option<Exit> {
        self.attended.borrow().exit()
    }

    /// Waits for something of this program alone.
    pub(super) fn within<T>(&self, mut look: impl FnMut(&Attended) -> Step<Option<T>>) -> Step<Option<T>> {
        self.stage
            .wait(&[], self.stage.timeout, || look(&self.attended.borrow()))
    }
}
impl Server {
    pub(super) fn new(running: Running, addr: SocketAddr) -> Self {
        Server { running, addr }
    }
}

/// `1 second`, `5 seconds`, `0.2 seconds`.
pub(super) fn seconds(span: Duration) -> String {
    match span.subsec_millis() {
        0 => count(usize::try_from(span.as_secs()).unwrap_or(usize::MAX), "second"),
        _ => format!("{:.1} seconds", span.as_secs_f64()),
    }
}
