//! One conversation: packets by the numbers that count from its start, and the states of its two ends, packet by packet.

use std::net::SocketAddr;

use super::packet::{Carries, Flags, Packet, Segment};
use super::state::{Event, State, after};
use super::story::{Relative, Side, Step, What};

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

impl Conversation {
    pub(super) fn between(opener: SocketAddr, acceptor: SocketAddr) -> Self {
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

    /// It begins with a SYN, to one that is in this state.
    pub(super) fn opens(&mut self, acceptor: State) {
        self.ends[0].state = Some(State::Closed);
        self.ends[1].state = Some(acceptor);
    }

    /// What happens now to the states is not known.
    pub(super) fn forget_states(&mut self) {
        for end in &mut self.ends {
            end.state = None;
        }
    }

    /// The states of opener and acceptor in the end.
    pub fn states(&self) -> [Option<State>; 2] {
        [self.ends[0].state, self.ends[1].state]
    }

    pub(super) fn has_ended(&self) -> bool {
        let ended = |state: &Option<State>| matches!(state, Some(State::Closed | State::TimeWait));
        self.states().iter().all(ended)
    }

    /// Whether another SYN would be its own, sent again, or that of a simultaneous open.
    pub(super) fn is_opening(&self) -> bool {
        self.states().iter().all(|state| {
            matches!(
                state,
                Some(State::Closed | State::Listen | State::SynSent | State::SynReceived)
            )
        }) && self.states() != [Some(State::Closed); 2]
    }

    pub(super) fn step(&mut self, conversation: usize, packet: Packet) -> Step {
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
