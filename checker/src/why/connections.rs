//! What is on its way in a network: the TCP sockets of all its programs, by `sock_diag(7)`, and the packets that no socket has got yet.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::libc;
use nix::sys::socket::{MsgFlags, NetlinkAddr, recv, sendto};

/// One end of a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Connection {
    state: u8,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    /// Received, and not read.
    pub(super) unread: u32,
    /// Written (an end-of-file counts as a byte), and not acknowledged.
    unacknowledged: u32,
    /// 0: its program has closed it.
    pub(super) inode: u32,
}

/// The numbers of tcp_states.h.
const ESTABLISHED: u8 = 1;
const SYN_SENT: u8 = 2;
const SYN_RECEIVED: u8 = 3;
const TIME_WAIT: u8 = 6;
const CLOSED: u8 = 7;
const CLOSE_WAIT: u8 = 8;
const LISTEN: u8 = 10;

/// All connections of the network that this socket (`NETLINK_SOCK_DIAG`) belongs to.
///
/// # Errors
/// The system does not tell.
pub(super) fn all(netlink: BorrowedFd<'_>) -> io::Result<Vec<Connection>> {
    let mut connections = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        dump(netlink, family, &mut connections)?;
    }
    Ok(connections)
}

const HEADER: usize = 16;
/// Lengths of `struct inet_diag_req_v2` and `struct inet_diag_msg` (linux/inet_diag.h).
const REQUEST: usize = 56;
const ANSWER: usize = 72;

fn dump(netlink: BorrowedFd<'_>, family: i32, connections: &mut Vec<Connection>) -> io::Result<()> {
    const SOCK_DIAG_BY_FAMILY: u16 = 20;
    const NLM_F_REQUEST_DUMP: u16 = 0x301;
    const NLMSG_ERROR: u16 = 2;
    const NLMSG_DONE: u16 = 3;
    let states: u32 = !(1 << TIME_WAIT | 1 << CLOSED | 1 << LISTEN);
    let mut request = Vec::with_capacity(HEADER + REQUEST);
    request.extend(((HEADER + REQUEST) as u32).to_ne_bytes());
    request.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request.extend(NLM_F_REQUEST_DUMP.to_ne_bytes());
    request.extend([0; 8]); // sequence number, port
    request.extend([family as u8, libc::IPPROTO_TCP as u8, 0, 0]);
    request.extend(states.to_ne_bytes());
    request.resize(HEADER + REQUEST, 0);
    sendto(
        netlink.as_raw_fd(),
        &request,
        &NetlinkAddr::new(0, 0),
        MsgFlags::empty(),
    )?;
    let mut answer = vec![0; 32 << 10];
    loop {
        // The kernel answers within the call: there is nothing to wait for.
        let length = recv(netlink.as_raw_fd(), &mut answer, MsgFlags::MSG_DONTWAIT)?;
        let mut rest = &answer[..length];
        while rest.len() >= HEADER {
            let (length, kind) = (word(rest, 0) as usize, half(rest, 4));
            match kind {
                NLMSG_DONE => return Ok(()),
                NLMSG_ERROR => return Err(io::ErrorKind::Unsupported.into()),
                _ => {}
            }
            let Some(message) = rest.get(HEADER..length).filter(|message| message.len() >= ANSWER) else {
                return Err(io::ErrorKind::InvalidData.into());
            };
            connections.push(connection(message));
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
    }
}

fn connection(message: &[u8]) -> Connection {
    /// Of `struct inet_diag_sockid`: ports, then addresses.
    const PORTS: usize = 4;
    const ADDRESSES: usize = 8;
    const QUEUES: usize = 56;
    let address = |number: usize| {
        let port = PORTS + 2 * number;
        let port = u16::from_be_bytes([message[port], message[port + 1]]);
        let bytes = &message[ADDRESSES + 16 * number..][..16];
        let ip = match i32::from(message[0]) {
            libc::AF_INET => IpAddr::from([bytes[0], bytes[1], bytes[2], bytes[3]]),
            _ => IpAddr::from(<[u8; 16]>::try_from(bytes).unwrap_or_default()),
        };
        // A socket of both families may hold either.
        SocketAddr::from((ip.to_canonical(), port))
    };
    Connection {
        state: message[1],
        local: address(0),
        remote: address(1),
        unread: word(message, QUEUES),
        unacknowledged: word(message, QUEUES + 4),
        inode: word(message, QUEUES + 12),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap_or_default())
}

fn half(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes(bytes[at..at + 2].try_into().unwrap_or_default())
}

/// Whose connections matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// That of a jail: all of them.
    OwnOfTheJail,
    /// That of the host: those with an end here, and those that nobody holds any more.
    OfTheHost,
}

/// Whether something is on its way that could still reach a program: bytes, an end-of-file or a reset that the other end has not got. Bytes that
/// wait behind others which nobody reads are not.
pub(super) fn are_in_flight(
    connections: &[Connection],
    network: Network,
    is_ours: impl Fn(SocketAddr) -> bool,
) -> bool {
    let ends: HashMap<(SocketAddr, SocketAddr), &Connection> =
        connections.iter().map(|one| ((one.local, one.remote), one)).collect();
    connections
        .iter()
        .filter(|one| match network {
            Network::OwnOfTheJail => true,
            Network::OfTheHost => {
                is_ours(one.local) || is_ours(one.remote) || one.inode == 0 && one.local.ip().is_loopback()
            }
        })
        .any(|one| {
            let other = ends.get(&(one.remote, one.local));
            match (one.state, other) {
                (SYN_SENT | SYN_RECEIVED, _) => true,
                // What makes it end is still to come.
                (ESTABLISHED | CLOSE_WAIT, None) => true,
                (_, Some(other)) => one.unacknowledged > 0 && other.unread == 0,
                (_, None) => one.unacknowledged > 0,
            }
        })
}

/// Whether more bytes are to come to this end, behind those that lie unread there: its other end may hold them back for a while (a cork, Nagle's
/// algorithm, a pace), and whoever waits for more than it has goes on then.
pub(super) fn more_is_to_come(connections: &[Connection], local: SocketAddr, remote: SocketAddr) -> bool {
    connections
        .iter()
        .any(|one| (one.local, one.remote) == (remote, local) && one.unacknowledged > 0)
}

/// Whether packets wait on any processor to be given to their sockets; where the system does not tell, they may.
pub(super) fn packets_wait() -> bool {
    /// `softnet_backlog_len`: the column of /proc/net/softnet_stat that counts them.
    const BACKLOG: usize = 11;
    let Ok(table) = std::fs::read_to_string("/proc/net/softnet_stat") else {
        return true;
    };
    table.lines().any(|line| {
        line.split_ascii_whitespace()
            .nth(BACKLOG)
            .is_none_or(|length| length.bytes().any(|byte| byte != b'0'))
    })
}
