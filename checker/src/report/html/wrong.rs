//! Which event of a transcript a finding speaks of.

use crate::transcript::{Entry, Event};
use crate::verdict::{Finding, Kind};

/// The place of the event that is wrong; `None` where the wrong thing is that something did not happen, or that no event shows it.
pub(super) fn event(entries: &[Entry], finding: &Finding) -> Option<usize> {
    let actual = finding.actual.as_deref().unwrap_or_default();
    entries
        .iter()
        .rposition(|entry| is_wrong(&entry.what, finding.kind, actual))
}

fn is_wrong(event: &Event, kind: Kind, actual: &str) -> bool {
    match kind {
        Kind::NotReady | Kind::WrongOutput | Kind::ExtraOutput => {
            matches!(event, Event::Prints(line) if shows(actual, line))
        }
        Kind::WrongBytes | Kind::MissingBytes | Kind::ExtraBytes | Kind::OutOfTurn => {
            matches!(event, Event::Receives(bytes) if shows(actual, bytes))
        }
        Kind::WrongSource => matches!(event, Event::Receives(datagram) if datagram.ends_with(actual)),
        Kind::ClosedEarly => matches!(event, Event::ReceivesEnd),
        Kind::WasReset => matches!(event, Event::ReceivesReset),
        Kind::EndedEarly | Kind::WrongExit | Kind::Crash | Kind::UnnamedFailure | Kind::LeftBehind => {
            matches!(event, Event::Ends(_))
        }
        Kind::Unread => matches!(event, Event::SendsPart { .. }),
        Kind::NotReachable
        | Kind::NeverConnected
        | Kind::MissingOutput
        | Kind::TooMuchOutput
        | Kind::NotClosed
        | Kind::StillRunning
        | Kind::Leak
        | Kind::TooMuchMemory
        | Kind::WrongCount
        | Kind::WrongFile
        | Kind::NeverIdle
        | Kind::NeverFull => false,
    }
}

/// Whether what was seen, quoted and perhaps with hex behind it, is what this event holds, perhaps with words around it.
fn shows(actual: &str, event: &str) -> bool {
    let quoted = actual.split_once(" (hex ").map_or(actual, |(quoted, _)| quoted);
    quoted.starts_with('"') && event.contains(quoted)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn place(kind: Kind, actual: &str, events: Vec<Event>) -> Option<usize> {
        let entries: Vec<Entry> = events
            .into_iter()
            .map(|what| Entry {
                at: Duration::ZERO,
                who: "server".to_owned(),
                what,
            })
            .collect();
        event(&entries, &Finding::new(kind, "wrong").actual(actual))
    }

    #[test]
    fn the_line_that_was_seen_is_found_behind_others() {
        let prints = |line: &str| Event::Prints(line.to_owned());
        let events = vec![prints("\"a\""), prints("\"b\\xff\""), prints("\"c\"")];
        let actual = "\"b\\xff\" (hex 62 ff)";
        assert_eq!(place(Kind::WrongOutput, actual, events.clone()), Some(1));
        assert_eq!(place(Kind::WrongOutput, "… from byte 7", events), None);
    }

    #[test]
    fn what_did_not_happen_is_no_event() {
        let events = vec![Event::Sends("\"a\"".to_owned()), Event::ReceivesEnd];
        assert_eq!(place(Kind::MissingOutput, "nothing", events), None);
    }
}
