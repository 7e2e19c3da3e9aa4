//! The limits that the walls set, as they are typed.

use clap::Args;

use super::number::whole;

/// A TiB, a day, as many processes as a kernel numbers, as many descriptors as one may open: more is a typing mistake.
const MOST_MIB: u64 = 1 << 20;
const MOST_SECONDS: u64 = 24 * 60 * 60;
const MOST_PROCESSES: u64 = 1 << 22;
const MOST_DESCRIPTORS: u64 = 1 << 20;

/// What a program may use up, in a jail.
#[derive(Debug, Clone, Copy, Args)]
pub struct Limits {
    /// Writable memory of each process; with a delegated cgroup v2 (see the command `doctor`) also memory of all programs of a check together
    #[arg(long = "limit-memory", value_name = "MIB", default_value_t = Limits::default().memory, value_parser = whole(16..=MOST_MIB, "MiB", 512))]
    pub memory: u64,
    /// Processor time of each process
    #[arg(long = "limit-processor-time", value_name = "SECONDS", default_value_t = Limits::default().processor_time, value_parser = whole(1..=MOST_SECONDS, "seconds", 60))]
    pub processor_time: u64,
    /// Processes and threads of all programs of a check
    #[arg(long = "limit-processes", value_name = "N", default_value_t = Limits::default().processes, value_parser = whole(8..=MOST_PROCESSES, "processes and threads", 64))]
    pub processes: u64,
    /// Open descriptors of each process
    #[arg(long = "limit-descriptors", value_name = "N", default_value_t = Limits::default().descriptors, value_parser = whole(16..=MOST_DESCRIPTORS, "descriptors", 256))]
    pub descriptors: u64,
    /// What it may write below /tmp, and to /dev/shm
    #[arg(long = "limit-disk", value_name = "MIB", default_value_t = Limits::default().disk, value_parser = whole(1..=MOST_MIB, "MiB", 64))]
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
