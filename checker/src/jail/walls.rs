//! What a jail is to be built of: data that the checker decides on and the warden carries out.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

/// How well a program is walled in; every report says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The program runs as an ordinary process of the user who runs the checker.
    None,
    /// Walls that need no namespaces: Landlock, seccomp, resource limits, and a warden that sweeps up what a program leaves behind.
    Reduced,
    /// A machine of its own as far as the program can tell: namespaces, a root folder that holds only what programs need, a network
    /// that is only loopback; and the walls of `Reduced`.
    Full,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Reduced => "reduced",
            Level::Full => "full",
        }
    }
}

/// Everything that the warden has to know before it starts the first program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Walls {
    pub level: Level,
    pub limits: Limits,
    /// Files and folders of the host that are there in the jail, read-only, at their own paths; besides the system's own.
    pub shown: Vec<PathBuf>,
    /// Where programs are started, if that is shown; else it is where they may write.
    pub working_directory: Option<PathBuf>,
    /// A folder of the host that programs may write to, where the jail can't have a `/tmp` of its own.
    pub scratch: Option<PathBuf>,
    /// Whom programs run as; `None` is the user who runs the checker.
    pub user: Option<u32>,
}

/// What a program may use up. Each has a flag, `--limit-…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of private writable memory of each process; in a cgroup of its own, also of all memory of a jail, the files in its `/tmp` among it.
    pub memory: u64,
    /// Seconds of processor time of each process.
    pub processor_time: u64,
    /// Processes and threads of all programs of a check.
    pub processes: u64,
    /// Open descriptors of each process.
    pub descriptors: u64,
    /// Bytes of each file, and of all files together where the jail has its own `/tmp`.
    pub disk: u64,
}

impl Default for Limits {
    /// Many times what the course's own solutions take, and room for the runtimes of other languages.
    fn default() -> Self {
        Limits {
            memory: 2 << 30,
            processor_time: 60,
            processes: 1024,
            descriptors: 1024,
            disk: 64 << 20,
        }
    }
}

impl Walls {
    /// Walls around nothing in particular.
    pub fn new(level: Level, limits: Limits) -> Self {
        Walls {
            level,
            limits,
            shown: Vec::new(),
            working_directory: None,
            scratch: None,
            user: match level {
                Level::None => None,
                Level::Reduced | Level::Full => another_user_than_root(),
            },
        }
    }

    pub fn none() -> Self {
        Walls::new(Level::None, Limits::default())
    }

    /// The same for another jail: programs run as a user of their own.
    pub fn again(&self) -> Self {
        let fresh = Walls::new(self.level, self.limits);
        Walls {
            user: fresh.user,
            ..self.clone()
        }
    }
}

/// What the warden makes of them.
#[cfg(target_os = "linux")]
impl Walls {
    /// Where programs may write.
    pub(super) fn writable(&self) -> PathBuf {
        self.scratch.clone().unwrap_or_else(|| "/tmp".into())
    }

    pub(super) fn start_in(&self) -> PathBuf {
        self.working_directory.clone().unwrap_or_else(|| self.writable())
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
