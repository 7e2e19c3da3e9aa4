//! What was typed: the role and the address, or in lesson 6 the path. The kit of the lessons does this for students;
//! here it is written out, because a specimen must be able to get it wrong.

use std::fmt;
use std::io;
use std::net::{Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};

use specimens::Flaw;

pub(crate) enum Asked {
    /// The time is lesson 8's `--auth-timeout`.
    Program(Role, Addr, Duration),
    Brief,
    Nonsense(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

/// `HOST:PORT` as it was given, known to be well formed. In lesson 6 a path.
pub(crate) struct Addr(String);

pub(crate) fn read(lesson: &str, args: &[&str], flaw: Flaw) -> Asked {
    if flaw == Flaw::UsagePanics {
        let _role = args[0];
    }
    let mut args = args.iter().copied();
    let role = match args.next() {
        None if flaw == Flaw::NoBrief => return nonsense("which role?"),
        None => return Asked::Brief,
        Some("server") => Role::Server,
        Some("client") => Role::Client,
        Some(other) => return nonsense(&format!("unknown role `{other}`")),
    };
    let (flag_of_addr, mut addr) = flag_and_default(lesson);
    let mut auth_timeout = match flaw {
        Flaw::DefaultTimeoutOf100 => Duration::from_millis(100),
        _ => Duration::from_millis(2000),
    };
    while let Some(flag) = args.next() {
        match flag {
            flag if flag == flag_of_addr => match args.next() {
                Some(value) => addr = value,
                None => return nonsense(&format!("`{flag}` needs a value")),
            },
            "--auth-timeout" if takes_auth_timeout(lesson, role, flaw) => {
                match args.next().and_then(|value| milliseconds(value, flaw)) {
                    Some(given) => auth_timeout = given,
                    None => return nonsense("`--auth-timeout` needs a number of milliseconds"),
                }
            }
            _ if flaw == Flaw::IgnoresUnknownFlags => {}
            other => return nonsense(&format!("unknown flag `{other}`")),
        }
    }
    let well_formed = match lesson {
        "lesson06" => !addr.is_empty() || flaw == Flaw::BadAddressExits1,
        _ => well_formed(addr, flaw),
    };
    if well_formed {
        Asked::Program(role, Addr(addr.into()), auth_timeout)
    } else {
        nonsense(&format!("`{addr}` is malformed"))
    }
}

fn flag_and_default(lesson: &str) -> (&'static str, &'static str) {
    match lesson {
        "lesson06" => ("--path", "/tmp/lesson06.sock"),
        _ => ("--addr", "127.0.0.1:9000"),
    }
}

fn takes_auth_timeout(lesson: &str, role: Role, flaw: Flaw) -> bool {
    lesson == "lesson08" && (role == Role::Server || flaw == Flaw::ClientTakesAuthTimeout)
}

fn milliseconds(value: &str, flaw: Flaw) -> Option<Duration> {
    let milliseconds = match flaw {
        // As C's `atoi`: what is no number is 0.
        Flaw::AuthTimeoutUnchecked => value.parse().unwrap_or_default(),
        Flaw::TakesATimeoutOf0 => value.parse().ok()?,
        _ => value.parse().ok().filter(|&milliseconds| milliseconds > 0)?,
    };
    Some(Duration::from_millis(milliseconds))
}

fn nonsense(problem: &str) -> Asked {
    Asked::Nonsense(problem.into())
}

fn well_formed(addr: &str, flaw: Flaw) -> bool {
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();

    match flaw {
        // `connect` or `bind` will complain about it, later and as of any other failure.
        Flaw::BadAddressExits1 => true,
        Flaw::CutsAtTheFirstColon => addr
            .split_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && is_port(port)),
        _ => match addr.strip_prefix('[') {
            Some(bracketed) => bracketed
                .split_once("]:")
                .is_some_and(|(ip, port)| ip.parse::<Ipv6Addr>().is_ok() && is_port(port)),
            None => addr
                .split_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && !host.contains(char::is_whitespace) && is_port(port)),
        },
    }
}

pub(crate) fn usage(lesson: &str, problem: &str, flaw: Flaw) -> ExitCode {
    let (flag, example) = flag_and_default(lesson);
    let text = format!("{problem}\nusage: {lesson} server|client [{flag} {example}]");
    if flaw == Flaw::UsageOnStdout {
        println!("{text}");
    } else {
        eprintln!("{text}");
    }
    ExitCode::from(if flaw == Flaw::UsageExits1 { 1 } else { 2 })
}

pub(crate) fn brief(lesson: &str, flaw: Flaw) -> ExitCode {
    println!("{lesson}, played by the specimen `{}`", flaw.name());
    let (flag, example) = flag_and_default(lesson);
    println!("try `server` in one terminal and `client` in another, both with `{flag} {example}`");
    ExitCode::SUCCESS
}

impl Addr {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first of the addresses behind the name.
    pub(crate) fn resolve(&self) -> Result<SocketAddr> {
        let found = self
            .0
            .to_socket_addrs()
            .and_then(|mut found| found.next().ok_or(io::ErrorKind::NotFound.into()));
        found.with_context(|| format!("cannot resolve {self}"))
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
