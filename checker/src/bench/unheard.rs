//! A peer that speaks and does not listen: sooner or later the program waits for it to read, with more unread on its own side.

use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::running::Running;
use super::tcp::TcpPeer;
use crate::quote::count;
use crate::transcript::Event;
use crate::verdict::{OrTrouble, Step};

/// More than the kernel keeps of either direction; a program that keeps everything itself takes all of it.
const MOST: usize = 8 << 20;

impl TcpPeer {
    /// Says `words` again and again, until the program takes no more of them and rests, or is gone.
    pub fn says_unheard(&mut self, program: &Running, words: &[u8]) -> Step {
        let (mut said, mut before) = (0, None);
        while before != Some(said) {
            before = Some(said);
            while said < MOST {
                match self.socket.write(&words[said % words.len()..]) {
                    Ok(n) => said += n,
                    Err(error) => match error.kind() {
                        ErrorKind::WouldBlock | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => break,
                        ErrorKind::Interrupted => {}
                        _ => return Err(error).or_trouble("writing to a connection"),
                    },
                }
            }
            // Where nobody tells that it rests, this is all there is to go by.
            program.comes_to_rest_unless(|| Ok(said < MOST && self.takes_more()?))?;
        }
        self.stage.says(said);
        self.stage.record(
            &self.who,
            Event::Sends(format!("{} and reads nothing", count(said, "byte"))),
        );
        Ok(())
    }

    /// Whether there is room for more words, or nobody left to hear them.
    fn takes_more(&self) -> Step<bool> {
        let mut socket = [PollFd::new(self.socket.as_fd(), PollFlags::POLLOUT)];
        let ready = poll(&mut socket, PollTimeout::ZERO).or_trouble("asking whether a connection takes more")?;
        Ok(ready > 0)
    }
}
