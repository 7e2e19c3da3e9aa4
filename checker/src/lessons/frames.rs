//! The frames of lessons 5 and 8: a 4-byte big-endian length N, then N bytes.

/// The largest N.
pub(super) const LIMIT: usize = 1 << 20;

/// One frame around `payload`.
pub(super) fn frame(payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    [&header(payload.len() as u32), payload].concat()
}

/// The header alone.
pub(super) fn header(length: u32) -> [u8; 4] {
    length.to_be_bytes()
}
