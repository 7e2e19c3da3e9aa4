//! What an animal tells of its attempts, each line by itself.

use std::io::{self, Write};
use std::os::fd::AsRawFd;

use nix::libc;
use nix::poll::{PollTimeout, poll};

/// The outcome of one attempt.
pub(crate) fn tried<T>(what: &str, outcome: io::Result<T>) {
    let line = match outcome {
        Ok(_) => format!("got: {what}\n"),
        Err(error) => format!("refused: {what} ({error})\n"),
    };
    let _ = io::stderr().write_all(line.as_bytes());
    wait_until_read();
}

/// Two lines that are read at once are one event of a transcript.
fn wait_until_read() {
    for _ in 0..10_000 {
        let mut unread: libc::c_int = 0;
        #[expect(unsafe_code, reason = "no safe wrapper for FIONREAD")]
        // SAFETY: FIONREAD writes one int to the address given, which lives until the call returns.
        let answer = unsafe { libc::ioctl(io::stderr().as_raw_fd(), libc::FIONREAD, &raw mut unread) };
        if answer != 0 || unread == 0 {
            return;
        }
        pause(1);
    }
}

/// Lets some milliseconds pass.
pub(crate) fn pause(millis: u16) {
    let _ = poll(&mut [], PollTimeout::from(millis));
}

/// Never comes back.
pub(crate) fn sleep_for_ever() -> ! {
    loop {
        let _ = poll(&mut [], PollTimeout::NONE);
    }
}
