//! What every lesson is given: its command line is read, its brief is printed, its errors are
//! reported. Nothing in here opens a socket; that is the lesson.
//!
//! ```text
//! lesson04                             the brief, exit 0
//! lesson04 server --addr [::1]:9000    runs the role; an error is reported, exit 1
//! lesson04 sever                       usage on stderr, exit 2
//! lesson06 server --path /tmp/my.sock  lesson 6 has a path in place of the address
//! ```

mod address;
pub mod briefs;
mod command_line;
mod milliseconds;

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use command_line::{Asked, Flag, Role, Whose};

/// A role of a lesson: it gets the address as it was typed, and returns when its work is done.
pub type AtAddress = fn(addr: &str) -> anyhow::Result<()>;

/// A role of lesson 6: it gets the path of the socket as it was typed.
pub type AtPath = fn(path: &str) -> anyhow::Result<()>;

/// The server of lesson 8: it also gets how long it waits for the answer to its challenge.
pub type AtAddressWithin = fn(addr: &str, auth_timeout: Duration) -> anyhow::Result<()>;

const ADDR: Flag = Flag {
    name: "addr",
    whose: Whose::OfBoth,
    value_name: "HOST:PORT",
    default: "127.0.0.1:9000",
    check: address::check,
};

const PATH: Flag = Flag {
    name: "path",
    whose: Whose::OfBoth,
    value_name: "PATH",
    default: "/tmp/lesson06.sock",
    // Whether there can be a socket at a path is for the system to say. But an empty one would
    // ask it to make up a name.
    check: |path| match path {
        "" => Err("it is empty".to_owned()),
        _ => Ok(()),
    },
};

const AUTH_TIMEOUT: Flag = Flag {
    name: "auth-timeout",
    whose: Whose::OfTheServer,
    value_name: "MS",
    default: "2000",
    check: |text| milliseconds::read(text).map(|_| ()),
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

/// The whole `main` of lesson 6, whose two ends meet at a path of the file system.
#[must_use]
pub fn run_at_path(brief: &str, server: AtPath, client: AtPath) -> ExitCode {
    run_with(brief, &[PATH], |role, values| {
        let path = &values[0];
        match role {
            Role::Server => server(path),
            Role::Client => client(path),
        }
    })
}

/// The whole `main` of lesson 8, whose server waits for the answer to its challenge for
/// `--auth-timeout` milliseconds.
#[must_use]
pub fn run_with_auth_timeout(brief: &str, server: AtAddressWithin, client: AtAddress) -> ExitCode {
    run_with(brief, &[ADDR, AUTH_TIMEOUT], |role, values| {
        let addr = &values[0];
        match role {
            Role::Server => {
                let auth_timeout = milliseconds::read(&values[1]).map_err(anyhow::Error::msg)?;
                server(addr, auth_timeout)
            }
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
