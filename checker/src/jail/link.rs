//! The checker's end of the socket to a jail's warden.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, setsockopt, socketpair, sockopt};
use nix::sys::time::TimeVal;

use super::cgroup::Leaf;
use super::duty::off_duty;
use super::message::{self, Reply, Request};
use super::walls::Walls;

/// The warden answers at once; so long it is waited for on a machine that stalls.
const PATIENCE: Duration = Duration::from_secs(30);

/// A jail that stands. Dropping it ends everything inside, and waits until that is gone.
#[derive(Debug)]
pub(super) struct Link {
    socket: Option<OwnedFd>,
    warden: OwnedFd,
    /// What we started: the warden, or the parent of it, which has left.
    starter: std::process::Child,
    /// What all of it is in, where that can be had; it goes last.
    leaf: Option<Leaf>,
}

/// What a wall failed at, in words.
#[derive(Debug)]
pub struct NotBuilt {
    /// completes "failed while"
    pub doing: String,
    pub error: io::Error,
}

impl std::fmt::Display for NotBuilt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.error.raw_os_error() {
            Some(0) => f.write_str(&self.doing),
            _ => write!(f, "{}: {}", self.doing, self.error),
        }
    }
}

impl std::error::Error for NotBuilt {}

impl Link {
    /// Starts `checker` (the checker's own executable) as a warden, and has it build the walls.
    pub(super) fn build(checker: &Path, walls: &Walls) -> Result<Self, NotBuilt> {
        let failed = |error: io::Error| NotBuilt {
            doing: "starting the jail's warden".to_owned(),
            error,
        };
        let (ours, theirs) = socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
            .map_err(|errno| failed(errno.into()))?;
        let patience = TimeVal::new(PATIENCE.as_secs().cast_signed(), 0);
        setsockopt(&ours, sockopt::ReceiveTimeout, &patience).map_err(|errno| failed(errno.into()))?;
        #[expect(clippy::disallowed_methods, reason = "the jail is where programs are started")]
        let mut starter = std::process::Command::new(checker)
            .arg("__jail")
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        // It waits to be told what to do: whoever it starts later is in there too.
        let leaf = Leaf::around(starter.id(), &walls.limits);
        let built = message::send(ours.as_fd(), walls, &[])
            .map_err(failed)
            .and_then(|()| answer(ours.as_fd()).map_err(failed)?);
        match built {
            Ok((Reply::Built, mut fds)) if fds.len() == 1 => Ok(Link {
                socket: Some(ours),
                warden: fds.remove(0),
                starter,
                leaf,
            }),
            outcome => {
                drop(ours);
                let _ = starter.wait();
                match outcome {
                    Err(not_built) => Err(not_built),
                    Ok(_) => Err(failed(io::ErrorKind::InvalidData.into())),
                }
            }
        }
    }

    /// Asks the warden for something, and waits for its answer.
    pub(super) fn ask(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> io::Result<(Reply, Vec<OwnedFd>)> {
        let socket = self.socket.as_ref().ok_or(io::ErrorKind::NotConnected)?;
        message::send(socket.as_fd(), request, descriptors)?;
        match answer(socket.as_fd())? {
            Ok(answered) => Ok(answered),
            Err(refused) => Err(refused.error),
        }
    }

    pub(super) fn exceeded_memory(&self) -> Option<u64> {
        self.leaf.as_ref()?.exceeded()
    }

    /// A descriptor that names the warden.
    pub(super) fn warden(&self) -> io::Result<OwnedFd> {
        self.warden.try_clone()
    }

    /// Its number among our processes.
    pub(super) fn warden_number(&self) -> io::Result<i32> {
        host_number(&self.warden)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        drop(self.socket.take());
        // The descriptor becomes readable when the warden is gone, and it goes last.
        let limit = PollTimeout::try_from(PATIENCE).unwrap_or(PollTimeout::MAX);
        let _ = off_duty(|| poll(&mut [PollFd::new(self.warden.as_fd(), PollFlags::POLLIN)], limit));
        let _ = self.starter.try_wait();
    }
}

fn answer(socket: BorrowedFd<'_>) -> io::Result<Result<(Reply, Vec<OwnedFd>), NotBuilt>> {
    match off_duty(|| message::receive::<Reply>(socket))? {
        None => Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the jail's warden has ended",
        )),
        Some((Reply::Failed { doing, errno }, _)) => Ok(Err(NotBuilt {
            doing,
            error: io::Error::from_raw_os_error(errno),
        })),
        Some(answered) => Ok(Ok(answered)),
    }
}

/// Ends the process that a pidfd names.
pub(super) fn kill(pidfd: &OwnedFd) {
    use std::os::fd::AsRawFd;
    let none = std::ptr::null::<nix::libc::siginfo_t>();
    #[expect(unsafe_code, reason = "no safe wrapper for pidfd_send_signal(2)")]
    // SAFETY: the call takes numbers and a null pointer, which stands for no further information.
    unsafe {
        nix::libc::syscall(
            nix::libc::SYS_pidfd_send_signal,
            pidfd.as_raw_fd(),
            nix::libc::SIGKILL,
            none,
            0,
        );
    }
}

/// The number that a process has among ours: `/proc/self/fdinfo` tells it of a pidfd.
pub(super) fn host_number(pidfd: &OwnedFd) -> io::Result<i32> {
    use std::os::fd::AsRawFd;
    let about = std::fs::read_to_string(format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd()))?;
    about
        .lines()
        .find_map(|line| line.strip_prefix("Pid:")?.trim().parse().ok())
        .filter(|pid| *pid > 0)
        .ok_or_else(|| io::Error::from_raw_os_error(nix::libc::ESRCH))
}
