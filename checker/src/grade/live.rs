//! What is shown while checks run.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::output::say_bytes;
use super::plan::Planned;
use crate::cli::{Format, Grade};
use crate::interrupt;
use crate::report::human::{self, Style};
use crate::report::{LessonReport, Report};
use crate::runner::{self, CheckReport, Job, Settings};

/// What is shown while checks run: the table, line by line, or a bar where the table goes elsewhere.
pub(super) struct Live<'a> {
    style: &'a Style,
    table: Table,
    bar: ProgressBar,
}

enum Table {
    /// The human report on stdout: lines appear as they are due.
    Shown,
    /// Kept, to be part of the text.
    Kept(Vec<u8>),
}

impl<'a> Live<'a> {
    pub(super) fn new(options: &Grade, planned: &[Planned], style: &'a Style) -> Self {
        let shown = options.format == Format::Human && options.output.is_none();
        let checks: usize = planned.iter().map(|plan| plan.checks.len()).sum();
        let bar = match shown || !io::stderr().is_terminal() {
            true => ProgressBar::hidden(),
            false => ProgressBar::new(checks as u64),
        };
        if let Ok(look) = ProgressStyle::with_template("{bar:40} {pos} of {len} checks") {
            bar.set_style(look);
        }
        let table = if shown { Table::Shown } else { Table::Kept(Vec::new()) };
        Live { style, table, bar }
    }

    /// Runs everything that runs.
    pub(super) fn grade(&mut self, planned: &[Planned], settings: &Settings) -> Result<Vec<LessonReport>> {
        let jobs: Vec<Job> = planned
            .iter()
            .filter_map(|plan| {
                Some(Job {
                    lesson: plan.lesson,
                    program: plan.state.program()?.clone(),
                    checks: plan.checks.clone(),
                })
            })
            .collect();
        let mut due = Due::new(planned, self.style);
        let mut took = vec![Duration::ZERO; jobs.len()];
        let begun = std::time::Instant::now();
        let mut written = self.write(&due.take()?);
        let mut ran = runner::run(&jobs, settings, |job, report| {
            took[job] = begun.elapsed();
            self.bar.inc(1);
            let lines = due.ended(job, report);
            if written.is_ok() {
                written = lines.map_err(Into::into).and_then(|lines| self.write(&lines));
            }
        })
        .into_iter()
        .zip(took);
        self.bar.finish_and_clear();
        written?;
        Ok(planned
            .iter()
            .map(|plan| match plan.state.status() {
                Some(status) => LessonReport::unrun(plan.lesson, status, &plan.checks),
                None => {
                    let (checks, took) = ran.next().unwrap_or_default();
                    LessonReport::of_run(plan.lesson, plan.checks.len(), checks, took)
                }
            })
            .collect())
    }

    fn write(&mut self, text: &[u8]) -> Result<()> {
        match &mut self.table {
            Table::Shown => say_bytes(text),
            Table::Kept(kept) => {
                kept.extend_from_slice(text);
                Ok(())
            }
        }
    }

    /// What follows the table (and the table itself, where it has not been shown).
    pub(super) fn rest(self, report: &Report) -> Result<String> {
        let mut text = match self.table {
            Table::Shown => Vec::new(),
            Table::Kept(kept) => kept,
        };
        for lesson in &report.lessons {
            human::details(&mut text, lesson, report.seed, self.style)?;
        }
        if interrupt::was_requested() {
            writeln!(text, "\ninterrupted: this is what is known so far")?;
        }
        human::summary(&mut text, report, self.style)?;
        Ok(String::from_utf8(text)?)
    }
}

/// The lines of the table that can be shown: in the order of the table, as far as the checks have ended.
struct Due<'a> {
    planned: &'a [Planned],
    style: &'a Style,
    /// By plan and check: the line, once its check has ended.
    lines: Vec<HashMap<&'static str, Vec<u8>>>,
    /// The plans that run, by the number of their job.
    jobs: Vec<usize>,
    /// The next line: which plan, and which of its checks; 0 is the heading.
    plan: usize,
    row: usize,
}

impl<'a> Due<'a> {
    fn new(planned: &'a [Planned], style: &'a Style) -> Self {
        Due {
            planned,
            style,
            lines: planned.iter().map(|_| HashMap::new()).collect(),
            jobs: (0..planned.len())
                .filter(|&i| planned[i].state.program().is_some())
                .collect(),
            plan: 0,
            row: 0,
        }
    }

    /// A check ended; returns what can be shown now.
    fn ended(&mut self, job: usize, report: &CheckReport) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        human::line(&mut line, report, self.style)?;
        self.lines[self.jobs[job]].insert(report.check.id, line);
        self.take()
    }

    /// What can be shown now and has not been yet.
    fn take(&mut self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        while let Some(plan) = self.planned.get(self.plan) {
            if self.row == 0 {
                human::heading(&mut text, plan.lesson, self.style)?;
                self.row = 1;
            }
            if let Some(status) = plan.state.status() {
                human::unrun(&mut text, plan.lesson, status)?;
            } else if let Some(check) = plan.checks.get(self.row - 1) {
                let Some(line) = self.lines[self.plan].remove(check.id) else {
                    break;
                };
                text.extend(line);
                self.row += 1;
                continue;
            }
            (self.plan, self.row) = (self.plan + 1, 0);
        }
        Ok(text)
    }
}
