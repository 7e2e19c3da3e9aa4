//! The processes of a program, as `/proc` shows them: all that its leader started and that still lives.

use std::collections::HashMap;
#[cfg(target_os = "linux")]
use std::fs;

/// The leader and its descendants.
#[cfg(target_os = "linux")]
pub(super) fn processes(leader: i32) -> Vec<i32> {
    let mut found = vec![leader];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        next += 1;
        for task in tasks(pid) {
            let children = fs::read_to_string(format!("/proc/{pid}/task/{task}/children")).unwrap_or_default();
            found.extend(
                children
                    .split_ascii_whitespace()
                    .filter_map(|pid| pid.parse::<i32>().ok()),
            );
        }
        if found.len() > 4096 {
            break;
        }
    }
    found
}

#[cfg(not(target_os = "linux"))]
pub(super) fn processes(leader: i32) -> Vec<i32> {
    vec![leader]
}

/// The number that a process has where it runs, which may be a namespace of its own.
#[cfg(target_os = "linux")]
pub(super) fn number_inside(pid: i32) -> Option<i32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    numbers.split_ascii_whitespace().last()?.parse().ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn number_inside(pid: i32) -> Option<i32> {
    Some(pid)
}

/// Descriptors open in all processes of the program; `None` where the system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn open_descriptors(leader: i32) -> Option<usize> {
    let open: Vec<usize> = processes(leader)
        .into_iter()
        .filter_map(|pid| fs::read_dir(format!("/proc/{pid}/fd")).ok())
        .map(Iterator::count)
        .collect();
    (!open.is_empty()).then(|| open.iter().sum())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn open_descriptors(_: i32) -> Option<usize> {
    None
}

/// Threads of all processes of the program.
pub(super) fn threads(leader: i32) -> usize {
    activity(leader).len()
}

/// What a field of `/proc/PID/status` says (`VmPeak`, `VmRSS`), in bytes, summed over all processes; `None` where the system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn memory(leader: i32, field: &str) -> Option<u64> {
    let kibibytes: Vec<u64> = processes(leader)
        .into_iter()
        .filter_map(|pid| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        })
        .collect();
    (!kibibytes.is_empty()).then(|| kibibytes.iter().sum::<u64>() * 1024)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn memory(_: i32, _: &str) -> Option<u64> {
    None
}

/// Whether a process has ended: it is gone, or only its body is left.
pub(super) fn is_dead(pid: i32) -> bool {
    activity(pid).iter().all(|(state, _)| "ZX".contains(*state))
}

/// So long these threads have been ready to run without running, as far as that is over (the second number of `schedstat`).
pub(super) fn waited_for_a_processor(threads: &[(char, String)]) -> std::time::Duration {
    let waited = |ran: &str| ran.split_ascii_whitespace().nth(1)?.parse::<u64>().ok();
    let nanos = threads.iter().filter_map(|(_, ran)| waited(ran)).sum();
    std::time::Duration::from_nanos(nanos)
}

/// The states of all threads (`S` asleep, `R` running, `T` stopped …) and how often each has run: two equal looks, all asleep, mean rest.
#[cfg(target_os = "linux")]
pub(super) fn activity(leader: i32) -> Vec<(char, String)> {
    let mut seen = Vec::new();
    for pid in processes(leader) {
        for task in tasks(pid) {
            let ran = fs::read_to_string(format!("/proc/{pid}/task/{task}/schedstat")).unwrap_or_default();
            seen.push((state(pid, task), ran));
        }
    }
    seen
}

#[cfg(not(target_os = "linux"))]
pub(super) fn activity(_: i32) -> Vec<(char, String)> {
    Vec::new()
}

/// What the scheduler has counted for a thread: nanoseconds on a processor, nanoseconds of waiting for one, and how often it got one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Turns {
    pub(super) ran: u64,
    pub(super) waited: u64,
    pub(super) times: u64,
    /// It runs, or waits for a processor, at this very moment.
    pub(super) runnable: bool,
}

/// The turns of all living threads, by their numbers; empty where the system does not tell.
#[cfg(target_os = "linux")]
pub(super) fn turns(leader: i32) -> HashMap<i32, Turns> {
    let tasks = processes(leader)
        .into_iter()
        .flat_map(|pid| tasks(pid).into_iter().map(move |task| (pid, task)));
    tasks
        .filter_map(|(pid, task)| {
            let counted = fs::read_to_string(format!("/proc/{pid}/task/{task}/schedstat")).ok()?;
            let mut counted = counted.split_ascii_whitespace().map(str::parse);
            let mut next = || counted.next()?.ok();
            let turns = Turns {
                ran: next()?,
                waited: next()?,
                times: next()?,
                runnable: state(pid, task) == 'R',
            };
            Some((task, turns))
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn turns(_: i32) -> HashMap<i32, Turns> {
    HashMap::new()
}

#[cfg(target_os = "linux")]
fn state(pid: i32, task: i32) -> char {
    let stat = fs::read_to_string(format!("/proc/{pid}/task/{task}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .and_then(|(_, rest)| rest.chars().next())
        .unwrap_or('X')
}

#[cfg(target_os = "linux")]
fn tasks(pid: i32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
