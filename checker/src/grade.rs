//! The command `grade`: from what was typed to a report and an exit code.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::NamedTempFile;

use crate::bench::Program;
use crate::cli::{self, Format, Grade, When};
use crate::course::{Check, Lesson};
use crate::exit::Outcome;
use crate::interrupt;
use crate::jail::{Walls, is_shown_as_a_whole};
use crate::report::human::{self, Colour, Style, Transcripts};
use crate::report::{LessonReport, Report, Status, json, junit};
use crate::runner::{self, CheckReport, Job, Settings};
use crate::{compile, level, quote, score, stubs};

/// Checks mostly wait: so many at once for each core.
const AT_ONCE_PER_CORE: usize = 4;

/// A lesson that was asked for, and what is known of it before any check runs.
struct Planned {
    lesson: &'static Lesson,
    checks: Vec<&'static Check>,
    state: State,
}

enum State {
    Runs(Program),
    /// Compiled for this run, and there as long as it.
    #[cfg(target_os = "linux")]
    Submitted {
        program: Program,
        _built: crate::submission::Built,
    },
    Unrun(Status),
}

impl State {
    fn program(&self) -> Option<&Program> {
        match self {
            State::Runs(program) => Some(program),
            #[cfg(target_os = "linux")]
            State::Submitted { program, .. } => Some(program),
            State::Unrun(_) => None,
        }
    }

    /// Why it does not run.
    fn status(&self) -> Option<Status> {
        match *self {
            State::Runs(_) => None,
            #[cfg(target_os = "linux")]
            State::Submitted { .. } => None,
            State::Unrun(status) => Some(status),
        }
    }
}

/// Grades, reports, and says how it ended.
///
/// # Errors
/// Our own trouble; wrong usage comes back as [`Outcome::Usage`].
pub fn run(options: &Grade) -> Result<Outcome> {
    let lessons = match chosen(options) {
        Ok(lessons) => lessons,
        Err(message) => return Ok(Outcome::Usage(message)),
    };
    let program = options.program.as_deref();
    let program = match program.map(|text| command_line("--program", text)).transpose() {
        Ok(program) => program,
        Err(message) => return Ok(Outcome::Usage(message)),
    };
    // Made before anything runs: a report that can't be written is known now, not when the work is done.
    let output = match options.output.as_deref().map(temporary_beside).transpose() {
        Ok(output) => output,
        Err(error) => return Ok(Outcome::Usage(format!("{error:#}"))),
    };

    let seed = options.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let style = style(options);
    let settings = match settings(options, seed)? {
        Ok(settings) => settings,
        Err(message) => return Ok(Outcome::Usage(message)),
    };
    if let Some(folder) = options.source.as_deref().filter(|folder| !folder.join("src").is_dir()) {
        let message = format!("`--source {}` is no lesson folder: it has no `src`", folder.display());
        return Ok(Outcome::Usage(message));
    }
    // Held to the end: then all is as it was.
    #[cfg(target_os = "linux")]
    let _cgroup = crate::jail::Delegated::find_for(settings.walls.level);
    let planned = plan(options, &lessons, program, &settings)?;
    let mut live = Live::new(options, &planned, &style);
    let reports = live.grade(&planned, &settings)?;
    let report = Report {
        seed,
        jail: settings.walls.level,
        lessons: reports,
    };
    if options.program.is_none()
        && options.source.is_none()
        && !options.solutions
        && options.checks.is_empty()
        && !interrupt::was_requested()
    {
        score::save(&report.lessons);
    }

    let text = match options.format {
        Format::Human => live.rest(&report)?,
        Format::Json => json::render(&report),
        Format::Junit => junit::render(&report).context("failed to write JUnit's XML")?,
    };
    match output {
        Some((temporary, path)) => write_whole(temporary, &path, &text)?,
        None => say(&text)?,
    }
    Ok(outcome(&report))
}

fn chosen(options: &Grade) -> Result<Vec<&'static Lesson>, String> {
    let lessons = cli::lessons(&options.lessons)?;
    let one = lessons.len() == 1 && !options.lessons.is_empty();
    if options.program.is_some() && !one {
        return Err("`--program` takes exactly one LESSON: `grade 4 --program './mine'`".to_owned());
    }
    if options.source.is_some() && !one {
        return Err("`--source` takes exactly one LESSON: `grade 4 --source alice/04-udp`".to_owned());
    }
    cli::every_pattern_matches(&lessons, &options.checks)?;
    Ok(lessons)
}

/// The words of `--program`, or of another such `flag`, the first of which can be run.
pub(crate) fn command_line(flag: &str, text: &str) -> Result<Vec<OsString>, String> {
    let words = shlex::split(text).ok_or_else(|| format!("`{flag} {text}`: a quote is not closed"))?;
    let Some(first) = words.first() else {
        return Err(format!(
            "`{flag}` is empty: name a program, such as `{flag} 'python3 mine.py'`"
        ));
    };
    match first.contains('/') {
        true => runnable(Path::new(first))?,
        false => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            if !std::env::split_paths(&path).any(|folder| runnable(&folder.join(first)).is_ok()) {
                return Err(format!(
                    "`{first}` is not found in PATH (a program in this folder is `./{first}`)"
                ));
            }
        }
    }
    Ok(words.into_iter().map(OsString::from).collect())
}

fn runnable(path: &Path) -> Result<(), String> {
    use nix::unistd::{AccessFlags, access};
    match path.metadata() {
        Err(error) => Err(format!("`{}` can't be run: {error}", path.display())),
        Ok(metadata) if !metadata.is_file() => Err(format!("`{}` can't be run: it is no file", path.display())),
        Ok(_) if access(path, AccessFlags::X_OK).is_err() => Err(format!(
            "`{0}` is not executable: `chmod +x {0}`, or name its interpreter first",
            path.display()
        )),
        Ok(_) => Ok(()),
    }
}

/// A level that was asked for and can't be built here is wrong usage.
fn settings(options: &Grade, seed: u64) -> Result<Result<Settings, String>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let checker = std::env::current_exe().context("failed to find the checker's own executable")?;
    let level = match level::asked_for(options.jail, &checker)? {
        Ok(level) => level,
        Err(message) => return Ok(Err(message)),
    };
    let mut walls = Walls::new(level, options.limits.into());
    if let Err(message) = show(&mut walls, &options.binds, options.program.is_some()) {
        return Ok(Err(message));
    }
    Ok(Ok(Settings {
        seed,
        timeout: options.timeout,
        at_once: options.jobs.map_or(cores * AT_ONCE_PER_CORE, usize::from),
        checker,
        walls,
    }))
}

/// What of the host is shown to programs: the folders of `--bind`; and where a command line was given, the folder that it was typed in.
pub(crate) fn show(walls: &mut Walls, binds: &[PathBuf], was_typed: bool) -> Result<(), String> {
    for bind in binds {
        match bind.canonicalize() {
            Ok(folder) => walls.shown.push(folder),
            Err(error) => return Err(format!("`--bind {}` can't be shown: {error}", bind.display())),
        }
    }
    if let Some(folder) = std::env::current_dir().ok().filter(|_| was_typed)
        && is_shown_as_a_whole(&folder)
        && !compile::workspace().starts_with(&folder)
    {
        walls.shown.push(folder.clone());
        walls.working_directory = Some(folder);
    }
    Ok(())
}

fn style(options: &Grade) -> Style {
    let terminal = options.output.is_none() && io::stdout().is_terminal();
    let asked_for_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = match options.color {
        When::Always => Colour::Ansi,
        When::Auto if terminal && !asked_for_none => Colour::Ansi,
        When::Auto | When::Never => Colour::Plain,
    };
    let mut again = String::new();
    if options.solutions {
        again.push_str(" --solutions");
    }
    if let Some(program) = &options.program {
        let quoted = shlex::try_quote(program).map(std::borrow::Cow::into_owned);
        again.push_str(&format!(" --program {}", quoted.unwrap_or_else(|_| "…".to_owned())));
    }
    if let Some(source) = &options.source {
        let quoted = shlex::try_quote(&source.to_string_lossy()).map(std::borrow::Cow::into_owned);
        again.push_str(&format!(" --source {}", quoted.unwrap_or_else(|_| "…".to_owned())));
    }
    let by_cargo = std::env::var_os("CARGO").is_some();
    Style {
        colour,
        transcripts: if options.verbose {
            Transcripts::OfAll
        } else {
            Transcripts::OfFailures
        },
        command: if by_cargo { "cargo grade" } else { "checker grade" }.to_owned(),
        options: again,
    }
}

/// Builds what is to be built, and finds out what need not run.
fn plan(
    options: &Grade,
    lessons: &[&'static Lesson],
    program: Option<Vec<OsString>>,
    settings: &Settings,
) -> Result<Vec<Planned>> {
    let mut planned = Vec::new();
    let mut to_build = Vec::new();
    for &lesson in lessons {
        let checks = cli::checks(lesson, &options.checks).map_err(anyhow::Error::msg)?;
        if checks.is_empty() {
            continue;
        }
        let own = compile::folder(lesson);
        let written = options.source.as_ref().unwrap_or(&own);
        let untouched = !options.solutions && program.is_none() && stubs::is_untouched(written, lesson)?;
        let state = match (&program, &options.source) {
            (Some(command), _) => State::Runs(Program::new(command.clone())),
            (None, _) if untouched => State::Unrun(Status::NotStarted),
            (None, Some(source)) => submitted(lesson, source, settings)?,
            (None, None) => {
                to_build.push(package(options, lesson));
                State::Unrun(Status::DoesNotBuild)
            }
        };
        planned.push(Planned { lesson, checks, state });
    }
    let built: HashMap<String, PathBuf> = compile::build(&to_build)?;
    for plan in &mut planned {
        if let Some(executable) = built.get(&package(options, plan.lesson)) {
            plan.state = State::Runs(Program::new(vec![executable.clone().into_os_string()]));
        }
    }
    Ok(planned)
}

/// What becomes of a student's folder; the compiler's words go to stderr.
#[cfg(target_os = "linux")]
fn submitted(lesson: &'static Lesson, source: &Path, settings: &Settings) -> Result<State> {
    use crate::submission::{self, Submission};
    match submission::build(lesson, source, &settings.checker, settings.walls.level)? {
        Submission::Built(built) => {
            let command = vec![built.executable.clone().into_os_string()];
            Ok(State::Submitted {
                program: Program::new(command),
                _built: built,
            })
        }
        Submission::DoesNotBuild(words) => {
            for line in words.lines() {
                eprintln!("{}", quote::escaped(line.as_bytes()));
            }
            Ok(State::Unrun(Status::DoesNotBuild))
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn submitted(_: &'static Lesson, _: &Path, _: &Settings) -> Result<State> {
    anyhow::bail!("submissions are compiled in a jail, and that is made of what Linux has")
}

fn package(options: &Grade, lesson: &Lesson) -> String {
    match options.solutions {
        true => lesson.solution(),
        false => lesson.id.to_owned(),
    }
}

/// What is shown while checks run: the table, line by line, or a bar where the table goes elsewhere.
struct Live<'a> {
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
    fn new(options: &Grade, planned: &[Planned], style: &'a Style) -> Self {
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
    fn grade(&mut self, planned: &[Planned], settings: &Settings) -> Result<Vec<LessonReport>> {
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
    fn rest(self, report: &Report) -> Result<String> {
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

/// The report goes to stdout; a reader that went away (`| head`) is no trouble of ours.
fn say(text: &str) -> Result<()> {
    say_bytes(text.as_bytes())
}

fn say_bytes(text: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("failed to write the report to stdout")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn temporary_beside(path: &Path) -> Result<(NamedTempFile, PathBuf)> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if path.is_dir() {
        anyhow::bail!("the report can't be written to `{}`: it is a folder", path.display());
    }
    let temporary = NamedTempFile::new_in(folder)
        .with_context(|| format!("the report can't be written to `{}`", path.display()))?;
    Ok((temporary, path.to_path_buf()))
}

/// Writes all of it, or leaves what was there.
fn write_whole(mut temporary: NamedTempFile, path: &Path, text: &str) -> Result<()> {
    let written = temporary
        .write_all(text.as_bytes())
        .map_err(anyhow::Error::from)
        .and_then(|()| {
            use std::os::unix::fs::PermissionsExt;
            temporary
                .as_file()
                .set_permissions(std::fs::Permissions::from_mode(0o644))?;
            temporary.persist(path)?;
            Ok(())
        });
    written
        .with_context(|| format!("failed to write the report to `{}`", path.display()))
        .inspect_err(|_| {
            // The work is not lost: what could not be kept is at least shown.
            let _ = say(text);
        })
}

fn outcome(report: &Report) -> Outcome {
    let any = |status: Status| report.lessons.iter().any(|lesson| lesson.status == status);
    if any(Status::Broken) {
        return Outcome::Trouble;
    }
    match report.lessons.iter().all(|lesson| lesson.status == Status::Passed) {
        true => Outcome::Passed,
        false => Outcome::Failed,
    }
}
