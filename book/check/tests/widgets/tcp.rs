//! Plays every TCP scenario with an endpoint after RFC 9293 §3.10: it must answer each event with the segment, the numbers and the state that
//! the data shows.

use std::collections::HashMap;

use book_check::widgets::stepper::{Connection, End, EndState, Queue, Segment, Step};

use crate::data;
use crate::tcp_table::{Cause, TRANSITIONS};

const DEFAULT_WINDOW: u32 = 65_535;
/// Where two of them that the reader is to compare must not lie in the window by chance: the RFC's Figure 9 has 400 outside of 100's.
const SMALL_WINDOW: u32 = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Wire {
    seq: u32,
    ack: Option<u32>,
    len: u32,
    syn: bool,
    fin: bool,
    rst: bool,
}

impl Wire {
    fn of(segment: &Segment) -> Wire {
        let flags: Vec<&str> = segment.ctl.split(',').collect();
        for flag in &flags {
            assert!(["SYN", "ACK", "FIN", "RST"].contains(flag), "{segment:?}");
        }
        assert_eq!(
            flags.contains(&"ACK"),
            segment.ack.is_some(),
            "an ACK number goes with the ACK flag: {segment:?}"
        );
        Wire {
            seq: segment.seq,
            ack: segment.ack,
            len: segment.len,
            syn: flags.contains(&"SYN"),
            fin: flags.contains(&"FIN"),
            rst: flags.contains(&"RST"),
        }
    }

    /// What it takes of the number space: its bytes, and one each for SYN and FIN.
    fn space(&self) -> u32 {
        self.len + u32::from(self.syn) + u32::from(self.fin)
    }

    fn end(&self) -> u32 {
        self.seq + self.space()
    }

    fn rst(seq: u32, ack: Option<u32>) -> Wire {
        Wire {
            seq,
            ack,
            len: 0,
            syn: false,
            fin: false,
            rst: true,
        }
    }
}

#[derive(Debug)]
struct Endpoint {
    state: String,
    passive: bool,
    una: u32,
    nxt: u32,
    rcv: u32,
    window: u32,
    unread: u32,
    queue_full: bool,
    sent_fin: bool,
    unacknowledged: Vec<Wire>,
    /// Came before what is missing in front of it.
    held: Vec<Wire>,
    owes_ack: bool,
}

impl Endpoint {
    fn new(start: &EndState) -> Endpoint {
        let nxt = start.snd.unwrap_or(0);
        Endpoint {
            state: start.state.clone(),
            passive: start.state == "LISTEN",
            una: nxt,
            nxt,
            rcv: start.rcv.unwrap_or(0),
            window: start
                .window
                .unwrap_or(if nxt >= 100 { SMALL_WINDOW } else { DEFAULT_WINDOW }),
            unread: 0,
            queue_full: start.queue == Some(Queue::Full),
            sent_fin: start.state == "FIN-WAIT-2",
            unacknowledged: Vec::new(),
            held: Vec::new(),
            owes_ack: false,
        }
    }

    fn to(&mut self, state: &str, cause: Cause) {
        let from = std::mem::replace(&mut self.state, state.to_owned());
        assert!(
            TRANSITIONS.contains(&(&from, cause, state)),
            "RFC 9293 has no way from {from} to {state} by {cause:?}"
        );
        if state == "CLOSED" || state == "LISTEN" {
            *self = Endpoint {
                state: state.to_owned(),
                passive: state == "LISTEN",
                queue_full: self.queue_full,
                ..Endpoint::new(&EndState {
                    state: state.to_owned(),
                    snd: None,
                    rcv: None,
                    window: None,
                    queue: None,
                })
            };
        }
    }

    fn is_synchronized(&self) -> bool {
        !["CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED"].contains(&self.state.as_str())
    }

    fn ack(&self) -> Wire {
        Wire {
            seq: self.nxt,
            ack: Some(self.rcv),
            len: 0,
            syn: false,
            fin: false,
            rst: false,
        }
    }

    fn send(&mut self, wire: Wire) -> Option<Wire> {
        if wire.space() > 0 {
            self.nxt = wire.end();
            self.unacknowledged.push(wire.clone());
        }
        self.owes_ack &= wire.ack != Some(self.rcv);
        Some(wire)
    }

    /// `iss` and `len` are the scenario's to choose, so they are taken from what it sends.
    fn call(&mut self, call: &str, shown: Option<&Wire>) -> Option<Wire> {
        let iss = shown.map_or(0, |wire| wire.seq);
        match (call, self.state.as_str()) {
            ("passive OPEN", _) => {
                self.to("LISTEN", Cause::PassiveOpen);
                None
            }
            ("active OPEN", _) => {
                self.to("SYN-SENT", Cause::ActiveOpen);
                (self.una, self.nxt) = (iss, iss);
                self.send(Wire {
                    seq: iss,
                    ack: None,
                    len: 0,
                    syn: true,
                    fin: false,
                    rst: false,
                })
            }
            ("SEND", "ESTABLISHED" | "CLOSE-WAIT") => {
                let len = shown.map_or(0, |wire| wire.len);
                assert!(len > 0, "a SEND of no bytes");
                self.send(Wire { len, ..self.ack() })
            }
            ("CLOSE", "ESTABLISHED") if self.unread > 0 => self.abort(),
            ("CLOSE", "ESTABLISHED") => self.close("FIN-WAIT-1"),
            ("CLOSE", "CLOSE-WAIT") => self.close("LAST-ACK"),
            ("ABORT", "ESTABLISHED") => self.abort(),
            ("accept", "LISTEN") => {
                assert!(self.queue_full, "`accept` makes room only where there is none");
                self.queue_full = false;
                None
            }
            ("reboot", _) => {
                self.to("CLOSED", Cause::Reboot);
                None
            }
            (call, state) => panic!("{call} in {state}"),
        }
    }

    fn close(&mut self, state: &str) -> Option<Wire> {
        self.to(state, Cause::Close);
        self.sent_fin = true;
        self.send(Wire {
            fin: true,
            ..self.ack()
        })
    }

    fn abort(&mut self) -> Option<Wire> {
        let reset = Wire::rst(self.nxt, None);
        self.to("CLOSED", Cause::Abort);
        Some(reset)
    }

    fn timeout(&mut self, timeout: &str) -> Option<Wire> {
        match timeout {
            "retransmission" => {
                let first = self.unacknowledged.first().expect("something to send again").clone();
                let ack = first.ack.map(|_| self.rcv);
                Some(Wire { ack, ..first })
            }
            "2 MSL" => {
                self.to("CLOSED", Cause::TimeWaitTimeout);
                None
            }
            "user timeout" => {
                self.to("CLOSED", Cause::UserTimeout);
                None
            }
            other => panic!("no such timeout: {other}"),
        }
    }

    /// §3.10.7: a segment arrives; the answer, if there is one. `iss` is for a SYN that is answered.
    fn get(&mut self, wire: &Wire, iss: u32) -> Option<Wire> {
        match self.state.as_str() {
            "CLOSED" => self.get_closed(wire),
            "LISTEN" => self.get_listening(wire, iss),
            "SYN-SENT" => self.get_connecting(wire),
            _ => self.get_connected(wire),
        }
    }

    fn get_closed(&self, wire: &Wire) -> Option<Wire> {
        if wire.rst {
            return None;
        }
        Some(match wire.ack {
            Some(ack) => Wire::rst(ack, None),
            None => Wire::rst(0, Some(wire.end())),
        })
    }

    fn get_listening(&mut self, wire: &Wire, iss: u32) -> Option<Wire> {
        if wire.rst || self.queue_full {
            return None;
        }
        if let Some(ack) = wire.ack {
            return Some(Wire::rst(ack, None));
        }
        assert!(wire.syn, "nothing else reaches a listener");
        self.to("SYN-RECEIVED", Cause::Syn);
        (self.una, self.nxt, self.rcv) = (iss, iss, wire.end());
        self.send(Wire {
            syn: true,
            ..self.ack()
        })
    }

    fn get_connecting(&mut self, wire: &Wire) -> Option<Wire> {
        let acceptable = wire.ack.map(|ack| self.una < ack && ack <= self.nxt);
        if acceptable == Some(false) {
            return (!wire.rst).then(|| Wire::rst(wire.ack.unwrap_or(0), None));
        }
        if wire.rst {
            if acceptable == Some(true) {
                self.to("CLOSED", Cause::Rst);
            }
            return None;
        }
        if !wire.syn {
            return None;
        }
        self.rcv = wire.end();
        if let Some(ack) = wire.ack {
            self.acknowledged(ack);
            self.to("ESTABLISHED", Cause::SynAck);
            return self.send(self.ack());
        }
        self.to("SYN-RECEIVED", Cause::Syn);
        self.passive = false;
        Some(Wire {
            seq: self.una,
            syn: true,
            ..self.ack()
        })
    }

    fn get_connected(&mut self, wire: &Wire) -> Option<Wire> {
        // Figure 7: the SYN,ACK of a simultaneous open repeats a SYN that was taken already; it counts for its ACK.
        let repeated_syn = self.state == "SYN-RECEIVED" && wire.syn && wire.end() == self.rcv;
        if !repeated_syn && !self.accepts(wire) {
            return (!wire.rst).then(|| self.ack());
        }
        if wire.rst {
            return self.reset(wire);
        }
        if wire.syn && self.is_synchronized() {
            return Some(self.ack());
        }
        let ack = wire.ack.expect("the ACK flag is on every segment by now");
        assert!(ack <= self.nxt, "an ACK of what was never sent: {wire:?}");
        let acks_fin = self.sent_fin && ack == self.nxt;
        self.acknowledged(ack);
        self.advance(wire, acks_fin);
        if repeated_syn || self.state == "CLOSED" {
            return None;
        }
        if wire.seq > self.rcv {
            self.held.push(wire.clone());
            return Some(self.ack());
        }
        self.take(wire, acks_fin)
    }

    /// §3.10.7.4, first check, with Table 6; a FIN that comes again in TIME-WAIT is answered there too.
    fn accepts(&self, wire: &Wire) -> bool {
        let inside = |number: u32| self.rcv <= number && number < self.rcv + self.window;
        match wire.space() {
            0 => inside(wire.seq),
            space => inside(wire.seq) || inside(wire.seq + space - 1),
        }
    }

    /// RFC 5961 §3, as §3.10.7.4 has it: exactly the next number, or a challenge.
    fn reset(&mut self, wire: &Wire) -> Option<Wire> {
        if wire.seq != self.rcv {
            return Some(self.ack());
        }
        let to = if self.state == "SYN-RECEIVED" && self.passive {
            "LISTEN"
        } else {
            "CLOSED"
        };
        self.to(to, Cause::Rst);
        None
    }

    fn acknowledged(&mut self, ack: u32) {
        self.una = self.una.max(ack);
        self.unacknowledged.retain(|wire| wire.end() > ack);
    }

    /// What an acknowledgement alone changes.
    fn advance(&mut self, wire: &Wire, acks_fin: bool) {
        match self.state.as_str() {
            "SYN-RECEIVED" if wire.ack == Some(self.nxt) => self.to("ESTABLISHED", Cause::AckOfSyn),
            "FIN-WAIT-1" if acks_fin && !wire.fin => self.to("FIN-WAIT-2", Cause::AckOfFin),
            "CLOSING" if acks_fin => self.to("TIME-WAIT", Cause::AckOfFin),
            "LAST-ACK" if acks_fin => self.to("CLOSED", Cause::AckOfFin),
            _ => {}
        }
    }

    /// Bytes and FIN, in their turn.
    fn take(&mut self, wire: &Wire, acks_fin: bool) -> Option<Wire> {
        if wire.space() == 0 {
            return None;
        }
        assert_eq!(wire.seq, self.rcv, "the model takes whole segments in order");
        self.rcv = wire.end();
        self.unread += wire.len;
        while let Some(at) = self.held.iter().position(|held| held.seq == self.rcv) {
            let held = self.held.remove(at);
            self.rcv = held.end();
            self.unread += held.len;
        }
        if wire.fin {
            match (self.state.as_str(), acks_fin) {
                ("ESTABLISHED", _) => self.to("CLOSE-WAIT", Cause::Fin),
                ("FIN-WAIT-1", true) => self.to("TIME-WAIT", Cause::FinThatAcksFin),
                ("FIN-WAIT-1", false) => self.to("CLOSING", Cause::Fin),
                ("FIN-WAIT-2", _) => self.to("TIME-WAIT", Cause::Fin),
                (state, _) => panic!("a new FIN in {state}"),
            }
        }
        self.owes_ack = true;
        Some(self.ack())
    }
}

#[derive(Debug)]
struct Flying {
    wire: Wire,
    to: End,
    done: bool,
}

fn play(scenario: &Connection) {
    let mut ends = [Endpoint::new(&scenario.start.a), Endpoint::new(&scenario.start.b)];
    let mut flying: HashMap<String, Flying> = HashMap::new();
    for stray in &scenario.strays {
        let wire = Wire::of(&stray.segment);
        flying.insert(
            stray.segment.id.clone(),
            Flying {
                wire,
                to: stray.from.other(),
                done: false,
            },
        );
    }
    for (at, step) in scenario.steps.iter().enumerate() {
        let place = format!("{} step {}", scenario.id, at + 1);
        let shown = step.sends.as_ref().map(Wire::of);
        let answer = happen(step, &mut ends, &mut flying, shown.as_ref(), &place);
        assert_eq!(
            shown, answer,
            "{place}: left is what the data sends, right what RFC 9293 sends"
        );
        let states = ends.each_ref().map(|end| end.state.as_str());
        assert_eq!(
            step.states.each_ref().map(String::as_str),
            states,
            "{place}: left is the data, right the RFC"
        );
        if let (Some(segment), Some(wire), Some(from)) = (&step.sends, shown, step.at) {
            if let Some(again) = &segment.again {
                let first = &flying.get(again).unwrap_or_else(|| panic!("{place}: no {again}")).wire;
                assert_eq!(
                    (first.seq, first.space()),
                    (wire.seq, wire.space()),
                    "{place}: repeats another segment"
                );
            }
            let news = Flying {
                wire,
                to: from.other(),
                done: false,
            };
            assert!(
                flying.insert(segment.id.clone(), news).is_none(),
                "{place}: `{}` twice",
                segment.id
            );
        }
    }
    let left: Vec<&String> = flying.iter().filter(|(_, one)| !one.done).map(|(id, _)| id).collect();
    assert_eq!(
        !left.is_empty(),
        scenario.open_end,
        "{}: still on the way: {left:?}",
        scenario.id
    );
    for end in &ends {
        assert!(!end.owes_ack, "{}: an ACK that never came: {end:?}", scenario.id);
        assert!(
            end.unacknowledged.is_empty() || scenario.open_end,
            "{}: never acknowledged: {end:?}",
            scenario.id
        );
    }
}

/// One event; what the end that it happens to sends.
fn happen(
    step: &Step,
    ends: &mut [Endpoint; 2],
    flying: &mut HashMap<String, Flying>,
    shown: Option<&Wire>,
    place: &str,
) -> Option<Wire> {
    let causes = [&step.call, &step.get, &step.timeout, &step.lose];
    assert_eq!(
        causes.iter().filter(|cause| cause.is_some()).count(),
        1,
        "{place}: one event a step"
    );
    if let Some(id) = &step.lose {
        let lost = flying.get_mut(id).unwrap_or_else(|| panic!("{place}: no segment {id}"));
        assert!(!lost.done, "{place}: {id} is no longer on its way");
        lost.done = true;
        assert!(
            step.at.is_none() && step.sends.is_none(),
            "{place}: a loss happens in the network"
        );
        return None;
    }
    let at = step.at.unwrap_or_else(|| panic!("{place}: at which end?"));
    let end = &mut ends[at.index()];
    if let Some(call) = &step.call {
        return end.call(call, shown);
    }
    if let Some(timeout) = &step.timeout {
        return end.timeout(timeout);
    }
    let id = step.get.as_ref().expect("one of the four");
    let segment = flying.get_mut(id).unwrap_or_else(|| panic!("{place}: no segment {id}"));
    assert!(!segment.done, "{place}: {id} is no longer on its way");
    assert_eq!(segment.to, at, "{place}: {id} goes to the other end");
    segment.done = true;
    let iss = shown.map_or(0, |wire| wire.seq);
    let answer = end.get(&segment.wire.clone(), iss);
    match step.ack.as_deref() {
        None => {
            if answer.as_ref().is_some_and(|wire| wire.ack == Some(end.rcv)) {
                end.owes_ack = false;
            }
            answer
        }
        Some("delayed") => {
            assert!(end.owes_ack, "{place}: there is nothing to acknowledge later");
            None
        }
        Some(other) => panic!("{place}: {other}"),
    }
}

#[test]
fn every_scenario_goes_as_the_rfc_says() {
    for scenario in data().tcp {
        play(&scenario);
    }
}

#[test]
fn the_course_names_these() {
    let data = data();
    let ids: Vec<&str> = data.tcp.iter().map(|scenario| scenario.id.as_str()).collect();
    for id in [
        "three-way",
        "refused",
        "silent",
        "simultaneous-open",
        "old-duplicate-syn",
        "queue-full",
        "lost-segment",
        "four-way-close",
        "server-closes-first",
        "three-segment-close",
        "half-close",
        "simultaneous-close",
        "time-wait",
        "reset-unread",
        "abort",
        "half-open",
        "challenge-ack",
    ] {
        assert_eq!(ids.iter().filter(|have| **have == id).count(), 1, "{id}");
    }
}

/// A model that finds nothing proves nothing: each of these changes to a right scenario must be noticed.
#[test]
fn a_wrong_scenario_is_noticed() {
    type Change = fn(&mut Connection);
    let changes: &[(&str, &str, Change)] = &[
        ("three-way", "the ACK number of SYN,ACK", |s| {
            s.steps[2].sends.as_mut().expect("SYN,ACK").ack = Some(0)
        }),
        ("three-way", "the server is ESTABLISHED too early", |s| {
            s.steps[2].states[1] = "ESTABLISHED".to_owned()
        }),
        ("three-way", "an ACK takes a number", |s| {
            s.steps[5].sends.as_mut().expect("data").seq = 2
        }),
        ("refused", "a reset without ACK for a SYN", |s| {
            let reset = s.steps[1].sends.as_mut().expect("RST,ACK");
            reset.ack = None;
            reset.ctl = "RST".to_owned();
        }),
        ("four-way-close", "TIME-WAIT on the other side", |s| {
            s.steps[4].states = ["CLOSED".to_owned(), "TIME-WAIT".to_owned()]
        }),
        ("four-way-close", "a FIN takes no number", |s| {
            s.steps[1].sends.as_mut().expect("ACK").ack = Some(1)
        }),
        ("simultaneous-close", "FIN-WAIT-2 in place of CLOSING", |s| {
            s.steps[2].states[0] = "FIN-WAIT-2".to_owned()
        }),
        ("three-segment-close", "the delayed ACK never comes", |s| {
            s.steps.truncate(2)
        }),
        ("lost-segment", "an ACK across the gap", |s| {
            s.steps[3].sends.as_mut().expect("ACK").ack = Some(7)
        }),
        ("reset-unread", "a FIN in place of the reset", |s| {
            s.steps[3].sends.as_mut().expect("RST").ctl = "FIN".to_owned()
        }),
        ("challenge-ack", "the reset is believed", |s| {
            s.steps[0].states[1] = "CLOSED".to_owned()
        }),
        ("time-wait", "another number when sent again", |s| {
            s.steps[3].sends.as_mut().expect("FIN").seq = 2
        }),
    ];
    for (id, what, change) in changes {
        let mut scenario = data().tcp.into_iter().find(|scenario| scenario.id == *id).expect(id);
        change(&mut scenario);
        let noticed = std::panic::catch_unwind(|| play(&scenario)).is_err();
        assert!(noticed, "{id}: {what}");
    }
}
