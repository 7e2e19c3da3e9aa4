//! A stream that is read from until a moment has come.

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::time::Instant;

// ANCHOR: within
/// Whatever reads from this, in however many calls, has to be done by `deadline`.
pub struct Within<'a> {
    pub stream: &'a TcpStream,
    pub deadline: Instant,
}

impl Read for Within<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            // What is left until the deadline, and not the whole time again: else each byte that
            // comes would put it off.
            let left = self.deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(buffer) {
                // The timeout. Whether the deadline has come is for the clock to say.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
        }
    }
}
// ANCHOR_END: within

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_has_come_is_read_and_what_does_not_come_is_waited_for_no_longer() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut peer = TcpStream::connect(listener.local_addr().expect("bound")).expect("connected");
        let (stream, _) = listener.accept().expect("accepted");
        peer.write_all(b"he").expect("sent");

        let deadline = Instant::now() + Duration::from_millis(50);
        let mut came = Vec::new();
        let mut within = Within {
            stream: &stream,
            deadline,
        };
        let error = within.read_to_end(&mut came).expect_err("no end-of-file comes");
        assert_eq!((&came[..], error.kind()), (&b"he"[..], ErrorKind::TimedOut));
        assert!(Instant::now() >= deadline);
    }
}
