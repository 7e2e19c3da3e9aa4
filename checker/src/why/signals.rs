//! Signals that come without anybody sending them: of a clock, or of a descriptor that announces itself.

use std::fs;

/// Whether one may come to this process, and be taken there.
pub(super) fn expects_one(pid: i32) -> bool {
    let Some(caught) = mask(pid, "SigCgt:") else {
        return true;
    };
    // The timers of timer_create(2) are in a list of their own; where the kernel keeps none there may be any.
    match fs::read_to_string(format!("/proc/{pid}/timers")) {
        Ok(timers) => !timers.is_empty() || caught & UNASKED != 0,
        Err(_) => true,
    }
}

/// Whether an alarm may end one of these, which others wait for. (It ends a program, too; but that is a crash and no way to go on.)
pub(super) fn may_end_one<'a>(mut pids: impl Iterator<Item = &'a i32>) -> bool {
    let ignores = |pid: i32| mask(pid, "SigIgn:").is_some_and(|ignored| ignored & bit(nix::libc::SIGALRM) != 0);
    pids.any(|&pid| !ignores(pid)) && alarms_are_set()
}

/// Whether anybody at all has set an alarm (`alarm`, `setitimer`): whose it is the system tells nobody, and whether there is one only root.
fn alarms_are_set() -> bool {
    fs::read_to_string("/proc/timer_list").map_or(true, |timers| {
        !timers.contains("active timers:") || timers.contains("it_real_fn")
    })
}

/// Of `/proc/PID/status`.
fn mask(pid: i32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let mask = status.lines().find_map(|line| line.strip_prefix(field))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// The bit of a signal in a mask.
const fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// What comes without anybody sending it.
pub(super) const UNASKED: u64 = bit(nix::libc::SIGALRM) | bit(nix::libc::SIGIO);
