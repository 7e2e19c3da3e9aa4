//! The checker judged by known-wrong programs: each must fail the checks that its mistake breaks, and no other.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use specimens::{RIGHT, SPECIMENS, Specimen};

use crate::bench::Program;
use crate::cli::{self, Selftest};
use crate::course::Lesson;
use crate::exit::Outcome;
use crate::jail::{Level, Limits, Walls};
use crate::quote::count;
use crate::runner::{self, CheckReport, Job, Settings};
use crate::verdict::Verdict;
use crate::{compile, interrupt, level};

/// A known-wrong program, what it must fail, and what it did fail.
#[derive(Debug)]
pub struct Row {
    pub specimen: Specimen,
    pub seen: BTreeSet<&'static str>,
    pub broken: Vec<String>,
    /// How often it was run until it was exact, or was given up.
    pub tries: usize,
}

/// What a known-wrong program does wrong may show by a race or a time-out of its own: where all of them run at once, one may fail a check too many
/// or too few. Such a row is run again, alone. A right program has but one try.
const MOST_TRIES: usize = 3;

impl Row {
    pub fn expected(&self) -> BTreeSet<&'static str> {
        self.specimen.fails.iter().copied().collect()
    }

    pub fn is_exact(&self) -> bool {
        self.seen == self.expected() && self.broken.is_empty()
    }
}

/// What the specimens showed.
#[derive(Debug)]
pub struct Matrix {
    pub rows: Vec<Row>,
    /// Checks that no specimen fails: they prove nothing.
    pub unproven: Vec<String>,
    /// Checks that a right program failed, with the reason.
    pub unjust: Vec<String>,
}

impl Matrix {
    pub fn is_exact(&self) -> bool {
        self.rows.iter().all(Row::is_exact) && self.unproven.is_empty() && self.unjust.is_empty()
    }
}

/// Runs the specimens of these lessons, each through all checks of its lesson.
///
/// # Errors
/// The specimens do not build.
pub fn matrix(lessons: &[&'static Lesson], settings: &Settings) -> Result<Matrix> {
    let built = compile::build(&["specimens".to_owned()])?;
    let binary = built
        .get("specimens")
        .context("the specimens do not build: cargo's words are above")?;
    let job = |lesson: &'static Lesson, flaw: &str| Job {
        lesson,
        program: Program::new(vec![binary.clone().into(), lesson.id.into(), flaw.into()]),
        checks: lesson.checks.iter().collect(),
    };
    let of_lessons: Vec<(&'static Lesson, Specimen)> = lessons
        .iter()
        .flat_map(|&lesson| {
            SPECIMENS
                .iter()
                .filter(|of| of.lesson == lesson.id)
                .map(move |&of| (lesson, of))
        })
        .collect();
    let mut jobs: Vec<Job> = lessons.iter().map(|lesson| job(lesson, RIGHT)).collect();
    jobs.extend(of_lessons.iter().map(|(lesson, specimen)| job(lesson, specimen.flaw)));
    let mut reports = runner::run(&jobs, settings, |_, _| {});

    let of_specimens = reports.split_off(lessons.len());
    let unjust = lessons
        .iter()
        .zip(&reports)
        .flat_map(|(lesson, reports)| {
            let failed = reports.iter().filter(|report| report.verdict != Verdict::Passed);
            failed.map(|report| format!("{}/{}: {}", lesson.id, report.check.id, reason(report)))
        })
        .collect();
    let mut rows: Vec<Row> = of_lessons
        .iter()
        .zip(of_specimens)
        .map(|(&(_, of), reports)| row(of, &reports, 1))
        .collect();
    let alone = Settings {
        at_once: settings.at_once.min(4),
        ..settings.clone()
    };
    for (found, &(lesson, specimen)) in rows.iter_mut().zip(&of_lessons) {
        while !found.is_exact() && found.tries < MOST_TRIES && !interrupt::was_requested() {
            let reports = runner::run(&[job(lesson, specimen.flaw)], &alone, |_, _| {});
            let reports: Vec<CheckReport> = reports.into_iter().flatten().collect();
            *found = row(specimen, &reports, found.tries + 1);
        }
    }
    let unproven = lessons
        .iter()
        .flat_map(|lesson| lesson.checks.iter().map(move |check| (lesson.id, check.id)))
        .filter(|(lesson, check)| {
            !rows
                .iter()
                .any(|row| row.specimen.lesson == *lesson && row.specimen.fails.contains(check))
        })
        .map(|(lesson, check)| format!("{lesson}/{check}"))
        .collect();
    Ok(Matrix { rows, unproven, unjust })
}

fn row(specimen: Specimen, reports: &[CheckReport], tries: usize) -> Row {
    let mut row = Row {
        specimen,
        seen: BTreeSet::new(),
        broken: Vec::new(),
        tries,
    };
    for report in reports {
        match &report.verdict {
            Verdict::Passed => {}
            Verdict::Failed(_) | Verdict::Skipped { .. } => drop(row.seen.insert(report.check.id)),
            Verdict::Broken(trouble) => row.broken.push(format!("{}: {}", report.check.id, trouble.what)),
        }
    }
    row
}

fn reason(report: &CheckReport) -> String {
    match &report.verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::Failed(finding) => finding.summary.clone(),
        Verdict::Skipped { needs } => format!("needs {needs}"),
        Verdict::Broken(trouble) => trouble.what.clone(),
    }
}

/// A known-wrong program is to fail by the check that its mistake breaks, and not by a wall.
pub fn walls(level: Level) -> Walls {
    let limits = Limits {
        memory: 64 << 30,
        ..Limits::default()
    };
    Walls::new(level, limits)
}

/// The command `selftest`: the matrix as text.
///
/// # Errors
/// The specimens do not build, or no jail does.
pub fn run(options: &Selftest) -> Result<(String, Outcome)> {
    let lessons = match cli::lessons(&options.lessons) {
        Ok(lessons) => lessons,
        Err(message) => return Ok((String::new(), Outcome::Usage(message))),
    };
    let checker = std::env::current_exe().context("failed to find the checker's own executable")?;
    let level = match level::asked_for(options.jail, &checker)? {
        Ok(level) => level,
        Err(message) => return Ok((String::new(), Outcome::Usage(message))),
    };
    // Held to the end: then all is as it was.
    #[cfg(target_os = "linux")]
    let _cgroup = crate::jail::Delegated::find_for(level);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let matrix = matrix(
        &lessons,
        &Settings {
            seed: u64::from(fastrand::u32(..)),
            timeout: Duration::from_secs(3),
            at_once: cores * 16,
            checker,
            walls: walls(level),
        },
    )?;
    let outcome = match (interrupt::was_requested(), matrix.is_exact()) {
        (true, _) => Outcome::Trouble,
        (false, true) => Outcome::Passed,
        (false, false) => Outcome::Failed,
    };
    Ok((render(&matrix)?, outcome))
}

/// A line per specimen, then what is wrong with the checks.
pub fn render(matrix: &Matrix) -> Result<String> {
    render_rows(matrix, |_| true)
}

/// Only what is wrong.
pub fn render_faults(matrix: &Matrix) -> Result<String> {
    render_rows(matrix, |row| !row.is_exact())
}

fn render_rows(matrix: &Matrix, is_shown: impl Fn(&Row) -> bool) -> Result<String> {
    let mut text = String::new();
    for row in matrix.rows.iter().filter(|row| is_shown(row)) {
        let word = if row.is_exact() { "caught" } else { " WRONG" };
        let Specimen { lesson, flaw, what, .. } = row.specimen;
        writeln!(text, "{word}  {lesson} {flaw}: {what}")?;
        let expected = row.expected();
        let list = |ids: Vec<&&str>| ids.into_iter().copied().collect::<Vec<_>>().join(", ");
        writeln!(text, "        by {}", list(row.seen.intersection(&expected).collect()))?;
        if row.tries > 1 {
            writeln!(text, "        at try {} of {MOST_TRIES}, alone", row.tries)?;
        }
        let (missed, surplus): (Vec<_>, Vec<_>) = (
            expected.difference(&row.seen).collect(),
            row.seen.difference(&expected).collect(),
        );
        if !missed.is_empty() {
            writeln!(text, "        it passes, but must fail: {}", list(missed))?;
        }
        if !surplus.is_empty() {
            writeln!(text, "        it fails, but must pass: {}", list(surplus))?;
        }
        for broken in &row.broken {
            writeln!(text, "        the checker's trouble: {broken}")?;
        }
    }
    for check in &matrix.unproven {
        writeln!(text, "no specimen fails {check}: the check proves nothing")?;
    }
    for check in &matrix.unjust {
        writeln!(text, "a right program fails {check}")?;
    }
    let exact = matrix.rows.iter().filter(|row| row.is_exact()).count();
    writeln!(
        text,
        "{exact} of {} caught by exactly the checks that they must fail",
        count(matrix.rows.len(), "specimen")
    )?;
    Ok(text)
}
