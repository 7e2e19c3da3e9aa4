//! What can be typed.

mod chosen;
mod internal;
mod limits;
mod number;
mod trace;

use std::path::PathBuf;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::invocation;
pub use chosen::{checks, every_pattern_matches, lessons};
pub use internal::Internal;
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

/// What was typed; where it is wrong, or asks for help, clap says so and ends us.
pub fn parse() -> Cli {
    let mut command = command();
    command
        .try_get_matches_from_mut(std::env::args_os())
        .and_then(|matches| Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command)))
        .unwrap_or_else(|error| without_values(error).exit())
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

/// A usage line shows what can be typed where this checker was called.
fn command() -> clap::Command {
    ["grade", "trace"]
        .into_iter()
        .fold(Cli::command(), |command, name| {
            command.mut_subcommand(name, |sub| {
                let usage = sub.clone().bin_name(invocation::of(name)).render_usage().to_string();
                sub.override_usage(usage.trim_start_matches("Usage: ").to_owned())
            })
        })
        .bin_name(invocation::checker())
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
    /// How well the program is walled in; the command `doctor` says what this machine offers
    #[arg(long, value_enum, default_value_t = Jail::Auto)]
    pub jail: Jail,
    /// Show this folder or file to the program, read-only; may be given several times
    #[arg(long = "bind", value_name = "PATH")]
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
    #[arg(long, value_name = "N", value_parser = number::seed)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }
}
