//! Packets in words: a line of a transcript, the label of an arrow.

use super::names::Names;
use super::story::{Relative, Step, Story, What};
use crate::quote::{count, quoted};
use crate::transcript::Entry;

/// Packets of a transcript, from the start and from the end; what lies between is counted.
const HEAD: usize = 30;
const TAIL: usize = 30;

/// So many bytes of a packet's content are shown on its arrow.
const SHOWN: usize = 24;

impl Story {
    /// Every packet that does more than acknowledge, as an observation.
    pub fn entries(&self, names: &Names) -> Vec<Entry> {
        let telling: Vec<&Step> = self.steps.iter().filter(|step| step.tells()).collect();
        let left_out = telling.len().saturating_sub(HEAD + TAIL);
        let mut entries = Vec::new();
        for (at, step) in telling.into_iter().enumerate() {
            if left_out > 0 && at == HEAD {
                entries.push(Entry {
                    at: step.at,
                    who: "checker".to_owned(),
                    what: format!("leaves out {}", count(left_out, "more packet")),
                });
            }
            if at < HEAD || at >= HEAD + left_out {
                entries.push(self.entry(step, names));
            }
        }
        entries
    }

    fn entry(&self, step: &Step, names: &Names) -> Entry {
        let conversation = &self.conversations[step.conversation];
        let from = names.of(conversation.address(step.sent_by));
        let to = names.of(conversation.address(step.sent_by.other()));
        let mut what = format!("carries {} from {from} to {to}", step.what.in_words());
        if let Some(changes) = names.changes(step, conversation) {
            what.push_str(&format!(": {changes}"));
        }
        Entry {
            at: step.at,
            who: "wire".to_owned(),
            what,
        }
    }
}

impl What {
    fn in_words(&self) -> String {
        match self {
            What::Segment(segment) => {
                let numbers = segment.numbers().join(", ");
                let carried = match segment.length {
                    0 => String::new(),
                    length => format!(" and {}", count(length, "byte")),
                };
                format!("{} ({numbers}){carried}", segment.flags)
            }
            What::Datagram { length, .. } => format!("a datagram of {}", count(*length, "byte")),
            What::Refusal => "the refusal of a datagram (ICMP port unreachable)".to_owned(),
        }
    }

    /// For an arrow.
    pub(super) fn label(&self) -> String {
        match self {
            What::Segment(segment) => {
                let mut parts = vec![segment.flags.to_string()];
                parts.extend(segment.numbers());
                if segment.length > 0 {
                    parts.push(content(segment.length, &segment.begin));
                }
                parts.join("  ")
            }
            What::Datagram { length, begin } => content(*length, begin),
            What::Refusal => "ICMP port unreachable".to_owned(),
        }
    }
}

impl Relative {
    fn numbers(&self) -> Vec<String> {
        let ack = self.ack.map(|ack| format!("ack {ack}"));
        [format!("seq {}", self.seq)].into_iter().chain(ack).collect()
    }
}

/// `5 bytes "hello"`, with as much of it as an arrow has room for.
fn content(length: usize, begin: &[u8]) -> String {
    let size = count(length, "byte");
    match length {
        0 => size,
        1..=SHOWN if begin.len() == length => format!("{size} {}", quoted(begin)),
        _ => {
            let shown = &begin[..begin.len().min(SHOWN / 2)];
            format!("{size} {} …", quoted(shown))
        }
    }
}
