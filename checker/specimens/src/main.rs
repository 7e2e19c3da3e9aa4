//! `specimens LESSON FLAW [server|client --addr HOST:PORT]`: a program that is right but for one mistake.
//! `specimens list`: all of them, one a line, with the checks that each fails.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = std::env::args_os().skip(1);
    specimens::run(args.map(|arg| arg.to_string_lossy().into_owned()))
}
