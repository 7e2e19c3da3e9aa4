//! Packets in words: a line of a transcript, the label of an arrow.

use super::names::Names;
use super::packet::Flags;
use super::story::{Relative, Step, Story, What};
use crate::quote::{count, quoted};
use crate::transcript::{Entry, Event};

/// Lines of a transcript that are packets, from the start and from the end; what lies between is counted.
const HEAD: usize = 30;
const TAIL: usize = 30;

/// So many bytes of a packet's content are shown on its arrow.
const SHOWN: usize = 24;

impl Story {
    /// Every packet that does more than acknowledge, as an observation; segments that follow each other with nothing of `others` between them are one.
    pub fn entries(&self, names: &Names, others: &[Entry]) -> Vec<Entry> {
        let telling: Vec<&Step> = self.steps.iter().filter(|step| step.tells()).collect();
        let runs: Vec<&[&Step]> = telling
            .chunk_by(|one, next| {
                let lies_between = |other: &Entry| (one.at..next.at).contains(&other.at);
                one.goes_on_in(next) && !others.iter().any(lies_between)
            })
            .collect();
        let left_out = runs.len().saturating_sub(HEAD + TAIL);
        let mut entries = Vec::new();
        for (at, run) in runs.into_iter().enumerate() {
            if left_out > 0 && at == HEAD {
                entries.push(Entry {
                    at: run[0].at,
                    who: "checker".to_owned(),
                    what: format!("leaves out {} of packets", count(left_out, "more line")).into(),
                });
            }
            if at < HEAD || at >= HEAD + left_out {
                entries.push(self.entry(run, names));
            }
        }
        entries
    }

    /// Every packet as an observation of its own, with the beginning of its content.
    pub fn packets(&self, names: &Names) -> Vec<Entry> {
        let entry = |step: &Step| {
            let mut entry = self.entry(&[step], names);
            if let Event::Carries { carried, .. } = &mut entry.what {
                carried.push_str(&step.what.shown());
            }
            entry
        };
        self.steps.iter().map(entry).collect()
    }

    fn entry(&self, run: &[&Step], names: &Names) -> Entry {
        let step = run[0];
        let conversation = &self.conversations[step.conversation];
        let from = names.of(conversation.address(step.sent_by));
        let to = names.of(conversation.address(step.sent_by.other()));
        let carried = match (run, &step.what) {
            ([_, _, ..], What::Segment(segment)) => format!(
                "{} ({}) and {} in all",
                count(run.len(), "segment"),
                segment.numbers().join(", "),
                count(run.iter().map(|step| step.what.length()).sum(), "byte"),
            ),
            (_, what) => what.in_words(),
        };
        Entry {
            at: step.at,
            who: "wire".to_owned(),
            what: Event::Carries {
                carried,
                from,
                to,
                changes: names.changes(step, conversation),
                missing: step.missing,
            },
        }
    }
}

impl Step {
    /// Whether both do nothing but carry bytes of the same direction of a connection.
    fn goes_on_in(&self, next: &Step) -> bool {
        let same_way = (self.conversation, self.sent_by) == (next.conversation, next.sent_by);
        let carries_bytes = |step: &Step| {
            let What::Segment(segment) = &step.what else {
                return false;
            };
            let Flags { syn, fin, rst, .. } = segment.flags;
            !(syn || fin || rst || segment.is_again) && step.before == step.behind && step.missing == 0
        };
        same_way && carries_bytes(self) && carries_bytes(next)
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
                let again = if segment.is_again { " once more" } else { "" };
                format!("{} ({numbers}){carried}{again}", segment.flags)
            }
            What::Datagram { length, .. } => format!("a datagram of {}", count(*length, "byte")),
            What::Refusal => "the refusal of a datagram (ICMP port unreachable)".to_owned(),
        }
    }

    /// The beginning of its content, behind a space.
    fn shown(&self) -> String {
        let (length, begin) = match self {
            What::Segment(segment) => (segment.length, &segment.begin),
            What::Datagram { length, begin } => (*length, begin),
            What::Refusal => return String::new(),
        };
        match begin.len().min(SHOWN) {
            0 => String::new(),
            shown => format!(" {}", cut(length, begin, shown)),
        }
    }

    fn length(&self) -> usize {
        match self {
            What::Segment(segment) => segment.length,
            What::Datagram { length, .. } => *length,
            What::Refusal => 0,
        }
    }

    /// For an arrow with room for so many characters.
    pub(super) fn label(&self, room: usize) -> String {
        match self {
            What::Segment(segment) => {
                let mut parts = vec![segment.flags.to_string()];
                parts.extend(segment.numbers());
                if segment.is_again {
                    parts.push("again".to_owned());
                }
                let label = parts.join("  ");
                match segment.length {
                    0 => label,
                    length => {
                        let left = room.saturating_sub(label.chars().count() + 2);
                        format!("{label}  {}", content(length, &segment.begin, left))
                    }
                }
            }
            What::Datagram { length, begin } => content(*length, begin, room),
            What::Refusal => "ICMP port unreachable".to_owned(),
        }
    }
}

impl Relative {
    fn numbers(&self) -> Vec<String> {
        let ack = self.ack.map(|ack| format!("ack {ack}"));
        let window = self.closes_the_window.then(|| "window 0".to_owned());
        [format!("seq {}", self.seq)]
            .into_iter()
            .chain(ack)
            .chain(window)
            .collect()
    }
}

/// `5 bytes "hello"`, with as much of it as there is room for.
fn content(length: usize, begin: &[u8], room: usize) -> String {
    let size = count(length, "byte");
    let with = |shown: usize| format!("{size} {}", cut(length, begin, shown));
    (1..=begin.len().min(SHOWN))
        .rev()
        .map(with)
        .find(|shown| shown.chars().count() <= room)
        .unwrap_or(size)
}

/// So many bytes of `length`, and whether that is all.
fn cut(length: usize, begin: &[u8], shown: usize) -> String {
    let more = if shown < length { " …" } else { "" };
    format!("{}{more}", quoted(&begin[..shown]))
}
