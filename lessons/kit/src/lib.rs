//! What every lesson is given: its command line is read, its brief is printed, its errors are
//! reported. Nothing in here opens a socket; that is the lesson.
//!
//! ```text
//! lesson04                             the brief, exit 0
//! lesson04 server --addr [::1]:9000    runs the role; an error is reported, exit 1
//! lesson04 sever                       usage on stderr, exit 2
//! ```

mod address;
pub mod briefs;
mod command_line;

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use command_line::{Asked, Flag, Role};

/// A role of a lesson: it gets the address as it was typed, and returns when its work is done.
pub type AtAddress = fn(addr: &str) -> anyhow::Result<()>;

const ADDR: Flag = Flag {
    name: "addr",
    value_name: "HOST:PORT",
    default: "127.0.0.1:9000",
    check: address::check,
};

/// The whole `main` of a lesson whose two ends meet at an address.
#[must_use]
pub fn run(brief: &str, server: AtAddress, client: AtAddress) -> ExitCode {
    run_with(brief, &[ADDR], |role, values| {
        let addr = &values[0];
        match role {
            Role::Server => server(addr),
            Role::Client => client(addr),
        }
    })
}

/// What an untouched exercise returns: not a failure, but the next thing to do.
///
/// ```
/// # fn run(addr: &str) -> anyhow::Result<()> {
/// lesson_kit::not_written_yet(format!("step 1 of src/server.rs: bind a TcpListener to {addr}"))
/// # }
/// # assert!(run("127.0.0.1:9000").is_err());
/// ```
pub fn not_written_yet<T>(step: impl fmt::Display) -> anyhow::Result<T> {
    Err(anyhow::Error::new(NotWrittenYet(step.to_string())))
}

#[derive(Debug)]
struct NotWrittenYet(String);

impl fmt::Display for NotWrittenYet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not written yet: {}", self.0)
    }
}

impl std::error::Error for NotWrittenYet {}

/// `roles` gets one value for each of `flags`, in their order.
fn run_with(brief: &str, flags: &[Flag], roles: impl FnOnce(Role, &[String]) -> anyhow::Result<()>) -> ExitCode {
    let mut args = env::args_os();
    let program = program_name(args.next());

    match command_line::parse(args, flags) {
        Ok(Asked::ForTheBrief) => {
            // Whoever closed our stdout has read enough: no reason to panic, as `print!` would.
            let _ = io::stdout().write_all(brief.as_bytes());
            ExitCode::SUCCESS
        }
        Ok(Asked::ToRun { role, values }) => match roles(role, &values) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                if error.is::<NotWrittenYet>() {
                    report(format_args!("{error}"));
                } else {
                    report(format_args!("error: {error:#}"));
                }
                ExitCode::FAILURE
            }
        },
        Err(misuse) => {
            report(format_args!("error: {misuse}"));
            report(format_args!("{}", command_line::usage(&program, flags)));
            ExitCode::from(2)
        }
    }
}

fn report(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn program_name(first_arg: Option<OsString>) -> String {
    first_arg
        .as_deref()
        .and_then(|path| Path::new(path).file_name())
        .map_or_else(|| "lesson".to_owned(), |name| name.to_string_lossy().into_owned())
}
