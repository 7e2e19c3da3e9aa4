//! Namespaces of the jail's own, and what has to be done in them before anything works.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;

use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::{getegid, geteuid, sethostname};

use super::{Doing, Failure};

/// Leaves the host's namespaces; that of processes holds for children only.
///
/// Root needs no user namespace to do this, and keeps the right to read what only it may read while the root folder is built; anybody else gets
/// the rights of root over the new namespaces by a new user namespace, in which there is no other user.
pub(super) fn leave_the_host() -> Result<(), Failure> {
    let mut flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNET
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    let (uid, gid) = (geteuid(), getegid());
    if !uid.is_root() {
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    unshare(flags).doing("leaving the host's namespaces (unshare)")?;
    if !uid.is_root() {
        let doing = "mapping the user into the new user namespace";
        // Without this a group could be given up that exists to deny something.
        fs::write("/proc/self/setgroups", "deny").doing(doing)?;
        fs::write("/proc/self/uid_map", format!("{uid} {uid} 1")).doing(doing)?;
        fs::write("/proc/self/gid_map", format!("{gid} {gid} 1")).doing(doing)?;
    }
    Ok(())
}

/// What the new namespaces lack: a name, and a loopback interface that is up.
pub(super) fn furnish() -> Result<(), Failure> {
    sethostname("jail").doing("naming the machine")?;
    bring_loopback_up().doing("bringing loopback up")
}

fn bring_loopback_up() -> io::Result<()> {
    let any = socket(AddressFamily::Inet, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    #[expect(unsafe_code, reason = "no safe wrapper for SIOCSIFFLAGS (netdevice(7))")]
    // SAFETY: an `ifreq` may be all zero; the kernel reads it, and it outlives the call.
    let result = unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        request.ifr_name[0] = b'l'.cast_signed();
        request.ifr_name[1] = b'o'.cast_signed();
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        libc::ioctl(any.as_raw_fd(), libc::SIOCSIFFLAGS, &raw const request)
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
