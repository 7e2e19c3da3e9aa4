//! What was typed and is not yet sent. Knows no sockets and no stdin.

use std::collections::VecDeque;

use solution02::line::{is_blank, is_quit};

use crate::PENDING_LIMIT;
use crate::lines::{Lines, TooLong};

#[derive(Default)]
pub struct Outgoing {
    typed: Lines,
    unsent: VecDeque<u8>,
    /// the quit word is the last that is sent
    over: bool,
}

impl Outgoing {
    // ANCHOR: typed
    /// This was typed. It may be half a line, or a hundred.
    pub fn type_in(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        self.typed.push(bytes);
        while !self.over
            && let Some(line) = self.typed.next_line()?
        {
            self.put(&line);
        }
        Ok(())
    }

    /// Nothing more will be typed, which means the same as the quit word.
    pub fn end(&mut self) {
        if let Some(line) = self.typed.last_line() {
            self.put(&line);
        }
        if !self.over {
            self.put(b"Q");
        }
    }

    fn put(&mut self, line: &[u8]) {
        if is_blank(line) {
            return;
        }
        self.unsent.extend(line);
        self.unsent.push_back(b'\n');
        self.over = is_quit(line);
    }
    // ANCHOR_END: typed

    /// Not while a server that does not read has left us with a lot to send: what is typed then
    /// waits in the pipe or the terminal, which make the one who types wait.
    pub fn wants_more(&self) -> bool {
        !self.over && self.unsent.len() < PENDING_LIMIT
    }

    /// What has to be sent next; empty if there is nothing.
    pub fn unsent(&self) -> &[u8] {
        self.unsent.as_slices().0
    }

    /// The kernel has taken so many bytes.
    pub fn sent(&mut self, length: usize) {
        self.unsent.drain(..length);
    }

    /// Nobody takes it any more, nor anything else.
    pub fn give_up(&mut self) {
        self.unsent.clear();
        self.over = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent if these pieces are typed and stdin ends.
    fn sent(pieces: &[&str]) -> String {
        let mut outgoing = Outgoing::default();
        for piece in pieces {
            outgoing.type_in(piece.as_bytes()).expect("short lines");
        }
        if outgoing.wants_more() {
            outgoing.end();
        }
        assert!(!outgoing.wants_more());
        let mut sent = Vec::new();
        while let [first, ..] = outgoing.unsent() {
            sent.push(*first);
            outgoing.sent(1);
        }
        String::from_utf8(sent).expect("what was typed")
    }

    #[test]
    fn the_quit_word_is_the_last_that_is_sent_and_it_is_sent_once() {
        assert_eq!(sent(&["one\ntw", "o\r\nquit\n"]), "one\ntwo\nquit\nQ\n");
        assert_eq!(sent(&["one\n q \ntwo\n"]), "one\n q \n");
        assert_eq!(sent(&["one\nq"]), "one\nq\n");
        assert_eq!(sent(&["one\nlast"]), "one\nlast\nQ\n");
        assert_eq!(sent(&[]), "Q\n");
    }

    #[test]
    fn blank_lines_are_not_sent() {
        assert_eq!(sent(&["\n \t\r\n one \n\n"]), " one \nQ\n");
    }

    #[test]
    fn a_server_that_does_not_read_stops_the_typing() {
        let mut outgoing = Outgoing::default();
        while outgoing.wants_more() {
            outgoing.type_in(&[b'x'; 999]).expect("a short line");
            outgoing.type_in(b"\n").expect("a short line");
        }
        outgoing.sent(1000);
        assert!(outgoing.wants_more());
        outgoing.give_up();
        assert!(outgoing.unsent().is_empty() && !outgoing.wants_more());
    }
}
