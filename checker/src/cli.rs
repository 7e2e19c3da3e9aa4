//! What can be typed.

mod limits;
mod trace;

use std::path::PathBuf;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::course::{Check, LESSONS, Lesson};
pub use limits::Limits;
pub use trace::Trace;

/// Grades network programs by talking to them over real sockets.
///
/// Without a command: the course at a glance, and what to type next.
#[derive(Debug, Parser)]
#[command(name = "checker", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// What was typed; whoever typed what can't be understood is told so, and the process ends.
    pub fn typed() -> Self {
        Self::try_parse().unwrap_or_else(|error| without_values(error).exit())
    }
}

/// Without the advice to pass an unknown flag as a value, behind `--`: no value of ours begins with a dash.
fn without_values(mut error: clap::Error) -> clap::Error {
    if let Some(ContextValue::StyledStrs(mut tips)) = error.remove(ContextKind::Suggested) {
        tips.retain(|tip| !tip.to_string().contains("as a value"));
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    error
}

const EXIT_CODES: &str = "Exit codes: 0 all passed, 1 something failed, is not started or does not build, 2 wrong usage, 3 the checker's own trouble";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Grade lessons (all of them where none is named)
    Grade(Grade),
    /// List lessons, their checks and what each shows
    List(List),
    /// Run every known-wrong program, and show which checks catch it
    Selftest(Selftest),
    /// Run a lesson's two ends (or any two programs) and draw what is on the wire between them, with the TCP states of both
    Trace(Trace),
    /// Say which jail this machine lets the checker build around programs, and what is missing
    Doctor,
    /// Connect to a path and carry stdin there (the checker starts itself with it)
    #[command(name = "__relay", hide = true)]
    Relay { path: PathBuf },
    /// Keep a jail (the checker starts itself with it)
    #[cfg(target_os = "linux")]
    #[command(name = "__jail", hide = true)]
    Jail,
}

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Grade {
    /// `4`, `04`, `udp`, `lesson04` or `all`
    #[arg(value_name = "LESSON")]
    pub lessons: Vec<String>,
    /// Grade the reference solutions instead of your lessons
    #[arg(long, conflicts_with = "program")]
    pub solutions: bool,
    /// Grade this command line (any language), to which `server --addr …` is appended; takes exactly one LESSON
    #[arg(long, value_name = "CMD ARGS")]
    pub program: Option<String>,
    /// Grade this lesson folder of a student: its `src/**/*.rs` alone, compiled in a jail; takes exactly one LESSON
    #[arg(long, value_name = "DIR", conflicts_with_all = ["program", "solutions"])]
    pub source: Option<PathBuf>,
    /// Only this check: an id, or a pattern such as `server/*`; may be given several times
    #[arg(long = "check", value_name = "ID")]
    pub checks: Vec<String>,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write the report to this file, whole or not at all, instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How well the program is walled in; `checker doctor` says what this machine offers
    #[arg(long, value_enum, default_value_t = Jail::Auto)]
    pub jail: Jail,
    /// Show this folder to the program, read-only; may be given several times
    #[arg(long = "bind", value_name = "DIR")]
    pub binds: Vec<PathBuf>,
    #[command(flatten)]
    pub limits: Limits,
    /// How many checks at once [default: 4 for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
    /// The longest a single wait may take; a program's start may take four times as long
    #[arg(long, value_name = "SECONDS", default_value = TIMEOUT, value_parser = seconds)]
    pub timeout: Duration,
    /// Repeat a run: the seed of what is sent, as a report printed it
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Whether the report is coloured
    #[arg(long, value_enum, default_value_t = When::Auto)]
    pub color: When,
    /// Show the transcripts of passed checks too
    #[arg(long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub struct List {
    /// `4`, `04`, `udp`, `lesson04` or `all`
    #[arg(value_name = "LESSON")]
    pub lessons: Vec<String>,
    /// How the list is written
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub format: ListFormat,
}

#[derive(Debug, Args)]
pub struct Selftest {
    /// `4`, `04`, `udp`, `lesson04` or `all`
    #[arg(value_name = "LESSON")]
    pub lessons: Vec<String>,
    /// How well the programs are walled in
    #[arg(long, value_enum, default_value_t = Jail::Auto)]
    pub jail: Jail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Human,
    Json,
    Junit,
    /// One page to keep open: needs no network, no script and no server
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    Human,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

/// See [`crate::jail::Level`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Jail {
    /// The best that can be built on this machine
    Auto,
    /// Namespaces, a root folder and a network of its own, and all that follows
    Full,
    /// Landlock, seccomp and limits
    Reduced,
    /// No walls
    None,
}

/// In seconds.
const TIMEOUT: &str = "5";

/// The longest that a single wait takes where nothing is said.
pub fn usual_timeout() -> Duration {
    seconds(TIMEOUT).unwrap_or_default()
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "a number of seconds is wanted, such as 5 or 0.5".to_owned())?;
    match (0.1..=3600.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("between 0.1 and 3600 seconds are wanted".to_owned()),
    }
}

/// The lessons that were named, in the order of the course; all where none was.
///
/// # Errors
/// A name that is no lesson's, with the nearest that is one.
pub fn lessons(names: &[String]) -> Result<Vec<&'static Lesson>, String> {
    for name in names {
        if name != "all" && !LESSONS.iter().any(|lesson| lesson.is_named(name)) {
            let known = LESSONS
                .iter()
                .flat_map(|lesson| [lesson.topic(), lesson.id])
                .chain(["all"]);
            let nearest = nearest(name, known)
                .map(|near| format!(" (did you mean `{near}`?)"))
                .unwrap_or_default();
            let topics: Vec<String> = LESSONS
                .iter()
                .map(|lesson| format!("{} {}", lesson.number(), lesson.topic()))
                .collect();
            return Err(format!(
                "there is no lesson `{}`{nearest}: there are {}",
                shown(name),
                topics.join(", ")
            ));
        }
    }
    let all = names.is_empty() || names.iter().any(|name| name == "all");
    Ok(LESSONS
        .iter()
        .copied()
        .filter(|lesson| all || names.iter().any(|name| lesson.is_named(name)))
        .collect())
}

/// The checks of `lesson` that the patterns choose; all where there is none.
///
/// # Errors
/// A pattern that is malformed.
pub fn checks(lesson: &'static Lesson, patterns: &[String]) -> Result<Vec<&'static Check>, String> {
    let patterns: Vec<glob::Pattern> = patterns
        .iter()
        .map(|text| glob::Pattern::new(text).map_err(|error| format!("`{}` is no pattern: {error}", shown(text))))
        .collect::<Result<_, _>>()?;
    let chosen = |check: &&Check| patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(check.id));
    Ok(lesson.checks.iter().filter(chosen).collect())
}

/// That every pattern chooses something in one of the lessons.
///
/// # Errors
/// The first that does not, with the nearest check.
pub fn every_pattern_matches(lessons: &[&'static Lesson], patterns: &[String]) -> Result<(), String> {
    for text in patterns {
        let mut found = false;
        for lesson in lessons {
            found |= !checks(lesson, std::slice::from_ref(text))?.is_empty();
        }
        if !found {
            let known = lessons.iter().flat_map(|lesson| lesson.checks).map(|check| check.id);
            let nearest = nearest(text, known)
                .map(|near| format!(" (did you mean `{near}`?)"))
                .unwrap_or_default();
            return Err(format!(
                "no check is named `{}`{nearest}: `checker list` names them all",
                shown(text)
            ));
        }
    }
    Ok(())
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(name, known).max(strsim::jaro_winkler(name, known)),
                known,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.65)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

fn shown(text: &str) -> String {
    crate::quote::escaped(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_lesson_has_five_names_and_a_wrong_one_suggests_the_nearest() {
        for name in ["4", "04", "udp", "lesson04", "04-udp"] {
            assert_eq!(lessons(&[name.to_owned()]).expect("known")[0].id, "lesson04");
        }
        let error = lessons(&["lesson40".to_owned()]).expect_err("unknown");
        assert!(error.contains("did you mean `lesson04`"), "{error}");
    }

    #[test]
    fn a_check_is_chosen_by_id_or_pattern() {
        let lesson = LESSONS[0];
        assert_eq!(
            checks(lesson, &["server/greets".to_owned()])
                .expect("well-formed")
                .len(),
            1
        );
        assert!(checks(lesson, &["server/*".to_owned()]).expect("well-formed").len() > 5);
        let error = every_pattern_matches(&[lesson], &["server/greet".to_owned()]).expect_err("unknown");
        assert!(error.contains("did you mean `server/greets`"), "{error}");
    }
}
