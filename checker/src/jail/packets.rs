//! The packets of a jail's network (packet(7)), taken from their socket without waiting.
//!
//! Only the jail's warden has the right to open the socket, and only in its own network: nothing of the host's traffic is ever in here. (Not a ring in
//! shared memory: the kernel takes tens of milliseconds to set that up and to take it down, of each check.)

use std::io::{self, IoSliceMut};
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;

/// How much of each packet is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Its headers: so hundreds may wait for us.
    BehindHeaders,
    /// As much as another program may want to see in a file.
    Nowhere,
}

/// A packet as the kernel hands it over.
#[derive(Debug)]
pub struct Frame<'a> {
    pub at: SystemTime,
    /// From its Ethernet header on, as far as it was not cut off.
    pub bytes: &'a [u8],
}

/// Packets on their way to us.
#[derive(Debug)]
pub struct Packets {
    /// `None` once it is being closed.
    socket: Option<OwnedFd>,
    buffer: Vec<u8>,
}

/// A socket for packets of every protocol: `socket(2)`'s family, kind and protocol.
pub(super) const SOCKET: (i32, i32, i32) = (
    libc::AF_PACKET,
    libc::SOCK_RAW | libc::SOCK_NONBLOCK,
    (libc::ETH_P_ALL as u16).to_be() as i32,
);

/// The longest packet on loopback.
const LONGEST: usize = 1 << 16;
/// What may wait for us, as the kernel counts; without rights it gives less.
const WAITING: usize = 8 << 20;
/// Taken at once, so that a flood does not hold up the check.
const AT_ONCE: usize = 4096;

impl Packets {
    /// # Errors
    /// What the kernel lacks for it.
    pub(super) fn of(socket: OwnedFd, cut: Cut) -> io::Result<Self> {
        // On loopback each packet leaves and comes: once is enough.
        const YES: libc::c_int = 1;
        set(&socket, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, &YES)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        if setsockopt(&socket, sockopt::RcvBufForce, &WAITING).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &WAITING)?;
        }
        if cut == Cut::BehindHeaders {
            let mut filter = headers();
            let program = libc::sock_fprog {
                len: filter.len() as libc::c_ushort,
                filter: filter.as_mut_ptr(),
            };
            set(&socket, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &program)?;
        }
        Ok(Packets {
            socket: Some(socket),
            buffer: vec![0; LONGEST + 256],
        })
    }

    /// Readable when a packet has come.
    pub fn came(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }

    /// Hands over every packet that has come since the last time, in their order; returns how many found no room behind them.
    pub fn take(&mut self, mut sink: impl FnMut(Frame<'_>)) -> u64 {
        let Some(socket) = &self.socket else { return 0 };
        let mut space = nix::cmsg_space!(TimeSpec);
        let mut came = 0;
        while came < AT_ONCE {
            let mut parts = [IoSliceMut::new(&mut self.buffer)];
            let received = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut space), MsgFlags::empty());
            let Ok(received) = received else { break };
            let stamp = received.cmsgs().ok().and_then(|mut all| {
                all.find_map(|control| match control {
                    ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp)),
                    _ => None,
                })
            });
            let length = received.bytes;
            sink(Frame {
                at: stamp.map_or_else(SystemTime::now, |stamp| SystemTime::UNIX_EPOCH + stamp),
                bytes: &self.buffer[..length],
            });
            came += 1;
        }
        match came {
            0 => 0,
            _ => lost(socket),
        }
    }
}

impl Drop for Packets {
    /// The kernel takes its time to close such a socket, until nobody looks at it any more: nobody waits for that.
    fn drop(&mut self) {
        let socket = self.socket.take();
        // Where no thread is to be had, it is closed here.
        let _ = std::thread::Builder::new()
            .name("close".to_owned())
            .spawn(move || drop(socket));
    }
}

/// A filter that takes every packet, and of TCP and UDP no more than the headers: the kernel counts what waits for us by its memory, and content would fill
/// that at once.
fn headers() -> Vec<libc::sock_filter> {
    const ETHERNET: u32 = 14;
    const IPV4: u32 = 0x0800;
    const IPV6: u32 = 0x86dd;
    const IPV6_HEADER: u32 = 40;
    const UDP_HEADER: u32 = 8;
    /// Where TCP says how long its header is; where IPv4 and IPv6 say what they carry.
    const TCP_OFFSET: u32 = 12;
    const PROTOCOL: u32 = ETHERNET + 9;
    const NEXT_HEADER: u32 = ETHERNET + 6;
    const TCP: u32 = 6;
    const UDP: u32 = 17;
    const OTHERS: u32 = 256;
    use libc::{
        BPF_ABS, BPF_ADD, BPF_ALU, BPF_AND, BPF_B, BPF_H, BPF_IND, BPF_JA, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_LDX,
        BPF_MISC, BPF_MSH, BPF_RET, BPF_RSH, BPF_TXA, BPF_X,
    };
    const RET_A: u32 = 0x10;
    let step = |code: u32, jt, jf, k| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    vec![
        /* 0 */ step(BPF_LD | BPF_H | BPF_ABS, 0, 0, 12),
        /* 1 */ step(BPF_JMP | BPF_JEQ | BPF_K, 0, 12, IPV4), // else 14
        /* 2 */ step(BPF_LDX | BPF_B | BPF_MSH, 0, 0, ETHERNET), // the length of IPv4's header
        /* 3 */ step(BPF_LD | BPF_B | BPF_ABS, 0, 0, PROTOCOL),
        /* 4 */ step(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, TCP), // else 10
        /* 5 */ step(BPF_LD | BPF_B | BPF_IND, 0, 0, ETHERNET + TCP_OFFSET),
        // Its upper four bits count words of four bytes.
        /* 6 */
        step(BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf0),
        /* 7 */ step(BPF_ALU | BPF_RSH | BPF_K, 0, 0, 2),
        /* 8 */ step(BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0),
        /* 9 */ step(BPF_JMP | BPF_JA, 0, 0, 13), // to 23
        /* 10 */ step(BPF_JMP | BPF_JEQ | BPF_K, 0, 14, UDP), // else 25
        /* 11 */ step(BPF_MISC | BPF_TXA, 0, 0, 0),
        /* 12 */ step(BPF_ALU | BPF_ADD | BPF_K, 0, 0, UDP_HEADER),
        /* 13 */ step(BPF_JMP | BPF_JA, 0, 0, 9), // to 23
        /* 14 */ step(BPF_JMP | BPF_JEQ | BPF_K, 0, 10, IPV6), // else 25
        /* 15 */ step(BPF_LD | BPF_B | BPF_ABS, 0, 0, NEXT_HEADER),
        /* 16 */ step(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, TCP), // else 22
        /* 17 */ step(BPF_LD | BPF_B | BPF_ABS, 0, 0, ETHERNET + IPV6_HEADER + TCP_OFFSET),
        /* 18 */ step(BPF_ALU | BPF_AND | BPF_K, 0, 0, 0xf0),
        /* 19 */ step(BPF_ALU | BPF_RSH | BPF_K, 0, 0, 2),
        /* 20 */ step(BPF_ALU | BPF_ADD | BPF_K, 0, 0, IPV6_HEADER),
        /* 21 */ step(BPF_JMP | BPF_JA, 0, 0, 1), // to 23
        /* 22 */ step(BPF_JMP | BPF_JEQ | BPF_K, 3, 2, UDP), // to 26, else 25
        /* 23 */ step(BPF_ALU | BPF_ADD | BPF_K, 0, 0, ETHERNET),
        /* 24 */ step(BPF_RET | RET_A, 0, 0, 0),
        /* 25 */ step(BPF_RET | BPF_K, 0, 0, OTHERS),
        /* 26 */ step(BPF_RET | BPF_K, 0, 0, ETHERNET + IPV6_HEADER + UDP_HEADER),
    ]
}

/// How many packets found no room since this was last asked.
fn lost(socket: &OwnedFd) -> u64 {
    let mut numbers = libc::tpacket_stats {
        tp_packets: 0,
        tp_drops: 0,
    };
    let mut size = size_of::<libc::tpacket_stats>() as libc::socklen_t;
    #[expect(unsafe_code, reason = "no safe wrapper for PACKET_STATISTICS (packet(7))")]
    // SAFETY: the kernel writes as much as `size` says, to a value that outlives the call.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            (&raw mut numbers).cast(),
            &raw mut size,
        )
    };
    Errno::result(result).map_or(0, |_| numbers.tp_drops.into())
}

/// `setsockopt(2)`, for what has no safe wrapper. `value` must be what `option` takes.
fn set<T>(socket: &OwnedFd, level: libc::c_int, option: libc::c_int, value: &T) -> io::Result<()> {
    #[expect(unsafe_code, reason = "no safe wrapper for these options")]
    // SAFETY: the kernel reads as many bytes as the value has, and what it points to; both outlive the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    Errno::result(result)?;
    Ok(())
}
