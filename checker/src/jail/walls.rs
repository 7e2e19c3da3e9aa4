//! What a jail is to be built of: data that the checker decides on and the warden carries out.

use std::path::PathBuf;

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
    /// Where programs are started.
    pub working_directory: PathBuf,
    /// A folder of the host that programs may write to, where the jail can't have a `/tmp` of its own.
    pub scratch: Option<PathBuf>,
    /// Whom programs run as; `None` is the user who runs the checker.
    pub user: Option<u32>,
}

/// What a program may use up. Each has a flag, `--limit-…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of private writable memory of each process.
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
