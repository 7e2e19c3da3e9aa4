//! Parse, run, exit: a table of contents.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use checker::cli::{self, Cli, Command, Internal};
use checker::exit::{self, Outcome};
use checker::verdict::with_remedy;
use checker::{doctor, glance, grade, interrupt, relay, selftest, trace};

fn main() -> ExitCode {
    match Internal::of(std::env::args_os()) {
        // It must stay a process of one thread.
        #[cfg(target_os = "linux")]
        Some(Internal::Jail) => match checker::jail::run_warden() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::from(exit::TROUBLE),
        },
        Some(Internal::Relay { path }) => ended(|| relay::run(&path).map(|()| Outcome::Passed)),
        None => {
            let cli = cli::parse();
            ended(|| run(&cli))
        }
    }
}

fn ended(work: impl FnOnce() -> Result<Outcome>) -> ExitCode {
    match interrupt::watch().map_err(Into::into).and_then(|()| work()) {
        Ok(outcome) => {
            if let Outcome::Usage(message) = &outcome {
                eprintln!("error: {message}");
            }
            ExitCode::from(&outcome)
        }
        Err(error) => {
            eprintln!("error: {}", with_remedy(format!("{error:#}")));
            ExitCode::from(exit::TROUBLE)
        }
    }
}

fn run(cli: &Cli) -> Result<Outcome> {
    match &cli.command {
        None => glance::course().map(|text| shown((text, Outcome::Passed))),
        Some(Command::Doctor) => doctor::run().map(shown),
        Some(Command::Grade(options)) => grade::run(options),
        Some(Command::List(options)) => glance::list(options).map(shown),
        Some(Command::Selftest(options)) => selftest::run(options).map(shown),
        Some(Command::Trace(options)) => trace::run(options).map(shown),
    }
}

fn shown((text, outcome): (String, Outcome)) -> Outcome {
    print(&text);
    outcome
}

/// A reader that went away (`| head`) is no trouble of ours.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
