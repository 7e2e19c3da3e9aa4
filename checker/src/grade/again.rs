//! The command that repeats a run.

use std::borrow::Cow;

use clap::ValueEnum;

use crate::cli::{self, Grade, Jail, Limits};

/// What of the options must be said again for a check to meet the same: ` --program '…' --jail none`.
pub(super) fn again(options: &Grade) -> String {
    let mut again = String::new();
    let mut say = |flag: &str, value: &str| {
        let value = shlex::try_quote(value).unwrap_or(Cow::Borrowed("…"));
        again.push_str(&format!(" {flag} {value}"));
    };
    if let Some(program) = &options.program {
        say("--program", program);
    }
    if let Some(source) = &options.source {
        say("--source", &source.to_string_lossy());
    }
    if options.jail != Jail::Auto {
        say(
            "--jail",
            options
                .jail
                .to_possible_value()
                .as_ref()
                .map_or("…", |jail| jail.get_name()),
        );
    }
    for folder in &options.binds {
        say("--bind", &folder.to_string_lossy());
    }
    for ((flag, limit), (_, usual)) in options.limits.by_flag().into_iter().zip(Limits::default().by_flag()) {
        if limit != usual {
            say(flag, &limit.to_string());
        }
    }
    if options.timeout != cli::usual_timeout() {
        say("--timeout", &options.timeout.as_secs_f64().to_string());
    }
    match options.solutions {
        true => format!(" --solutions{again}"),
        false => again,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn of(words: &[&str]) -> String {
        let words = ["checker", "grade", "1"].iter().chain(words);
        match Cli::try_parse_from(words).expect("right usage").command {
            Some(Command::Grade(options)) => again(&options),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_what_is_unusual_is_said_again() {
        assert_eq!(of(&[]), "");
        assert_eq!(of(&["--jail", "auto", "--timeout", "5", "--limit-memory", "2048"]), "");
        assert_eq!(of(&["--solutions", "--check", "usage", "--verbose"]), " --solutions");
    }

    #[test]
    fn what_a_program_meets_is_said_again() {
        let words = [
            "--program",
            "python3 a b.py",
            "--bind",
            "my files",
            "--bind",
            "/opt/lib",
        ];
        assert_eq!(
            of(&words),
            " --program 'python3 a b.py' --bind 'my files' --bind /opt/lib"
        );
        let words = [
            "--jail",
            "none",
            "--timeout",
            "0.5",
            "--limit-disk",
            "8",
            "--limit-processes",
            "99",
        ];
        assert_eq!(
            of(&words),
            " --jail none --limit-processes 99 --limit-disk 8 --timeout 0.5"
        );
    }
}
