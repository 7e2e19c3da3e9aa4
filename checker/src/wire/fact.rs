//! What the packets of a connection come to: who closed first, by FIN or by RST, and who has not closed.

use super::conversation::Conversation;
use super::names::{Names, Part};
use super::state::State;
use super::story::{Side, Story, What};
use crate::quote::{count, listed};
use crate::verdict::Kind;

/// How a TCP connection ended, or that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The SYN was answered by RST.
    Refused,
    /// The SYN was not answered.
    Unanswered,
    Reset {
        by: Side,
        why: Reset,
    },
    /// Both ends have sent FIN; this one first, behind so many bytes.
    Closed {
        first: Side,
        behind: usize,
    },
    /// This end has sent FIN, behind so many bytes, and the other has not; with no room left at the first, a FIN of the other would wait.
    HalfClosed {
        by: Side,
        behind: usize,
        leaves_room: bool,
    },
    /// Neither end has closed; so much have opener and acceptor sent.
    Open {
        sent: [usize; 2],
    },
}

/// What an RST was for, as far as a packet tells: one that acknowledges is the end of a connection that lived, one that does not answers a segment which
/// nobody takes any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// So many bytes had come, and so many had been sent.
    InPlaceOfFin { had_come: usize, had_sent: usize },
    /// So many bytes came when it was closed.
    ForWhatCameTooLate(usize),
}

impl Story {
    /// What became of a TCP connection; `None` for UDP, and for one of which packets may be missing.
    pub fn fact(&self, conversation: usize) -> Option<Fact> {
        if self.conversations[conversation].states().contains(&None) {
            return None;
        }
        let mut sent = [0, 0];
        let mut fin: Option<(Side, usize)> = None;
        let mut both = false;
        let mut answered = false;
        let mut acknowledged = [0, 0];
        let mut leaves_room = [true, true];
        for step in self.steps.iter().filter(|step| step.conversation == conversation) {
            let What::Segment(segment) = &step.what else {
                return None;
            };
            let (own, others) = (step.sent_by.place(), step.sent_by.other().place());
            // By their numbers: what was sent again counts once.
            let behind = segment.seq.wrapping_add(segment.length as u32).saturating_sub(1) as usize;
            sent[own] = sent[own].max(behind);
            if segment.flags.rst {
                let why = match segment.ack {
                    Some(_) => Reset::InPlaceOfFin {
                        had_come: sent[others],
                        had_sent: sent[own],
                    },
                    None => Reset::ForWhatCameTooLate(sent[others].saturating_sub(acknowledged[own])),
                };
                return Some(match answered || sent != [0, 0] {
                    true => Fact::Reset { by: step.sent_by, why },
                    false => Fact::Refused,
                });
            }
            answered |= step.sent_by == Side::Acceptor;
            leaves_room[own] = !segment.closes_the_window;
            acknowledged[own] = acknowledged[own].max(segment.ack.unwrap_or_default().saturating_sub(1) as usize);
            match (segment.flags.fin, fin) {
                (true, None) => fin = Some((step.sent_by, sent[own])),
                (true, Some((first, _))) => both |= first != step.sent_by,
                (false, _) => {}
            }
        }
        Some(match fin {
            Some((first, behind)) if both => Fact::Closed { first, behind },
            Some((by, behind)) => Fact::HalfClosed {
                by,
                behind,
                leaves_room: leaves_room[by.place()],
            },
            None if answered => Fact::Open { sent },
            None => Fact::Unanswered,
        })
    }

    /// What on the wire explains a finding of this kind, in words.
    pub fn explains(&self, kind: Kind, names: &Names) -> Option<String> {
        // The latest that fits: earlier conversations have served their purpose.
        for at in self.latest() {
            let conversation = &self.conversations[at];
            // Where that can't be known, an earlier one is no explanation.
            let fact = self.fact(at)?;
            if fact.explains(kind, conversation, names) {
                return Some(fact.in_words(conversation, names));
            }
        }
        None
    }

    /// Conversations, the one with the last packet first.
    fn latest(&self) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        for step in self.steps.iter().rev() {
            if !order.contains(&step.conversation) {
                order.push(step.conversation);
            }
        }
        order
    }
}

impl Fact {
    fn explains(self, kind: Kind, conversation: &Conversation, names: &Names) -> bool {
        let is_program = |side| names.part(conversation.address(side)) == Some(Part::Program);
        let both_are = is_program(Side::Opener) && is_program(Side::Acceptor);
        match self {
            Fact::Refused | Fact::Unanswered => kind == Kind::NotReachable,
            Fact::Reset { by, .. } => {
                let seen_by_us = matches!(kind, Kind::WasReset | Kind::ClosedEarly);
                let seen_by_the_other = matches!(
                    kind,
                    Kind::MissingOutput | Kind::WrongOutput | Kind::EndedEarly | Kind::WrongExit | Kind::Crash
                );
                seen_by_us && is_program(by) || seen_by_the_other && both_are
            }
            Fact::Closed { first, .. } => kind == Kind::ClosedEarly && is_program(first),
            Fact::HalfClosed { by, .. } => match kind {
                Kind::ClosedEarly => is_program(by),
                Kind::NotClosed | Kind::MissingBytes | Kind::MissingOutput | Kind::StillRunning => {
                    is_program(by.other())
                }
                _ => false,
            },
            Fact::Open { .. } => both_are && matches!(kind, Kind::MissingOutput | Kind::StillRunning),
        }
    }

    /// A sentence, lower case, no full stop.
    pub fn in_words(self, conversation: &Conversation, names: &Names) -> String {
        let name = |side| names.of(conversation.address(side));
        let is_program = |side| names.part(conversation.address(side)) == Some(Part::Program);
        match self {
            Fact::Refused => format!(
                "the SYN to {} was answered by RST: nobody listened there",
                conversation.acceptor
            ),
            Fact::Unanswered => format!(
                "the SYN to {} was not answered: its accept queue is full",
                conversation.acceptor
            ),
            Fact::Reset { by, why } => match names.part(conversation.address(by)) {
                // Which it meant to.
                Some(Part::Ours) => format!("{} reset the connection (RST)", name(by)),
                Some(Part::Program) | None => why.in_words(by, &name(by), &name(by.other())),
            },
            Fact::Closed { first, behind } => {
                let waits = match conversation.states().contains(&Some(State::TimeWait)) {
                    true => format!(", and {} is left in TIME-WAIT", waiting(conversation, names)),
                    false => String::new(),
                };
                format!(
                    "{} closed first: FIN behind {}{waits}",
                    name(first),
                    count(behind, "byte")
                )
            }
            Fact::HalfClosed { by, behind, .. } if !is_program(by.other()) => {
                format!(
                    "{} sent FIN behind {}: no more can come from it",
                    name(by),
                    count(behind, "byte")
                )
            }
            Fact::HalfClosed {
                by,
                behind,
                leaves_room,
            } => {
                let (by, other) = (name(by), name(by.other()));
                let since = match leaves_room {
                    true => format!(
                        "{other}, in CLOSE-WAIT, has sent none since: its socket is neither shut down nor closed by all that hold it"
                    ),
                    false => format!(
                        "{by} has no room for more (window 0): what {other} still sends waits for that, FIN too"
                    ),
                };
                format!("{by} sent FIN behind {}; {since}", count(behind, "byte"))
            }
            Fact::Open { sent: [left, right] } => format!(
                "neither end has sent FIN; {} has sent {}, {} {}",
                name(Side::Opener),
                count(left, "byte"),
                name(Side::Acceptor),
                count(right, "byte"),
            ),
        }
    }
}

impl Reset {
    fn in_words(self, side: Side, by: &str, other: &str) -> String {
        match self {
            Reset::InPlaceOfFin { had_come, had_sent } => {
                let mut causes = vec!["had set SO_LINGER to 0".to_owned()];
                if side == Side::Acceptor && had_sent == 0 {
                    causes.insert(0, "stopped listening before it had accepted".to_owned());
                }
                if had_come > 0 {
                    let bytes = count(had_come, "byte");
                    causes.insert(
                        0,
                        format!("closed or ended with bytes unread (of the {bytes} from {other})"),
                    );
                }
                format!(
                    "{by} sent RST in place of FIN: it {}; {other} may lose what it has not read yet",
                    listed(&causes, "or")
                )
            }
            Reset::ForWhatCameTooLate(0) => {
                format!("{by} had closed, and its kernel answered what still came with RST")
            }
            Reset::ForWhatCameTooLate(bytes) => format!(
                "{by} had closed when {} from {other} came: nobody could read them, so its kernel answered with RST",
                count(bytes, "byte")
            ),
        }
    }
}

/// Who is in TIME-WAIT.
fn waiting(conversation: &Conversation, names: &Names) -> String {
    let [opener, acceptor] = conversation.states().map(|state| state == Some(State::TimeWait));
    match (opener, acceptor) {
        (true, true) => "each of them".to_owned(),
        (true, false) => names.of(conversation.opener),
        (false, _) => names.of(conversation.acceptor),
    }
}
