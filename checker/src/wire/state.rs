//! The states of a TCP connection's end, and what takes it from one to the next: RFC 9293, figure 5 and section 3.10, as data.
//!
//! Rows for what no packet shows are left out: a passive open, an end that closes while it listens, the end of TIME-WAIT.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            State::Closed => "CLOSED",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECEIVED",
            State::Established => "ESTABLISHED",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
            State::TimeWait => "TIME-WAIT",
        })
    }
}

/// What a segment means to the end that sends it, or to the one that receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    SendsSyn,
    ReceivesSyn,
    ReceivesSynAck,
    ReceivesAckOfSyn,
    SendsFin,
    ReceivesFin,
    ReceivesAckOfFin,
    SendsReset,
    ReceivesReset,
}

/// From, event, to. Where a segment is two events (a FIN that acknowledges ours), the acknowledgement comes first.
const TABLE: &[(State, Event, State)] = {
    use Event::*;
    use State::*;
    &[
        (Closed, SendsSyn, SynSent),
        (Listen, ReceivesSyn, SynReceived),
        (SynSent, ReceivesSynAck, Established),
        // Both opened at once.
        (SynSent, ReceivesSyn, SynReceived),
        (SynReceived, ReceivesAckOfSyn, Established),
        (SynReceived, SendsFin, FinWait1),
        (Established, SendsFin, FinWait1),
        (Established, ReceivesFin, CloseWait),
        (FinWait1, ReceivesAckOfFin, FinWait2),
        (FinWait1, ReceivesFin, Closing),
        (FinWait2, ReceivesFin, TimeWait),
        (Closing, ReceivesAckOfFin, TimeWait),
        (CloseWait, SendsFin, LastAck),
        (LastAck, ReceivesAckOfFin, Closed),
        // Only a passive open comes this far without a connection.
        (SynReceived, ReceivesReset, Listen),
    ]
};

/// The state behind an event; one that means nothing in a state leaves it as it is.
pub fn after(state: State, event: Event) -> State {
    let row = TABLE.iter().find(|(from, by, _)| (*from, *by) == (state, event));
    match (row, event) {
        (Some((_, _, to)), _) => *to,
        // Whoever listens goes on listening to others.
        (None, Event::SendsReset | Event::ReceivesReset) if state != State::Listen => State::Closed,
        (None, _) => state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(from: State, events: &[Event]) -> State {
        events.iter().fold(from, |state, event| after(state, *event))
    }

    #[test]
    fn the_ways_of_figure_5() {
        use Event::*;
        use State::*;
        for (from, events, to) in [
            // Figure 12: who closes first waits at the end.
            (
                Closed,
                &[SendsSyn, ReceivesSynAck, SendsFin, ReceivesAckOfFin, ReceivesFin][..],
                TimeWait,
            ),
            (
                Listen,
                &[ReceivesSyn, ReceivesAckOfSyn, ReceivesFin, SendsFin, ReceivesAckOfFin],
                Closed,
            ),
            // Figure 13: both close at once.
            (Established, &[SendsFin, ReceivesFin, ReceivesAckOfFin], TimeWait),
            // Note 2: a FIN that acknowledges ours.
            (FinWait1, &[ReceivesAckOfFin, ReceivesFin], TimeWait),
            // A FIN that is sent again changes nothing.
            (LastAck, &[SendsFin], LastAck),
            (TimeWait, &[ReceivesFin], TimeWait),
            (SynSent, &[ReceivesReset], Closed),
            (SynReceived, &[ReceivesReset], Listen),
            (CloseWait, &[SendsReset], Closed),
        ] {
            assert_eq!(through(from, events), to, "{from:?} {events:?}");
        }
    }
}
