//! What the peers and the programs of one check share: the transcript, the deadline, and the one place where the checker waits.
//!
//! While any step waits, every program of the check is attended to: its stdout and stderr are read, what was typed for it is
//! written to its stdin, and its end is noticed. So no program ever blocks on a pipe that nobody reads.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{AddressFamily, SockType};

use super::attended::Attended;
use super::ground::Ground;
use super::queues::Kernel;
use super::recording::{Keeps, Recording, Wire};
use super::running::seconds;
use super::tree;
use super::vigil::Vigil;
use crate::interrupt;
#[cfg(target_os = "linux")]
use crate::jail::off_duty;
use crate::jail::{Folder, Jail};
use crate::transcript::{Entry, Event, Transcript};
use crate::verdict::{OrTrouble, Step, Trouble, Waits};
use crate::wire::{Names, Part, Story};

/// A limit is put off by so many times itself at most.
const MOST_PUT_OFF: u32 = 5;

/// What a program has left behind is looked at so often.
const NEXT_LOOK: Duration = Duration::from_millis(10);

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

    /// Waits for an act of a program, until `done` says something, at most `limit`; `Ok(None)` means that the time ran out, or that no program
    /// will ever do anything more.
    ///
    /// `done` is asked at once and after every event on `interest` or on any program of the check.
    ///
    /// # Errors
    /// What `done` says; a finding when a program floods its output; a trouble when the checker was interrupted.
    pub(super) fn wait<T>(
        &self,
        interest: &[(BorrowedFd<'_>, PollFlags)],
        limit: Duration,
        done: impl FnMut() -> Step<Option<T>>,
    ) -> Step<Option<T>> {
        self.until(Vigil::for_acts(self), limit, done, |left| {
            self.sleep_until_something_happens(interest, left)
        })
    }

    /// Waits like [`Stage::wait`], and goes on to the `limit` if nobody moves: where it is the time that matters.
    pub(super) fn wait_it_out<T>(
        &self,
        interest: &[(BorrowedFd<'_>, PollFlags)],
        limit: Duration,
        done: impl FnMut() -> Step<Option<T>>,
    ) -> Step<Option<T>> {
        self.until(Vigil::none(), limit, done, |left| {
            self.sleep_until_something_happens(interest, left)
        })
    }

    /// Waits like [`Stage::wait`] for a condition that no descriptor announces (a queue of the kernel): looks again and again, ever more
    /// rarely.
    pub(super) fn watch<T>(&self, limit: Duration, done: impl FnMut() -> Step<Option<T>>) -> Step<Option<T>> {
        self.watches(Vigil::for_acts(self), limit, done)
    }

    /// Waits like [`Stage::watch`], and goes on to the `limit` if nobody moves.
    pub(super) fn watch_it_out<T>(&self, limit: Duration, done: impl FnMut() -> Step<Option<T>>) -> Step<Option<T>> {
        self.watches(Vigil::none(), limit, done)
    }

    fn watches<T>(&self, vigil: Vigil<'_>, limit: Duration, done: impl FnMut() -> Step<Option<T>>) -> Step<Option<T>> {
        let mut pause = Duration::from_micros(20);
        self.until(vigil, limit, done, |left| {
            self.sleep_until_something_happens(&[], pause.min(left))?;
            pause = (pause * 3 / 2).min(Duration::from_millis(2));
            Ok(())
        })
    }

    /// Asks `done` again and again, and lets the time between pass in `sleep`, which is told how much is left.
    fn until<T>(
        &self,
        mut vigil: Vigil<'_>,
        limit: Duration,
        mut done: impl FnMut() -> Step<Option<T>>,
        mut sleep: impl FnMut(Duration) -> Step,
    ) -> Step<Option<T>> {
        let mut deadline = Deadline::after(limit);
        loop {
            self.attend_to_all()?;
            let outcome = done();
            // What has led to it.
            self.looks_at_the_wire();
            if let Some(outcome) = outcome? {
                vigil.ends(true)?;
                return Ok(Some(outcome));
            }
            if vigil.finds_them_stuck()? {
                // What they said before that has come by now.
                self.attend_to_all()?;
                let outcome = done()?;
                if outcome.is_some() {
                    vigil.ends(true)?;
                }
                return Ok(outcome);
            }
            let left = deadline.left();
            if left.is_zero() && (vigil.sees_one_spin()? || !self.puts_off(&mut deadline)?) {
                vigil.ends(false)?;
                return Ok(None);
            }
            sleep(vigil.next_look().map_or(left, |look| look.min(left)))?;
        }
    }

    /// How long an act was waited for that did not come: `within 5 seconds`, where it was not clear before that it never comes.
    /// `subject` is who may have got stuck, in the words of the sentence: `it`, `the program`.
    pub(super) fn how_long(&self, subject: &str, limit: Duration) -> String {
        match &*self.vain.borrow() {
            Some(Waits { is_certain: true, .. }) => match self.names.borrow().len() {
                0 | 1 => format!("before {subject} got stuck"),
                2.. => "before all programs got stuck".to_owned(),
            },
            Some(_) | None => format!("within {}", seconds(limit)),
        }
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

    /// Whether a deadline that has come is put off, because a program wants to run and does not get a processor: on a busy machine that is no
    /// answer. Only the limits of steps are put off, not the shorter times that the contract names.
    fn puts_off(&self, deadline: &mut Deadline) -> Step<bool> {
        const LOOK: Duration = Duration::from_millis(100);
        if deadline.limit < self.timeout || deadline.put_off >= deadline.limit * MOST_PUT_OFF {
            return Ok(false);
        }
        let before = self.activity();
        let look = Instant::now();
        while look.elapsed() < LOOK {
            self.sleep_until_something_happens(&[], LOOK.saturating_sub(look.elapsed()))?;
            self.attend_to_all()?;
        }
        let after = self.activity();
        let waited = tree::waited_for_a_processor(&after).saturating_sub(tree::waited_for_a_processor(&before));
        // The kernel counts a wait when it is over: who has been ready all the time and has not run has waited all the time.
        let waits = before.iter().any(|thread| thread.0 == 'R' && after.contains(thread));
        let starves = waits || waited > look.elapsed() / 2;
        if starves {
            deadline.put_off += look.elapsed();
        }
        Ok(starves)
    }

    /// What the threads of all programs do.
    fn activity(&self) -> Vec<(char, String)> {
        let programs = self.programs.borrow();
        let programs = programs.iter().filter_map(Weak::upgrade);
        programs
            .filter(|program| program.borrow().exit().is_none())
            .flat_map(|program| tree::activity(program.borrow().child.pid()))
            .collect()
    }

    /// Lets `span` pass, attending to the programs: only where the contract itself speaks of time.
    pub(super) fn elapse(&self, span: Duration) -> Step {
        self.wait_it_out(&[], span, || Ok(None::<()>)).map(drop)
    }

    /// Reads what the programs have said so far, without waiting.
    pub(super) fn attend_to_all(&self) -> Step {
        if interrupt::was_requested() {
            return Err(Trouble::interrupted().into());
        }
        let programs: Vec<_> = self.programs.borrow().iter().filter_map(Weak::upgrade).collect();
        for program in programs {
            program.borrow_mut().attend(self)?;
        }
        self.looks_at_the_wire();
        Ok(())
    }

    /// Sleeps until something happens on `interest` or on any program of the check, at most `limit`.
    pub(super) fn sleep_until_something_happens(
        &self,
        interest: &[(BorrowedFd<'_>, PollFlags)],
        limit: Duration,
    ) -> Step {
        let programs: Vec<_> = self.programs.borrow().iter().filter_map(Weak::upgrade).collect();
        let programs: Vec<_> = programs.iter().map(|program| program.borrow()).collect();
        let mut fds: Vec<PollFd<'_>> = interest.iter().map(|&(fd, flags)| PollFd::new(fd, flags)).collect();
        fds.extend(programs.iter().flat_map(|program| program.interest()));
        let recording = self.recording.borrow();
        fds.extend(recording.interest().map(|fd| PollFd::new(fd, PollFlags::POLLIN)));
        fds.push(PollFd::new(interrupt::announced().as_fd(), PollFlags::POLLIN));
        let limit = match programs.iter().any(|program| program.lingers()) {
            true => limit.min(NEXT_LOOK),
            false => limit,
        };
        poll(&mut fds, limit)
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

/// When a wait ends.
struct Deadline {
    begun: Instant,
    limit: Duration,
    put_off: Duration,
}

impl Deadline {
    fn after(limit: Duration) -> Self {
        Deadline {
            begun: Instant::now(),
            limit,
            put_off: Duration::ZERO,
        }
    }

    fn left(&self) -> Duration {
        (self.limit + self.put_off).saturating_sub(self.begun.elapsed())
    }
}

#[cfg(target_os = "linux")]
fn poll(fds: &mut [PollFd<'_>], limit: Duration) -> Step {
    match off_duty(|| nix::poll::ppoll(fds, Some(limit.into()), None)) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(error) => Err(error).or_trouble("waiting for sockets and pipes"),
    }
}

#[cfg(not(target_os = "linux"))]
fn poll(fds: &mut [PollFd<'_>], limit: Duration) -> Step {
    let millis = u16::try_from(limit.as_micros().div_ceil(1000)).unwrap_or(u16::MAX);
    match nix::poll::poll(fds, millis) {
        Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
        Err(error) => Err(error).or_trouble("waiting for sockets and pipes"),
    }
}
