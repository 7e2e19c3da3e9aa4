//! Reads a program that waits: its threads, the system calls that they sit in, the descriptors they wait for, and what lies unread; from these a
//! verdict (it can't go on by itself) and a sentence for whoever wrote it.
//!
//! *Stuck* is said only where it is certain: every thread of every process in the jail waits without a limit for something that only the checker
//! could give, nothing is on its way, and two looks agree. Where anything is not known (a timer, a file, a call without a name here) the program
//! counts as going on, and the deadline decides. Never called from here: anything of `bench`.

mod call;
mod connections;
mod descriptor;
mod left;
mod orphans;
mod seen;
mod sentence;
mod signals;
mod spinning;
mod stuck;
mod thread;

use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::verdict::Waits;
use crate::wire::Names;
use spinning::Work;
use thread::{Does, Thread, threads};

pub use connections::Network;

/// A program of the check that has not ended.
#[derive(Debug, Clone)]
pub struct Subject {
    /// `server`, `client`
    pub who: String,
    pub pids: Vec<i32>,
    /// Nothing has come on its stdout.
    pub is_silent: bool,
}

/// All that runs on the ground of one check, and whom to ask about it.
#[derive(Debug)]
pub struct Scene<'a> {
    pub programs: Vec<Subject>,
    /// Processes that have left their program, and whose they are nobody knows.
    pub strays: Vec<i32>,
    /// Processes of ours that play a client: looked at, and not talked about.
    pub players: Vec<i32>,
    /// The checker itself, and who acts for it: what they hold the other end of does not move by itself.
    pub ours: Vec<i32>,
    /// Who has which address, as far as the check has introduced them.
    pub names: Names,
    /// `NETLINK_SOCK_DIAG`, where that is to be had.
    pub netlink: Option<BorrowedFd<'a>>,
    pub network: Network,
    /// `/proc/PID/net` of a process in that network.
    pub proc_net: PathBuf,
}

/// All threads at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    /// In the order of the scene's programs.
    programs: Vec<Vec<Thread>>,
    /// And of the players.
    strays: Vec<Thread>,
}

impl Look {
    fn at(scene: &Scene<'_>) -> Self {
        Look {
            programs: scene.programs.iter().map(|program| threads(&program.pids)).collect(),
            strays: threads(&[&scene.strays[..], &scene.players].concat()),
        }
    }

    fn threads(&self) -> impl Iterator<Item = &Thread> {
        self.programs.iter().flatten().chain(&self.strays)
    }

    /// Nobody can be seen to go on.
    fn may_be_stuck(&self) -> bool {
        self.programs.iter().all(|program| !program.is_empty()) && self.threads().all(Thread::waits_for_others)
    }

    fn is_hidden(&self) -> bool {
        self.threads().any(|thread| thread.does == Does::Hidden)
    }
}

/// The looks of one wait.
#[derive(Debug)]
pub struct Vigil {
    next: Instant,
    pause: Duration,
    before: Option<Look>,
    work: Option<Work>,
}

impl Vigil {
    /// A right program has mostly gone on by then.
    const FIRST: Duration = Duration::from_millis(12);
    /// Between two looks that may agree.
    const AGAIN: Duration = Duration::from_millis(8);
    const RAREST: Duration = Duration::from_millis(100);

    pub fn begin() -> Self {
        let now = Instant::now();
        Vigil {
            next: now + Vigil::FIRST,
            pause: Vigil::FIRST,
            before: None,
            work: None,
        }
    }

    /// How long it may be slept until the next look.
    pub fn next(&self) -> Duration {
        self.next.saturating_duration_since(Instant::now())
    }

    /// Looks at the threads alone: whether it is worth a closer look, since nobody runs, nor has for a while.
    pub fn sees_nobody_move(&mut self, scene: &Scene<'_>) -> bool {
        let now = Look::at(scene);
        match &mut self.work {
            Some(work) => work.goes_on(scene, &now),
            None => self.work = Some(Work::begins(scene, &now)),
        }
        let agrees = self.before.as_ref() == Some(&now);
        let may_be_stuck = now.may_be_stuck();
        self.pause = match may_be_stuck && !agrees {
            true => Vigil::AGAIN,
            false => (self.pause * 2).min(Vigil::RAREST),
        };
        self.before = Some(now);
        self.next = Instant::now() + self.pause;
        may_be_stuck && agrees
    }

    /// Looks closer, and says where the programs wait if none of them can go on by itself. The checker must have taken all that they said before,
    /// and nobody must start a program meanwhile: that has a copy of all that we hold, and what we have closed stays open as long.
    pub fn finds_them_stuck(&self, scene: &Scene<'_>) -> Option<Waits> {
        let look = self.before.as_ref()?;
        match stuck::is_certain(scene, look) {
            true => sentence::of(scene, look, None, true),
            false => None,
        }
    }

    /// Where the programs wait now that the deadline has come; `None` where none is left. Nobody must start a program meanwhile.
    pub fn at_the_deadline(&self, scene: &Scene<'_>) -> Option<Waits> {
        sentence::of(scene, &Look::at(scene), self.work.as_ref(), false)
    }

    /// Whether one of them has run all the time, in the same calls again and again as far as can be seen: it has no use for more time.
    pub fn sees_one_spin(&self, scene: &Scene<'_>) -> bool {
        let now = Look::at(scene);
        self.work
            .as_ref()
            .is_some_and(|work| now.programs.iter().any(|threads| work.is_vain(scene, threads)))
    }
}
