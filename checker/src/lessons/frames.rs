//! The frames of lessons 5 and 8: a 4-byte big-endian length N, then N bytes.

use crate::bench::{TcpPeer, shout};
use crate::verdict::Step;

/// The largest N.
pub(super) const LIMIT: u32 = 1 << 20;

/// One frame around `payload`.
pub(super) fn frame(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    [&header(payload.len() as u32), payload].concat()
}

/// The header alone.
pub(super) fn header(length: u32) -> [u8; 4] {
    length.to_be_bytes()
}

/// A frame of the peer comes back as its shout.
pub(super) fn is_answered(peer: &mut TcpPeer, payload: impl AsRef<[u8]>) -> Step {
    peer.sends(frame(&payload))?;
    peer.receives(frame(shout(payload)))
}
