//! What the peers and the programs of one check share: the transcript, the jail, what is on the wire, and (in `waiting`) the deadline.

mod waiting;

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::time::Duration;

use nix::sys::socket::{AddressFamily, SockType};

use super::attended::Attended;
use super::ground::Ground;
use super::queues::Kernel;
use super::recording::{Keeps, Recording, Wire};
use crate::jail::{Folder, Jail};
use crate::transcript::{Entry, Event, Transcript};
use crate::verdict::{OrTrouble, Step, Waits};
use crate::wire::{Names, Part, Story};

/// The shared ground of one check.
#[derive(Debug)]
pub(super) struct Stage {
    /// The longest that a single wait may take.
    pub(super) timeout: Duration,
    transcript: RefCell<Transcript>,
    programs: RefCell<Vec<Weak<RefCell<Attended>>>>,
    /// Of all programs that were started.
    names: RefCell<Vec<String>>,
    ground: Ground,
    said: Cell<u64>,
    recording: RefCell<Recording>,
    records: Cell<bool>,
    /// Where the programs were when the last wait for one of their acts ended without it.
    vain: RefCell<Option<Waits>>,
}

impl Stage {
    pub(super) fn new(timeout: Duration, ground: Ground, keeps: Keeps) -> Self {
        let transcript = Transcript::begin();
        Stage {
            timeout,
            ground,
            recording: RefCell::new(Recording::new(transcript.begun, keeps)),
            records: Cell::new(false),
            transcript: RefCell::new(transcript),
            programs: RefCell::new(Vec::new()),
            names: RefCell::new(Vec::new()),
            said: Cell::new(0),
            vain: RefCell::new(None),
        }
    }

    /// The jail of this check, built when it is first asked for.
    pub(super) fn jail(&self) -> Step<&Rc<Jail>> {
        let jail = self.ground.jail()?;
        if !self.records.replace(true)
            && let Err(error) = self.recording.borrow_mut().begin(jail)
        {
            self.record("checker", format!("can't record packets: {error}"));
        }
        Ok(jail)
    }

    /// A socket of the jail's network.
    pub(super) fn socket(&self, family: AddressFamily, kind: SockType) -> Step<OwnedFd> {
        let jail = self.jail()?;
        jail.socket(family as i32, kind as i32, 0).or_trouble("making a socket")
    }

    /// Who tells of the queues of sockets in the jail.
    pub(super) fn kernel(&self) -> Step<Rc<Kernel>> {
        self.ground.kernel()
    }

    /// The private folder of this check, which programs may write to.
    pub(super) fn folder(&self) -> Step<&Folder> {
        self.ground.folder()
    }

    /// The way from outside to what programs know as `path`, if that is in the private folder.
    pub(super) fn outside(&self, path: &Path) -> Step<PathBuf> {
        let folder = self.folder()?;
        match path.strip_prefix(&folder.path) {
            Ok(name) => Ok(folder.outside(name)),
            Err(_) => Ok(path.to_path_buf()),
        }
    }

    /// Gives what we have made in the private folder to the programs.
    pub(super) fn hands_over(&self, path: &Path) -> Step {
        let user = self.jail()?.user();
        std::os::unix::fs::lchown(self.outside(path)?, Some(user), None).or_trouble("giving a file to the program")
    }

    pub(super) fn record(&self, who: &str, what: impl Into<Event>) {
        self.transcript.borrow_mut().record(who, what);
    }

    /// Takes what was recorded.
    pub(super) fn entries(&self) -> Vec<Entry> {
        self.transcript.replace(Transcript::begin()).entries()
    }

    /// From now on packets of this address are those of `who`.
    pub(super) fn introduces(&self, addr: SocketAddr, who: &str, part: Part) {
        self.recording.borrow_mut().introduce(addr, who, part);
    }

    /// Who has which address, as far as it was said.
    #[cfg(target_os = "linux")]
    pub(super) fn introduced(&self) -> Names {
        self.recording.borrow().introduced()
    }

    /// Keeps the packets that have come.
    pub(super) fn looks_at_the_wire(&self) {
        self.recording.borrow_mut().look();
    }

    /// What was on the wire so far, and who was who; `None` where nothing could be recorded.
    pub(super) fn story(&self) -> Option<(Story, Names)> {
        self.recording.borrow().story(&self.names())
    }

    /// Takes what was on the wire.
    pub(super) fn wire(&self) -> Option<Wire> {
        self.recording.borrow_mut().taken(&self.names())
    }

    /// So many bytes have left for a program.
    pub(super) fn says(&self, bytes: usize) {
        self.said.set(self.said.get() + bytes as u64);
    }

    /// The bytes that were said to programs in all.
    pub(super) fn said(&self) -> u64 {
        self.said.get()
    }

    /// From now on every wait attends to `program`.
    pub(super) fn attend(&self, program: &Rc<RefCell<Attended>>) {
        self.programs.borrow_mut().push(Rc::downgrade(program));
        let who = &program.borrow().who;
        let mut names = self.names.borrow_mut();
        if !names.contains(who) {
            names.push(who.clone());
        }
    }

    /// Those that the check has not let go of.
    pub(super) fn programs(&self) -> Vec<Rc<RefCell<Attended>>> {
        self.programs.borrow().iter().filter_map(Weak::upgrade).collect()
    }

    /// Who was started, in that order.
    pub(super) fn names(&self) -> Vec<String> {
        self.names.borrow().clone()
    }

    /// The bytes of memory that the programs may have together, if the kernel has killed one because they wanted more.
    pub(super) fn exceeded_memory(&self) -> Option<u64> {
        self.ground.exceeded_memory()
    }

    /// Where the programs were when the last wait for one of their acts ended without it.
    pub(super) fn vain(&self) -> Option<Waits> {
        self.vain.borrow().clone()
    }

    #[cfg(target_os = "linux")]
    pub(super) fn remember_vain(&self, waits: Option<Waits>) {
        self.vain.replace(waits);
    }

    /// A socket that tells of all sockets of the jail's network, where that is to be had.
    #[cfg(target_os = "linux")]
    pub(super) fn netlink(&self) -> Option<&OwnedFd> {
        self.ground.netlink()
    }

    /// The programs that have not ended; `None` while one is in between.
    #[cfg(target_os = "linux")]
    pub(super) fn living(&self) -> Option<Vec<Living>> {
        let mut living = Vec::new();
        for program in self.programs() {
            let program = program.borrow();
            match program.is_ending() {
                true => return None,
                false if program.exit().is_none() => living.push(Living {
                    who: program.who.clone(),
                    leader: program.child.pid(),
                    is_silent: !program.stdout.has_begun(),
                }),
                false => {}
            }
        }
        Some(living)
    }
}

/// A program that has not ended.
#[cfg(target_os = "linux")]
pub(super) struct Living {
    pub(super) who: String,
    pub(super) leader: i32,
    /// Nothing has come on its stdout.
    pub(super) is_silent: bool,
}
