//! What the packets of a connection come to: who closed first, by FIN or by RST, and who has not closed.

use super::names::{Names, Part};
use super::state::State;
use super::story::{Conversation, Side, Story, What};
use crate::quote::count;
use crate::verdict::Kind;

/// How a TCP connection ended, or that it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// The SYN was answered by RST.
    Refused,
    /// The SYN was not answered.
    Unanswered,
    /// The other end had sent so many bytes.
    Reset { by: Side, had_come: usize },
    /// Both ends have sent FIN; this one first, behind so many bytes.
    Closed { first: Side, behind: usize },
    /// This end has sent FIN, behind so many bytes, and the other has not.
    HalfClosed { by: Side, behind: usize },
    /// Neither end has closed; so much have opener and acceptor sent.
    Open { sent: [usize; 2] },
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
        for step in self.steps.iter().filter(|step| step.conversation == conversation) {
            let What::Segment(segment) = &step.what else {
                return None;
            };
            let (own, others) = match step.sent_by {
                Side::Opener => (0, 1),
                Side::Acceptor => (1, 0),
            };
            // By their numbers: what was sent again counts once.
            let behind = segment.seq.wrapping_add(segment.length as u32).saturating_sub(1) as usize;
            sent[own] = sent[own].max(behind);
            if segment.flags.rst {
                return Some(match answered || sent != [0, 0] {
                    true => Fact::Reset {
                        by: step.sent_by,
                        had_come: sent[others],
                    },
                    false => Fact::Refused,
                });
            }
            answered |= step.sent_by == Side::Acceptor;
            match (segment.flags.fin, fin) {
                (true, None) => fin = Some((step.sent_by, sent[own])),
                (true, Some((first, _))) => both |= first != step.sent_by,
                (false, _) => {}
            }
        }
        Some(match fin {
            Some((first, behind)) if both => Fact::Closed { first, behind },
            Some((by, behind)) => Fact::HalfClosed { by, behind },
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
            Fact::Reset { by, had_come: 0 } => {
                format!("{} reset the connection (RST)", name(by))
            }
            Fact::Reset { by, had_come } => format!(
                "{by} closed without having read all of the {bytes} from {other}: so the kernel sent RST in place of an orderly end, and {other} may lose what it has not read yet",
                by = name(by),
                other = name(by.other()),
                bytes = count(had_come, "byte"),
            ),
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
            Fact::HalfClosed { by, behind } if !is_program(by.other()) => {
                format!(
                    "{} sent FIN behind {}: no more can come from it",
                    name(by),
                    count(behind, "byte")
                )
            }
            Fact::HalfClosed { by, behind } => format!(
                "{by} sent FIN behind {}; {other}, in CLOSE-WAIT, has called neither `close` nor `shutdown` since",
                count(behind, "byte"),
                by = name(by),
                other = name(by.other()),
            ),
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

/// Who is in TIME-WAIT.
fn waiting(conversation: &Conversation, names: &Names) -> String {
    let [opener, acceptor] = conversation.states().map(|state| state == Some(State::TimeWait));
    match (opener, acceptor) {
        (true, true) => "each of them".to_owned(),
        (true, false) => names.of(conversation.opener),
        (false, _) => names.of(conversation.acceptor),
    }
}
