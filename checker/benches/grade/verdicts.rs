//! How long a wrong program waits for its verdict: every known-wrong program and every stub, each check that it fails against the same check of the
//! lesson's solution, which runs beside it.
//!
//! What took a second longer than its right twin is listed with the finding and with where the program was: nothing but the deadline, or a time that
//! the contract names, should cost as much.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use checker::bench::Program;
use checker::course::{LESSONS, Lesson};
use checker::jail::{Level, tried};
use checker::runner::{self, CheckReport, Job, Settings};
use checker::selftest::walls;
use checker::verdict::{Finding, Verdict};
use checker::{compile, interrupt};
use specimens::SPECIMENS;

use crate::cost::millis;

/// Of every so many wrong programs `--short` takes one.
const SAMPLE: usize = 25;

/// This much more than its right twin took is worth a line.
const LONG: Duration = Duration::from_secs(1);

/// A wrong program, and the checks that it is to fail.
struct Wrong {
    lesson: &'static Lesson,
    name: String,
    program: Program,
    fails: Vec<&'static str>,
}

/// A check that a wrong program has failed.
struct Failed {
    check: String,
    of: String,
    took: Duration,
    /// Of the solution in the same check.
    twin: Duration,
    finding: Finding,
}

impl Failed {
    fn ratio(&self) -> f64 {
        self.took.as_secs_f64() / self.twin.as_secs_f64()
    }

    fn surplus(&self) -> Duration {
        self.took.saturating_sub(self.twin)
    }

    /// What decided it: the finding, and where the program waited.
    fn reason(&self) -> String {
        let waits = match &self.finding.waits {
            Some(waits) if waits.is_certain => format!("{}, certain", waits.kind.as_str()),
            Some(waits) => format!("{}, by the deadline", waits.kind.as_str()),
            None => "without a wait".to_owned(),
        };
        format!("{}: {waits}", self.finding.kind.as_str())
    }
}

/// Prints the ratio of a wrong program's time to a right one's, how it is spread, and what took long.
pub fn compare(built: &HashMap<String, PathBuf>, settings: &Settings, short: bool) -> Result<()> {
    let level = [Level::Full, Level::Reduced, Level::None]
        .into_iter()
        .find(|&level| level == Level::None || tried(&settings.checker, level).outcome.is_ok())
        .unwrap_or(Level::None);
    let settings = Settings {
        walls: walls(level),
        ..settings.clone()
    };
    println!(
        "\nwrong programs against the solutions, in the jail `{}`",
        level.as_str()
    );
    println!("lesson    checks   right ms   wrong ms   median ratio   a second longer");
    let every = if short { SAMPLE } else { 1 };
    let mut wrong = wrong_programs()?.into_iter().step_by(every).peekable();
    let mut all = Vec::new();
    for &lesson in LESSONS {
        let mut of_lesson = Vec::new();
        while let Some(one) = wrong.next_if(|one| one.lesson.id == lesson.id) {
            of_lesson.push(one);
        }
        let solution = built.get(&lesson.solution()).context("the solutions build")?;
        let mut failed = side_by_side(&of_lesson, solution, &settings);
        if interrupt::was_requested() {
            return Ok(());
        }
        println!("{}", row(lesson.id, &mut failed));
        all.extend(failed);
    }
    println!("{}", row("all", &mut all));
    for (per_cent, name) in [(50, "half"), (90, "9 of 10"), (99, "99 of 100")] {
        if let Some(at) = all.get((all.len() * per_cent / 100).min(all.len().saturating_sub(1))) {
            println!(
                "{name:>10} are told within {:.1} times what a right one takes",
                at.ratio()
            );
        }
    }
    all.retain(|one| one.surplus() > LONG);
    list(&all);
    Ok(())
}

/// The specimens and the stubs, lesson by lesson.
fn wrong_programs() -> Result<Vec<Wrong>> {
    let mut packages = vec!["specimens".to_owned()];
    packages.extend(LESSONS.iter().map(|lesson| lesson.id.to_owned()));
    let built = compile::build(&packages)?;
    let find = |package: &str| built.get(package).context("the specimens and the lessons build");
    let specimens = find("specimens")?;
    let mut wrong = Vec::new();
    for &lesson in LESSONS {
        let of_lesson = SPECIMENS.iter().filter(|specimen| specimen.lesson == lesson.id);
        wrong.extend(of_lesson.map(|specimen| Wrong {
            lesson,
            name: specimen.flaw.to_owned(),
            program: Program::new(vec![specimens.into(), lesson.id.into(), specimen.flaw.into()]),
            fails: specimen.fails.to_vec(),
        }));
        wrong.push(Wrong {
            lesson,
            name: "the stub".to_owned(),
            program: Program::new(vec![find(lesson.id)?.into()]),
            fails: lesson.checks.iter().map(|check| check.id).collect(),
        });
    }
    Ok(wrong)
}

/// Each wrong program's checks, and beside them the solution's.
fn side_by_side(wrong: &[Wrong], solution: &Path, settings: &Settings) -> Vec<Failed> {
    let jobs: Vec<Job> = wrong
        .iter()
        .flat_map(|one| [one.program.clone(), Program::new(vec![solution.into()])].map(|program| (one, program)))
        .map(|(one, program)| Job {
            lesson: one.lesson,
            program,
            checks: one
                .lesson
                .checks
                .iter()
                .filter(|check| one.fails.contains(&check.id))
                .collect(),
        })
        .collect();
    let reports = runner::run(&jobs, settings, |_, _| {});
    let (pairs, _) = reports.as_chunks::<2>();
    wrong
        .iter()
        .zip(pairs)
        .flat_map(|(one, [wrong, right])| {
            wrong
                .iter()
                .zip(right)
                .filter_map(|(wrong, right)| failed(one, wrong, right))
        })
        .collect()
}

fn failed(of: &Wrong, wrong: &CheckReport, right: &CheckReport) -> Option<Failed> {
    match (&wrong.verdict, &right.verdict) {
        (Verdict::Failed(finding), Verdict::Passed) => Some(Failed {
            check: format!("{} {}", of.lesson.id, wrong.check.id),
            of: of.name.clone(),
            took: wrong.took,
            twin: right.took,
            finding: finding.clone(),
        }),
        // A stub may do something right.
        (Verdict::Passed | Verdict::Skipped { .. }, _) => None,
        (Verdict::Failed(_) | Verdict::Broken(_), _) => {
            println!("{} {}: {} did not go as it must", of.lesson.id, of.name, wrong.check.id);
            None
        }
    }
}

/// Sorts them by their ratio.
fn row(name: &str, failed: &mut [Failed]) -> String {
    failed.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    let middle = |of: fn(&Failed) -> Duration| {
        let mut spans: Vec<Duration> = failed.iter().map(of).collect();
        spans.sort_unstable();
        millis(spans.get(spans.len() / 2).copied().unwrap_or_default())
    };
    format!(
        "{name:<9} {:>6} {:>10.0} {:>10.0} {:>14.2} {:>17}",
        failed.len(),
        middle(|one| one.twin),
        middle(|one| one.took),
        failed.get(failed.len() / 2).map_or(f64::NAN, Failed::ratio),
        failed.iter().filter(|one| one.surplus() > LONG).count(),
    )
}

/// What took long, by reason, the most frequent first.
fn list(long: &[Failed]) {
    let mut reasons = BTreeMap::<String, Vec<&Failed>>::new();
    for one in long {
        reasons.entry(one.reason()).or_default().push(one);
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, of)| std::cmp::Reverse(of.len()));
    for (reason, of) in reasons {
        println!("\n{} × {reason}", of.len());
        for one in of {
            println!(
                "  {:>5.1} s for {:.1} s: {} ({}): {}",
                one.took.as_secs_f64(),
                one.twin.as_secs_f64(),
                one.check,
                one.of,
                one.finding.summary
            );
        }
    }
}
