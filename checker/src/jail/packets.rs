//! The packets of a jail's network, whole or cut to their beginnings: a ring that the kernel fills and we empty, without a system call and without
//! being woken (packet(7), `PACKET_RX_RING`).
//!
//! Only the jail's warden has the right to open the socket, and only in its own network: nothing of the host's traffic is ever in here.

use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use nix::errno::Errno;
use nix::libc;

/// The kernel gets the ring in pieces of this size.
const BLOCK: usize = 64 << 10;

/// How much of each packet is kept, and how many wait for us at the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes, of which the kernel takes some 80 for itself; a divisor of 64 KiB.
    frame: usize,
    frames: usize,
}

impl Room {
    /// Headers and the first words of each packet.
    pub const HEADERS: Room = Room {
        frame: 512,
        frames: 2048,
    };
    /// As much as another program may want to see in a file.
    pub const CONTENT: Room = Room {
        frame: 8192,
        frames: 2048,
    };

    fn bytes(self) -> usize {
        self.frame * self.frames
    }
}

/// A packet as the kernel hands it over.
#[derive(Debug)]
pub struct Frame<'a> {
    pub at: SystemTime,
    /// How long it was, from its Ethernet header on.
    pub length: usize,
    /// Its beginning.
    pub bytes: &'a [u8],
    /// So many packets before this one found no room.
    pub lost: u64,
}

/// Packets on their way to us.
#[derive(Debug)]
pub struct Packets {
    socket: OwnedFd,
    memory: NonNull<u8>,
    room: Room,
    next: usize,
}

/// A socket for packets of every protocol: `socket(2)`'s family, kind and protocol.
pub(super) const SOCKET: (i32, i32, i32) = (libc::AF_PACKET, libc::SOCK_RAW, (libc::ETH_P_ALL as u16).to_be() as i32);

impl Packets {
    /// # Errors
    /// What the kernel lacks for it.
    pub(super) fn of(socket: OwnedFd, room: Room) -> io::Result<Self> {
        const VERSION_2: libc::c_int = 1;
        set(&socket, libc::PACKET_VERSION, &VERSION_2)?;
        // On loopback each packet leaves and comes: once is enough.
        const YES: libc::c_int = 1;
        set(&socket, libc::PACKET_IGNORE_OUTGOING, &YES)?;
        let ring = libc::tpacket_req {
            tp_block_size: BLOCK as u32,
            tp_block_nr: (room.bytes() / BLOCK) as u32,
            tp_frame_size: room.frame as u32,
            tp_frame_nr: room.frames as u32,
        };
        set(&socket, libc::PACKET_RX_RING, &ring)?;
        let (rights, way) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED);
        #[expect(
            unsafe_code,
            reason = "memory that is shared with the kernel is mapped by an unsafe call"
        )]
        // SAFETY: the mapping is a new one, wherever the kernel puts it, and lasts until `drop`.
        let mapped = unsafe { libc::mmap(std::ptr::null_mut(), room.bytes(), rights, way, socket.as_raw_fd(), 0) };
        if mapped == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Packets {
            socket,
            memory: NonNull::new(mapped.cast()).ok_or(io::ErrorKind::OutOfMemory)?,
            room,
            next: 0,
        })
    }

    /// Hands over every packet that has come since the last time, in their order.
    pub fn take(&mut self, mut sink: impl FnMut(Frame<'_>)) {
        // A ring that is filled as fast as it is emptied would keep us here.
        for _ in 0..self.room.frames {
            #[expect(unsafe_code, reason = "memory that is shared with the kernel")]
            // SAFETY: `next` is below the number of frames, so the frame lies in the mapping, aligned as the kernel aligns it.
            let (frame, status) = unsafe {
                let frame = self.memory.add(self.next * self.room.frame);
                (frame, AtomicU32::from_ptr(frame.cast::<u32>().as_ptr()))
            };
            let flags = status.load(Ordering::Acquire);
            if flags & libc::TP_STATUS_USER == 0 {
                return;
            }
            #[expect(unsafe_code, reason = "memory that is shared with the kernel")]
            // SAFETY: by its status the frame is ours until we give it back, and it begins with this header; what the header says of the packet's
            // place is kept within the frame.
            let (header, bytes) = unsafe {
                let header = frame.cast::<libc::tpacket2_hdr>().read();
                let begin = usize::from(header.tp_mac).min(self.room.frame);
                let length = (header.tp_snaplen as usize).min(self.room.frame - begin);
                (header, std::slice::from_raw_parts(frame.add(begin).as_ptr(), length))
            };
            sink(Frame {
                at: SystemTime::UNIX_EPOCH + Duration::new(header.tp_sec.into(), header.tp_nsec),
                length: header.tp_len as usize,
                bytes,
                lost: match flags & libc::TP_STATUS_LOSING {
                    0 => 0,
                    _ => self.lost(),
                },
            });
            status.store(libc::TP_STATUS_KERNEL, Ordering::Release);
            self.next = (self.next + 1) % self.room.frames;
        }
    }

    /// How many packets found no room since this was last asked.
    fn lost(&self) -> u64 {
        let mut numbers = libc::tpacket_stats {
            tp_packets: 0,
            tp_drops: 0,
        };
        let mut size = size_of::<libc::tpacket_stats>() as libc::socklen_t;
        #[expect(unsafe_code, reason = "no safe wrapper for PACKET_STATISTICS (packet(7))")]
        // SAFETY: the kernel writes as much as `size` says, to a value that outlives the call.
        let result = unsafe {
            libc::getsockopt(
                self.socket.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut numbers).cast(),
                &raw mut size,
            )
        };
        Errno::result(result).map_or(1, |_| numbers.tp_drops.into())
    }
}

impl Drop for Packets {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "what was mapped has to be unmapped")]
        // SAFETY: it is the whole mapping, and nobody has a reference into it any more.
        unsafe {
            libc::munmap(self.memory.as_ptr().cast(), self.room.bytes());
        }
    }
}

/// `setsockopt(2)` at the level of packets.
fn set<T>(socket: &OwnedFd, option: libc::c_int, value: &T) -> io::Result<()> {
    #[expect(unsafe_code, reason = "no safe wrapper for the options of packet(7)")]
    // SAFETY: the kernel reads as many bytes as the value has, and it outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_PACKET,
            option,
            std::ptr::from_ref(value).cast(),
            size_of::<T>() as libc::socklen_t,
        )
    };
    Errno::result(result)?;
    Ok(())
}
