//! Packets in their order, told as what they were: segments numbered from the start of their connection, and the states of both ends behind each.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use super::packet::{Carries, Flags, Packet, Segment};
use super::record::Record;
use super::state::{Event, State, after};

/// All packets that were kept, in the order in which they came.
#[derive(Debug, Default)]
pub struct Story {
    pub conversations: Vec<Conversation>,
    pub steps: Vec<Step>,
}

/// A TCP connection, or the datagrams between two addresses.
#[derive(Debug)]
pub struct Conversation {
    /// Who sent the first packet.
    pub opener: SocketAddr,
    pub acceptor: SocketAddr,
    ends: [End; 2],
}

#[derive(Debug, Default)]
struct End {
    /// `None` for UDP, and for a connection whose beginning was not kept.
    state: Option<State>,
    /// The first sequence number of this direction.
    first: Option<u32>,
    /// Behind its FIN, counted from there.
    fin: Option<u32>,
    /// Behind all that it has sent, counted from there.
    sent: u32,
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

impl Conversation {
    fn between(opener: SocketAddr, acceptor: SocketAddr) -> Self {
        Conversation {
            opener,
            acceptor,
            ends: Default::default(),
        }
    }

    pub fn address(&self, side: Side) -> SocketAddr {
        match side {
            Side::Opener => self.opener,
            Side::Acceptor => self.acceptor,
        }
    }

    /// The states of opener and acceptor in the end.
    pub fn states(&self) -> [Option<State>; 2] {
        [self.ends[0].state, self.ends[1].state]
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
                    new.ends[0].state = Some(State::Closed);
                    new.ends[1].state = Some(match refused.contains(&at) {
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
        for end in open.flat_map(|known| &mut known.ends) {
            end.state = None;
        }
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

impl Conversation {
    fn has_ended(&self) -> bool {
        let ended = |state: &Option<State>| matches!(state, Some(State::Closed | State::TimeWait));
        self.states().iter().all(ended)
    }

    /// Whether another SYN would be its own, sent again, or that of a simultaneous open.
    fn is_opening(&self) -> bool {
        self.states().iter().all(|state| {
            matches!(
                state,
                Some(State::Closed | State::Listen | State::SynSent | State::SynReceived)
            )
        }) && self.states() != [Some(State::Closed); 2]
    }

    fn step(&mut self, conversation: usize, packet: Packet) -> Step {
        let sent_by = match packet.from == self.opener {
            true => Side::Opener,
            false => Side::Acceptor,
        };
        let before = self.states();
        let what = match packet.carries {
            Carries::Segment(segment) => What::Segment(self.follow(sent_by, segment)),
            Carries::Datagram { length, begin } => What::Datagram { length, begin },
            Carries::Refusal => What::Refusal,
        };
        Step {
            at: packet.at,
            conversation,
            sent_by,
            what,
            before,
            behind: self.states(),
            missing: packet.missing,
        }
    }

    fn follow(&mut self, sent_by: Side, segment: Segment) -> Relative {
        let [opener, acceptor] = &mut self.ends;
        let (sender, receiver) = match sent_by {
            Side::Opener => (opener, acceptor),
            Side::Acceptor => (acceptor, opener),
        };
        let Flags { syn, ack, fin, rst, .. } = segment.flags;
        // Where the beginning is missing, the first number that was seen is counted as 1: that of the first byte.
        let first = segment.seq.wrapping_sub(u32::from(!syn));
        let seq = segment.seq.wrapping_sub(*sender.first.get_or_insert(first));
        let acknowledged = ack.then(|| {
            let first = segment.ack.wrapping_sub(1);
            segment.ack.wrapping_sub(*receiver.first.get_or_insert(first))
        });
        if syn && !ack {
            sender.becomes(Event::SendsSyn);
            receiver.becomes(Event::ReceivesSyn);
        }
        if rst {
            sender.becomes(Event::SendsReset);
            receiver.becomes(Event::ReceivesReset);
        }
        if fin {
            // Both closed at once: this one left before the other's came, which was counted as received when it was sent.
            if receiver.fin.is_some_and(|fin| acknowledged != Some(fin)) && sender.state == Some(State::CloseWait) {
                sender.state = Some(State::Established);
                sender.becomes(Event::SendsFin);
                sender.becomes(Event::ReceivesFin);
            } else {
                sender.becomes(Event::SendsFin);
            }
            sender.fin = Some(seq.wrapping_add(segment.length as u32).wrapping_add(1));
        }
        if let (Some(acknowledged), false) = (acknowledged, rst) {
            if syn {
                receiver.becomes(Event::ReceivesSynAck);
            }
            receiver.becomes(Event::ReceivesAckOfSyn);
            if receiver.fin == Some(acknowledged) {
                receiver.becomes(Event::ReceivesAckOfFin);
            }
        }
        if fin {
            receiver.becomes(Event::ReceivesFin);
        }
        let numbers = segment.length as u32 + u32::from(syn) + u32::from(fin);
        let behind = seq.wrapping_add(numbers);
        // As TCP compares them: numbers wrap.
        let is_new = behind.wrapping_sub(sender.sent) as i32 > 0;
        if is_new {
            sender.sent = behind;
        }
        Relative {
            flags: segment.flags,
            seq,
            ack: acknowledged,
            length: segment.length,
            begin: segment.begin,
            is_again: numbers > 0 && !is_new,
            closes_the_window: segment.window == 0 && !rst,
        }
    }
}

impl End {
    fn becomes(&mut self, event: Event) {
        self.state = self.state.map(|state| after(state, event));
    }
}
