//! One client's conversation: what it says goes in, what it is owed comes out.
//!
//! A server that serves one client at a time keeps these things in its position in the code: it
//! is in the middle of a line, or of an answer. A server that serves many is in the middle of
//! everything, so it has to write down for each where it stands. This knows no sockets.

use std::collections::VecDeque;

use solution02::line::is_quit;

use crate::PENDING_LIMIT;
use crate::lines::{Lines, TooLong};

#[derive(Default)]
pub struct Conversation {
    heard: Lines,
    owed: VecDeque<u8>,
    /// nothing more is heard; what is owed is still sent
    over: bool,
}

impl Conversation {
    // ANCHOR: hear
    /// The client said this. It may be half a line, or a hundred.
    pub fn hear(&mut self, bytes: &[u8]) {
        self.heard.push(bytes);
        while !self.over {
            match self.heard.next_line() {
                Ok(Some(line)) => self.answer(&line),
                Ok(None) => return,
                Err(TooLong) => self.end(),
            }
        }
    }

    /// The client will say no more. It may still listen.
    pub fn hear_the_end(&mut self) {
        if let Some(line) = self.heard.last_line() {
            self.answer(&line);
        }
        self.end();
    }

    fn answer(&mut self, line: &[u8]) {
        if is_quit(line) {
            return self.end();
        }
        self.owed.extend(line.to_ascii_uppercase());
        self.owed.push_back(b'\n');
    }

    fn end(&mut self) {
        self.over = true;
        self.heard.clear();
    }
    // ANCHOR_END: hear

    // ANCHOR: owed
    /// Is there any use in reading from this client? Not from one that does not take what it is
    /// owed. Its bytes stay in the kernel, whose buffer fills up, and then it is the client who
    /// cannot send: the slow one waits, and not our memory grows.
    pub fn wants_more(&self) -> bool {
        !self.over && self.owed.len() < PENDING_LIMIT
    }

    /// What has to be sent next; empty if nothing is owed.
    pub fn owed(&self) -> &[u8] {
        // The ring's end and its beginning lie apart in memory. This is the part that comes
        // first, and empty only if both are.
        self.owed.as_slices().0
    }

    /// The kernel has taken so many bytes of what is owed.
    pub fn sent(&mut self, length: usize) {
        self.owed.drain(..length);
    }

    /// Nothing more to hear, nothing more to send.
    pub fn is_done(&self) -> bool {
        self.over && self.owed.is_empty()
    }
    // ANCHOR_END: owed
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends all that is owed, as if in pieces of 7 bytes.
    fn take(conversation: &mut Conversation) -> String {
        let mut taken = Vec::new();
        while !conversation.owed().is_empty() {
            let length = conversation.owed().len().min(7);
            taken.extend(&conversation.owed()[..length]);
            conversation.sent(length);
        }
        String::from_utf8_lossy(&taken).into_owned()
    }

    #[test]
    fn lines_in_answers_out() {
        let mut client = Conversation::default();
        client.hear("Hello, 世".as_bytes());
        assert_eq!(take(&mut client), "");
        client.hear("界\r\n\né \u{feff}".as_bytes());
        assert_eq!(take(&mut client), "HELLO, 世界\n\n");
        client.hear(b"\xff\nquiet\n");
        assert_eq!(take(&mut client), "é \u{feff}\u{fffd}\nQUIET\n");
        assert!(client.wants_more() && !client.is_done());
    }

    #[test]
    fn the_quit_word_ends_it_and_what_is_owed_is_still_sent() {
        let mut client = Conversation::default();
        client.hear(b"a\nb\n q \r\nc\n");
        client.hear(b"d\n");
        assert!(!client.wants_more() && !client.is_done());
        assert_eq!(take(&mut client), "A\nB\n");
        assert!(client.is_done());
    }

    #[test]
    fn end_of_file_ends_a_last_line() {
        let mut client = Conversation::default();
        client.hear(b"a\nabc");
        client.hear_the_end();
        assert_eq!(take(&mut client), "A\nABC\n");
        assert!(client.is_done());

        let mut client = Conversation::default();
        client.hear(b"q");
        client.hear_the_end();
        assert!(client.is_done());
    }

    #[test]
    fn a_line_that_is_too_long_ends_it() {
        let mut client = Conversation::default();
        client.hear(b"a\n");
        client.hear(&vec![b'x'; crate::lines::LONGEST_LINE]);
        assert!(client.wants_more());
        client.hear(b"x");
        assert!(!client.wants_more());
        assert_eq!(take(&mut client), "A\n");
        assert!(client.is_done());
    }

    #[test]
    fn who_does_not_listen_is_not_heard_until_it_does() {
        let mut client = Conversation::default();
        while client.wants_more() {
            client.hear(&[b'x'; 999]);
            client.hear(b"\n");
        }
        assert!(!client.is_done());
        client.sent(1000);
        assert!(client.wants_more());
    }
}
