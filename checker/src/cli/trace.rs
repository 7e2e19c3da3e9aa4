//! What can be typed behind `trace`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::seconds;

#[derive(Debug, Args)]
#[command(after_help = SCRIPTS)]
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
    /// Show this folder to the programs, read-only; may be given several times
    #[arg(long = "bind", value_name = "DIR")]
    pub binds: Vec<PathBuf>,
    /// The longest a single wait may take
    #[arg(long, value_name = "SECONDS", default_value = super::TIMEOUT, value_parser = seconds)]
    pub timeout: Duration,
    /// The seed of what a check sends
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

const SCRIPTS: &str = "A script is text. Each line is typed for the client, once both programs have come to rest; `server: hi` types for the server; `client ends` and `server ends` end a stdin, for which nothing more can be typed; a line that begins with `#` is skipped; `client: # hi` types what would be something else without it. Behind the last line the client's stdin ends.";
