//! Which state may follow which, and by what: RFC 9293 Figure 5 with its notes, and what the figure leaves to §3.5.3, §3.10.5 and §3.10.8.

/// What happens to one end, and what that end sends because of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    PassiveOpen,
    ActiveOpen,
    Close,
    Abort,
    UserTimeout,
    TimeWaitTimeout,
    Reboot,
    Syn,
    SynAck,
    AckOfSyn,
    AckOfFin,
    Fin,
    FinThatAcksFin,
    Rst,
}

pub(crate) const TRANSITIONS: &[(&str, Cause, &str)] = &[
    // Figure 5, from the top.
    ("CLOSED", Cause::PassiveOpen, "LISTEN"),
    ("CLOSED", Cause::ActiveOpen, "SYN-SENT"),
    ("LISTEN", Cause::Close, "CLOSED"),
    ("LISTEN", Cause::Syn, "SYN-RECEIVED"),
    ("SYN-SENT", Cause::Close, "CLOSED"),
    ("SYN-SENT", Cause::Syn, "SYN-RECEIVED"),
    ("SYN-SENT", Cause::SynAck, "ESTABLISHED"),
    ("SYN-RECEIVED", Cause::AckOfSyn, "ESTABLISHED"),
    ("SYN-RECEIVED", Cause::Close, "FIN-WAIT-1"),
    ("ESTABLISHED", Cause::Close, "FIN-WAIT-1"),
    ("ESTABLISHED", Cause::Fin, "CLOSE-WAIT"),
    ("FIN-WAIT-1", Cause::AckOfFin, "FIN-WAIT-2"),
    ("FIN-WAIT-1", Cause::Fin, "CLOSING"),
    ("FIN-WAIT-2", Cause::Fin, "TIME-WAIT"),
    ("CLOSING", Cause::AckOfFin, "TIME-WAIT"),
    ("CLOSE-WAIT", Cause::Close, "LAST-ACK"),
    ("LAST-ACK", Cause::AckOfFin, "CLOSED"),
    ("TIME-WAIT", Cause::TimeWaitTimeout, "CLOSED"),
    // Note 1, and §3.5.3: back to LISTEN only after a passive OPEN. The model below keeps the two apart.
    ("SYN-RECEIVED", Cause::Rst, "LISTEN"),
    ("SYN-RECEIVED", Cause::Rst, "CLOSED"),
    // Note 2: left out of the figure.
    ("FIN-WAIT-1", Cause::FinThatAcksFin, "TIME-WAIT"),
    // §3.10.7: what a reset does elsewhere.
    ("SYN-SENT", Cause::Rst, "CLOSED"),
    ("ESTABLISHED", Cause::Rst, "CLOSED"),
    ("FIN-WAIT-1", Cause::Rst, "CLOSED"),
    ("FIN-WAIT-2", Cause::Rst, "CLOSED"),
    ("CLOSE-WAIT", Cause::Rst, "CLOSED"),
    ("CLOSING", Cause::Rst, "CLOSED"),
    ("LAST-ACK", Cause::Rst, "CLOSED"),
    ("TIME-WAIT", Cause::Rst, "CLOSED"),
    // §3.10.5: ABORT, which is also what closing with unread bytes comes to (§3.6.1, SHLD-3).
    ("ESTABLISHED", Cause::Abort, "CLOSED"),
    // §3.10.8: the user timeout ends any state.
    ("SYN-SENT", Cause::UserTimeout, "CLOSED"),
    // §3.5.1: a host that lost its memory.
    ("ESTABLISHED", Cause::Reboot, "CLOSED"),
];

#[test]
fn each_way_is_named_once() {
    for (at, way) in TRANSITIONS.iter().enumerate() {
        assert!(!TRANSITIONS[..at].contains(way), "{way:?} is there twice");
    }
}
