//! The command `trace`: two programs talk in a jail, and what was on the wire between them is drawn.

mod ends;
mod script;

use std::ffi::OsString;
use std::fs::File;
use std::io::BufWriter;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use crate::bench::{Bench, Keeps, Program, Wire, Words};
use crate::cli::{self, Trace};
use crate::course::{Check, Lesson};
use crate::exit::Outcome;
use crate::jail::{self, Level, Walls};
use crate::transcript::Entry;
use crate::verdict::{Finding, Step, Stop, Trouble};
use crate::{compile, grade, level, wire};
use script::Line;

/// What is to be traced.
enum Subject {
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
type Usage<T> = Result<T, String>;

/// Traces, draws, and says how it ended.
///
/// # Errors
/// Our own trouble; wrong usage comes back as [`Outcome::Usage`].
pub fn run(options: &Trace) -> Result<(String, Outcome)> {
    let usage = |message: String| Ok((String::new(), Outcome::Usage(message)));
    let checker = std::env::current_exe().context("failed to find the checker's own executable")?;
    // Elsewhere the wire is the whole machine's, and recording it takes root.
    if let Err(message) = level::asked_for(cli::Jail::Full, &checker)? {
        return usage(format!("packets are recorded only in the jail `full`: {message}"));
    }
    let subject = match subject(options)? {
        Ok(subject) => subject,
        Err(message) => return usage(message),
    };
    let mut walls = Walls::new(Level::Full, jail::Limits::default());
    if let Err(message) = grade::show(
        &mut walls,
        &options.binds,
        options.program.is_some() || options.server.is_some(),
    ) {
        return usage(message);
    }
    if let Subject::Any { client, .. } = &subject {
        walls.shown.extend(jail::needs(client));
    }
    // Made before anything runs: a file that can't be written is known now, not when the work is done.
    let pcap = match options.pcap.as_deref().map(File::create).transpose() {
        Ok(file) => file,
        Err(error) => return usage(format!("the packets can't be written: {error}")),
    };
    let seed = options.seed.unwrap_or_else(|| u64::from(fastrand::u32(..)));
    #[cfg(target_os = "linux")]
    let _duty = jail::Duty::begin();
    let (program, words) = match &subject {
        Subject::Lesson(lesson, program, _) => (program.clone(), Words::new(seed, lesson.id, "trace")),
        Subject::Check(lesson, program, check) => (program.clone(), Words::new(seed, lesson.id, check.id)),
        Subject::Any { server, .. } => (Program::new(server.clone()), Words::new(seed, "any", "trace")),
    };
    let mut bench = Bench::new(program, words, options.timeout, checker, walls, Keeps::Content);
    let step = match &subject {
        Subject::Lesson(_, _, script) => ends::of_lesson(&mut bench, script),
        Subject::Check(_, _, check) => (check.run)(&mut bench),
        Subject::Any { server, client, script } => ends::any(&mut bench, server, client, script),
    };
    let finding = finding(bench.concludes(step))?;
    let (entries, wire) = bench.into_observations();
    let wire = wire.context("failed to record packets: this kernel lacks what it takes (packet(7))")?;
    let mut text = subject.title();
    text.push_str(&drawn(&entries, &wire));
    if let Some(finding) = &finding {
        text.push_str(&format!("\n{}\n", finding.summary));
    }
    if let (Some(file), Some(path)) = (pcap, &options.pcap) {
        let begun = wire.begun.duration_since(UNIX_EPOCH)?;
        wire::write_pcap(BufWriter::new(file), &wire.record, begun)
            .with_context(|| format!("failed to write packets to `{}`", path.display()))?;
        text.push_str(&format!(
            "\npackets are in `{}`, for Wireshark and tshark\n",
            path.display()
        ));
    }
    let outcome = match finding {
        Some(_) => Outcome::Failed,
        None => Outcome::Passed,
    };
    Ok((text, outcome))
}

impl Subject {
    fn title(&self) -> String {
        match self {
            Subject::Lesson(lesson, ..) => format!("Lesson {} · {}\n", lesson.number(), lesson.title),
            Subject::Check(lesson, _, check) => {
                format!("Lesson {} · {}: {}\n", lesson.number(), check.id, check.claim)
            }
            Subject::Any { .. } => String::new(),
        }
    }
}

/// A program's mistake is told below what was drawn.
fn finding(step: Step) -> Result<Option<Box<Finding>>> {
    match step {
        Ok(()) => Ok(None),
        Err(Stop::Finding(finding)) => Ok(Some(finding)),
        Err(Stop::Trouble(Trouble { what })) => Err(anyhow::Error::msg(what)),
    }
}

fn drawn(entries: &[Entry], wire: &Wire) -> String {
    let story = wire::Story::of(&wire.record);
    wire::draw(&story, &wire.names, entries)
}

fn subject(options: &Trace) -> Result<Usage<Subject>> {
    let script = match options.script.as_deref().map(std::fs::read_to_string).transpose() {
        Ok(text) => text.as_deref().map(script::read),
        Err(error) => return Ok(Err(format!("the script can't be read: {error}"))),
    };
    if let (Some(server), Some(client)) = (&options.server, &options.client) {
        let both = grade::command_line("--server", server)
            .and_then(|server| Ok((server, grade::command_line("--client", client)?)));
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
    Ok(Ok(match check {
        Some(check) => Subject::Check(lesson, program, check),
        None => Subject::Lesson(
            lesson,
            program,
            script.unwrap_or_else(|| script::read(script::usual(lesson))),
        ),
    }))
}

fn lesson(options: &Trace) -> Usage<&'static Lesson> {
    let Some(name) = &options.lesson else {
        return Err("name a lesson, or both ends: `trace 1`, `trace --server 'CMD' --client 'CMD'`".to_owned());
    };
    match cli::lessons(std::slice::from_ref(name))?.as_slice() {
        [lesson] if lesson.topic() == "unix" => Err(format!(
            "the ends of lesson {} talk by AF_UNIX sockets, within the kernel: nothing of it is on a wire",
            lesson.number()
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
