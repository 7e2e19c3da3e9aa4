//! What the checker and the warden of a jail say to each other: one packet a message, descriptors alongside.

use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::PathBuf;

use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The longest message: a command line and an environment.
const LONGEST: usize = 128 * 1024;
/// The most descriptors that come with one message.
const MOST_DESCRIPTORS: usize = 4;

/// What the checker asks for. The walls come first, as a message of their own.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// With stdin, stdout, stderr, and the pipe on which its [`Ending`] is reported.
    Start(Start),
    /// To all processes of the program's session.
    Signal { program: i32, signal: i32 },
    /// How many processes are left of a program that has ended.
    CountLeftovers { program: i32 },
    /// The program's number may be used again.
    Forget { program: i32 },
    /// A socket of the jail's network.
    Socket { family: i32, kind: i32, protocol: i32 },
    /// A connected AF_UNIX stream socket.
    ConnectTo { path: PathBuf },
    /// A new folder that belongs to the programs.
    MakeFolder { path: PathBuf },
}

/// A program to be started.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) play: Play,
    pub(super) environment: Vec<(String, Vec<u8>)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Play {
    /// An executable, by its full path, and its arguments, its own name first.
    Program { path: PathBuf, arguments: Vec<Vec<u8>> },
    /// Our own client process: see [`crate::relay`].
    Relay { path: PathBuf },
}

/// What the warden answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// The jail stands. With a pidfd of the warden.
    Built,
    /// With a pidfd of the program, whose number this is inside.
    Started {
        program: i32,
    },
    /// With the descriptor asked for.
    Here,
    Count(usize),
    Done,
    /// `doing` completes "failed while".
    Failed {
        doing: String,
        errno: i32,
    },
}

/// How a program ended, written to its pipe as one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ending {
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    /// Processor time, in microseconds, of the program and of those of its children that it waited for.
    pub(super) processor_time: u64,
    /// The most memory that it held at once, in bytes.
    pub(super) peak_memory: u64,
}

/// Sends `message` and copies of `descriptors`.
pub(super) fn send(socket: BorrowedFd<'_>, message: &impl Serialize, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    if text.len() > LONGEST {
        return Err(Errno::E2BIG.into());
    }
    let raw: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let rights = if raw.is_empty() { &[][..] } else { &rights };
    sendmsg::<()>(
        socket.as_raw_fd(),
        &[IoSlice::new(&text)],
        rights,
        MsgFlags::MSG_NOSIGNAL,
        None,
    )?;
    Ok(())
}

/// Receives a message and what came with it; `None` once the other side is gone.
pub(super) fn receive<T: DeserializeOwned>(socket: BorrowedFd<'_>) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
    let mut text = vec![0; LONGEST];
    let mut space = nix::cmsg_space!([RawFd; MOST_DESCRIPTORS]);
    let (length, raw) = loop {
        let mut parts = [IoSliceMut::new(&mut text)];
        let received = recvmsg::<()>(
            socket.as_raw_fd(),
            &mut parts,
            Some(&mut space),
            MsgFlags::MSG_CMSG_CLOEXEC,
        );
        let received = match received {
            Err(Errno::EINTR) => continue,
            other => other?,
        };
        let raw: Vec<RawFd> = received
            .cmsgs()
            // The message was cut: there was room for all descriptors in `space`, but no number free for one.
            .map_err(|_| Errno::EMFILE)?
            .filter_map(|control| match control {
                ControlMessageOwned::ScmRights(raw) => Some(raw),
                _ => None,
            })
            .flatten()
            .collect();
        break (received.bytes, raw);
    };
    #[expect(unsafe_code, reason = "descriptors come out of a control message as numbers")]
    // SAFETY: the kernel has just made them for us, and nobody else knows their numbers.
    let descriptors = raw.into_iter().map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }).collect();
    if length == 0 {
        return Ok(None);
    }
    Ok(Some((serde_json::from_slice(&text[..length])?, descriptors)))
}
