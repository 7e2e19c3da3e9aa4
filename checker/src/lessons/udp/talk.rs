//! The client of lesson 4 in conversation: what it has in hand, and which copies of it are no offence.

use std::net::SocketAddr;
use std::time::Duration;

use crate::bench::{Bench, Datagram, Running, UdpPeer};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step, Stop};

/// A line is sent so many times at most.
pub(super) const TRIES: usize = 5;
pub(super) const NUMBER_THEN_TEXT: &str =
    "a datagram is the line's number (from 1, one more for each line sent), one space, and the line as it was typed";
pub(super) const PRINT_THE_REST: &str =
    "what is printed is what comes behind the number and the space, as it came, and before the next line is read";
const ASK_AGAIN: &str =
    "datagrams get lost: when 200 ms have passed without an answer that counts, send again, five times in all";
pub(super) const THE_SAME_BYTES: &str = "the number belongs to the line, not to the try: the same datagram again, so that any of the answers is the right one";
const THE_SAME_PORT: &str = "keep one socket for all tries of a line: a late answer to the first try goes to the port that the first try left from";
pub(super) const IGNORED_COSTS_NOTHING: &str =
    "a datagram that does not count is no failed try: receive again, for what is left of the 200 ms";
const A_MOMENT_NOT_A_WHILE: &str = "wait until a moment, not for a while: `deadline = now + 200 ms` after the send, and each receive waits for \
     what is left of it, or every stray datagram begins the wait anew";
const FIVE_TRIES: &str = "a line is sent five times at most: 200 ms after the fifth, give up";
pub(super) const QUIT_SENDS_NOTHING: &str = "there is no connection to end: the quit word, and the end of stdin, end the client with 0, and nothing is sent for them";

/// A client that talks to our socket, and what it has in hand. (The client is dropped first: nobody else gets what it sends to our port.)
pub(super) struct Talk {
    pub(super) client: Running,
    pub(super) peer: UdpPeer,
    pub(super) number: usize,
    /// The datagram of the line in hand, or of the one answered last; empty before the first.
    pub(super) in_hand: Vec<u8>,
}

impl Talk {
    pub(super) fn begin(bench: &mut Bench) -> Step<Self> {
        let peer = bench.udp_peer()?;
        let client = bench.client(peer.addr)?;
        Ok(Talk::with(client, peer))
    }

    pub(super) fn with(client: Running, peer: UdpPeer) -> Self {
        Talk {
            client,
            peer,
            number: 0,
            in_hand: Vec::new(),
        }
    }

    /// A line is typed, sent and answered; its answer is printed.
    pub(super) fn takes_a_turn(&mut self, bench: &mut Bench) -> Step {
        let (line, answer) = (bench.words.line(), bench.words.line());
        self.client.types(&line)?;
        let question = self.asks(&line).hint(NUMBER_THEN_TEXT)?;
        self.answers(&question, &answer)?;
        self.client.prints(&answer).hint(PRINT_THE_REST)
    }

    /// The client sends `line` under the next number. Copies of the datagram before it, which was answered, are passed over.
    pub(super) fn asks(&mut self, line: &str) -> Step<Datagram> {
        self.number += 1;
        let expected = numbered(self.number, line);
        let answered = std::mem::replace(&mut self.in_hand, expected.clone());
        let mut datagram = self.peer.receives_first(&quoted(&expected), &self.client)?;
        for _ in 1..TRIES {
            if answered.is_empty() || datagram.bytes != answered {
                break;
            }
            datagram = self.peer.receives_any(&quoted(&expected), &self.client)?;
        }
        self.peer.is(&expected, &datagram)?;
        Ok(datagram)
    }

    /// The client sends the datagram in hand again, from the same port.
    pub(super) fn asks_again(&self, question: &Datagram) -> Step<Datagram> {
        let again = self
            .peer
            .receives_any(&format!("{} again", quoted(&self.in_hand)), &self.client)
            .hint(ASK_AGAIN)?;
        self.is_the_same(question, &again)?;
        Ok(again)
    }

    fn is_the_same(&self, question: &Datagram, again: &Datagram) -> Step {
        self.peer.is(&question.bytes, again).hint(THE_SAME_BYTES)?;
        self.peer.comes_from(question.from, again).hint(THE_SAME_PORT)
    }

    /// We answer the line in hand, where its datagram came from: a client may use a new port for each line.
    pub(super) fn answers(&self, question: &Datagram, text: impl AsRef<[u8]>) -> Step {
        self.peer.sends(numbered(self.number, text), question.from)
    }

    /// A line whose answer is lost twice is sent again in its time, although `stray` comes all the while.
    pub(super) fn sends_again_while(&mut self, bench: &mut Bench, stray: impl Fn(&Talk, SocketAddr) -> Step) -> Step {
        let (line, answer) = (bench.words.line(), bench.words.line());
        self.client.types(&line)?;
        let mut question = self.asks(&line)?;
        for _ in 0..2 {
            let wanted = format!("{} again", quoted(&self.in_hand));
            let again = self
                .peer
                .receives_while(Duration::from_millis(40), &wanted, &self.client, || {
                    stray(self, question.from)
                })
                .hint(A_MOMENT_NOT_A_WHILE)?;
            self.peer.is(&self.in_hand, &again).hint(THE_SAME_BYTES)?;
            question = again;
        }
        self.answers(&question, &answer)?;
        self.client.prints(&answer).hint(IGNORED_COSTS_NOTHING)
    }

    /// How many more copies of the datagram in hand have come so far; nothing else has.
    pub(super) fn has_sent_again(&self) -> Step<usize> {
        for copies in 0..TRIES {
            match self.peer.take()? {
                None => return Ok(copies),
                Some(datagram) => self.is_no_more_than_a_copy(&datagram)?,
            }
        }
        Finding::new(
            Kind::WrongCount,
            "the client sent one datagram more often than five times",
        )
        .expected("five times at most")
        .actual(format!("more of {}", quoted(&self.in_hand)))
        .stop()
        .hint(FIVE_TRIES)
    }

    fn is_no_more_than_a_copy(&self, datagram: &Datagram) -> Step {
        match datagram.bytes == self.in_hand {
            true => Ok(()),
            false => Finding::new(
                Kind::OutOfTurn,
                "the client sent a datagram that was not its turn to send",
            )
            .expected("nothing")
            .actual(quoted(&datagram.bytes))
            .stop(),
        }
    }

    /// The client exits with 0 and sends nothing before it. (What it prints is for other checks to judge.)
    pub(super) fn ends(&self) -> Step {
        self.client.remaining_output().hint(QUIT_SENDS_NOTHING)?;
        self.client.exits(0).hint(QUIT_SENDS_NOTHING)?;
        self.has_sent_again().hint(QUIT_SENDS_NOTHING).map(drop)
    }
}

/// `NUMBER TEXT`
pub(super) fn numbered(number: usize, text: impl AsRef<[u8]>) -> Vec<u8> {
    [format!("{number} ").as_bytes(), text.as_ref()].concat()
}

/// On a machine that stalls, us or the client, the right program can come too late, or seem to end too early. Not three times in a row.
pub(super) fn unless_it_happens_every_time(bench: &mut Bench, attempt: fn(&mut Bench) -> Step) -> Step {
    for _ in 0..2 {
        match attempt(bench) {
            Err(Stop::Finding(finding)) if matches!(finding.kind, Kind::EndedEarly | Kind::OutOfTurn) => {}
            outcome => return outcome,
        }
    }
    attempt(bench)
}
