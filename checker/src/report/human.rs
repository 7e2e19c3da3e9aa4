//! The report for a person: a line per check as the table goes on, then each failure with its evidence, then the score.

use std::io::{self, Write};

use super::{LessonReport, Report, Status};
use crate::course::{Check, Lesson};
use crate::jail::Level;
use crate::quote::{count, milliseconds};
use crate::reading;
use crate::runner::CheckReport;
use crate::verdict::{Finding, Verdict};

/// Colour is never the only carrier of meaning: every verdict is a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    Plain,
    Ansi,
}

/// Which transcripts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transcripts {
    OfFailures,
    OfAll,
}

/// How to say it.
#[derive(Debug, Clone)]
pub struct Style {
    pub colour: Colour,
    pub transcripts: Transcripts,
    /// The words before LESSON of the command that repeats a check: `cargo grade`.
    pub command: String,
    /// The command that says what this machine offers: `cargo run -p checker -- doctor`.
    pub doctor: String,
    /// What of the options must be said again behind it: `--program '…'`.
    pub options: String,
}

impl Style {
    /// The command that repeats one check.
    pub fn again(&self, lesson: &Lesson, check: &Check, seed: u64) -> String {
        let Style { command, options, .. } = self;
        format!(
            "{command} {}{options} --check {} --seed {seed}",
            lesson.number(),
            check.id
        )
    }

    fn paint(&self, code: &str, text: &str) -> String {
        self.colour.paint(code, text)
    }
}

impl Colour {
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Colour::Ansi => format!("\x1b[{code}m{text}\x1b[0m"),
            Colour::Plain => text.to_owned(),
        }
    }
}

/// The heading of a lesson's table.
///
/// # Errors
/// What writing says; so for all functions of this module.
pub fn heading(out: &mut impl Write, lesson: &Lesson, style: &Style) -> io::Result<()> {
    writeln!(
        out,
        "{}",
        style.paint("1", &format!("Lesson {} · {}", lesson.number(), lesson.title))
    )
}

/// One line of the table.
pub fn line(out: &mut impl Write, report: &CheckReport, style: &Style) -> io::Result<()> {
    let word = match report.verdict {
        Verdict::Passed => style.paint("32", "   PASS"),
        Verdict::Failed(_) => style.paint("1;31", "   FAIL"),
        Verdict::Skipped { .. } => style.paint("33", "   SKIP"),
        Verdict::Broken(_) => style.paint("1;35", " BROKEN"),
    };
    let took = format!("{:>5} ms", report.took.as_millis());
    writeln!(out, "{word}  {:<28} {took}  {}", report.check.id, report.check.claim)
}

/// What is said of a lesson that never ran.
pub fn unrun(out: &mut impl Write, lesson: &Lesson, status: Status) -> io::Result<()> {
    let folder = lesson.folder;
    match status {
        Status::NotStarted => {
            writeln!(
                out,
                "  not started yet: open lessons/{folder}/README.md, then write lessons/{folder}/src/server.rs"
            )
        }
        Status::DoesNotBuild => writeln!(
            out,
            "  does not build: what is wrong is above; mend the first error first"
        ),
        Status::Passed | Status::Failed | Status::Broken => Ok(()),
    }
}

/// Every failure with its evidence; every passed check's transcript too, where that is asked for.
pub fn details(out: &mut impl Write, lesson: &LessonReport, seed: u64, style: &Style) -> io::Result<()> {
    for report in &lesson.checks {
        match &report.verdict {
            Verdict::Failed(finding) => failure(out, lesson, report, finding, seed, style)?,
            Verdict::Broken(trouble) => {
                writeln!(
                    out,
                    "\n{} {}/{}",
                    style.paint("1;35", "BROKEN"),
                    lesson.lesson.id,
                    report.check.id
                )?;
                writeln!(out, "  not your program's fault: {}", trouble.what)?;
                transcript(out, report, style)?;
            }
            Verdict::Passed if style.transcripts == Transcripts::OfAll => {
                writeln!(
                    out,
                    "\n{} {}/{}: {}",
                    style.paint("32", "PASS"),
                    lesson.lesson.id,
                    report.check.id,
                    report.check.claim
                )?;
                transcript(out, report, style)?;
            }
            Verdict::Passed | Verdict::Skipped { .. } => {}
        }
    }
    skipped(out, lesson, style)
}

/// A line for each check that others needed: which these are, the table says.
fn skipped(out: &mut impl Write, lesson: &LessonReport, style: &Style) -> io::Result<()> {
    let needs = |report: &CheckReport| match report.verdict {
        Verdict::Skipped { needs } => Some(needs),
        Verdict::Passed | Verdict::Failed(_) | Verdict::Broken(_) => None,
    };
    for group in lesson.lesson.checks {
        let waiting = lesson.checks.iter().filter(|report| needs(report) == Some(group.id));
        let need = match waiting.count() {
            0 => continue,
            1 => "1 check needs".to_owned(),
            many => format!("{} need", count(many, "check")),
        };
        let (skip, id) = (style.paint("33", "SKIP"), lesson.lesson.id);
        writeln!(out, "\n{skip} {id}: {need} {}", group.id)?;
    }
    Ok(())
}

fn failure(
    out: &mut impl Write,
    lesson: &LessonReport,
    report: &CheckReport,
    finding: &Finding,
    seed: u64,
    style: &Style,
) -> io::Result<()> {
    writeln!(
        out,
        "\n{} {}/{}: {}",
        style.paint("1;31", "FAIL"),
        lesson.lesson.id,
        report.check.id,
        report.check.claim
    )?;
    transcript(out, report, style)?;
    evidence(out, finding, style.colour)?;
    writeln!(out, "  read:  {}", reading::section(lesson.lesson, report.check))?;
    writeln!(out, "  again: {}", style.again(lesson.lesson, report.check, seed))
}

/// What was wrong, and what leads to the fix.
pub fn evidence(out: &mut impl Write, finding: &Finding, colour: Colour) -> io::Result<()> {
    writeln!(out, "  {}", colour.paint("1", &finding.summary))?;
    if let Some(expected) = &finding.expected {
        writeln!(out, "    expected: {expected}")?;
    }
    if let Some(actual) = &finding.actual {
        writeln!(out, "    got:      {actual}")?;
    }
    if let Some(waits) = &finding.waits {
        writeln!(out, "    waits:    {}", waits.sentence)?;
    }
    if let Some(wire) = &finding.wire {
        writeln!(out, "    on the wire: {wire}")?;
    }
    if let Some(hint) = &finding.hint {
        writeln!(out, "  {} {hint}", colour.paint("36", "hint:"))?;
    }
    Ok(())
}

fn transcript(out: &mut impl Write, report: &CheckReport, style: &Style) -> io::Result<()> {
    /// So many lines of a failure's beginning and of its end are shown unasked.
    const HEAD: usize = 10;
    const TAIL: usize = 30;
    /// To leave out so few is not worth a line.
    const FEW: usize = 10;
    let entries = &report.transcript;
    let left_out = match style.transcripts {
        Transcripts::OfFailures if entries.len() > HEAD + TAIL + FEW => entries.len() - HEAD - TAIL,
        Transcripts::OfFailures | Transcripts::OfAll => 0,
    };
    for (at, entry) in entries.iter().enumerate() {
        if at == HEAD && left_out > 0 {
            let lines = count(left_out, "more line");
            writeln!(out, "    {:>10}  {lines}: `--verbose` shows them", "…")?;
        }
        if at < HEAD || at >= HEAD + left_out {
            let when = milliseconds(entry.at);
            writeln!(out, "    {when:>10}  {:<8} {}", entry.who, entry.what)?;
        }
    }
    Ok(())
}

/// The score of each lesson, and of all where there are several.
pub fn summary(out: &mut impl Write, report: &Report, style: &Style) -> io::Result<()> {
    writeln!(out)?;
    let title = |lesson: &Lesson| format!("Lesson {} · {}", lesson.number(), lesson.title);
    let titles = report.lessons.iter().map(|lesson| title(lesson.lesson).chars().count());
    let width = titles.max().unwrap_or_default();
    for lesson in &report.lessons {
        let score = format!("{:>3} of {} passed", lesson.passed(), count(lesson.total, "check"));
        let state = match lesson.status {
            Status::Passed => style.paint("32", &score),
            Status::Failed => style.paint("1;31", &score),
            Status::NotStarted => "  - not started".to_owned(),
            Status::DoesNotBuild => style.paint("1;31", "  - does not build"),
            Status::Broken => {
                let incomplete = style.paint("1;35", "incomplete, not your program's fault");
                format!("{score}, {incomplete}")
            }
        };
        writeln!(out, "{:<width$} {state}", title(lesson.lesson))?;
    }
    if report.lessons.len() > 1 {
        writeln!(
            out,
            "{:<width$} {:>3} of {}",
            "All",
            report.passed(),
            count(report.total(), "check")
        )?;
    }
    begin(out, report, style)?;
    let failed = report.lessons.iter().any(|lesson| lesson.status == Status::Failed);
    if failed && report.jail != Level::Full {
        writeln!(
            out,
            "packets are recorded only in the jail `full`: `{}` says what this machine offers",
            style.doctor
        )?;
    }
    writeln!(out, "seed {}, jail {}", report.seed, report.jail.as_str())
}

/// Of several failures the first: the others often follow from it, and it has left the screen.
fn begin(out: &mut impl Write, report: &Report, style: &Style) -> io::Result<()> {
    let mut failures = report.lessons.iter().flat_map(|lesson| {
        lesson.checks.iter().filter_map(move |report| match &report.verdict {
            Verdict::Failed(finding) => Some((lesson, report, finding)),
            Verdict::Passed | Verdict::Skipped { .. } | Verdict::Broken(_) => None,
        })
    });
    let (Some((lesson, first, finding)), Some(_)) = (failures.next(), failures.next()) else {
        return Ok(());
    };
    let (id, check) = (lesson.lesson.id, first.check.id);
    writeln!(
        out,
        "{} {id}/{check}: {}",
        style.paint("1", "begin with"),
        finding.summary
    )
}
