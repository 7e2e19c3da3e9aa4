//! Which jail this machine lets us build: found out by building one, never guessed from what the system claims to offer.
//!
//! On some systems `unshare` succeeds and everything after it fails; so only a jail in which a process has run counts.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

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
        .map(|level| Attempt {
            level,
            outcome: holds_a_process(checker, level),
        })
        .collect()
}

/// Builds a jail and has a process run in it, behind all of its walls.
///
/// # Errors
/// What can't be built here.
pub fn holds_a_process(checker: &Path, level: Level) -> Result<(), NotBuilt> {
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

impl Walls {
    /// Walls around nothing in particular.
    pub fn new(level: Level, limits: Limits) -> Self {
        Walls {
            level,
            limits,
            shown: Vec::new(),
            working_directory: PathBuf::from("/"),
            scratch: None,
            user: another_user_than_root(),
        }
    }
}

/// When the checker is root: a number that no other jail has at the same time, and no account; limits that count by user count for this jail alone.
fn another_user_than_root() -> Option<u32> {
    /// Above all numbers that systems give to accounts.
    const FIRST: u32 = 1_000_000_000;
    const AT_ONCE: u32 = 256;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed) % AT_ONCE;
    // Numbers of processes are below 2^22.
    nix::unistd::geteuid()
        .is_root()
        .then(|| FIRST + std::process::id() * AT_ONCE + next)
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
