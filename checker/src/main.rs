//! Parse, run, exit: a table of contents.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use checker::cli::{Cli, Command};
use checker::exit::{self, Outcome};
use checker::{glance, grade, interrupt};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match interrupt::watch().map_err(Into::into).and_then(|()| run(&cli)) {
        Ok(outcome) => {
            if let Outcome::Usage(message) = &outcome {
                eprintln!("error: {message}");
            }
            ExitCode::from(&outcome)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(exit::TROUBLE)
        }
    }
}

fn run(cli: &Cli) -> Result<Outcome> {
    match &cli.command {
        None => print(&glance::course()?),
        Some(Command::Grade(options)) => return grade::run(options),
        Some(Command::List(options)) => {
            let (text, outcome) = glance::list(options)?;
            print(&text);
            return Ok(outcome);
        }
        Some(Command::Selftest(_)) => {}
    }
    Ok(Outcome::Passed)
}

/// A reader that went away (`| head`) is no trouble of ours.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
