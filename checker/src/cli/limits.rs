//! The limits that the walls set, as they are typed.

use clap::Args;

/// What a program may use up, in a jail.
#[derive(Debug, Clone, Copy, Args)]
pub struct Limits {
    /// Writable memory of each process; with a delegated cgroup v2 (see the command `doctor`) also memory of all programs of a check together
    #[arg(long = "limit-memory", value_name = "MIB", default_value_t = Limits::default().memory, value_parser = clap::value_parser!(u64).range(16..))]
    pub memory: u64,
    /// Processor time of each process
    #[arg(long = "limit-processor-time", value_name = "SECONDS", default_value_t = Limits::default().processor_time, value_parser = clap::value_parser!(u64).range(1..))]
    pub processor_time: u64,
    /// Processes and threads of all programs of a check
    #[arg(long = "limit-processes", value_name = "N", default_value_t = Limits::default().processes, value_parser = clap::value_parser!(u64).range(8..))]
    pub processes: u64,
    /// Open descriptors of each process
    #[arg(long = "limit-descriptors", value_name = "N", default_value_t = Limits::default().descriptors, value_parser = clap::value_parser!(u64).range(16..))]
    pub descriptors: u64,
    /// What it may write below /tmp, and to /dev/shm
    #[arg(long = "limit-disk", value_name = "MIB", default_value_t = Limits::default().disk, value_parser = clap::value_parser!(u64).range(1..))]
    pub disk: u64,
}

impl Default for Limits {
    fn default() -> Self {
        let usual = crate::jail::Limits::default();
        Limits {
            memory: usual.memory >> 20,
            processor_time: usual.processor_time,
            processes: usual.processes,
            descriptors: usual.descriptors,
            disk: usual.disk >> 20,
        }
    }
}

impl Limits {
    /// Each with the flag that sets it.
    pub fn by_flag(&self) -> [(&'static str, u64); 5] {
        [
            ("--limit-memory", self.memory),
            ("--limit-processor-time", self.processor_time),
            ("--limit-processes", self.processes),
            ("--limit-descriptors", self.descriptors),
            ("--limit-disk", self.disk),
        ]
    }
}

impl From<Limits> for crate::jail::Limits {
    fn from(limits: Limits) -> Self {
        crate::jail::Limits {
            memory: limits.memory.saturating_mul(1 << 20),
            processor_time: limits.processor_time,
            processes: limits.processes,
            descriptors: limits.descriptors,
            disk: limits.disk.saturating_mul(1 << 20),
        }
    }
}
