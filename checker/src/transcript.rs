//! What was observed, when, by whom. Steps write it as they happen; nobody writes what he only supposes.

use std::fmt;
use std::time::{Duration, Instant};

use crate::quote::count;

/// Entries kept from the start and from the end; what lies between is counted.
const HEAD: usize = 80;
const TAIL: usize = 80;

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Since the check began.
    pub at: Duration,
    /// `peer`, `peer 2`, `server`, `client` or `checker`.
    pub who: String,
    pub what: Event,
}

/// What happened; shown as a verb phrase that `who` is the subject of. What a program said is in it as it is shown: quoted, escaped, elided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `program` is its name in the transcript; so in the variants below.
    Starts {
        program: String,
        arguments: String,
    },
    Types {
        program: String,
        bytes: String,
    },
    EndsInput {
        program: String,
    },
    /// Time that the contract speaks of.
    LetsPass(Duration),
    /// A connection to `with` stands; `how` says from or to which address.
    Connects {
        with: String,
        how: String,
    },
    /// Bytes, or a datagram with its address, leave for the other end.
    Sends(String),
    /// So many bytes of these left.
    SendsPart {
        bytes: String,
        left: usize,
    },
    ShutsDown,
    Closes,
    ClosesUnread,
    Resets,
    /// Bytes, or a datagram with its address, came from the other end.
    Receives(String),
    ReceivesEnd,
    ReceivesReset,
    /// A line on stdout.
    Prints(String),
    SaysOnStderr(String),
    /// With this exit code, or by this signal.
    Ends(String),
    /// A packet, or several of a kind, on the wire; `changes` are who is in which state behind it, where that is another than before, and so many
    /// packets before it were not kept.
    Carries {
        carried: String,
        from: String,
        to: String,
        changes: Vec<(String, String)>,
        missing: u64,
    },
    /// Anything else.
    Notes(String),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Starts { program, arguments } => write!(f, "starts the {program}: {arguments}"),
            Event::Types { program, bytes } => write!(f, "types {bytes} for the {program}"),
            Event::EndsInput { program } => write!(f, "ends the stdin of the {program}"),
            Event::LetsPass(span) => write!(f, "lets {} ms pass", span.as_millis()),
            Event::Connects { with: _, how } => write!(f, "connects {how}"),
            Event::Sends(what) => write!(f, "sends {what}"),
            Event::SendsPart { bytes, left } => {
                write!(f, "tries to send {bytes}, of which {} left", count(*left, "byte"))
            }
            Event::ShutsDown => f.write_str("shuts down its sending direction (FIN)"),
            Event::Closes => f.write_str("closes the connection"),
            Event::ClosesUnread => f.write_str("closes the connection without reading"),
            Event::Resets => f.write_str("resets the connection (RST)"),
            Event::Receives(what) => write!(f, "receives {what}"),
            Event::ReceivesEnd => f.write_str("receives end-of-file"),
            Event::ReceivesReset => f.write_str("receives a reset"),
            Event::Prints(line) => write!(f, "prints {line}"),
            Event::SaysOnStderr(text) => write!(f, "says on stderr {text}"),
            Event::Ends(exit) => write!(f, "ends: {exit}"),
            Event::Carries {
                carried,
                from,
                to,
                changes,
                missing,
            } => {
                write!(f, "carries {carried} from {from} to {to}")?;
                for (at, (who, state)) in changes.iter().enumerate() {
                    let between = if at == 0 { ":" } else { "," };
                    write!(f, "{between} {who} {state}")?;
                }
                match *missing {
                    0 => Ok(()),
                    packets => write!(f, ", behind {} that were not kept", count(packets as usize, "packet")),
                }
            }
            Event::Notes(phrase) => f.write_str(phrase),
        }
    }
}

impl From<String> for Event {
    fn from(phrase: String) -> Self {
        Event::Notes(phrase)
    }
}

impl From<&str> for Event {
    fn from(phrase: &str) -> Self {
        Event::Notes(phrase.to_owned())
    }
}

/// The ordered observations of one check, bounded.
#[derive(Debug)]
pub struct Transcript {
    pub begun: Instant,
    head: Vec<Entry>,
    tail: std::collections::VecDeque<Entry>,
    dropped: usize,
}

impl Transcript {
    pub fn begin() -> Self {
        Transcript {
            begun: Instant::now(),
            head: Vec::new(),
            tail: std::collections::VecDeque::new(),
            dropped: 0,
        }
    }

    pub fn record(&mut self, who: &str, what: impl Into<Event>) {
        let entry = Entry {
            at: self.begun.elapsed(),
            who: who.to_owned(),
            what: what.into(),
        };
        if self.head.len() < HEAD {
            self.head.push(entry);
            return;
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
            self.dropped += 1;
        }
        self.tail.push_back(entry);
    }

    /// All that was kept, with one entry that counts what was not.
    pub fn entries(self) -> Vec<Entry> {
        let mut entries = self.head;
        if let (Some(first), true) = (self.tail.front(), self.dropped > 0) {
            entries.push(Entry {
                at: first.at,
                who: "checker".to_owned(),
                what: format!("leaves out {}", count(self.dropped, "more event")).into(),
            });
        }
        entries.extend(self.tail);
        entries
    }
}

/// Two lists of observations as one, in their order.
pub fn merged(entries: Vec<Entry>, others: Vec<Entry>) -> Vec<Entry> {
    let mut all = [entries, others].concat();
    all.sort_by_key(|entry| entry.at);
    all
}
