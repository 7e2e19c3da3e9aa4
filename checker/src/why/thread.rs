//! The threads of a program at one moment: who sleeps, in which call, and how often each has run.

use std::fs;
use std::time::Duration;

use super::call::{Wait, wait_of};

/// A thread that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thread {
    pub(super) pid: i32,
    pub(super) number: i32,
    /// What the scheduler has counted for it: equal in two looks, it has not run between them.
    ran: String,
    in_calls: Duration,
    pages: u64,
    pub(super) does: Does,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Does {
    Sleep(Wait),
    /// It runs, or is ready to, or is stopped, or waits for a disk: this changes without us.
    Something,
    /// It sleeps, and `/proc` is closed to us.
    Hidden,
}

impl Thread {
    /// Whether it waits, and no clock will end that. Whether something else will, the descriptors tell.
    pub(super) fn waits_for_others(&self) -> bool {
        match &self.does {
            Does::Sleep(wait) => match wait {
                Wait::On { .. }
                | Wait::AnyOf { .. }
                | Wait::Epoll { .. }
                | Wait::Others { .. }
                | Wait::Signal { .. } => true,
                Wait::Time { .. } | Wait::Unknown => false,
            },
            Does::Something | Does::Hidden => false,
        }
    }

    /// What it has used so far.
    pub(super) fn used(&self) -> Used {
        let mut nanos = self
            .ran
            .split_ascii_whitespace()
            .map(|nanos| nanos.parse().unwrap_or(0));
        let mut next = || Duration::from_nanos(nanos.next().unwrap_or(0));
        Used {
            ran: next(),
            waited: next(),
            in_calls: self.in_calls,
            pages: self.pages,
        }
    }

    /// What it has read and written so far, sockets not among it; `None` where the system does not tell.
    pub(super) fn moved(&self) -> Option<String> {
        let counts = fs::read_to_string(format!("/proc/{}/task/{}/io", self.pid, self.number)).ok()?;
        let of_bytes = counts
            .lines()
            .filter(|line| line.starts_with("rchar:") || line.starts_with("wchar:"));
        Some(of_bytes.collect())
    }
}

/// Time of a thread, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Used {
    /// On a processor.
    pub(super) ran: Duration,
    /// Ready to run, while others had the processors.
    pub(super) waited: Duration,
    /// On a processor, in system calls.
    pub(super) in_calls: Duration,
    /// Memory that it has touched for the first time: whoever starts up or computes does so all the time.
    pub(super) pages: u64,
}

/// The living threads of these processes.
pub(super) fn threads(pids: &[i32]) -> Vec<Thread> {
    let mut threads = Vec::new();
    for &pid in pids {
        let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else {
            continue;
        };
        let numbers = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        threads.extend(numbers.filter_map(|number| thread(pid, number)));
    }
    threads
}

fn thread(pid: i32, number: i32) -> Option<Thread> {
    // Counted before its call is read: if it has run between, the next look differs.
    let ran = fs::read_to_string(format!("/proc/{pid}/task/{number}/schedstat")).ok()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{number}/stat")).ok()?;
    let (_, behind_the_name) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = behind_the_name.split_ascii_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    // `stime`, in ticks of a hundredth of a second on every system that Linux runs on.
    let in_calls = Duration::from_millis(10 * field(12));
    let does = match behind_the_name.chars().next()? {
        'Z' | 'X' => return None,
        'S' => match wait_of(pid, number) {
            Ok(Some(wait)) => Does::Sleep(wait),
            Ok(None) => Does::Something,
            Err(_) => Does::Hidden,
        },
        _ => Does::Something,
    };
    Some(Thread {
        pid,
        number,
        ran,
        in_calls,
        pages: field(7),
        does,
    })
}
