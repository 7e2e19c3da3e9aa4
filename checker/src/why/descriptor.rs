//! What a descriptor of a program is, and whether a wait for it would end now: asked of a copy of it.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{SockType, SockaddrLike, SockaddrStorage, getpeername, getsockname, getsockopt, sockopt};
use nix::sys::stat::fstat;
use nix::sys::time::TimeValLike;

use super::call::Way;
use super::signals::UNASKED;
use crate::jail;

/// A descriptor that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) pid: i32,
    pub(super) fd: i32,
    pub(super) is: Is,
    /// The pipe that its stdin is, by whatever number.
    pub(super) is_stdin: bool,
    /// Something can be read (or accepted), or its end.
    pub(super) ready_in: bool,
    pub(super) ready_out: bool,
    pub(super) has_ended: bool,
    pub(super) unread: usize,
    /// A blocking call on it ends after a while (`SO_RCVTIMEO`, `SO_SNDTIMEO`), sooner than in [`FOR_EVER`].
    pub(super) has_a_limit: bool,
    /// It breaks if its other end takes nothing for a while (`TCP_USER_TIMEOUT`).
    pub(super) breaks_by_itself: bool,
    inode: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Is {
    Pipe,
    /// It listens.
    Listener(Option<SocketAddr>),
    Stream(Family),
    /// An AF_UNIX stream without another end.
    Unconnected,
    Datagrams(Option<SocketAddr>),
    /// Only the program itself can make it ready.
    Inner,
    /// Epoll, and the descriptors that it stands for.
    Epoll(Vec<Member>),
    /// Ready by a clock, by a file, by anything: nothing follows from it.
    Anything,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Family {
    Tcp {
        local: SocketAddr,
        remote: SocketAddr,
    },
    /// With the process that the kernel names as its other end.
    Unix {
        peer: i32,
    },
}

/// In milliseconds: no check goes on for so long, nor has any program that is in one.
pub(super) const FOR_EVER: i64 = 3_600_000;

/// What an epoll descriptor looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) fd: i32,
    pub(super) waits_for_room: bool,
    inode: u64,
}

impl Descriptor {
    pub(super) fn is_ready(&self, way: Way) -> bool {
        match way {
            Way::In => self.ready_in,
            Way::Out => self.ready_out,
            Way::End => self.has_ended,
        }
    }

    /// Whether it is still what was once registered: the number of one that was closed may belong to another by now, while a copy of the first
    /// lives on under a number of its own.
    pub(super) fn is(&self, member: &Member) -> bool {
        self.inode == member.inode
    }

    /// Its other side has sent end-of-file, and that is all there is to read.
    pub(super) fn holds_only_the_end(&self) -> bool {
        self.ready_in && self.unread == 0
    }
}

/// Whether a thread knows the descriptors of its process by other numbers, or has others.
pub(super) fn are_of_its_own(pid: i32, thread: i32) -> bool {
    let of = |folder: String| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let links = entries.filter_map(|entry| Some((entry.file_name(), fs::read_link(entry.path()).ok()?)));
        links.collect::<BTreeMap<_, _>>()
    };
    thread != pid && of(format!("/proc/{pid}/task/{thread}/fd")) != of(format!("/proc/{pid}/fd"))
}

/// The descriptors that a process has open, by their numbers.
pub(super) fn open(pid: i32) -> Vec<i32> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten();
    let mut open: Vec<i32> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    open.sort_unstable();
    open
}

/// The sockets that a process holds, by the numbers that the kernel tells them apart by.
pub(super) fn sockets(pid: i32) -> impl Iterator<Item = u32> {
    open(pid).into_iter().filter_map(move |fd| {
        let link = fs::read_link(format!("/proc/{pid}/fd/{fd}")).ok()?;
        let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
        inode.parse().ok()
    })
}

/// All that can be looked at of a process, but no more than a program of the course needs.
pub(super) fn all(pid: i32) -> Vec<Descriptor> {
    const MOST: usize = 300;
    let open = open(pid).into_iter().take(MOST);
    open.filter_map(|fd| look(pid, fd).ok()).collect()
}

/// Looks at one.
///
/// # Errors
/// There is none of this number, or the system does not let us look.
pub(super) fn look(pid: i32, fd: i32) -> std::io::Result<Descriptor> {
    let link = fs::read_link(format!("/proc/{pid}/fd/{fd}"))?;
    let copy = jail::copy_of_descriptor(pid, fd)?;
    let mut looks = [PollFd::new(copy.as_fd(), PollFlags::POLLIN | PollFlags::POLLOUT)];
    poll(&mut looks, PollTimeout::ZERO)?;
    let seen = looks[0].revents().unwrap_or(PollFlags::all());
    let ends = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    let (is, has_a_limit) = match link.to_string_lossy().split_once(':') {
        Some(("socket", _)) => (socket(&copy), has_a_limit(&copy)),
        Some(("pipe", _)) => (Is::Pipe, false),
        Some(("anon_inode", kind)) => (of_the_kernel(pid, fd, kind), false),
        Some(_) | None => (Is::Anything, false),
    };
    let breaks_after = getsockopt(&copy, sockopt::TcpUserTimeout).unwrap_or(0);
    let counts = matches!(is, Is::Pipe | Is::Stream(_) | Is::Datagrams(_));
    Ok(Descriptor {
        pid,
        fd,
        is_stdin: is == Is::Pipe && fs::read_link(format!("/proc/{pid}/fd/0")).is_ok_and(|stdin| stdin == link),
        unread: counts.then(|| jail::unread(&copy)).flatten().unwrap_or(0),
        ready_in: seen.intersects(PollFlags::POLLIN | ends),
        ready_out: seen.intersects(PollFlags::POLLOUT | ends),
        has_ended: seen.intersects(ends),
        has_a_limit,
        breaks_by_itself: matches!(is, Is::Stream(_)) && breaks_after > 0,
        inode: fstat(&copy)?.st_ino,
        is,
    })
}

/// Whether a process holds what moves by itself: a timer that is armed, a watch on files, a ring whose calls go on while all threads sleep.
pub(super) fn is_driven(pid: i32) -> bool {
    open(pid).into_iter().any(|fd| {
        let link = fs::read_link(format!("/proc/{pid}/fd/{fd}")).unwrap_or_default();
        let kind = link.to_string_lossy();
        let kind = kind.strip_prefix("anon_inode:");
        kind.is_some_and(|kind| of_the_kernel(pid, fd, kind) == Is::Anything)
    })
}

fn socket(copy: &OwnedFd) -> Is {
    let raw = copy.as_raw_fd();
    let local = getsockname::<SockaddrStorage>(raw).ok();
    // A socket of both families may hold either.
    let ip = |address: &SockaddrStorage| {
        let v4 = address
            .as_sockaddr_in()
            .map(|v4| SocketAddr::from((v4.ip(), v4.port())));
        let v6 = || {
            address
                .as_sockaddr_in6()
                .map(|v6| SocketAddr::from((v6.ip().to_canonical(), v6.port())))
        };
        v4.or_else(v6)
    };
    let is_unix = local
        .as_ref()
        .and_then(SockaddrLike::family)
        .is_some_and(|family| family == nix::sys::socket::AddressFamily::Unix);
    let local = local.as_ref().and_then(ip);
    // Others (SCTP, MPTCP) have clocks of their own.
    if !is_unix && !matches!(jail::protocol(copy), Some(libc::IPPROTO_TCP | libc::IPPROTO_UDP)) {
        return Is::Anything;
    }
    let kind = getsockopt(copy, sockopt::SockType);
    let listens = getsockopt(copy, sockopt::AcceptConn);
    match (kind, listens, local) {
        (Ok(SockType::Stream), Ok(true), local) if is_unix || local.is_some() => Is::Listener(local),
        (Ok(SockType::Stream), Ok(false), Some(local)) => {
            let remote = getpeername::<SockaddrStorage>(raw).ok();
            match remote.as_ref().and_then(ip) {
                Some(remote) => Is::Stream(Family::Tcp { local, remote }),
                // Reset, or not connected yet.
                None => Is::Anything,
            }
        }
        (Ok(SockType::Stream), Ok(false), None) if is_unix => match getsockopt(copy, sockopt::PeerCredentials) {
            Ok(peer) if peer.pid() > 0 => Is::Stream(Family::Unix { peer: peer.pid() }),
            Ok(_) if getpeername::<SockaddrStorage>(raw).is_err() => Is::Unconnected,
            Ok(_) => Is::Anything,
            Err(_) => Is::Anything,
        },
        (Ok(SockType::Datagram), _, Some(local)) => Is::Datagrams(Some(local)),
        (Ok(SockType::Datagram), _, None) if is_unix => Is::Datagrams(None),
        _ => Is::Anything,
    }
}

fn has_a_limit(copy: &OwnedFd) -> bool {
    let limits = [
        getsockopt(copy, sockopt::ReceiveTimeout),
        getsockopt(copy, sockopt::SendTimeout),
    ];
    limits
        .into_iter()
        .any(|limit| limit.is_ok_and(|limit| (1..FOR_EVER * 1000).contains(&limit.num_microseconds())))
}

fn of_the_kernel(pid: i32, fd: i32, kind: &str) -> Is {
    let about = fs::read_to_string(format!("/proc/{pid}/fdinfo/{fd}")).unwrap_or_default();
    let field = |name: &str| about.lines().find_map(|line| Some(line.strip_prefix(name)?.trim()));
    match kind {
        "[eventfd]" => Is::Inner,
        "[eventpoll]" => Is::Epoll(about.lines().filter_map(member).collect()),
        // One that is armed goes off.
        "[timerfd]" if field("it_value:") == Some("(0, 0)") => Is::Inner,
        "[signalfd]" => match field("sigmask:").and_then(|mask| u64::from_str_radix(mask, 16).ok()) {
            Some(mask) if mask & UNASKED == 0 => Is::Inner,
            Some(_) | None => Is::Anything,
        },
        _ => Is::Anything,
    }
}

/// `tfd:        5 events:       19 data:  …  pos:0 ino:2a3b sdev:9`
fn member(line: &str) -> Option<Member> {
    let mut words = line.strip_prefix("tfd:")?.split_ascii_whitespace();
    let fd = words.next()?.parse().ok()?;
    let events = u32::from_str_radix(words.nth(1)?, 16).ok()?;
    Some(Member {
        fd,
        waits_for_room: events & libc::EPOLLOUT.cast_unsigned() != 0,
        inode: words.find_map(|word| u64::from_str_radix(word.strip_prefix("ino:")?, 16).ok())?,
    })
}
