//! What is to be traced, as it was asked for.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::placeholder;
use super::script::{self, Line};
use crate::bench::{Program, Words};
use crate::cli::{self, Trace};
use crate::course::{Check, Lesson};
use crate::invocation;
use crate::quote::escaped;
use crate::report::Status;
use crate::{compile, grade, reading, stubs};

pub(super) enum Subject {
    /// The two ends of a lesson's program.
    Lesson(&'static Lesson, Program, Vec<Line>),
    Check(&'static Lesson, Program, &'static Check),
    Any {
        server: Vec<OsString>,
        client: Vec<OsString>,
        script: Vec<Line>,
    },
}

/// What a person who asked for something impossible is told.
pub(super) type Usage<T> = Result<T, String>;

/// Why there is nothing to trace.
#[derive(Debug)]
pub(super) enum Refused {
    Usage(String),
    /// As `grade` says it of a lesson that never ran.
    Unrun(&'static Lesson, Status),
    /// Ours.
    Trouble(anyhow::Error),
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Refused::Usage(message)
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Refused::Trouble(error)
    }
}

impl Subject {
    pub(super) fn of(options: &Trace) -> Result<Self, Refused> {
        let script = options.script.as_deref().map(script).transpose()?;
        if let (Some(server), Some(client)) = (&options.server, &options.client) {
            let (server, client) = (
                grade::command_line("--server", server)?,
                grade::command_line("--client", client)?,
            );
            placeholder::of_server(&server)?;
            placeholder::of_client(&client)?;
            return Ok(Subject::Any {
                server,
                client,
                script: script.unwrap_or_default(),
            });
        }
        let lesson = lesson(options)?;
        let check = options.check.as_deref().map(|id| check(lesson, id)).transpose()?;
        let program = match &options.program {
            Some(text) => Program::new(grade::command_line("--program", text)?),
            None if !options.solutions && stubs::is_untouched(&compile::folder(lesson), lesson)? => {
                return Err(Refused::Unrun(lesson, Status::NotStarted));
            }
            None => built(lesson, options.solutions)?,
        };
        Ok(match (check, script) {
            (Some(check), _) => Subject::Check(lesson, program, check),
            (None, Some(script)) => Subject::Lesson(lesson, program, script),
            (None, None) => Subject::Lesson(lesson, program, script::read(script::usual(lesson))?),
        })
    }

    pub(super) fn title(&self) -> String {
        match self {
            Subject::Lesson(lesson, ..) => title(lesson),
            Subject::Check(lesson, _, check) => {
                format!("Lesson {} · {}: {}", lesson.number(), check.id, check.claim)
            }
            Subject::Any { server, client, .. } => {
                let [server, client] = [server, client].map(|words| {
                    let words: Vec<_> = words.iter().map(|word| escaped(word.as_bytes())).collect();
                    words.join(" ")
                });
                format!("{server} · {client}")
            }
        }
    }

    /// Where to read on.
    pub(super) fn section(&self) -> Option<String> {
        match self {
            Subject::Lesson(lesson, ..) => Some(reading::checks_of(lesson)),
            Subject::Check(lesson, _, check) => Some(reading::section(lesson, check)),
            Subject::Any { .. } => None,
        }
    }

    pub(super) fn program(&self) -> Program {
        match self {
            Subject::Lesson(_, program, _) | Subject::Check(_, program, _) => program.clone(),
            Subject::Any { server, .. } => Program::new(server.clone()),
        }
    }

    pub(super) fn words(&self, seed: u64) -> Words {
        match self {
            Subject::Lesson(lesson, ..) => Words::new(seed, lesson.id, "trace"),
            Subject::Check(lesson, _, check) => Words::new(seed, lesson.id, check.id),
            Subject::Any { .. } => Words::new(seed, "any", "trace"),
        }
    }
}

pub(super) fn title(lesson: &Lesson) -> String {
    format!("Lesson {} · {}", lesson.number(), lesson.title)
}

fn script(path: &Path) -> Usage<Vec<Line>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("the script `{shown}` can't be read: {error}"))?;
    let lines = script::read(&text).map_err(|error| format!("the script `{shown}`: {error}"))?;
    for doubt in script::doubts(&text) {
        eprintln!("note: the script `{shown}`: {doubt}");
    }
    Ok(lines)
}

fn lesson(options: &Trace) -> Usage<&'static Lesson> {
    let Some(name) = &options.lesson else {
        return Err(format!(
            "name a lesson, or both ends: `{trace} 1`, `{trace} --server 'CMD' --client 'CMD'`",
            trace = invocation::of("trace")
        ));
    };
    match cli::lessons(std::slice::from_ref(name))?.as_slice() {
        [lesson] if lesson.topic() == "unix" => Err(format!(
            "the ends of lesson {number} talk by AF_UNIX sockets, within the kernel: nothing of it is on a wire; `{grade} {number} --verbose` shows what was said",
            number = lesson.number(),
            grade = invocation::of("grade")
        )),
        [lesson] => Ok(lesson),
        _ => Err(format!(
            "`trace` takes exactly one LESSON: `{} 1`",
            invocation::of("trace")
        )),
    }
}

fn check(lesson: &'static Lesson, id: &str) -> Usage<&'static Check> {
    let patterns = [id.to_owned()];
    cli::every_pattern_matches(&[lesson], &patterns)?;
    match cli::checks(lesson, &patterns)?.as_slice() {
        [check] => Ok(check),
        _ => Err(format!("`--check {id}` names more than one check: `trace` takes one")),
    }
}

fn built(lesson: &'static Lesson, solutions: bool) -> Result<Program, Refused> {
    let package = match solutions {
        true => lesson.solution(),
        false => lesson.id.to_owned(),
    };
    let built = compile::build(std::slice::from_ref(&package))?;
    match built.get(&package) {
        Some(executable) => Ok(Program::new(vec![executable.clone().into_os_string()])),
        None => Err(Refused::Unrun(lesson, Status::DoesNotBuild)),
    }
}
