//! What can be typed behind `trace`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::seconds;

#[derive(Debug, Args)]
#[command(after_help = format!("{SCRIPTS}\n\n{EXIT_CODES}"))]
pub struct Trace {
    /// `4`, `04`, `udp` or `lesson04`
    #[arg(value_name = "LESSON")]
    pub lesson: Option<String>,
    /// Trace the reference solution instead of your lesson
    #[arg(long, conflicts_with = "program")]
    pub solutions: bool,
    /// Trace this command line, to which `server --addr …` and `client --addr …` are appended
    #[arg(long, value_name = "CMD ARGS")]
    pub program: Option<String>,
    /// Trace this check instead of the lesson's two ends
    #[arg(long, value_name = "ID", conflicts_with = "script")]
    pub check: Option<String>,
    /// What is typed while the two ends talk
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Any program as the server; it is waited for until it listens, or has a UDP port
    #[arg(long, value_name = "CMD ARGS", requires = "client", conflicts_with_all = ["lesson", "solutions", "program", "check"])]
    pub server: Option<String>,
    /// Any program as the client; `{addr}`, `{host}` and `{port}` stand for where the server can be reached
    #[arg(long, value_name = "CMD ARGS", requires = "server")]
    pub client: Option<String>,
    /// Write the packets to this file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
    /// Write the same as a page to this file: the diagram, what the packets come to, all of them as a table
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Show this folder or file to the programs, read-only; may be given several times
    #[arg(long = "bind", value_name = "PATH")]
    pub binds: Vec<PathBuf>,
    /// The longest a single wait may take; a program's start may take four times as long
    #[arg(long, value_name = "SECONDS", default_value = super::TIMEOUT, value_parser = seconds)]
    pub timeout: Duration,
    /// The seed of what a check sends
    #[arg(long, value_name = "N", value_parser = super::number::seed)]
    pub seed: Option<u64>,
    /// Known, so that whoever is used to it from `grade` is told why it is not here; so is the next
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    jail: Option<String>,
    #[arg(short, long, hide = true)]
    verbose: bool,
}

impl Trace {
    /// Flags of `grade` that say nothing here.
    ///
    /// # Errors
    /// The first that was typed, with the reason.
    pub fn has_none_of_grade(&self) -> Result<(), String> {
        if self.jail.is_some() {
            return Err(
                "`trace` has no `--jail`: it always runs in the jail `full`, the only one in which packets are recorded"
                    .to_owned(),
            );
        }
        match self.verbose {
            true => Err("`trace` has no `-v` or `--verbose`: all that it saw is drawn".to_owned()),
            false => Ok(()),
        }
    }
}

const EXIT_CODES: &str = "Exit codes: 0 drawn to the end, with whichever codes the two programs ended; 1 the drawing breaks off (a server that can't be reached, a client that does not end, a check that fails), or the lesson is not started or does not build; 2 wrong usage; 3 the checker's own trouble";

const SCRIPTS: &str = "A script is text. Each line is typed for the client, once both programs have come to rest; `server: hi` types for the server; `client ends` and `server ends` end a stdin, for which nothing more can be typed; a line that begins with `#` is skipped; `client: # hi` types what would be something else without it. Behind the last line the client's stdin ends.";
