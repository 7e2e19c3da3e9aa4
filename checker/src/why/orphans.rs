//! Processes that have lost their parent, where no warden adopts them: whose they are is not known, and they may be about to act.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::jail::MARK;

/// Whether the children of a process can be seen at all.
pub(super) fn can_be_seen() -> bool {
    Path::new("/proc/thread-self/children").exists()
}

/// Whether there is one that these programs may have started, beside the processes that are known to be theirs: it is in the group of a program,
/// or it is younger than they are, has been adopted by whoever adopts the orphans of this checker, and bears a program's mark. (A program that
/// leaves its group and its parent, and gives itself another environment, is not found.)
pub(super) fn may_be_of(leaders: &[i32], known: &HashSet<i32>) -> bool {
    let Some(first) = leaders.iter().filter_map(|&leader| Some(living(leader)?.born)).min() else {
        return true;
    };
    let ancestors = ancestors();
    let marks: Vec<Option<Vec<u8>>> = leaders.iter().map(|&leader| mark(&environment(leader)?)).collect();
    let own_executable = executable(std::process::id().cast_signed());
    let bears_a_mark = |pid| match environment(pid) {
        Some(own) if !own.is_empty() && !marks.contains(&None) => {
            mark(&own).is_some_and(|own| marks.contains(&Some(own)))
        }
        // It can't be told whose it is, unless it keeps the jail of another check.
        Some(_) | None => executable(pid) != own_executable,
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| !known.contains(pid))
        .filter_map(|pid| Some((pid, living(pid)?)))
        .any(|(pid, one)| {
            leaders.contains(&one.group) || one.born >= first && ancestors.contains(&one.parent) && bears_a_mark(pid)
        })
}

/// What it was started with; `None` where the system does not tell.
fn environment(pid: i32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{pid}/environ")).ok()
}

fn executable(pid: i32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/exe")).ok()
}

fn mark(environment: &[u8]) -> Option<Vec<u8>> {
    let mut entries = environment.split(|byte| *byte == 0);
    entries.find_map(|entry| Some(entry.strip_prefix(MARK.as_bytes())?.to_vec()))
}

/// Of a process that is no mere body.
struct Living {
    parent: i32,
    group: i32,
    /// In ticks since the system was started.
    born: u64,
}

fn living(pid: i32) -> Option<Living> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, behind_the_name) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = behind_the_name.split_ascii_whitespace().collect();
    match *fields.first()? {
        "Z" | "X" => None,
        _ => Some(Living {
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            born: fields.get(19)?.parse().ok()?,
        }),
    }
}

/// Of this checker, itself not among them: all that it has started are its children.
fn ancestors() -> HashSet<i32> {
    let own = std::process::id().cast_signed();
    let mut ancestors: HashSet<i32> = std::iter::successors(Some(own), |&pid| Some(living(pid)?.parent)).collect();
    ancestors.remove(&own);
    ancestors
}
