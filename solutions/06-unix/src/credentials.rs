//! Who is at the other end. The kernel noted it when that process connected: nothing that the process
//! says can change it.

use std::fmt;
use std::os::unix::net::UnixStream;

use nix::sys::socket::{getsockopt, sockopt};

/// A process and its user, as they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    pub pid: i32,
    pub uid: u32,
}

// ANCHOR: of_peer
impl Credentials {
    #[cfg(not(target_os = "macos"))]
    pub fn of_peer(stream: &UnixStream) -> nix::Result<Self> {
        // SO_PEERCRED
        let peer = getsockopt(stream, sockopt::PeerCredentials)?;
        Ok(Credentials {
            pid: peer.pid(),
            uid: peer.uid(),
        })
    }

    #[cfg(target_os = "macos")]
    pub fn of_peer(stream: &UnixStream) -> nix::Result<Self> {
        Ok(Credentials {
            pid: getsockopt(stream, sockopt::LocalPeerPid)?,
            uid: getsockopt(stream, sockopt::LocalPeerCred)?.uid(),
        })
    }
}
// ANCHOR_END: of_peer

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid={} uid={}", self.pid, self.uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_pair_are_ours() {
        let (here, _there) = UnixStream::pair().expect("a pair of sockets");
        let peer = Credentials::of_peer(&here).expect("credentials");
        assert_eq!(peer.pid.unsigned_abs(), std::process::id());
        assert_eq!(peer.uid, nix::unistd::geteuid().as_raw());
    }
}
