//! Looking into other processes, and laying hands on them: `victim=PID` and whoever started us.

use std::fs::{self, File};
use std::io;

use nix::libc;

use crate::Order;
use crate::said::tried;
use crate::system::call;

pub(crate) fn snoops(order: &Order) {
    for (who, pid) in targets(order) {
        for file in ["environ", "cmdline", "mem", "maps", "fd"] {
            // The warden's own is no secret, nor is that of a machine's first process.
            if who != "victim" && file == "cmdline" {
                continue;
            }
            let path = format!("/proc/{pid}/{file}");
            let seen = match file {
                "fd" => fs::read_dir(path).map(drop),
                _ => File::open(path)
                    .and_then(|mut file| io::Read::read(&mut file, &mut [0]))
                    .map(drop),
            };
            tried(&format!("see/{who}/{file}"), seen);
        }
    }
    let others = fs::read_dir("/proc").map(|entries| {
        let pids = entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.count()
    });
    tried(
        "see/processes-of-the-host",
        others.and_then(|count| match count > 10 {
            true => Ok(()),
            false => Err(io::Error::other(format!("there are {count}"))),
        }),
    );
    for file in [
        "/proc/kcore",
        "/proc/kmsg",
        "/dev/mem",
        "/dev/kmsg",
        "/proc/sysrq-trigger",
    ] {
        let name = file.rsplit('/').next().unwrap_or_default();
        tried(
            &format!("see/{name}-of-{}", &file[1..4]),
            File::open(file).and_then(|mut file| io::Read::read(&mut file, &mut [0])),
        );
    }
}

pub(crate) fn meddles(order: &Order) {
    for (who, pid) in targets(order) {
        let mut word = 0_u64;
        let mut part = [(&raw mut word) as usize, 8];
        let part = (&raw mut part) as i64;
        // PTRACE_ATTACH, PTRACE_SEIZE
        tried(&format!("trace/{who}"), call(libc::SYS_ptrace, [16, pid, 0, 0]));
        tried(&format!("seize/{who}"), call(libc::SYS_ptrace, [0x4206, pid, 0, 0]));
        tried(
            &format!("read-memory/{who}"),
            call(libc::SYS_process_vm_readv, [pid, part, 1, part, 1, 0]),
        );
        tried(
            &format!("write-memory/{who}"),
            call(libc::SYS_process_vm_writev, [pid, part, 1, part, 1, 0]),
        );
        tried(&format!("take-descriptor/{who}"), take_descriptor(pid));
        tried(&format!("compare/{who}"), call(libc::SYS_kcmp, [pid, pid, 0, 0, 0]));
        let none = [0_u64, 0];
        tried(
            &format!("limit/{who}"),
            call(
                libc::SYS_prlimit64,
                [pid, libc::RLIMIT_CPU.into(), (&raw const none) as i64, 0],
            ),
        );
        let mut all = 1_u64;
        // SCHED_IDLE
        tried(
            &format!("slow/{who}"),
            call(libc::SYS_sched_setscheduler, [pid, 5, (&raw mut all) as i64 + 4]),
        );
        tried(
            &format!("pin/{who}"),
            call(libc::SYS_sched_setaffinity, [pid, 8, (&raw mut all) as i64]),
        );
        tried(&format!("nice/{who}"), call(libc::SYS_setpriority, [0, pid, 19]));
        // Whoever can only stop and kill itself by it is not kept from it.
        if who == "victim" {
            tried(&format!("signal/{who}"), call(libc::SYS_kill, [pid, 0]));
            // Whether that arrives, the victim shows by its death.
            let _ = signal_by_socket(pid);
        }
    }
    // In a namespace of processes there is nobody whom this would reach.
    if order.value("outside").is_empty() {
        // The call itself answers with 20 less the value.
        let own = 20 - call(libc::SYS_getpriority, [0, 0]).unwrap_or(20);
        tried("nice/all-of-its-user", call(libc::SYS_setpriority, [2, 0, own]));
    }
}

fn targets(order: &Order) -> [(&'static str, i64); 3] {
    let parent = call(libc::SYS_getppid, []).unwrap_or(1);
    [
        ("victim", order.value("victim").parse().unwrap_or(i64::from(i32::MAX))),
        ("parent", parent),
        ("first", 1),
    ]
}

fn take_descriptor(pid: i64) -> io::Result<()> {
    let process = call(libc::SYS_pidfd_open, [pid, 0])?;
    call(libc::SYS_pidfd_getfd, [process, 0, 0]).map(drop)
}

/// The kernel sends a signal of our choice to the owner of a socket when something comes.
fn signal_by_socket(pid: i64) -> io::Result<()> {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    let socket = theirs.as_raw_fd().into();
    call(libc::SYS_fcntl, [socket, libc::F_SETOWN.into(), pid])?;
    // F_SETSIG
    call(libc::SYS_fcntl, [socket, 10, libc::SIGUSR1.into()])?;
    call(libc::SYS_fcntl, [socket, libc::F_SETFL.into(), libc::O_ASYNC.into()])?;
    ours.write_all(b"x")
}
