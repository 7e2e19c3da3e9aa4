//! The one place where the checker waits, and how long.
//!
//! While any step waits, every program of the check is attended to: its stdout and stderr are read, what was typed for it is
//! written to its stdin, and its end is noticed. So no program ever blocks on a pipe that nobody reads.

use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Weak;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use super::super::running::seconds;
use super::super::tree;
use super::super::vigil::Vigil;
use super::Stage;
use crate::interrupt;
#[cfg(target_os = "linux")]
use crate::jail::off_duty;
use crate::verdict::{OrTrouble, Step, Trouble, Waits};

/// A limit is put off by so many times itself at most.
const MOST_PUT_OFF: u32 = 5;

/// What a program has left behind is looked at so often.
const NEXT_LOOK: Duration = Duration::from_millis(10);

impl Stage {
    /// Waits for an act of a program, until `done` says something, at most `limit`; `Ok(None)` means that the time ran out, or that no program
    /// will ever do anything more.
    ///
    /// `done` is asked at once and after every event on `interest` or on any program of the check.
    ///
    /// # Errors
    /// What `done` says; a finding when a program floods its output; a trouble when the checker was interrupted.
    pub(in crate::bench) fn wait<T>(
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
    pub(in crate::bench) fn wait_it_out<T>(
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
    pub(in crate::bench) fn watch<T>(&self, limit: Duration, done: impl FnMut() -> Step<Option<T>>) -> Step<Option<T>> {
        self.watches(Vigil::for_acts(self), limit, done)
    }

    /// Waits like [`Stage::watch`], and goes on to the `limit` if nobody moves.
    pub(in crate::bench) fn watch_it_out<T>(
        &self,
        limit: Duration,
        done: impl FnMut() -> Step<Option<T>>,
    ) -> Step<Option<T>> {
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
    pub(in crate::bench) fn how_long(&self, subject: &str, limit: Duration) -> String {
        match &*self.vain.borrow() {
            Some(Waits { is_certain: true, .. }) => match self.names.borrow().len() {
                0 | 1 => format!("before {subject} got stuck"),
                2.. => "before all programs got stuck".to_owned(),
            },
            Some(_) | None => format!("within {}", seconds(limit)),
        }
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
    pub(in crate::bench) fn elapse(&self, span: Duration) -> Step {
        self.wait_it_out(&[], span, || Ok(None::<()>)).map(drop)
    }

    /// Reads what the programs have said so far, without waiting.
    pub(in crate::bench) fn attend_to_all(&self) -> Step {
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
    pub(in crate::bench) fn sleep_until_something_happens(
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
