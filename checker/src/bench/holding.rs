//! What a program does while it runs, and what it holds: asked of `/proc`.

use std::time::Duration;

use super::running::Running;
use super::tree;
use crate::verdict::{Finding, Kind, Step, Trouble};

impl Running {
    /// Waits until all its threads sleep and none has run between two looks, but not for long: a right program is never failed by this, a
    /// hasty one gets the time to show itself. The time in which it is ready to run and the machine has none for it does not count.
    pub fn comes_to_rest(&self) -> Step {
        self.comes_to_rest_unless(|| Ok(false))
    }

    /// The same, for as long as a wait may take: where something is proved only by a program that has done all it had to do.
    pub fn comes_to_rest_at_last(&self) -> Step {
        // Says so where the system does not tell of threads.
        self.threads()?;
        self.rests_within(usize::MAX, || Ok(false))
    }

    /// Waits like [`Running::comes_to_rest`], but no longer than until `enough`.
    pub(super) fn comes_to_rest_unless(&self, enough: impl Fn() -> Step<bool>) -> Step {
        /// About a fifth of a second.
        const MOST_LOOKS: usize = 100;
        self.rests_within(MOST_LOOKS, enough)
    }

    fn rests_within(&self, most_looks: usize, enough: impl Fn() -> Step<bool>) -> Step {
        let pid = self.pid();
        let mut before = Vec::new();
        let mut looks = 0;
        self.stage
            .watch_it_out(self.stage.timeout, || {
                if enough()? {
                    return Ok(Some(()));
                }
                let now = tree::activity(pid);
                // A child that has ended and is not waited for (`Z`) is at rest too.
                let sleeps = now.iter().all(|(state, _)| "SZX".contains(*state));
                let starves = now == before && now.iter().any(|(state, _)| *state == 'R');
                looks += usize::from(!starves);
                // Where the system does not tell of threads, it is given the time.
                let rests = !now.is_empty() && now == before && sleeps || looks >= most_looks;
                before = now;
                Ok(rests.then_some(()))
            })
            .map(drop)
    }

    /// Descriptors open in all its processes.
    pub fn open_descriptors(&self) -> Step<usize> {
        self.still_runs()?;
        tree::open_descriptors(self.pid())
            .ok_or_else(|| Trouble::while_doing("counting open descriptors", "this system does not tell").into())
    }

    /// It has no more descriptors open than it had, but for one that a runtime may close late; looked at again up to the deadline.
    pub fn holds_no_more_descriptors_than(&self, before: usize) -> Step {
        let mut now = before;
        let settled = self.stage.watch(self.stage.timeout, || {
            now = self.open_descriptors()?;
            Ok((now <= before + 1).then_some(()))
        })?;
        match settled {
            Some(()) => Ok(()),
            None => Finding::new(Kind::Leak, format!("the {} leaves descriptors open", self.who))
                .expected(format!("{before} open, as before"))
                .actual(format!("{now} open, of which {} are new", now - before))
                .stop(),
        }
    }

    /// Threads of all its processes.
    pub fn threads(&self) -> Step<usize> {
        match tree::threads(self.pid()) {
            0 => Err(Trouble::while_doing("counting threads", "this system does not tell").into()),
            threads => Ok(threads),
        }
    }

    /// What a field of `/proc/PID/status` says; one that has ended has none.
    fn memory(&self, field: &str) -> Step<u64> {
        let told = self.stage.watch_it_out(Duration::from_millis(200), || {
            self.still_runs()?;
            Ok(tree::memory(self.pid(), field))
        })?;
        told.ok_or_else(|| Trouble::while_doing("measuring memory", "this system does not tell").into())
    }

    /// Takes no memory for the `announced` bytes (some GiB) that somebody sends word of meanwhile: neither address space, touched or not, nor
    /// resident memory, be it given back at once.
    ///
    /// What a runtime may take for itself at any moment (a thread's stack and its arena, 136 MiB; a heap's next chunk) is let pass.
    pub fn takes_no_memory_for(&self, announced: u64, meanwhile: impl FnOnce() -> Step) -> Step {
        let peaks = [("VmPeak", announced / 4 * 3), ("VmHWM", announced / 4)];
        let before = [self.memory(peaks[0].0)?, self.memory(peaks[1].0)?];
        meanwhile()?;
        for ((field, most), before) in peaks.into_iter().zip(before) {
            let now = self.memory(field)?;
            if now.saturating_sub(before) > most {
                let mebibytes = |bytes: u64| format!("{} MiB", bytes >> 20);
                return Finding::new(
                    Kind::TooMuchMemory,
                    format!("the {} took {} of memory", self.who, mebibytes(now - before)),
                )
                .expected("next to nothing")
                .actual(format!(
                    "its {field} went from {} to {}",
                    mebibytes(before),
                    mebibytes(now)
                ))
                .stop();
            }
        }
        Ok(())
    }
}
