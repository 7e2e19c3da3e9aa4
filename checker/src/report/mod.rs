//! Verdicts in, text out. Never hears of sockets.

pub mod html;
pub mod human;
pub mod json;
pub mod junit;

use std::time::Duration;

use crate::course::{Check, Lesson};
use crate::jail::Level;
use crate::runner::CheckReport;
use crate::verdict::Verdict;

/// Everything that one run of the checker found out.
#[derive(Debug)]
pub struct Report {
    pub seed: u64,
    pub jail: Level,
    pub lessons: Vec<LessonReport>,
}

#[derive(Debug)]
pub struct LessonReport {
    pub lesson: &'static Lesson,
    pub status: Status,
    /// How many checks were chosen, whether or not they ran.
    pub total: usize,
    pub checks: Vec<CheckReport>,
    pub took: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Passed,
    Failed,
    /// The sources are the shipped stubs.
    NotStarted,
    DoesNotBuild,
    /// The checker's own trouble, or an interruption: the score says less than all.
    Broken,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Failed => "failed",
            Status::NotStarted => "not-started",
            Status::DoesNotBuild => "does-not-build",
            Status::Broken => "broken",
        }
    }
}

impl LessonReport {
    /// A lesson that never ran.
    pub fn unrun(lesson: &'static Lesson, status: Status, checks: &[&'static Check]) -> Self {
        LessonReport {
            lesson,
            status,
            total: checks.len(),
            checks: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// A lesson whose checks have run; any that is missing was interrupted.
    pub fn of_run(lesson: &'static Lesson, total: usize, checks: Vec<CheckReport>, took: Duration) -> Self {
        let broken = checks.len() < total || checks.iter().any(|report| matches!(report.verdict, Verdict::Broken(_)));
        let passed = checks.iter().all(|report| report.verdict == Verdict::Passed);
        let status = match (broken, passed) {
            (true, _) => Status::Broken,
            (false, true) => Status::Passed,
            (false, false) => Status::Failed,
        };
        LessonReport {
            lesson,
            status,
            total,
            checks,
            took,
        }
    }

    pub fn passed(&self) -> usize {
        self.checks
            .iter()
            .filter(|report| report.verdict == Verdict::Passed)
            .count()
    }
}

impl Report {
    pub fn passed(&self) -> usize {
        self.lessons.iter().map(LessonReport::passed).sum()
    }

    pub fn total(&self) -> usize {
        self.lessons.iter().map(|lesson| lesson.total).sum()
    }
}

/// The word of a verdict, as in every format.
pub fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed(_) => "failed",
        Verdict::Skipped { .. } => "skipped",
        Verdict::Broken(_) => "broken",
    }
}
