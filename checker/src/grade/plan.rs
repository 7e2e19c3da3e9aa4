//! What is to be graded: built where it is to be built, and known before any check runs.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::bench::Program;
use crate::cli::{self, Grade};
use crate::course::{Check, Lesson};
#[cfg(target_os = "linux")]
use crate::quote;
use crate::report::Status;
use crate::runner::Settings;
use crate::{compile, stubs};

/// A lesson that was asked for, and what is known of it before any check runs.
pub(super) struct Planned {
    pub(super) lesson: &'static Lesson,
    pub(super) checks: Vec<&'static Check>,
    pub(super) state: State,
}

pub(super) enum State {
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
    pub(super) fn program(&self) -> Option<&Program> {
        match self {
            State::Runs(program) => Some(program),
            #[cfg(target_os = "linux")]
            State::Submitted { program, .. } => Some(program),
            State::Unrun(_) => None,
        }
    }

    /// Why it does not run.
    pub(super) fn status(&self) -> Option<Status> {
        match *self {
            State::Runs(_) => None,
            #[cfg(target_os = "linux")]
            State::Submitted { .. } => None,
            State::Unrun(status) => Some(status),
        }
    }
}

/// Builds what is to be built, and finds out what need not run.
pub(super) fn plan(
    options: &Grade,
    lessons: &[&'static Lesson],
    program: Option<Vec<OsString>>,
    settings: &Settings,
) -> Result<Vec<Planned>> {
    if program.is_none() {
        compile::is_there()?;
    }
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
            eprintln!("{}", quote::multiline(words.trim_end()));
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
