//! How a server parts from a client, and the mistakes that are the same wherever one does.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd, IntoRawFd};

use anyhow::{Context, Result};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::socket::{Shutdown, shutdown};

use specimens::Flaw;

/// What the log calls a client.
pub(crate) fn name(stream: &TcpStream, peer: SocketAddr, flaw: Flaw) -> io::Result<String> {
    Ok(match flaw {
        Flaw::LogsTheListeningAddress => stream.local_addr()?.to_string(),
        Flaw::LogsTheIpAlone => peer.ip().to_string(),
        _ => peer.to_string(),
    })
}

/// An error of a client's socket is the end of that client. An error here ends the server.
pub(crate) fn broken<E>(error: io::Error, ending: E, flaw: Flaw) -> Result<E> {
    match flaw {
        Flaw::DiesOnReset => Err(error).context("the client broke off"),
        Flaw::PanicsOnReset => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        _ => Ok(ending),
    }
}

/// Never closes. The client sees end-of-file all the same; only the descriptor stays.
pub(crate) fn leak(stream: impl AsRawFd + IntoRawFd) {
    let _ = shutdown(stream.as_raw_fd(), Shutdown::Both);
    let _forgotten = stream.into_raw_fd();
}

/// As in C: `write` with its result ignored. (`std` would send with MSG_NOSIGNAL.)
pub(crate) fn write_as_in_c(stream: impl AsFd, bytes: &[u8]) {
    let _ = nix::unistd::write(stream, bytes);
}

#[expect(
    unsafe_code,
    reason = "a C program's mistake needs a C program's SIGPIPE, and std always ignores the signal"
)]
pub(crate) fn let_sigpipe_kill() {
    // SAFETY: no handler is installed, so nothing runs in a signal's context.
    unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) }.expect("SIGPIPE can be reset");
}
