//! One end of a connection, after RFC 9293 §3.10: what happens to it, and what it sends because of that.

use book_check::widgets::stepper::{EndState, Queue};

use crate::segment::Wire;
use crate::tcp_table::{Cause, TRANSITIONS};

const DEFAULT_WINDOW: u32 = 65_535;
/// The window of a scenario with the RFC's numbers: its Figure 9 has 400 outside of the window from 100.
const SMALL_WINDOW: u32 = 200;

#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) state: String,
    passive: bool,
    una: u32,
    nxt: u32,
    pub(crate) rcv: u32,
    window: u32,
    unread: u32,
    queue_full: bool,
    sent_fin: bool,
    pub(crate) unacknowledged: Vec<Wire>,
    /// Came before what is missing in front of it.
    held: Vec<Wire>,
    pub(crate) owes_ack: bool,
}

impl Endpoint {
    pub(crate) fn new(start: &EndState) -> Endpoint {
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
    pub(crate) fn call(&mut self, call: &str, shown: Option<&Wire>) -> Option<Wire> {
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

    pub(crate) fn timeout(&mut self, timeout: &str) -> Option<Wire> {
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
    pub(crate) fn get(&mut self, wire: &Wire, iss: u32) -> Option<Wire> {
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
