//! The system call that a thread sits in, and what it waits for there: `/proc/PID/task/TID/syscall`, and the program's memory where the call
//! names a list.
//!
//! Whatever is not known to wait without a limit counts as going on by itself.

use std::fs::File;
use std::os::unix::fs::FileExt;

use nix::libc;

use super::descriptor::FOR_EVER;

/// What a descriptor is waited for to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// To hold something to read, or a client to accept.
    In,
    /// To have room.
    Out,
    /// To break, or to be closed on both sides.
    End,
}

/// What a thread that sleeps waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wait {
    /// One descriptor: a blocking call on it.
    On { call: &'static str, fd: i32, way: Way },
    /// One of these.
    AnyOf { call: &'static str, fds: Vec<(i32, Way)> },
    /// One of those that this epoll descriptor stands for.
    Epoll { fd: i32 },
    /// Another thread or a child of its own.
    Others { call: &'static str },
    /// A signal; where it is waited for by number, one of this set.
    Signal { call: &'static str, set: Option<u64> },
    /// A time: the kernel wakes it up.
    Time { call: &'static str },
    /// Something that nothing is known of.
    Unknown,
}

/// The call of a thread that sleeps, from the text in `/proc`; `None` where that is closed to us, or where it runs by now.
pub(super) fn wait_of(pid: i32, thread: i32) -> std::io::Result<Option<Wait>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{thread}/syscall"))?;
    let mut words = text.split_ascii_whitespace();
    let Some(number) = words.next().and_then(|word| word.parse::<libc::c_long>().ok()) else {
        return Ok(None);
    };
    let hex = |word: &str| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok();
    let mut arguments = [0; 6];
    for (argument, word) in arguments.iter_mut().zip(words) {
        *argument = hex(word).unwrap_or_default();
    }
    Ok(Some(meaning(number, arguments, pid).unwrap_or(Wait::Unknown)))
}

/// `None` where the memory that the call names can't be read.
fn meaning(number: libc::c_long, arguments: [u64; 6], pid: i32) -> Option<Wait> {
    let [first, _, third, fourth, fifth, _] = arguments;
    // Registers are wider than an `int`.
    let int = |argument: u64| argument as u32 as i32;
    let on = |call, way| Wait::On {
        call,
        fd: int(first),
        way,
    };
    let unless_timed = |limit: u64, call, wait: Wait| match limit {
        0 => wait,
        _ => Wait::Time { call },
    };
    Some(match number {
        libc::SYS_read | libc::SYS_readv | libc::SYS_recvfrom | libc::SYS_recvmsg | libc::SYS_splice => {
            on("read", Way::In)
        }
        libc::SYS_recvmmsg => unless_timed(fifth, "read", on("read", Way::In)),
        libc::SYS_accept | libc::SYS_accept4 => on("accept", Way::In),
        libc::SYS_write | libc::SYS_writev | libc::SYS_sendto | libc::SYS_sendmsg | libc::SYS_sendmmsg => {
            on("write", Way::Out)
        }
        libc::SYS_sendfile => on("sendfile", Way::Out),
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll if is_for_ever(int(third)) => polled(pid, arguments)?,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_poll => Wait::Time { call: "poll" },
        libc::SYS_ppoll => match third {
            0 => polled(pid, arguments)?,
            _ => Wait::Time { call: "poll" },
        },
        #[cfg(target_arch = "x86_64")]
        libc::SYS_select => selected(pid, arguments)?,
        libc::SYS_pselect6 => selected(pid, arguments)?,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_epoll_wait => epolled(int(first), int(fourth)),
        libc::SYS_epoll_pwait => epolled(int(first), int(fourth)),
        libc::SYS_epoll_pwait2 => unless_timed(fourth, "epoll_wait", Wait::Epoll { fd: int(first) }),
        libc::SYS_futex => futex(int(arguments[1]), fourth),
        libc::SYS_wait4 | libc::SYS_waitid => Wait::Others { call: "wait" },
        #[cfg(target_arch = "x86_64")]
        libc::SYS_pause => Wait::Signal {
            call: "pause",
            set: None,
        },
        libc::SYS_rt_sigsuspend => Wait::Signal {
            call: "sigsuspend",
            set: None,
        },
        libc::SYS_rt_sigtimedwait => {
            let set = u64::from_ne_bytes(memory(pid, first, 8)?.try_into().ok()?);
            let wait = Wait::Signal {
                call: "sigwait",
                set: Some(set),
            };
            unless_timed(third, "sigwait", wait)
        }
        libc::SYS_nanosleep | libc::SYS_clock_nanosleep => Wait::Time { call: "sleep" },
        libc::SYS_connect => on("connect", Way::Out),
        _ => Wait::Unknown,
    })
}

fn epolled(fd: i32, limit: i32) -> Wait {
    match is_for_ever(limit) {
        true => Wait::Epoll { fd },
        false => Wait::Time { call: "epoll_wait" },
    }
}

/// In milliseconds.
fn is_for_ever(limit: i32) -> bool {
    limit < 0 || i64::from(limit) >= FOR_EVER
}

fn futex(operation: i32, limit: u64) -> Wait {
    const COMMAND: i32 = !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
    /// `FUTEX_LOCK_PI2` of linux/futex.h.
    const LOCK_PI2: i32 = 13;
    match operation & COMMAND {
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET | libc::FUTEX_LOCK_PI | LOCK_PI2 | libc::FUTEX_WAIT_REQUEUE_PI
            if limit == 0 =>
        {
            Wait::Others { call: "futex" }
        }
        libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET => Wait::Time { call: "futex" },
        _ => Wait::Unknown,
    }
}

/// `poll(fds, count, …)`
fn polled(pid: i32, [fds, count, ..]: [u64; 6]) -> Option<Wait> {
    /// Of a `struct pollfd`: the descriptor, and the events that are asked for.
    const SIZE: usize = 8;
    let list = memory(pid, fds, usize::try_from(count).ok()?.checked_mul(SIZE)?)?;
    let fds = list
        .chunks_exact(SIZE)
        .filter_map(|one| {
            let fd = i32::from_ne_bytes(one[..4].try_into().ok()?);
            let events = i16::from_ne_bytes(one[4..6].try_into().ok()?);
            Some((fd, events))
        })
        .filter(|(fd, _)| *fd >= 0)
        .flat_map(|(fd, events)| {
            let asks = |event, way| (events & event != 0).then_some((fd, way));
            // The last is always asked for.
            [
                asks(libc::POLLIN, Way::In),
                asks(libc::POLLOUT, Way::Out),
                Some((fd, Way::End)),
            ]
        })
        .flatten()
        .collect();
    Some(Wait::AnyOf { call: "poll", fds })
}

/// `select(count, in, out, exceptions, limit)`
fn selected(pid: i32, [count, to_read, to_write, exceptions, limit, _]: [u64; 6]) -> Option<Wait> {
    if limit != 0 {
        return Some(Wait::Time { call: "select" });
    }
    let length = usize::try_from(count).ok()?.div_ceil(64).checked_mul(8)?;
    let mut fds = Vec::new();
    for (set, way) in [(to_read, Way::In), (to_write, Way::Out), (exceptions, Way::In)] {
        if set == 0 {
            continue;
        }
        for (at, byte) in memory(pid, set, length)?.into_iter().enumerate() {
            let of_byte = (0..8).filter(|bit| byte & (1 << bit) != 0);
            fds.extend(of_byte.map(|bit| ((at * 8 + bit) as i32, way)));
        }
    }
    Some(Wait::AnyOf { call: "select", fds })
}

/// Bytes of its memory, not more than a list of descriptors may have.
fn memory(pid: i32, address: u64, length: usize) -> Option<Vec<u8>> {
    const MOST: usize = 64 << 10;
    let mut bytes = vec![0; Some(length).filter(|length| *length <= MOST)?];
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    memory.read_exact_at(&mut bytes, address).ok()?;
    Some(bytes)
}
