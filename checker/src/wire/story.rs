//! Packets in their order, told as what they were: segments numbered from the start of their connection, and the states of both ends behind each.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use super::conversation::Conversation;
use super::packet::{Carries, Flags, Packet};
use super::record::Record;
use super::state::State;

/// All packets that were kept, in the order in which they came.
#[derive(Debug, Default)]
pub struct Story {
    pub conversations: Vec<Conversation>,
    pub steps: Vec<Step>,
}

/// One packet of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub at: Duration,
    /// Its conversation's place in [`Story::conversations`].
    pub conversation: usize,
    pub sent_by: Side,
    pub what: What,
    /// The states of opener and acceptor before it, and behind it.
    pub before: [Option<State>; 2],
    pub behind: [Option<State>; 2],
    /// So many packets before it were not kept.
    pub missing: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Opener,
    Acceptor,
}

impl Side {
    pub fn other(self) -> Self {
        match self {
            Side::Opener => Side::Acceptor,
            Side::Acceptor => Side::Opener,
        }
    }

    /// In a pair of things of opener and acceptor.
    pub fn place(self) -> usize {
        match self {
            Side::Opener => 0,
            Side::Acceptor => 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Segment(Relative),
    Datagram {
        length: usize,
        begin: Vec<u8>,
    },
    /// See [`Carries::Refusal`].
    Refusal,
}

/// A segment whose numbers count from the start of the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    pub flags: Flags,
    pub seq: u32,
    /// Where the segment acknowledges something.
    pub ack: Option<u32>,
    pub length: usize,
    pub begin: Vec<u8>,
    /// All of it was sent before.
    pub is_again: bool,
    /// The sender has no room for more.
    pub closes_the_window: bool,
}

impl Step {
    /// Whether it does more than acknowledge what came.
    pub fn tells(&self) -> bool {
        if self.missing > 0 {
            return true;
        }
        match &self.what {
            What::Segment(segment) => {
                let Flags { syn, fin, rst, .. } = segment.flags;
                syn || fin || rst || segment.length > 0 || self.before != self.behind
            }
            What::Datagram { .. } | What::Refusal => true,
        }
    }
}

impl Story {
    pub fn of(record: &Record) -> Self {
        let mut story = Story::told(record.packets().filter_map(Packet::read).collect());
        if record.missed() > 0 {
            story.forget_states();
        }
        story
    }

    pub fn told(packets: Vec<Packet>) -> Self {
        let refused = refused(&packets);
        let mut story = Story::default();
        let mut open: HashMap<(Protocol, SocketAddr, SocketAddr), usize> = HashMap::new();
        for (at, packet) in packets.into_iter().enumerate() {
            if packet.missing > 0 {
                story.forget_states();
            }
            let protocol = Protocol::of(&packet.carries);
            let begins = packet.carries.begins_a_connection();
            let known = open
                .get(&(protocol, packet.from, packet.to))
                .or(open.get(&(protocol, packet.to, packet.from)))
                .copied()
                .filter(|&known| !begins || story.conversations[known].is_opening());
            let conversation = known.unwrap_or_else(|| {
                let mut new = Conversation::between(packet.from, packet.to);
                if begins {
                    new.opens(match refused.contains(&at) {
                        true => State::Closed,
                        false => State::Listen,
                    });
                }
                story.conversations.push(new);
                open.insert((protocol, packet.from, packet.to), story.conversations.len() - 1);
                story.conversations.len() - 1
            });
            let step = story.conversations[conversation].step(conversation, packet);
            story.steps.push(step);
        }
        story
    }

    /// What happened in a gap to connections that had not ended is not known.
    fn forget_states(&mut self) {
        let open = self.conversations.iter_mut().filter(|known| !known.has_ended());
        open.for_each(Conversation::forget_states);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    fn of(carries: &Carries) -> Self {
        match carries {
            Carries::Segment(_) => Protocol::Tcp,
            Carries::Datagram { .. } | Carries::Refusal => Protocol::Udp,
        }
    }
}

impl Carries {
    fn begins_a_connection(&self) -> bool {
        matches!(self, Carries::Segment(segment) if segment.flags.syn && !segment.flags.ack)
    }
}

/// The places of those SYNs that a reset answers: nobody listened, which is known only then.
fn refused(packets: &[Packet]) -> HashSet<usize> {
    let mut asked: HashMap<(SocketAddr, SocketAddr), usize> = HashMap::new();
    let mut refused = HashSet::new();
    for (at, packet) in packets.iter().enumerate() {
        let Carries::Segment(segment) = &packet.carries else {
            continue;
        };
        if packet.carries.begins_a_connection() {
            asked.insert((packet.from, packet.to), at);
        } else if let Some(syn) = asked.remove(&(packet.to, packet.from))
            && segment.flags.rst
        {
            refused.insert(syn);
        }
    }
    refused
}
