//! Which thing of a transcript a finding speaks of.

use std::time::Duration;

use crate::transcript::{Entry, Event};
use crate::verdict::{Finding, Kind};

/// So many characters of a long text tell it from another.
const END: usize = 16;

/// The first wrong thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The event at this place.
    Event(usize),
    /// That something did not come while it was waited for: the time before the event at this place, or behind the last.
    WaitBefore(usize),
    /// What no event shows.
    Unseen,
}

impl Wrong {
    /// `took` is how long the check took in all.
    pub(super) fn of(finding: &Finding, entries: &[Entry], took: Duration) -> Self {
        let actual = finding.actual.as_deref().unwrap_or_default();
        let wait = Wrong::WaitBefore(end_of_wait(entries, actual));
        let longer = Wrong::WaitBefore(end_of_longer_wait(entries, took));
        let event = |is_wrong: &dyn Fn(&Event) -> bool| entries.iter().rposition(|entry| is_wrong(&entry.what));
        let (event, otherwise) = match finding.kind {
            Kind::NotReady => (
                event(&|event| matches!(event, Event::Prints(line) if shows(actual, line))),
                wait,
            ),
            Kind::WrongOutput | Kind::ExtraOutput => (
                event(&|event| matches!(event, Event::Prints(line) if shows(actual, line))),
                Wrong::Unseen,
            ),
            Kind::WrongBytes | Kind::ExtraBytes | Kind::OutOfTurn => (
                event(&|event| matches!(event, Event::Receives(bytes) if shows(actual, bytes))),
                Wrong::Unseen,
            ),
            Kind::WrongSource => (
                event(&|event| matches!(event, Event::Receives(datagram) if datagram.ends_with(actual))),
                Wrong::Unseen,
            ),
            Kind::ClosedEarly => (
                event(&|event| matches!(event, Event::ReceivesEnd | Event::SendsPart { .. })),
                Wrong::Unseen,
            ),
            Kind::WasReset => (event(&|event| matches!(event, Event::ReceivesReset)), Wrong::Unseen),
            Kind::EndedEarly | Kind::WrongExit | Kind::Crash | Kind::UnnamedFailure | Kind::LeftBehind => {
                (event(&|event| matches!(event, Event::Ends(_))), Wrong::Unseen)
            }
            Kind::Unread => (event(&|event| matches!(event, Event::SendsPart { .. })), wait),
            Kind::NeverConnected | Kind::MissingOutput | Kind::MissingBytes | Kind::StillRunning => (None, wait),
            Kind::NotClosed => (None, longer),
            Kind::NotReachable
            | Kind::TooMuchOutput
            | Kind::Leak
            | Kind::TooMuchMemory
            | Kind::WrongCount
            | Kind::WrongFile
            | Kind::NeverIdle
            | Kind::NeverFull => (None, Wrong::Unseen),
        };
        event.map_or(otherwise, Wrong::Event)
    }
}

/// What has come of what was waited for, and how far a talk has got, is entered when the wait is over.
fn end_of_wait(entries: &[Entry], actual: &str) -> usize {
    let has_connected = |who: &str| {
        let mut events = entries.iter();
        events.any(|entry| entry.who == who && matches!(entry.what, Event::Connects { .. }))
    };
    let is_account = |entry: &&Entry| match &entry.what {
        Event::Receives(bytes) => shows(actual, bytes),
        event => matches!(event, Event::Notes(_)) && has_connected(&entry.who),
    };
    let account = entries.last().filter(is_account);
    entries.len() - usize::from(account.is_some())
}

/// For the end of a direction is waited behind what came before it, which is entered when it came, or when the wait is over.
fn end_of_longer_wait(entries: &[Entry], took: Duration) -> usize {
    let [.., before, last] = entries else {
        return entries.len();
    };
    let is_longer = last.at.saturating_sub(before.at) > took.saturating_sub(last.at);
    entries.len() - usize::from(is_longer && matches!(last.what, Event::Receives(_)))
}

/// Whether what was seen, quoted and perhaps with hex behind it, is what this event holds, perhaps with words around it. Of what is long,
/// both show a part, and not the same one: but both show its end.
fn shows(actual: &str, event: &str) -> bool {
    let quoted = actual.split_once(" (hex ").map_or(actual, |(quoted, _)| quoted);
    let is_long = event.contains(" more byte");
    let end = event
        .char_indices()
        .rev()
        .nth(END)
        .map_or(event, |(at, _)| &event[at..]);
    (quoted.starts_with('"') && event.contains(quoted)) || (is_long && actual.contains(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: Kind, actual: &str, events: Vec<Event>) -> Wrong {
        let entries: Vec<Entry> = events
            .into_iter()
            .map(|what| Entry {
                at: Duration::ZERO,
                who: "server".to_owned(),
                what,
            })
            .collect();
        Wrong::of(&Finding::new(kind, "wrong").actual(actual), &entries, Duration::ZERO)
    }

    #[test]
    fn the_line_that_was_seen_is_found_behind_others() {
        let prints = |line: &str| Event::Prints(line.to_owned());
        let events = vec![prints("\"a\""), prints("\"b\\xff\""), prints("\"c\"")];
        let actual = "\"b\\xff\" (hex 62 ff)";
        assert_eq!(place(Kind::WrongOutput, actual, events.clone()), Wrong::Event(1));
        assert_eq!(place(Kind::WrongOutput, "… from byte 7", events), Wrong::Unseen);
    }

    #[test]
    fn a_long_line_is_found_by_its_end() {
        let (expected, mut seen) = (vec![b'x'; 60_000], vec![b'x'; 60_000]);
        seen.truncate(1_024);
        seen.extend(b"and then no more of it");
        let (_, actual, _) = crate::quote::difference(&expected, &seen);
        let prints = |line: &[u8]| Event::Prints(crate::quote::quoted(line));
        let events = vec![prints(&seen), prints(&expected)];
        assert_eq!(place(Kind::WrongOutput, &actual, events), Wrong::Event(0));
    }

    #[test]
    fn what_did_not_happen_is_no_event() {
        let events = vec![Event::Sends("\"a\"".to_owned()), Event::ReceivesEnd];
        assert_eq!(place(Kind::MissingOutput, "nothing", events), Wrong::WaitBefore(2));
    }

    #[test]
    fn what_was_not_closed_was_waited_for_in_the_longer_wait() {
        let entry = |at: u64, what| Entry {
            at: Duration::from_millis(at),
            who: "peer".to_owned(),
            what,
        };
        let entries = [
            entry(10, Event::ShutsDown),
            entry(90, Event::Receives("\"a\"".to_owned())),
        ];
        let place = |took| {
            let finding = Finding::new(Kind::NotClosed, "wrong");
            Wrong::of(&finding, &entries, Duration::from_millis(took))
        };
        assert_eq!(place(91), Wrong::WaitBefore(1));
        assert_eq!(place(300), Wrong::WaitBefore(2));
    }

    #[test]
    fn the_part_that_came_is_entered_behind_the_wait() {
        let events = |last: &str| vec![Event::Sends("\"q\"".to_owned()), Event::Receives(last.to_owned())];
        assert_eq!(
            place(Kind::MissingBytes, "\"he\"", events("\"he\"")),
            Wrong::WaitBefore(1)
        );
        assert_eq!(
            place(Kind::MissingBytes, "\"he\"", events("\"line 1\"")),
            Wrong::WaitBefore(2)
        );
    }
}
