//! Which checks run, in what order, how many at once. What happened goes out as events and reports; how it looks is `report`'s.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

use crate::bench::{Bench, Keeps, Program, Words};
use crate::course::{Check, Lesson, Pace};
use crate::descriptors;
use crate::interrupt;
use crate::jail::Walls;
use crate::transcript::{Entry, merged};
use crate::verdict::{Trouble, Verdict};
use crate::wire::Story;

/// One program, and the checks it is to go through.
#[derive(Debug)]
pub struct Job {
    pub lesson: &'static Lesson,
    pub program: Program,
    pub checks: Vec<&'static Check>,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    /// The longest a single wait may take.
    pub timeout: Duration,
    /// How many checks at once.
    pub at_once: usize,
    /// The checker's own executable, which it starts to keep a jail, or to play a client process.
    pub checker: PathBuf,
    /// What every program is walled in by.
    pub walls: Walls,
}

/// What became of one check.
#[derive(Debug)]
pub struct CheckReport {
    pub check: &'static Check,
    pub verdict: Verdict,
    pub took: Duration,
    pub transcript: Vec<Entry>,
    /// Bytes that were said to the program over streams.
    pub said: u64,
}

/// A check of `jobs[job]` ended.
#[derive(Debug)]
pub struct Ended {
    pub job: usize,
    pub report: CheckReport,
}

/// Runs all checks of all jobs; `on_end` hears of each as it ends. Returns the reports of each job in the order of its table, and what
/// was interrupted is missing from them.
pub fn run(jobs: &[Job], settings: &Settings, mut on_end: impl FnMut(usize, &CheckReport)) -> Vec<Vec<CheckReport>> {
    descriptors::allow_many();
    let queue = Queue::new(jobs);
    let (ended, ends) = mpsc::channel();
    let mut reports: Vec<Vec<CheckReport>> = jobs.iter().map(|_| Vec::new()).collect();
    std::thread::scope(|scope| {
        let total: usize = jobs.iter().map(|job| job.checks.len()).sum();
        let mut started = 0;
        for _ in 0..settings.at_once.min(total) {
            let (ended, queue) = (ended.clone(), &queue);
            let worker = std::thread::Builder::new()
                .name("check".to_owned())
                .spawn_scoped(scope, move || queue.work(jobs, settings, &ended));
            started += usize::from(worker.is_ok());
        }
        if started == 0 {
            // No thread is to be had: this one works alone.
            queue.work(jobs, settings, &ended);
        }
        drop(ended);
        for Ended { job, report } in ends {
            on_end(job, &report);
            reports[job].push(report);
        }
    });
    for (job, reports) in jobs.iter().zip(&mut reports) {
        reports.sort_by_key(|report| job.checks.iter().position(|check| check.id == report.check.id));
    }
    reports
}

#[derive(Debug, Clone, Copy)]
struct Task {
    job: usize,
    check: &'static Check,
}

/// What is to be done, what is being done, and what waits for a check that it needs.
#[derive(Debug)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    ready: VecDeque<Task>,
    waiting: Vec<Task>,
    running: usize,
}

impl Queue {
    fn new(jobs: &[Job]) -> Self {
        let tasks = jobs
            .iter()
            .enumerate()
            .flat_map(|(job, of)| of.checks.iter().map(move |&check| Task { job, check }));
        let (waiting, mut ready): (Vec<Task>, Vec<Task>) = tasks.partition(|task| {
            let needs = task.check.needs;
            // A check that was not chosen can't hold up the one that needs it.
            needs.is_some_and(|needed| jobs[task.job].checks.iter().any(|check| check.id == needed))
        });
        // What others need comes first, then what holds a wait: that runs beside all the rest.
        ready.sort_by_key(|task| {
            let is_needed = waiting
                .iter()
                .any(|waits| waits.job == task.job && waits.check.needs == Some(task.check.id));
            (!is_needed, task.check.pace == Pace::Quick)
        });
        Queue {
            state: Mutex::new(State {
                ready: ready.into(),
                waiting,
                running: 0,
            }),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, jobs: &[Job], settings: &Settings, ended: &mpsc::Sender<Ended>) {
        while let Some(task) = self.next() {
            let report = run_one(&jobs[task.job], task.check, settings);
            let skipped = self.finish(task, &report.verdict);
            // The receiver lives as long as the scope.
            let _ = ended.send(Ended { job: task.job, report });
            for report in skipped {
                let _ = ended.send(Ended { job: task.job, report });
            }
        }
    }

    fn next(&self) -> Option<Task> {
        let mut state = self.state();
        loop {
            if interrupt::was_requested() {
                return None;
            }
            if let Some(task) = state.ready.pop_front() {
                state.running += 1;
                return Some(task);
            }
            if state.running == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets go what waited for this task; returns the reports of what will not run.
    fn finish(&self, task: Task, verdict: &Verdict) -> Vec<CheckReport> {
        let mut state = self.state();
        state.running -= 1;
        let released = state
            .waiting
            .extract_if(.., |waits| {
                waits.job == task.job && waits.check.needs == Some(task.check.id)
            })
            .collect::<Vec<_>>();
        let mut skipped = Vec::new();
        for waits in released {
            match verdict {
                Verdict::Passed if waits.check.pace == Pace::Waits => state.ready.push_front(waits),
                Verdict::Passed => state.ready.push_back(waits),
                Verdict::Failed(_) | Verdict::Skipped { .. } | Verdict::Broken(_) => skipped.push(CheckReport {
                    check: waits.check,
                    verdict: Verdict::Skipped { needs: task.check.id },
                    took: Duration::ZERO,
                    transcript: Vec::new(),
                    said: 0,
                }),
            }
        }
        self.changed.notify_all();
        skipped
    }
}

fn run_one(job: &Job, check: &'static Check, settings: &Settings) -> CheckReport {
    let begun = Instant::now();
    // Until the bench is gone: to close what a program has sent may take as long as to read it.
    #[cfg(target_os = "linux")]
    let _duty = crate::jail::Duty::begin();
    let words = Words::new(settings.seed, job.lesson.id, check.id);
    let (checker, walls) = (settings.checker.clone(), settings.walls.clone());
    let mut bench = Bench::new(
        job.program.clone(),
        words,
        settings.timeout,
        checker,
        walls,
        Keeps::Headers,
    );
    let step = catch_unwind(AssertUnwindSafe(|| (check.run)(&mut bench)));
    let step = step.map(|step| bench.concludes(step));
    let verdict = step.map_or_else(
        |_| {
            Verdict::Broken(Trouble::while_doing(
                &format!("running `{}`", check.id),
                "it panicked; this is a bug of ours",
            ))
        },
        Verdict::from,
    );
    let (took, said) = (begun.elapsed(), bench.said());
    let (entries, wire) = bench.into_observations();
    let transcript = match (&verdict, wire) {
        (Verdict::Failed(_), Some(wire)) => {
            let packets = Story::of(&wire.record).entries(&wire.names, &entries);
            merged(entries, packets)
        }
        (_, _) => entries,
    };
    CheckReport {
        check,
        verdict,
        took,
        said,
        transcript,
    }
}
