//! Which level of the jail programs get: found out by building one.

use std::path::Path;

#[cfg(target_os = "linux")]
use anyhow::Context;
use anyhow::Result;

use crate::cli;
#[cfg(target_os = "linux")]
use crate::invocation;
use crate::jail::Level;
#[cfg(target_os = "linux")]
use crate::jail::{Attempt, attempts, tried};

/// The level that `--jail` stands for on this machine; the inner error is wrong usage: one that can't be had here.
///
/// # Errors
/// No jail can be built, and none was not asked for.
#[cfg(target_os = "linux")]
pub fn asked_for(asked: cli::Jail, checker: &Path) -> Result<Result<Level, String>> {
    let wanted = match asked {
        cli::Jail::None => return Ok(Ok(Level::None)),
        cli::Jail::Full => Level::Full,
        cli::Jail::Reduced => Level::Reduced,
        cli::Jail::Auto => {
            let attempts = attempts(checker);
            let best = attempts.iter().find(|attempt| attempt.outcome.is_ok());
            let best = best.with_context(|| nothing_can_be_built(&attempts))?;
            return Ok(Ok(best.level));
        }
    };
    Ok(match tried(checker, wanted).outcome {
        Ok(()) => Ok(wanted),
        Err(not_built) => Err(format!(
            "`--jail {}` can't be had on this machine: {not_built}; `{}` says what can",
            wanted.as_str(),
            invocation::of("doctor")
        )),
    })
}

#[cfg(target_os = "linux")]
fn nothing_can_be_built(attempts: &[Attempt]) -> String {
    let reasons: Vec<String> = attempts
        .iter()
        .filter_map(|attempt| {
            Some(format!(
                "{}: {}",
                attempt.level.as_str(),
                attempt.outcome.as_ref().err()?
            ))
        })
        .collect();
    format!(
        "no jail can be built on this machine: with `--jail none` programs run as ordinary processes of yours; {}",
        reasons.join("; ")
    )
}

/// See the other.
///
/// # Errors
/// None.
#[cfg(not(target_os = "linux"))]
pub fn asked_for(asked: cli::Jail, _: &Path) -> Result<Result<Level, String>> {
    Ok(match asked {
        cli::Jail::Auto | cli::Jail::None => Ok(Level::None),
        cli::Jail::Full | cli::Jail::Reduced => {
            Err("a jail is made of what Linux has: here there is only `--jail none`".to_owned())
        }
    })
}
