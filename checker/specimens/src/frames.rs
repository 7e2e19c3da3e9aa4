//! A socket as frames: a 4-byte big-endian length N, then N bytes. Right: what was read is kept until a whole frame is there, and what
//! stands behind the frame is kept for the next one.

use std::hint;
use std::io::{self, Read};
use std::mem;

use specimens::Flaw;

/// The largest N.
const LIMIT: usize = 1 << 20;

/// What comes next on a connection.
pub(crate) enum Heard {
    Frame(Vec<u8>),
    /// A header over the limit; nothing was taken of the payload.
    TooLarge(usize),
    /// End-of-file inside a frame.
    Truncated,
    /// End-of-file between two frames.
    EndOfFile,
}

pub(crate) struct Frames<R> {
    stream: R,
    /// What was read and not yet handed out.
    buffer: Vec<u8>,
    flaw: Flaw,
}

impl<R: Read> Frames<R> {
    pub(crate) fn new(stream: R, flaw: Flaw) -> Frames<R> {
        Frames::behind(Vec::new(), stream, flaw)
    }

    /// Frames of a stream of which `buffer` was read before.
    pub(crate) fn behind(buffer: Vec<u8>, stream: R, flaw: Flaw) -> Frames<R> {
        Frames { stream, buffer, flaw }
    }

    /// What of a frame has come.
    pub(crate) fn into_half_frame(self) -> Vec<u8> {
        self.buffer
    }

    /// The same of a frame that will not go on.
    pub(crate) fn take_half_frame(&mut self) -> Vec<u8> {
        mem::take(&mut self.buffer)
    }

    pub(crate) fn next(&mut self) -> io::Result<Heard> {
        loop {
            if let Some(heard) = self.take() {
                return Ok(heard);
            }
            if self.read()? == 0 {
                return Ok(self.end());
            }
            if self.flaw == Flaw::ReadsOnce {
                let read = self.buffer.split_off(0);
                return Ok(Heard::Frame(read.get(4..).unwrap_or_default().to_vec()));
            }
        }
    }

    /// Waits for the next header, and leaves it where it is: N, if one comes.
    pub(crate) fn announced(&mut self) -> io::Result<Option<usize>> {
        while self.length().is_none() {
            if self.read()? == 0 {
                return Ok(None);
            }
        }
        Ok(self.length())
    }

    fn read(&mut self) -> io::Result<usize> {
        let begins = self.buffer.is_empty();
        let mut chunk = match self.flaw {
            Flaw::PayloadInOneRead => vec![0; 1024],
            _ => vec![0; 64 * 1024],
        };
        let got = self.stream.read(&mut chunk)?;
        self.buffer.extend_from_slice(&chunk[..got]);

        // What one read has left out is taken to be zero.
        let whole = match self.flaw {
            Flaw::HeaderInOneRead if begins && got > 0 => 4,
            Flaw::PayloadInOneRead if self.buffer.len() > 4 => 4 + self.length().unwrap_or_default(),
            _ => 0,
        };
        self.buffer.resize(self.buffer.len().max(whole.min(4 + LIMIT)), 0);
        Ok(got)
    }

    /// The frame at the front of the buffer, if it is whole; or what is wrong with it.
    fn take(&mut self) -> Option<Heard> {
        if self.flaw == Flaw::ReadsOnce {
            return None;
        }
        let length = self.length()?;
        if self.flaw == Flaw::AllocatesBeforeItLooks {
            hint::black_box(Vec::<u8>::with_capacity(length));
        }
        let head = header(0, self.flaw).len();
        let end = head.saturating_add(length);
        let too_large = match self.flaw {
            Flaw::RejectsTheLargest => length >= LIMIT,
            Flaw::TakesOneMore => length > LIMIT + 1,
            Flaw::LimitOf64k => length > 64 * 1024,
            Flaw::NoLimit => false,
            Flaw::SignedLength => i32::try_from(length).is_ok_and(|length| length as usize > LIMIT),
            Flaw::ReadsBeforeItRejects => length > LIMIT && self.buffer.len() >= end,
            _ => length > LIMIT,
        };
        if too_large {
            self.buffer.drain(..head);
            return Some(Heard::TooLarge(length));
        }
        if self.flaw == Flaw::EmptyFrameIsTheEnd && length == 0 {
            return Some(Heard::EndOfFile);
        }
        let payload = self.buffer.get(head..end)?.to_vec();
        self.buffer.drain(..end);
        if self.flaw == Flaw::DropsWhatIsBehind {
            self.buffer.clear();
        }
        Some(Heard::Frame(payload))
    }

    /// N, once the header is whole.
    fn length(&self) -> Option<usize> {
        if self.flaw == Flaw::EightByteLength {
            return self
                .buffer
                .first_chunk()
                .map(|&header| u64::from_be_bytes(header) as usize);
        }
        let header = *self.buffer.first_chunk()?;
        let length = match self.flaw {
            Flaw::LittleEndian => u32::from_le_bytes(header),
            Flaw::HeaderCountsItself => u32::from_be_bytes(header).saturating_sub(4),
            _ => u32::from_be_bytes(header),
        };
        Some(length as usize)
    }

    fn end(&mut self) -> Heard {
        match self.flaw {
            _ if self.buffer.is_empty() => Heard::EndOfFile,
            Flaw::HalfFrameIsAFrame if self.buffer.len() >= 4 => Heard::Frame(self.buffer.split_off(0).split_off(4)),
            Flaw::CutHeaderIsAnEnd if self.buffer.len() < 4 => Heard::EndOfFile,
            Flaw::CutPayloadIsAnEnd if self.buffer.len() >= 4 => Heard::EndOfFile,
            _ => Heard::Truncated,
        }
    }
}

/// A frame around the payload.
pub(crate) fn frame(payload: &[u8], flaw: Flaw) -> Vec<u8> {
    let length = match flaw {
        Flaw::HeaderCountsItself => payload.len() + 4,
        Flaw::CountsCharacters => String::from_utf8_lossy(payload).chars().count(),
        _ => payload.len(),
    };
    [&header(length, flaw), payload].concat()
}

fn header(length: usize, flaw: Flaw) -> Vec<u8> {
    match flaw {
        Flaw::LittleEndian => (length as u32).to_le_bytes().to_vec(),
        Flaw::EightByteLength => (length as u64).to_be_bytes().to_vec(),
        _ => (length as u32).to_be_bytes().to_vec(),
    }
}
