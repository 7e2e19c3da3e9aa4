//! `specimens LESSON FLAW [server|client --addr HOST:PORT]`: a program that is right but for one mistake.
//! `specimens list`: all of them, one a line, with the checks that each fails.

mod args;
mod chat;
mod frames;
mod lesson01;
mod lesson02;
mod lesson03;
mod lesson04;
mod lesson05;
mod lesson06;
mod lesson07;
mod lesson08;
mod lines;
mod parting;
mod screen;
mod tcp;
mod typed;
mod words;

use std::process::ExitCode;

use anyhow::Result;
use specimens::{Flaw, SPECIMENS, find};

use args::{Asked, Role};

/// What `specimens` itself answers when it is asked for something that it does not hold.
/// No specimen ends with it, so that a typing mistake is not taken for a graded exit.
const NO_SUCH_SPECIMEN: u8 = 64;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();

    match args.as_slice() {
        ["list"] => list(),
        [lesson, flaw, rest @ ..] => match find(lesson, flaw) {
            Some(flaw) => play(lesson, flaw, rest),
            None => no_such_specimen(&format!("no specimen `{lesson} {flaw}`")),
        },
        _ => no_such_specimen("which specimen?"),
    }
}

fn list() -> ExitCode {
    for specimen in SPECIMENS.iter() {
        println!("{specimen}");
    }
    ExitCode::SUCCESS
}

fn no_such_specimen(problem: &str) -> ExitCode {
    eprintln!("{problem}\nusage: specimens LESSON FLAW [server|client --addr HOST:PORT]");
    eprintln!("       specimens list");
    ExitCode::from(NO_SUCH_SPECIMEN)
}

fn play(lesson: &str, flaw: Flaw, args: &[&str]) -> ExitCode {
    let (role, addr, auth_timeout) = match args::read(lesson, args, flaw) {
        Asked::Program(role, addr, auth_timeout) => (role, addr, auth_timeout),
        Asked::Brief => return args::brief(lesson, flaw),
        Asked::Nonsense(problem) => return args::usage(lesson, &problem, flaw),
    };
    let outcome: Result<()> = match (lesson, role) {
        ("lesson01", Role::Server) => lesson01::server(&addr, flaw),
        ("lesson01", Role::Client) => lesson01::client(&addr, flaw),
        ("lesson02", Role::Server) => lesson02::server(&addr, flaw),
        ("lesson02" | "lesson03", Role::Client) => chat::client(&addr, flaw),
        ("lesson03", Role::Server) => lesson03::server(&addr, flaw),
        ("lesson04", Role::Server) => lesson04::server(&addr, flaw),
        ("lesson04", Role::Client) => lesson04::client(&addr, flaw),
        ("lesson05", Role::Server) => lesson05::server(&addr, flaw),
        ("lesson05", Role::Client) => lesson05::client(&addr, flaw),
        ("lesson06", Role::Server) => lesson06::server(&addr, flaw),
        ("lesson06", Role::Client) => lesson06::client(&addr, flaw),
        ("lesson07", Role::Server) => lesson07::server(&addr, flaw),
        ("lesson07", Role::Client) => lesson07::client(&addr, flaw),
        ("lesson08", Role::Server) => lesson08::server(&addr, auth_timeout, flaw),
        ("lesson08", Role::Client) => lesson08::client(&addr, flaw),
        (unknown, _) => unreachable!("the catalog knows no {unknown}"),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
