//! A look at what another process holds: a copy of one of its descriptors, and what lies unread in one.

use std::io;
use std::os::fd::AsFd;
#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

#[cfg(target_os = "linux")]
use nix::libc;

/// What can't be measured on this system: never the fault of a program.
pub fn not_told() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "this system does not tell")
}

/// A descriptor that names a process, whoever gets its number later.
#[cfg(target_os = "linux")]
pub(super) fn pidfd(pid: nix::unistd::Pid) -> nix::Result<OwnedFd> {
    #[expect(unsafe_code, reason = "no safe wrapper for pidfd_open(2)")]
    // SAFETY: the call takes numbers only; what it returns is a new descriptor that is ours alone.
    unsafe {
        let fd = nix::errno::Errno::result(libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0))?;
        Ok(OwnedFd::from_raw_fd(fd as libc::c_int))
    }
}

/// A copy of a descriptor of another process. As long as it lives, a close over there is none: give it back at once, and let no program be
/// started meanwhile.
///
/// # Errors
/// The system does not let us (`EPERM`, `ENOSYS`), or there is no such process or descriptor.
#[cfg(target_os = "linux")]
pub fn copy_of_descriptor(pid: i32, fd: i32) -> io::Result<OwnedFd> {
    let process = pidfd(nix::unistd::Pid::from_raw(pid))?;
    #[expect(unsafe_code, reason = "no safe wrapper for pidfd_getfd(2)")]
    // SAFETY: the call takes numbers only; what it returns is a new descriptor that is ours alone.
    unsafe {
        let copy = libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), fd, 0);
        Ok(OwnedFd::from_raw_fd(nix::errno::Errno::result(copy)? as libc::c_int))
    }
}

/// The protocol of a socket; `None` where it is none, or the system does not say.
#[cfg(target_os = "linux")]
pub fn protocol(fd: impl AsFd) -> Option<i32> {
    let mut protocol: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    let (fd, to) = (fd.as_fd().as_raw_fd(), (&raw mut protocol).cast());
    // SAFETY: the system writes one int and its length to the addresses given, which live until the call returns.
    #[expect(unsafe_code, reason = "no safe wrapper for SO_PROTOCOL in the dependencies")]
    let answer = unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL, to, &raw mut length) };
    (answer == 0).then_some(protocol)
}

/// Bytes that lie in a pipe or a socket, not yet read; `None` where the system does not say.
#[cfg(target_os = "linux")]
pub fn unread(fd: impl AsFd) -> Option<usize> {
    let mut unread: libc::c_int = 0;
    // SAFETY: FIONREAD writes one int to the address given, which lives until the call returns.
    #[expect(unsafe_code, reason = "no safe wrapper for FIONREAD in the dependencies")]
    let answer = unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), libc::FIONREAD, &raw mut unread) };
    (answer == 0).then(|| unread.cast_unsigned() as usize)
}

/// Elsewhere each end of a pipe tells of a buffer of its own, and that of the end that is written to is always empty.
#[cfg(not(target_os = "linux"))]
pub(super) fn unread(_: impl AsFd) -> Option<usize> {
    None
}
