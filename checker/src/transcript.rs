//! What was observed, when, by whom. Steps write it as they happen; nobody writes what he only supposes.

use std::time::{Duration, Instant};

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
    /// A verb phrase that `who` is the subject of.
    pub what: String,
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

    pub fn record(&mut self, who: &str, what: String) {
        let entry = Entry {
            at: self.begun.elapsed(),
            who: who.to_owned(),
            what,
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
                what: format!("leaves out {}", crate::quote::count(self.dropped, "more event")),
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
