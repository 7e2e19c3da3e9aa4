//! How the checker itself ends: four codes, and no others.

use std::process::ExitCode;

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything passed (or there was nothing to judge).
    Passed,
    /// Something failed, is not started or does not build.
    Failed,
    /// What was typed can't be done; the message says why.
    Usage(String),
    /// The checker's own trouble, already reported.
    Trouble,
}

pub const PASSED: u8 = 0;
pub const FAILED: u8 = 1;
pub const USAGE: u8 = 2;
pub const TROUBLE: u8 = 3;

impl From<&Outcome> for ExitCode {
    fn from(outcome: &Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Passed => PASSED,
            Outcome::Failed => FAILED,
            Outcome::Usage(_) => USAGE,
            Outcome::Trouble => TROUBLE,
        })
    }
}
