//! The command `grade`: from what was typed to a report and an exit code.

mod again;
mod live;
mod output;
mod plan;
mod shown;
mod source;

use std::ffi::OsString;
use std::io::{self, ErrorKind, IsTerminal};
use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::{self, Format, Grade, When};
use crate::course::Lesson;
use crate::destination::Destination;
use crate::exit::Outcome;
use crate::jail::Walls;
use crate::report::human::{Colour, Style, Transcripts};
use crate::report::{Report, Status, html, json, junit};
use crate::runner::Settings;
use crate::{interrupt, invocation, level, quote, score};
use again::again;
use live::Live;
use output::say;
use plan::plan;
pub(crate) use shown::show;

/// Checks mostly wait: so many at once for each core.
const AT_ONCE_PER_CORE: usize = 4;

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
    let output = options.output.as_deref();
    let output = match output.map(|path| Destination::open("--output", path)).transpose() {
        Ok(output) => output,
        Err(message) => return Ok(Outcome::Usage(message)),
    };

    let seed = options.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let style = style(options);
    let settings = match settings(options, seed)? {
        Ok(settings) => settings,
        Err(message) => return Ok(Outcome::Usage(message)),
    };
    if let Some(refused) = options
        .source
        .as_deref()
        .and_then(|source| source::refused(source, lessons[0]))
    {
        return Ok(Outcome::Usage(refused));
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
        Format::Html => html::render(&report, &style).context("failed to write the page")?,
    };
    match output {
        Some(destination) => {
            destination.holds(text.as_bytes()).inspect_err(|_| {
                // The work is not lost: what could not be kept is at least shown.
                let _ = say(&text);
            })?;
            if let Some(path) = &options.output {
                written(path, &report);
            }
        }
        None => say(&text)?,
    }
    Ok(outcome(&report))
}

/// Who looks at a terminal sees how it went; who reads nothing but files has the file, and must still know that it is not whole.
fn written(path: &Path, report: &Report) {
    if interrupt::was_requested() {
        eprintln!("interrupted: {} holds what was graded so far", path.display());
    } else if io::stderr().is_terminal() {
        let score = quote::part(report.passed(), report.total(), "check");
        eprintln!("{}: {score} passed", path.display());
    }
}

fn chosen(options: &Grade) -> Result<Vec<&'static Lesson>, String> {
    let lessons = cli::lessons(&options.lessons)?;
    let one = lessons.len() == 1 && !options.lessons.is_empty();
    if options.program.is_some() && !one {
        return Err(format!(
            "`--program` takes exactly one LESSON: `{} 4 --program './mine'`",
            invocation::of("grade")
        ));
    }
    if options.source.is_some() && !one {
        return Err(format!(
            "`--source` takes exactly one LESSON: `{} 4 --source alice/04-udp`",
            invocation::of("grade")
        ));
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
        Err(error) => {
            let here = std::env::current_dir().ok();
            let here = here.filter(|_| error.kind() == ErrorKind::NotFound && path.is_relative());
            let within = here.map(|here| format!(" in `{}`, where you are", here.display()));
            Err(format!(
                "`{}` can't be run: {error}{}",
                path.display(),
                within.unwrap_or_default()
            ))
        }
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

fn style(options: &Grade) -> Style {
    let terminal = options.output.is_none() && io::stdout().is_terminal();
    let asked_for_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    let colour = match options.color {
        When::Always => Colour::Ansi,
        When::Auto if terminal && !asked_for_none => Colour::Ansi,
        When::Auto | When::Never => Colour::Plain,
    };
    Style {
        colour,
        transcripts: if options.verbose {
            Transcripts::OfAll
        } else {
            Transcripts::OfFailures
        },
        command: invocation::of("grade"),
        doctor: invocation::of("doctor"),
        options: again(options),
    }
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
