//! Ways into the kernel, to new namespaces, and to another user's rights.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use nix::libc;

use crate::Order;
use crate::said::tried;
use crate::system::{self, at, call, text};

pub(crate) fn namespaces(_: &Order) {
    for (what, flag) in [
        ("user", libc::CLONE_NEWUSER),
        ("mount", libc::CLONE_NEWNS),
        ("network", libc::CLONE_NEWNET),
        ("process", libc::CLONE_NEWPID),
        ("time", 0x80),
    ] {
        tried(&format!("unshare/{what}"), call(libc::SYS_unshare, [flag.into()]));
        if flag == 0x80 {
            // In `clone` that bit means something else.
            continue;
        }
        tried(
            &format!("clone/{what}"),
            in_a_copy(call(libc::SYS_clone, [i64::from(flag | libc::SIGCHLD)])),
        );
        let mut arguments = [0_u64; 11];
        arguments[0] = flag as u64;
        arguments[4] = libc::SIGCHLD as u64;
        tried(
            &format!("clone3/{what}"),
            in_a_copy(call(libc::SYS_clone3, [(&raw const arguments) as i64, 88])),
        );
    }
    for (what, path) in [("first", "/proc/1/ns/net"), ("own", "/proc/self/ns/net")] {
        let joined = File::open(path).and_then(|file| call(libc::SYS_setns, [file.as_raw_fd().into(), 0]));
        tried(&format!("setns/{what}"), joined);
    }
    let (tmpfs, tmp, here) = (text("tmpfs"), text("/tmp"), text("."));
    tried("mount", call(libc::SYS_mount, [at(&tmpfs), at(&tmp), at(&tmpfs), 0, 0]));
    tried("mount/open", call(libc::SYS_fsopen, [at(&tmpfs), 0]));
    tried(
        "mount/tree",
        call(libc::SYS_open_tree, [libc::AT_FDCWD.into(), at(&tmp), 1]),
    );
    tried("umount", call(libc::SYS_umount2, [at(&tmp), libc::MNT_DETACH.into()]));
    tried("chroot", call(libc::SYS_chroot, [at(&tmp)]));
    tried("pivot-root", call(libc::SYS_pivot_root, [at(&here), at(&here)]));
}

fn in_a_copy(made: io::Result<i64>) -> io::Result<i64> {
    match made {
        Ok(0) => system::exit(),
        other => other,
    }
}

pub(crate) fn insides(_: &Order) {
    let (name, tmp) = (text("user"), text("/tmp"));
    tried(
        "keys/add",
        call(libc::SYS_add_key, [at(&name), at(&name), at(&name), 4, -3]),
    );
    tried(
        "keys/request",
        call(libc::SYS_request_key, [at(&name), at(&name), 0, -3]),
    );
    tried("keys/session", call(libc::SYS_keyctl, [1, 0]));
    let zeros = [0_u64; 32];
    let zeros = (&raw const zeros) as i64;
    tried("bpf", call(libc::SYS_bpf, [5, zeros, 120]));
    tried("io-uring", call(libc::SYS_io_uring_setup, [8, zeros]));
    tried("userfaultfd", call(libc::SYS_userfaultfd, [1]));
    tried("perf", call(libc::SYS_perf_event_open, [zeros, 0, -1, -1, 0]));
    tried(
        "handle/name",
        call(
            libc::SYS_name_to_handle_at,
            [libc::AT_FDCWD.into(), at(&tmp), zeros, zeros, 0],
        ),
    );
    tried(
        "handle/open",
        call(libc::SYS_open_by_handle_at, [libc::AT_FDCWD.into(), zeros, 0]),
    );
    tried("module", call(libc::SYS_init_module, [zeros, 0, zeros]));
    tried("kexec", call(libc::SYS_kexec_load, [0, 0, 0, 0]));
    tried("reboot", call(libc::SYS_reboot, [0xfee1_dead, 672_274_793, 0, 0]));
    tried("swap", call(libc::SYS_swapon, [at(&tmp), 0]));
    tried("log", call(libc::SYS_syslog, [3, zeros, 8]));
    tried("accounting", call(libc::SYS_acct, [at(&tmp)]));
    tried("quota", call(libc::SYS_quotactl, [0x80_0007 << 8, 0, 0, zeros]));
    tried("fanotify", call(libc::SYS_fanotify_init, [0, 0]));
    tried("clock", call(libc::SYS_clock_settime, [0, zeros]));
    tried("host-name", call(libc::SYS_sethostname, [at(&name), 4]));
    tried(
        "device",
        call(
            libc::SYS_mknodat,
            [libc::AT_FDCWD.into(), at(&text("/tmp/memory")), 0o020_666, 0x101],
        ),
    );
    #[cfg(target_arch = "x86_64")]
    {
        // The same calls by the numbers of another interface: x32.
        const X32: i64 = 0x4000_0000;
        tried("x32/ptrace", call(X32 | 521, [0, 0, 0, 0]));
        tried(
            "x32/unshare",
            call(X32 | libc::SYS_unshare, [libc::CLONE_NEWUSER.into()]),
        );
    }
}

/// Another user's rights: by asking, and by `climb=PATH`, a program that would give them.
pub(crate) fn climbs(order: &Order) {
    tried("become/root", call(libc::SYS_setuid, [0]));
    tried("become/group", call(libc::SYS_setgid, [0]));
    let groups = [0_u32];
    tried(
        "become/groups",
        call(libc::SYS_setgroups, [1, (&raw const groups) as i64]),
    );
    tried(
        "ambient",
        call(
            libc::SYS_prctl,
            [libc::PR_CAP_AMBIENT.into(), libc::PR_CAP_AMBIENT_RAISE.into(), 21, 0, 0],
        ),
    );
    let capabilities = [0x2008_0522_u64, 0xffff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff, 0, 0];
    let (header, data) = ((&raw const capabilities) as i64, (&raw const capabilities[1]) as i64);
    tried("capabilities", call(libc::SYS_capset, [header, data]));
    let path = text(order.value("climb"));
    match system::fork() {
        Ok(true) => {
            let words = [path.clone(), text("whoami"), CString::default()];
            let argv = [at(&words[0]), at(&words[1]), 0];
            let none = [0_i64];
            let failed = call(
                libc::SYS_execve,
                [at(&path), (&raw const argv) as i64, (&raw const none) as i64],
            );
            tried("become/by-program", failed);
            system::exit()
        }
        _ => drop(call(libc::SYS_wait4, [-1, 0, 0])),
    }
}

/// What a program that is owned by root and has the set-user-id bit finds itself to be.
pub(crate) fn whoami(_: &Order) {
    let is_root = call(libc::SYS_geteuid, []).is_ok_and(|user| user == 0);
    tried(
        "become/by-program",
        match is_root {
            true => Ok(()),
            false => Err(io::Error::other("it is still the same user")),
        },
    );
    system::exit();
}
