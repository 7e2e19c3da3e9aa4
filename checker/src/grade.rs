//! The command `grade`: from what was typed to a report and an exit code.

mod again;
mod live;
mod output;
mod plan;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::cli::{self, Format, Grade, When};
use crate::course::Lesson;
use crate::exit::Outcome;
use crate::jail::{Walls, is_of_the_jail, is_shown_as_a_whole};
use crate::report::human::{Colour, Style, Transcripts};
use crate::report::{Report, Status, html, json, junit};
use crate::runner::Settings;
use crate::{compile, level, score};
use crate::{interrupt, invocation};
use again::again;
use live::Live;
use output::{Destination, say};
use plan::plan;

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
    // Made before anything runs: a report that can't be written is known now, not when the work is done.
    let output = match options.output.as_deref().map(Destination::open).transpose() {
        Ok(output) => output,
        Err(error) => return Ok(Outcome::Usage(format!("{error:#}"))),
    };

    let seed = options.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    let style = style(options);
    let settings = match settings(options, seed)? {
        Ok(settings) => settings,
        Err(message) => return Ok(Outcome::Usage(message)),
    };
    if let Some(folder) = &options.source {
        let why = match folder.join("src").metadata() {
            Ok(about) if about.is_dir() => None,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Some("can't be read: permission denied"),
            Ok(_) | Err(_) => Some("is no lesson folder: it has no `src`"),
        };
        if let Some(why) = why {
            return Ok(Outcome::Usage(format!("`--source {}` {why}", folder.display())));
        }
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
        Some(destination) => destination.write(&text)?,
        None => say(&text)?,
    }
    Ok(outcome(&report))
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
            Ok(folder) if is_of_the_jail(&folder) => {
                return Err(format!(
                    "`--bind {}` can't be shown: a jail has its own",
                    bind.display()
                ));
            }
            Ok(folder) => walls.shown.push(folder),
            Err(error) => return Err(format!("`--bind {}` can't be shown: {error}", bind.display())),
        }
    }
    if let Some(folder) = std::env::current_dir().ok().filter(|_| was_typed) {
        if is_shown_as_a_whole(&folder) && !compile::workspace().starts_with(&folder) {
            walls.shown.push(folder.clone());
        }
        // Shown or not: the files that the command line names by a relative path are found from here.
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
