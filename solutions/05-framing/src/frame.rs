//! What a frame is, how it is read and written: a 4-byte big-endian length, then that many bytes.
//!
//! Nothing in here knows of sockets: a frame is read from whatever can be read.

use std::io::{self, Read, Write};

/// No frame has a longer payload. Without a limit a stranger's four bytes could make us wait for
/// 4 GiB, and take the memory for them.
pub const MAX: usize = 1024 * 1024;

const HEADER: usize = 4;

// ANCHOR: incoming
/// What can come where a frame is expected.
#[derive(Debug, PartialEq, Eq)]
pub enum Incoming {
    /// a whole frame's payload
    Frame(Vec<u8>),
    /// end-of-file between two frames: the other side has said all it had to say
    End,
    /// end-of-file inside a frame
    Truncated,
    /// A header that announces this many bytes. They are not read: there is nothing to be done with
    /// this stream any more, but to close it.
    TooLarge(u32),
}
// ANCHOR_END: incoming

// ANCHOR: read
/// Reads one frame, and not a byte of what follows it.
pub fn read(mut from: impl Read) -> io::Result<Incoming> {
    let header = up_to(HEADER, &mut from)?;
    let length = match header[..] {
        [] => return Ok(Incoming::End),
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
        _ => return Ok(Incoming::Truncated),
    };
    let Some(size) = allowed(length) else {
        return Ok(Incoming::TooLarge(length));
    };

    let payload = up_to(size, &mut from)?;
    if payload.len() < size {
        return Ok(Incoming::Truncated);
    }
    Ok(Incoming::Frame(payload))
}

/// Reads as often as it takes to have `count` bytes. Fewer are returned at end-of-file only.
///
/// The memory grows with the bytes that come, not with the number that was announced.
fn up_to(count: usize, from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn allowed(length: u32) -> Option<usize> {
    usize::try_from(length).ok().filter(|size| *size <= MAX)
}
// ANCHOR_END: read

// ANCHOR: write
/// Writes header and payload as one piece, as lesson 2 does with a line and its end.
///
/// A payload over [`MAX`] is refused: the other side could only hang up on it.
pub fn write(mut to: impl Write, payload: &[u8]) -> io::Result<()> {
    let header = match u32::try_from(payload.len()) {
        Ok(length) if allowed(length).is_some() => length.to_be_bytes(),
        Ok(_) | Err(_) => return Err(io::Error::new(io::ErrorKind::InvalidInput, "too long for a frame")),
    };
    to.write_all(&[&header, payload].concat())
}
// ANCHOR_END: write

#[cfg(test)]
mod tests {
    use std::slice;

    use proptest::collection::vec;
    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

    use super::*;

    /// A stream that comes in pieces, as a TCP stream does: each read returns one, or as much of it
    /// as there is room for. Now and then a read is interrupted, and must be repeated.
    struct Pieces<'a> {
        left: &'a [u8],
        sizes: Box<dyn Iterator<Item = usize> + 'a>,
    }

    impl<'a> Pieces<'a> {
        fn new(bytes: &'a [u8], sizes: &'a [usize]) -> Self {
            Pieces {
                left: bytes,
                sizes: Box::new(sizes.iter().copied().cycle()),
            }
        }
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.sizes.next() {
                Some(0) => Err(io::ErrorKind::Interrupted.into()),
                Some(size) => {
                    let end = size.min(buffer.len());
                    self.left.read(&mut buffer[..end])
                }
                None => self.left.read(buffer),
            }
        }
    }

    fn wire(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for payload in payloads {
            write(&mut bytes, payload).expect("a vector takes everything");
        }
        bytes
    }

    /// All the frames, and what came in place of another one.
    fn read_all(mut from: impl Read) -> (Vec<Vec<u8>>, Incoming) {
        let mut frames = Vec::new();
        loop {
            match read(&mut from).expect("bytes in memory can be read") {
                Incoming::Frame(payload) => frames.push(payload),
                end @ (Incoming::End | Incoming::Truncated | Incoming::TooLarge(_)) => return (frames, end),
            }
        }
    }

    fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
        vec(vec(any::<u8>(), 0..100), 0..8)
    }

    /// At least one of them is not 0, so that the stream comes to an end.
    fn sizes() -> impl Strategy<Value = Vec<usize>> {
        (vec(0..10_usize, 0..20), 1..300_usize).prop_map(|(mut sizes, last)| {
            sizes.push(last);
            sizes
        })
    }

    proptest! {
        #[test]
        fn the_frames_that_go_in_come_out_however_the_stream_is_split(payloads in payloads(), sizes in sizes()) {
            let bytes = wire(&payloads);
            let came = read_all(Pieces::new(&bytes, &sizes));
            prop_assert_eq!(came, (payloads, Incoming::End));
        }

        #[test]
        fn a_stream_that_ends_early_is_truncated_unless_it_ends_between_two_frames(
            payloads in payloads(),
            sizes in sizes(),
            cut in any::<prop::sample::Index>(),
        ) {
            let bytes = wire(&payloads);
            let cut = cut.index(bytes.len() + 1);
            let (frames, end) = read_all(Pieces::new(&bytes[..cut], &sizes));

            let whole = frames.len();
            prop_assert_eq!(&frames[..], &payloads[..whole]);
            let behind = wire(&frames).len();
            if behind == cut {
                prop_assert_eq!(end, Incoming::End);
            } else {
                prop_assert_eq!(end, Incoming::Truncated);
                prop_assert!(cut < behind + HEADER + payloads[whole].len(), "a whole frame was missed");
            }
        }

        #[test]
        fn what_follows_a_frame_is_not_touched(payload in vec(any::<u8>(), 0..100), rest in vec(any::<u8>(), 0..100)) {
            let bytes = [wire(slice::from_ref(&payload)), rest.clone()].concat();
            let mut from = &bytes[..];
            prop_assert_eq!(read(&mut from).expect("bytes in memory can be read"), Incoming::Frame(payload));
            prop_assert_eq!(from, &rest[..]);
        }

        #[test]
        fn a_frame_over_the_limit_is_known_by_its_header(length in MAX as u32 + 1..=u32::MAX, sizes in sizes()) {
            // There is nothing behind the header: a reader that asked for it would find the stream truncated.
            let header = length.to_be_bytes();
            let came = read_all(Pieces::new(&header, &sizes));
            prop_assert_eq!(came, (vec![], Incoming::TooLarge(length)));
        }
    }

    #[test]
    fn the_length_is_big_endian() {
        let payloads = [b"hi".to_vec(), b"".to_vec(), vec![b'x'; 0x0102]];
        let bytes = wire(&payloads);
        assert!(bytes.starts_with(b"\0\0\0\x02hi\0\0\0\0\0\0\x01\x02xx"));
    }

    #[test]
    fn the_limit_is_the_last_that_passes() {
        let largest = vec![7; MAX];
        let bytes = wire(slice::from_ref(&largest));
        assert_eq!(read_all(&bytes[..]), (vec![largest], Incoming::End));

        let error = write(io::sink(), &vec![7; MAX + 1]).expect_err("over the limit");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn an_error_of_the_stream_is_no_end_of_it() {
        struct Reset;
        impl Read for Reset {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let mut bytes = b"\0\0\0\x05hel".chain(Reset);
        let error = read(&mut bytes).expect_err("reset");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
