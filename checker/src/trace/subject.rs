//! What is to be traced, as it was asked for.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, Result};

use super::placeholder;
use super::script::{self, Line};
use crate::bench::{Program, Words};
use crate::cli::{self, Trace};
use crate::course::{Check, Lesson};
use crate::quote::escaped;
use crate::{compile, grade, reading};

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

impl Subject {
    pub(super) fn of(options: &Trace) -> Result<Usage<Self>> {
        let script = match options.script.as_deref().map(script).transpose() {
            Ok(script) => script,
            Err(message) => return Ok(Err(message)),
        };
        if let (Some(server), Some(client)) = (&options.server, &options.client) {
            let both = grade::command_line("--server", server)
                .and_then(|server| Ok((server, grade::command_line("--client", client)?)))
                .and_then(|(server, client)| {
                    placeholder::of_server(&server)?;
                    placeholder::of_client(&client)?;
                    Ok((server, client))
                });
            return Ok(both.map(|(server, client)| Subject::Any {
                server,
                client,
                script: script.unwrap_or_default(),
            }));
        }
        let lesson = match lesson(options) {
            Ok(lesson) => lesson,
            Err(message) => return Ok(Err(message)),
        };
        let check = match options.check.as_deref().map(|id| check(lesson, id)).transpose() {
            Ok(check) => check,
            Err(message) => return Ok(Err(message)),
        };
        let program = match &options.program {
            Some(text) => match grade::command_line("--program", text) {
                Ok(command) => Program::new(command),
                Err(message) => return Ok(Err(message)),
            },
            None => built(lesson, options.solutions)?,
        };
        if let Some(check) = check {
            return Ok(Ok(Subject::Check(lesson, program, check)));
        }
        let script = script.map_or_else(|| script::read(script::usual(lesson)), Ok);
        Ok(script.map(|script| Subject::Lesson(lesson, program, script)))
    }

    pub(super) fn title(&self) -> String {
        match self {
            Subject::Lesson(lesson, ..) => format!("Lesson {} · {}", lesson.number(), lesson.title),
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
        return Err("name a lesson, or both ends: `trace 1`, `trace --server 'CMD' --client 'CMD'`".to_owned());
    };
    match cli::lessons(std::slice::from_ref(name))?.as_slice() {
        [lesson] if lesson.topic() == "unix" => Err(format!(
            "the ends of lesson {number} talk by AF_UNIX sockets, within the kernel: nothing of it is on a wire; `grade {number} --verbose` shows what was said",
            number = lesson.number()
        )),
        [lesson] => Ok(lesson),
        _ => Err("`trace` takes exactly one LESSON: `trace 1`".to_owned()),
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

fn built(lesson: &Lesson, solutions: bool) -> Result<Program> {
    let package = match solutions {
        true => lesson.solution(),
        false => lesson.id.to_owned(),
    };
    let built = compile::build(std::slice::from_ref(&package))?;
    let executable = built
        .get(&package)
        .with_context(|| format!("{package} does not build: the compiler's words are above"))?;
    Ok(Program::new(vec![executable.clone().into_os_string()]))
}
