//! Which jail this machine lets us build: found out by building one, never guessed from what the system claims to offer.
//!
//! On some systems `unshare` succeeds and everything after it fails; so only a jail in which a process has run counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::link::NotBuilt;
use super::{Exit, Jail, Level, Limits, Play, Walls};

/// A jail that was tried, and how that went.
#[derive(Debug)]
pub struct Attempt {
    pub level: Level,
    pub outcome: Result<(), NotBuilt>,
}

/// Tries every level that has walls, the best first.
pub fn attempts(checker: &Path) -> Vec<Attempt> {
    [Level::Full, Level::Reduced]
        .into_iter()
        .map(|level| tried(checker, level))
        .collect()
}

/// Tries this level.
pub fn tried(checker: &Path, level: Level) -> Attempt {
    Attempt {
        level,
        outcome: holds_a_process(checker, level),
    }
}

/// Builds a jail and has a process run in it, behind all of its walls.
///
/// # Errors
/// What can't be built here.
fn holds_a_process(checker: &Path, level: Level) -> Result<(), NotBuilt> {
    let failed = |error: std::io::Error| NotBuilt {
        doing: "trying the jail".to_owned(),
        error,
    };
    let jail = Rc::new(Jail::build(checker, Walls::new(level, Limits::default()))?);
    // It finds nobody there, and says so by its exit code.
    let nobody = PathBuf::from("/nobody-listens-here");
    let child = jail.start(&Play::Relay(&nobody), &[]).map_err(failed)?;
    let limit = PollTimeout::from(10_000_u16);
    poll(&mut [PollFd::new(child.ended(), PollFlags::POLLIN)], limit).map_err(|errno| failed(errno.into()))?;
    match child.exit() {
        Some(Exit::Code(1)) => Ok(()),
        Some(other) => Err(failed(std::io::Error::other(format!(
            "a process in it ended with {other}"
        )))),
        None => Err(failed(std::io::ErrorKind::TimedOut.into())),
    }
}

/// The one command that would let `full` be built, where the reason is known.
pub fn remedy() -> Option<&'static str> {
    let setting = |path: &str| {
        fs::read_to_string(path)
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    };
    if Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists() {
        return Some(
            "in a container: start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`",
        );
    }
    if setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" {
        return Some("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
    }
    if setting("/proc/sys/kernel/unprivileged_userns_clone") == "0" {
        return Some("sudo sysctl -w kernel.unprivileged_userns_clone=1");
    }
    if setting("/proc/sys/user/max_user_namespaces") == "0" {
        return Some("sudo sysctl -w user.max_user_namespaces=15000");
    }
    None
}
