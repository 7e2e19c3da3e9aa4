//! Sockets as the warden makes them inside, and as we make them where there is no jail.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::libc;
use nix::sys::socket::{AddressFamily, UnixAddr, connect};

/// `socket(2)`, not to be inherited by any program.
pub(super) fn new(family: i32, kind: i32, protocol: i32) -> io::Result<OwnedFd> {
    // At once, where the system can: another thread may be starting a program.
    #[cfg(target_os = "linux")]
    let kind = kind | libc::SOCK_CLOEXEC;
    #[expect(unsafe_code, reason = "nix's wrapper takes only the protocols that it knows")]
    // SAFETY: the call takes numbers only; what it returns is a new descriptor that is ours alone.
    let fd = unsafe { OwnedFd::from_raw_fd(Errno::result(libc::socket(family, kind, protocol))?) };
    fcntl(&fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(fd)
}

/// A stream connected to the AF_UNIX socket at `path`. `WouldBlock` says that someone listens there whose accept queue is full.
pub fn connect_without_waiting(path: &Path) -> io::Result<OwnedFd> {
    let fd = new(AddressFamily::Unix as i32, libc::SOCK_STREAM, 0)?;
    fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    connect(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(fd)
}
