//! What lies unread in the other end's socket: asked of the kernel by `sock_diag(7)`, or read from `/proc/net/tcp` where that is closed.
//!
//! This is how a peer knows that a piece was *read* before it sends the next one: no pause is ever long enough, a condition is.

use std::net::SocketAddr;
use std::rc::Rc;

use crate::jail::Jail;

/// Whom to ask: the kernel tells of the sockets of one network, that of the jail.
#[derive(Debug)]
pub(super) struct Kernel {
    #[cfg(target_os = "linux")]
    diagnosis: Option<std::os::fd::OwnedFd>,
    #[cfg(target_os = "linux")]
    proc_net: std::path::PathBuf,
}

/// What the kernel holds for a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Queues {
    /// Received, and not read by its program.
    pub(super) unread: usize,
    /// Written by its program, and not acknowledged by the other end.
    pub(super) unsent: usize,
}

impl Kernel {
    /// Bytes that a TCP socket has received and its program has not read; `None` if there is no such open connection (any more).
    ///
    /// # Errors
    /// The system tells neither way.
    pub(super) fn unread(&self, local: SocketAddr, remote: SocketAddr) -> std::io::Result<Option<usize>> {
        self.queues(local, remote)
            .map(|queues| queues.map(|queues| queues.unread))
    }
}

#[cfg(target_os = "linux")]
impl Kernel {
    pub(super) fn of(jail: &Jail) -> Rc<Self> {
        use nix::libc::{AF_NETLINK, NETLINK_SOCK_DIAG, SOCK_DGRAM};
        Rc::new(Kernel {
            // Where it is not to be had, `/proc` is asked.
            diagnosis: jail.socket(AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG).ok(),
            proc_net: jail.proc_net(),
        })
    }

    /// Both queues of a TCP socket; `None` if there is no such open connection (any more).
    ///
    /// # Errors
    /// The system tells neither way.
    pub(super) fn queues(&self, local: SocketAddr, remote: SocketAddr) -> std::io::Result<Option<Queues>> {
        let diagnosed = self
            .diagnosis
            .as_ref()
            .map(|netlink| diag::queues(netlink, local, remote));
        match diagnosed {
            Some(Ok(queues)) => Ok(queues),
            Some(Err(_)) | None => proc_net::queues(&self.proc_net, local, remote),
        }
    }

    /// Bytes (as the kernel accounts for them) that our AF_UNIX socket of this inode has sent and the other end has not read; `None` if there is no
    /// such open connection.
    ///
    /// # Errors
    /// The system does not tell.
    pub(super) fn unread_unix(&self, inode: u32) -> std::io::Result<Option<usize>> {
        match &self.diagnosis {
            Some(netlink) => diag::unread_unix(netlink, inode),
            None => Err(std::io::ErrorKind::Unsupported.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Kernel {
    pub(super) fn of(_: &Jail) -> Rc<Self> {
        Rc::new(Kernel {})
    }

    pub(super) fn unread_unix(&self, _: u32) -> std::io::Result<Option<usize>> {
        Err(crate::jail::not_told())
    }

    pub(super) fn queues(&self, _: SocketAddr, _: SocketAddr) -> std::io::Result<Option<Queues>> {
        Err(crate::jail::not_told())
    }
}

#[cfg(target_os = "linux")]
mod diag {
    use super::{Queues, SocketAddr};
    use nix::errno::Errno;
    use nix::sys::socket::{MsgFlags, NetlinkAddr, recv, sendto};
    use std::io;
    use std::net::IpAddr;
    use std::os::fd::{AsRawFd, OwnedFd};

    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLM_F_REQUEST: u16 = 1;
    const NLMSG_ERROR: u16 = 2;
    /// Lengths of `struct nlmsghdr`, `struct inet_diag_req_v2`, and of the answer up to `idiag_wqueue` (linux/inet_diag.h).
    const HEADER: usize = 16;
    const REQUEST: usize = HEADER + 56;
    const STATE: usize = HEADER + 1;
    const RQUEUE: usize = HEADER + 4 + 48 + 4;
    const WQUEUE: usize = RQUEUE + 4;
    /// `TCP_ESTABLISHED`, `TCP_FIN_WAIT1`, `TCP_FIN_WAIT2`, `TCP_CLOSE_WAIT`, `TCP_LAST_ACK`, `TCP_CLOSING`: states that hold a queue.
    const OPEN: [u8; 6] = [1, 4, 5, 8, 9, 11];

    pub(super) fn queues(netlink: &OwnedFd, local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Queues>> {
        let answer = ask(netlink, &request(local, remote))?;
        if let Some(errno) = error(&answer) {
            return match errno {
                Errno::ENOENT => Ok(None),
                errno => Err(errno.into()),
            };
        }
        match (answer.get(STATE), word(&answer, RQUEUE), word(&answer, WQUEUE)) {
            (Some(state), Some(unread), Some(unsent)) if OPEN.contains(state) => Ok(Some(Queues {
                unread: unread as usize,
                unsent: unsent as usize,
            })),
            (Some(_), Some(_), Some(_)) => Ok(None),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// What lies in flight from our socket: `UNIX_DIAG_RQLEN` (linux/unix_diag.h), whose second number is what we sent and nobody read.
    pub(super) fn unread_unix(netlink: &OwnedFd, inode: u32) -> io::Result<Option<usize>> {
        const UNIX_DIAG_RQLEN: u16 = 4;
        const UDIAG_SHOW_RQLEN: u32 = 0x10;
        const MESSAGE: usize = HEADER + 16;
        let mut request = Vec::with_capacity(HEADER + 24);
        request.extend(((HEADER + 24) as u32).to_ne_bytes());
        request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        request.extend(NLM_F_REQUEST.to_ne_bytes());
        request.extend([0; 8]); // sequence number, port
        request.extend([nix::libc::AF_UNIX as u8, 0, 0, 0]);
        request.extend(u32::MAX.to_ne_bytes()); // any state
        request.extend(inode.to_ne_bytes());
        request.extend(UDIAG_SHOW_RQLEN.to_ne_bytes());
        request.extend([0xFF; 8]); // no cookie
        let answer = ask(netlink, &request)?;
        if let Some(errno) = error(&answer) {
            return match errno {
                Errno::ENOENT => Ok(None),
                errno => Err(errno.into()),
            };
        }
        // Attributes: length, kind, value, each padded to four bytes.
        let mut at = MESSAGE;
        while let (Some(length), Some(kind)) = (half(&answer, at), half(&answer, at + 2)) {
            if kind == UNIX_DIAG_RQLEN {
                return word(&answer, at + 8)
                    .map(|sent| Some(sent as usize))
                    .ok_or(io::ErrorKind::InvalidData.into());
            }
            at += usize::from(length.max(4)).next_multiple_of(4);
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    /// Asks the kernel, which answers within `sendto`: there is nothing to wait for.
    fn ask(netlink: &OwnedFd, request: &[u8]) -> io::Result<Vec<u8>> {
        sendto(netlink.as_raw_fd(), request, &NetlinkAddr::new(0, 0), MsgFlags::empty())?;
        let mut answer = vec![0; 1024];
        let length = recv(netlink.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT)?;
        answer.truncate(length);
        Ok(answer)
    }

    fn word(answer: &[u8], at: usize) -> Option<u32> {
        let bytes = answer.get(at..at + 4)?;
        Some(u32::from_ne_bytes(bytes.try_into().unwrap_or_default()))
    }

    fn half(answer: &[u8], at: usize) -> Option<u16> {
        let bytes = answer.get(at..at + 2)?;
        Some(u16::from_ne_bytes(bytes.try_into().unwrap_or_default()))
    }

    fn error(answer: &[u8]) -> Option<Errno> {
        (half(answer, 4)? == NLMSG_ERROR)
            .then(|| Errno::from_raw(-word(answer, HEADER).unwrap_or_default().cast_signed()))
    }

    fn request(local: SocketAddr, remote: SocketAddr) -> Vec<u8> {
        let family = if local.is_ipv4() {
            nix::libc::AF_INET
        } else {
            nix::libc::AF_INET6
        };
        let mut request = Vec::with_capacity(REQUEST);
        request.extend((REQUEST as u32).to_ne_bytes());
        request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        request.extend(NLM_F_REQUEST.to_ne_bytes());
        request.extend([0; 8]); // sequence number, port
        request.extend([family as u8, nix::libc::IPPROTO_TCP as u8, 0, 0]);
        request.extend(u32::MAX.to_ne_bytes()); // any state
        request.extend(local.port().to_be_bytes());
        request.extend(remote.port().to_be_bytes());
        request.extend(sixteen_bytes(local.ip()));
        request.extend(sixteen_bytes(remote.ip()));
        request.extend([0; 4]); // any interface
        request.extend([0xFF; 8]); // INET_DIAG_NOCOOKIE
        request
    }

    fn sixteen_bytes(ip: IpAddr) -> [u8; 16] {
        match ip {
            IpAddr::V6(ip) => ip.octets(),
            IpAddr::V4(ip) => {
                let mut bytes = [0; 16];
                bytes[..4].copy_from_slice(&ip.octets());
                bytes
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod proc_net {
    use super::{Queues, SocketAddr};
    use std::io;
    use std::net::IpAddr;
    use std::path::Path;

    /// `net` is `/proc/PID/net` of a process in that network.
    pub(super) fn queues(net: &Path, local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Queues>> {
        let table = net.join(if local.is_ipv4() { "tcp" } else { "tcp6" });
        let (local, remote) = (hex(local), hex(remote));
        let text = std::fs::read_to_string(table)?;
        Ok(text.lines().find_map(|line| {
            let mut fields = line.split_ascii_whitespace().skip(1);
            (fields.next()? == local && fields.next()? == remote).then_some(())?;
            let (unsent, unread) = fields.nth(1)?.split_once(':')?;
            Some(Queues {
                unread: usize::from_str_radix(unread, 16).ok()?,
                unsent: usize::from_str_radix(unsent, 16).ok()?,
            })
        }))
    }

    /// An address as `/proc/net/tcp` writes it: words of 32 bits in the machine's byte order.
    fn hex(address: SocketAddr) -> String {
        let octets = match address.ip() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let words = octets
            .chunks_exact(4)
            .map(|word| u32::from_ne_bytes(word.try_into().unwrap_or_default()));
        let ip: String = words.map(|word| format!("{word:08X}")).collect();
        format!("{ip}:{:04X}", address.port())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::path::Path;

    /// Both sources agree on what lies unread, before and after it was read.
    #[test]
    fn unread_bytes_are_counted() {
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(host).expect("loopback");
            let mut ours = TcpStream::connect(listener.local_addr().expect("bound")).expect("listening");
            let (mut theirs, _) = listener.accept().expect("connected");
            let ends = (theirs.local_addr().expect("open"), theirs.peer_addr().expect("open"));
            ours.write_all(b"hello").expect("open");
            let kernel = Kernel::of(&Jail::none());
            let netlink = kernel.diagnosis.as_ref().expect("sock_diag");
            let net = Path::new("/proc/self/net");
            let queues = Some(Queues { unread: 5, unsent: 0 });
            assert_eq!(diag::queues(netlink, ends.0, ends.1).expect("sock_diag"), queues);
            assert_eq!(proc_net::queues(net, ends.0, ends.1).expect("/proc"), queues);
            theirs.read_exact(&mut [0; 5]).expect("sent");
            assert_eq!(kernel.unread(ends.0, ends.1).expect("sock_diag"), Some(0));
            // Not just closed: a program that another test is starting may hold copies from its `fork` to its `exec`.
            for end in [&ours, &theirs] {
                end.shutdown(Shutdown::Both).expect("open");
            }
            assert_eq!(diag::queues(netlink, ends.0, ends.1).expect("sock_diag"), None);
        }
    }

    #[test]
    fn unread_bytes_of_a_unix_socket_are_counted() {
        use std::os::fd::OwnedFd;
        use std::os::unix::fs::MetadataExt;
        use std::os::unix::net::UnixStream;
        let (mut ours, mut theirs) = UnixStream::pair().expect("a pair");
        let copy = std::fs::File::from(OwnedFd::from(ours.try_clone().expect("a copy")));
        let inode = u32::try_from(copy.metadata().expect("a socket").ino()).expect("small");
        ours.write_all(b"hello").expect("open");
        let kernel = Kernel::of(&Jail::none());
        assert_ne!(kernel.unread_unix(inode).expect("unix_diag"), Some(0));
        theirs.read_exact(&mut [0; 5]).expect("sent");
        assert_eq!(kernel.unread_unix(inode).expect("unix_diag"), Some(0));
    }
}
