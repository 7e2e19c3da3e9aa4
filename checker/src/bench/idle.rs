//! Whether a program sleeps while nothing happens: what the scheduler has counted for its threads, never the clock on the wall alone.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::running::Running;
use super::tree::{self, Turns};
use crate::verdict::{Finding, Kind, Step, Trouble};

/// One look.
const STRETCH: Duration = Duration::from_millis(100);
/// Of the time in which it could have run, a program that sleeps runs less than this.
const SHARE: f64 = 0.03;
/// So often in a second a program may wake up: the clockwork of a runtime does, some 100 times.
const WAKEUPS: f64 = 250.0;

/// Who has never slept from one look to the next and has not even run so long has not been measured.
const TO_BE_BLAMED: Duration = Duration::from_millis(5);

/// What a program did in one stretch, or in all.
#[derive(Debug, Clone, Copy)]
struct Activity {
    span: Duration,
    ran: Duration,
    wakeups: u64,
    /// Of the time in which a processor was to be had.
    share: f64,
    /// One of its threads was running, or waiting for a processor, when the stretch began or ended. On a busy machine a whole stretch may pass
    /// in which a spinner gets no turn, and the wait is counted only when it is over: this is how it shows.
    runnable: bool,
}

impl Running {
    /// It uses next to no processor time; `when` says in which situation.
    ///
    /// Its quietest stretch counts: a runtime compiles and collects behind what it has just done. So a right program is kept only as long
    /// as it needs to fall asleep, and a busy one until the deadline.
    pub fn is_idle(&self, when: &str) -> Step {
        let deadline = Instant::now() + self.stage.timeout;
        let mut all: Option<Activity> = None;
        while all.is_none() || Instant::now() < deadline {
            let seen = self.activity_of_a_stretch()?;
            self.still_runs()?;
            if seen.is_asleep() {
                self.stage.record(
                    "checker",
                    format!("sees the {} use {} {when}", self.who, seen.in_words()),
                );
                return Ok(());
            }
            all = Some(all.map_or(seen, |all| all.and(seen)));
        }
        match all {
            Some(all) if all.ran > TO_BE_BLAMED => Finding::new(
                Kind::NeverIdle,
                format!("the {} does not sleep {when}, though it has nothing to do", self.who),
            )
            .expected(format!(
                "next to no processor time: less than {:.0} ms of any {}, and at most {WAKEUPS} wake-ups a second",
                STRETCH.as_secs_f64() * SHARE * 1000.0,
                STRETCH.as_millis()
            ))
            .actual(all.in_words())
            .stop(),
            Some(_) | None => Err(Trouble::while_doing(
                "measuring processor time",
                "the program hardly got a processor: the machine is too busy",
            )
            .into()),
        }
    }

    fn activity_of_a_stretch(&self) -> Step<Activity> {
        let pid = self.pid();
        let begun = Instant::now();
        let before = tree::turns(pid);
        self.stage.elapse(STRETCH)?;
        let after = tree::turns(pid);
        if before.is_empty() || after.is_empty() {
            self.still_runs()?;
            return Err(Trouble::while_doing("measuring processor time", "this system does not tell").into());
        }
        Ok(Activity::between(&before, &after, begun.elapsed()))
    }
}

impl Activity {
    fn between(before: &HashMap<i32, Turns>, after: &HashMap<i32, Turns>, span: Duration) -> Self {
        let mut activity = Activity {
            span,
            ran: Duration::ZERO,
            wakeups: 0,
            share: 0.0,
            runnable: false,
        };
        for (task, now) in after {
            let then = before.get(task).copied().unwrap_or_default();
            let ran = Duration::from_nanos(now.ran.saturating_sub(then.ran));
            let waited = Duration::from_nanos(now.waited.saturating_sub(then.waited));
            activity.ran += ran;
            activity.wakeups += now.times.saturating_sub(then.times);
            // On a busy machine whoever wants to run waits for a processor most of the time: only the rest was his to use.
            let could_run = span.saturating_sub(waited).max(span / 20);
            activity.runnable |= now.runnable || then.runnable;
            activity.share += ran.as_secs_f64() / could_run.as_secs_f64();
        }
        activity
    }

    fn and(self, next: Self) -> Self {
        Activity {
            span: self.span + next.span,
            ran: self.ran + next.ran,
            wakeups: self.wakeups + next.wakeups,
            share: self.share.min(next.share),
            runnable: self.runnable || next.runnable,
        }
    }

    fn is_asleep(&self) -> bool {
        !self.runnable && self.share < SHARE && self.wakeups as f64 <= WAKEUPS * self.span.as_secs_f64()
    }

    fn in_words(&self) -> String {
        let times = match self.wakeups {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        format!(
            "{:.1} ms of processor time in {} ms, woken {times}",
            self.ran.as_secs_f64() * 1000.0,
            self.span.as_millis(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn seen(ran: u64, waited: u64, times: u64) -> Activity {
        let then = Turns {
            ran: 7 * MS,
            waited: 9 * MS,
            times: 3,
            runnable: false,
        };
        let now = Turns {
            ran: then.ran + ran,
            waited: then.waited + waited,
            times: then.times + times,
            runnable: ran == 0 && waited > 0,
        };
        Activity::between(&HashMap::from([(1, then)]), &HashMap::from([(1, now)]), STRETCH)
    }

    #[test]
    fn a_sleeper_is_asleep_and_a_spinner_is_not() {
        assert!(seen(0, 0, 0).is_asleep());
        assert!(!seen(99 * MS, 0, 1).is_asleep());
        // Woken by the ticks of a runtime on a busy machine: it waits long, and runs little.
        assert!(seen(MS / 2, 60 * MS, 5).is_asleep());
        // A spinner that gets a small part of a busy processor.
        assert!(!seen(4 * MS, 95 * MS, 2).is_asleep());
        assert!(!seen(0, 1, 0).is_asleep());
        // One that naps for a millisecond, again and again.
        assert!(!seen(MS, 0, 90).is_asleep());
    }
}
