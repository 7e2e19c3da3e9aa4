//! What grading costs, against *bare*: the same programs started, with the same arguments and as often, as many connections made to them and as many
//! bytes exchanged, by a plain loop that judges nothing. Both are measured in the same breath, in this process, over the same built solutions.
//!
//! `cargo bench -p checker`, or `-- --short` for one round. The waits that the contract names (a patient second, a client that gives up) are part of the
//! wall time of grading and not of bare; the ratio is of processor time. Then what the walls of each jail add to a check, side by side, and how many
//! clients lesson 7's solution carries.
//!
//! `-- verdicts` measures instead how long wrong programs wait for their verdict, and right ones beside them; with `--short` a sample of them.
#![expect(
    clippy::disallowed_methods,
    reason = "bare starts its programs by itself: that is what it is compared with"
)]

mod bare;
mod cost;
mod crowds;
#[cfg(target_os = "linux")]
mod jails;
#[cfg(target_os = "linux")]
mod verdicts;

use std::time::Duration;

use anyhow::{Context, Result};
use checker::bench::Program;
use checker::course::LESSONS;
use checker::jail::Walls;
use checker::runner::{self, CheckReport, Job, Settings};
use checker::verdict::Verdict;
use checker::{compile, interrupt};

use bare::{connections, exchange, serve_a_crowd, started};
use cost::{Cost, millis};

fn main() -> Result<()> {
    let is_asked_for = |word: &str| std::env::args().any(|argument| argument == word);
    let rounds = if is_asked_for("--short") { 1 } else { 10 };
    interrupt::watch()?;
    let solutions: Vec<String> = LESSONS.iter().map(|lesson| lesson.solution()).collect();
    let built = compile::build(&solutions)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let settings = Settings {
        seed: 1,
        timeout: Duration::from_secs(5),
        at_once: cores * 4,
        checker: env!("CARGO_BIN_EXE_checker").into(),
        walls: Walls::none(),
    };
    #[cfg(target_os = "linux")]
    if is_asked_for("verdicts") {
        return verdicts::compare(&built, &settings, rounds == 1);
    }
    println!("{rounds} rounds on {cores} cores; the best of each is shown");
    println!("lesson    checks  starts   wall ms  ms/check    cpu ms  bare cpu ms  ratio");

    let mut jobs = Vec::new();
    for &lesson in LESSONS {
        let solution = built.get(&lesson.solution()).context("the solutions build")?;
        let job = || Job {
            lesson,
            program: Program::new(vec![solution.clone().into()]),
            checks: lesson.checks.iter().collect(),
        };
        let (mut graded, mut bare, mut starts) = (Cost::MOST, Cost::MOST, Vec::new());
        for _ in 0..rounds {
            let (cost, reports) = Cost::of(|| Ok(grade(&[job()], &settings)))?;
            let bytes = reports.iter().map(|report| report.said).sum();
            graded = graded.least(cost);
            starts = started(&reports);
            let crowd = connections(&reports).saturating_sub(starts.len());
            let (cost, ()) = Cost::of(|| {
                starts.iter().try_for_each(|start| exchange(lesson, solution, start))?;
                serve_a_crowd(lesson, solution, crowd, bytes)
            })?;
            bare = bare.least(cost);
        }
        let checks = lesson.checks.len();
        println!(
            "{:<9} {checks:>6} {:>7} {:>9.0} {:>9.1} {:>9.0} {:>12.0} {:>6.2}",
            lesson.id,
            starts.len(),
            millis(graded.wall),
            millis(graded.wall) / checks as f64,
            millis(graded.processor),
            millis(bare.processor),
            graded.processor.as_secs_f64() / bare.processor.as_secs_f64(),
        );
        jobs.push(job());
    }
    let (all, _) = Cost::of(|| Ok(grade(&jobs, &settings)))?;
    println!(
        "all at once: {:.0} ms wall, {:.0} ms of processor time",
        millis(all.wall),
        millis(all.processor)
    );
    #[cfg(target_os = "linux")]
    jails::compare(&jobs, &settings, rounds)?;
    let nonblocking = built.get("solution07").context("the solutions build")?;
    crowds::crowds(nonblocking, if rounds == 1 { 1_000 } else { 10_000 })
}

fn grade(jobs: &[Job], settings: &Settings) -> Vec<CheckReport> {
    let reports: Vec<CheckReport> = runner::run(jobs, settings, |_, _| {}).into_iter().flatten().collect();
    for report in reports.iter().filter(|report| report.verdict != Verdict::Passed) {
        println!("{} did not pass: this run measures something else", report.check.id);
    }
    reports
}
