//! The processes of a program, as `/proc` shows them: all that its leader started and that still lives.

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

/// The states of all threads (`S` asleep, `R` running, `T` stopped …) and how often each has run: two equal looks, all asleep, mean rest.
#[cfg(target_os = "linux")]
pub(super) fn activity(leader: i32) -> Vec<(char, String)> {
    let mut seen = Vec::new();
    for pid in processes(leader) {
        for task in tasks(pid) {
            let stat = fs::read_to_string(format!("/proc/{pid}/task/{task}/stat")).unwrap_or_default();
            let state = stat
                .rsplit_once(") ")
                .and_then(|(_, rest)| rest.chars().next())
                .unwrap_or('X');
            let ran = fs::read_to_string(format!("/proc/{pid}/task/{task}/schedstat")).unwrap_or_default();
            seen.push((state, ran));
        }
    }
    seen
}

#[cfg(not(target_os = "linux"))]
pub(super) fn activity(_: i32) -> Vec<(char, String)> {
    Vec::new()
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
