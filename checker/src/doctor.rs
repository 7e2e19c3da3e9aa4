//! The command `doctor`: what this machine offers, what is missing, why, and what would give it.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::exit::Outcome;

/// One line for each level of the jail, and one for each thing that keeps `full` from being built.
///
/// # Errors
/// The checker's own executable is not found.
pub fn run() -> Result<(String, Outcome)> {
    let checker = std::env::current_exe().context("failed to find the checker's own executable")?;
    examine(&checker)
}

#[cfg(target_os = "linux")]
fn examine(checker: &Path) -> Result<(String, Outcome)> {
    use crate::jail::{Delegated, attempts, offers, remedy};
    let attempts = attempts(checker);
    let best = attempts.iter().find(|attempt| attempt.outcome.is_ok());
    let mut text = String::new();
    for attempt in &attempts {
        let how = match &attempt.outcome {
            Ok(()) => "works".to_owned(),
            Err(not_built) => format!("can't be built: {not_built}"),
        };
        writeln!(text, "jail {:<8}  {how}", attempt.level.as_str())?;
    }
    writeln!(text, "jail none      always there, on request: no walls at all")?;
    let kernel = nix::sys::utsname::uname().context("failed to ask for the kernel's version")?;
    writeln!(text, "kernel         {}", kernel.release().display())?;
    match offers::landlock() {
        0 => writeln!(
            text,
            "Landlock       not in this kernel, or not switched on: `reduced` is made of it"
        )?,
        version if version < offers::LANDLOCK_WITH_SCOPES => writeln!(
            text,
            "Landlock       version {version}: in `reduced`, signals and abstract sockets are held from Linux 6.12 on"
        )?,
        version => writeln!(text, "Landlock       version {version}")?,
    }
    let delegated = Delegated::find();
    match &delegated {
        Ok(_) => writeln!(
            text,
            "cgroup v2      delegated: memory and processes are limited for a jail as a whole"
        )?,
        Err(why) => writeln!(text, "cgroup v2      not delegated: {why}")?,
    }
    match best {
        Some(attempt) => writeln!(text, "\n`--jail auto` is `--jail {}` here", attempt.level.as_str())?,
        None => writeln!(
            text,
            "\nno jail can be built here: programs run only with `--jail none`, as ordinary processes of yours"
        )?,
    }
    if attempts[0].outcome.is_err()
        && let Some(command) = remedy()
    {
        writeln!(text, "this would give you `full`: {command}")?;
    }
    if let Some(command) = delegated.err().and_then(|why| why.remedy()) {
        writeln!(text, "this would delegate a cgroup: {command}")?;
    }
    let outcome = if best.is_some() {
        Outcome::Passed
    } else {
        Outcome::Failed
    };
    Ok((text, outcome))
}

#[cfg(not(target_os = "linux"))]
fn examine(_: &Path) -> Result<(String, Outcome)> {
    let mut text = String::new();
    writeln!(
        text,
        "jail none      the only one on this system: full and reduced are made of what Linux has"
    )?;
    Ok((text, Outcome::Passed))
}
