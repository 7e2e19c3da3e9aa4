//! Where programs wait, in words for whoever wrote them.

use std::net::SocketAddr;

use super::call::{Wait, Way};
use super::descriptor::{Descriptor, Family, Is};
use super::seen::{Place, Seen};
use super::spinning::Beginning;
use super::thread::Thread;
use super::{Look, Scene};
use crate::quote::{count, listed};
use crate::verdict::{Waiting, Waits};

pub(super) fn of(scene: &Scene<'_>, look: &Look, first: Option<&Beginning>, is_certain: bool) -> Option<Waits> {
    let waits = |kind, sentence| {
        Some(Waits {
            kind,
            sentence,
            is_certain,
        })
    };
    if look.is_hidden() {
        let who = scene.programs.first()?.who.as_str();
        return waits(
            Waiting::Unseen,
            format!(
                "where the {who} waits can't be seen here (`/proc` is closed to the checker): the deadline decided"
            ),
        );
    }
    let of_programs = || scene.programs.iter().zip(&look.programs);
    for (program, threads) in of_programs() {
        if let Some((kind, sentence)) = first.and_then(|first| at_work(&program.who, threads, scene, first)) {
            return waits(kind, sentence);
        }
    }
    let seen: Vec<Seen<'_>> = of_programs()
        .filter(|(_, threads)| !threads.is_empty())
        .map(|(program, threads)| Seen::of(program, threads))
        .collect();
    if let [one, other] = &seen[..]
        && one.reads_from(other)
        && other.reads_from(one)
    {
        return waits(
            Waiting::BothWait,
            format!(
                "both ends wait in `read`: the {} for the {}, and the {1} for the {0}; whose turn is it, and did that one flush, end its line, or shut \
                 down its sending side?",
                one.who, other.who
            ),
        );
    }
    let told: Vec<(Waiting, String)> = seen.iter().filter_map(Seen::told).collect();
    // Bytes that nobody reads say most.
    let kind = told
        .iter()
        .map(|(kind, _)| *kind)
        .min_by_key(|kind| *kind != Waiting::LeavesUnread)?;
    let sentences: Vec<String> = told.into_iter().map(|(_, sentence)| sentence).collect();
    waits(kind, sentences.join("; "))
}

/// It has not waited, but run.
fn at_work(who: &str, threads: &[Thread], scene: &Scene<'_>, first: &Beginning) -> Option<(Waiting, String)> {
    let (used, span) = first.sees_work(threads)?;
    let waited = match used.waited > span / 10 {
        true => format!(", and was ready to for {:.1} more", used.waited.as_secs_f64()),
        false => String::new(),
    };
    let (ran, span) = (used.ran.as_secs_f64(), span.as_secs_f64());
    let ran = format!("the {who} does not wait: it ran for {ran:.1} of the last {span:.1} seconds{waited}");
    Some(match first.sees_spin(scene, threads) {
        true => (
            Waiting::Spins,
            format!("{ran}; does it repeat a call that returns at once (with 0 at end-of-file, or `EAGAIN`)?"),
        ),
        false => (Waiting::Works, ran),
    })
}

impl Seen<'_> {
    /// `the server waits in …`; `None` where nothing is known.
    fn told(&self) -> Option<(Waiting, String)> {
        let place = self.places.first()?;
        let (kind, waits) = self.at(place)?;
        let who = self.who;
        if self.is_silent && self.waits_for_a_client(place) {
            let sentence = format!(
                "nothing came on its stdout, and the {who} already {waits}: was `listening on …` printed, and flushed?"
            );
            return Some((Waiting::NeverFlushed, sentence));
        }
        if let Some(left) = self.left_unread() {
            return Some((Waiting::LeavesUnread, format!("the {who} {waits}, while {left}")));
        }
        let thought = match kind {
            Waiting::ForBytes => {
                ", and nothing is on its way: is it after a newline, a full buffer or an end-of-file that does not come before it answers?"
            }
            Waiting::ForADatagram => ", and none is on its way",
            Waiting::ForInput if self.is_silent => ", and nothing has come on its stdout: is what it prints flushed?",
            Waiting::ForInput => ", and no more is typed before it goes on",
            Waiting::ForAClient => ", and nobody else comes",
            Waiting::ForAServer => ", and nobody takes its connection in",
            Waiting::ForRoom => ": the other end does not read, and the buffers are full",
            Waiting::ForItself => {
                ": does one hold a lock that another needs, or wait for the end of one that never ends?"
            }
            Waiting::ForTime => ": for a time to pass, not for an event",
            Waiting::LeavesUnread
            | Waiting::NeverFlushed
            | Waiting::BothWait
            | Waiting::ForEvents
            | Waiting::ForASignal
            | Waiting::Spins
            | Waiting::Works
            | Waiting::Unseen => "",
        };
        Some((kind, format!("the {who} {waits}{thought}")))
    }

    fn at(&self, place: &Place) -> Option<(Waiting, String)> {
        let pid = place.pid;
        Some(match &place.wait {
            Wait::On { call, fd, way } => self.on(call, self.find(pid, *fd)?, *way),
            Wait::AnyOf { call, fds } => {
                let asked = fds.iter().filter(|(_, way)| *way != Way::End);
                self.any_of(call, pid, asked.map(|(fd, _)| *fd))
            }
            Wait::Epoll { fd } => match &self.find(pid, *fd)?.is {
                Is::Epoll(members) => self.any_of("epoll_wait", pid, members.iter().map(|member| member.fd)),
                _ => return None,
            },
            Wait::Others { call: "wait" } => (Waiting::ForItself, "waits in `wait` for a child process".to_owned()),
            Wait::Others { call } => (
                Waiting::ForItself,
                format!("has threads that wait in `{call}` for each other"),
            ),
            Wait::Signal { call, .. } => (Waiting::ForASignal, format!("waits in `{call}` for a signal")),
            Wait::Time { call: call @ "sleep" } => (Waiting::ForTime, format!("waits in `{call}`")),
            Wait::Time { call } => (Waiting::ForTime, format!("waits in `{call}` with a time limit")),
            Wait::Unknown => return None,
        })
    }

    /// A blocking call on one descriptor.
    fn on(&self, call: &str, of: &Descriptor, way: Way) -> (Waiting, String) {
        let waits = match of.has_a_limit {
            true => format!("waits in `{call}`, with a time limit,"),
            false => format!("waits in `{call}`"),
        };
        match (&of.is, way) {
            _ if call == "connect" => (Waiting::ForAServer, waits),
            (_, Way::Out) => (Waiting::ForRoom, format!("{waits} for room")),
            (Is::Listener(_), Way::In | Way::End) => {
                let client = if self.has_a_client() {
                    "another client"
                } else {
                    "a client"
                };
                (Waiting::ForAClient, format!("{waits} for {client}"))
            }
            (Is::Stream(Family::Tcp { remote, .. }), Way::In | Way::End) => {
                (Waiting::ForBytes, format!("{waits} for more bytes from {remote}"))
            }
            (Is::Stream(Family::Unix { .. }), Way::In | Way::End) => {
                (Waiting::ForBytes, format!("{waits} for more bytes from the other end"))
            }
            (Is::Datagrams(_), Way::In | Way::End) => (Waiting::ForADatagram, format!("{waits} for a datagram")),
            (_, Way::In | Way::End) if of.is_stdin => (Waiting::ForInput, format!("{waits} on its stdin")),
            (_, Way::In | Way::End) => (Waiting::ForItself, format!("{waits} on a pipe of its own")),
        }
    }

    fn any_of(&self, call: &str, pid: i32, fds: impl Iterator<Item = i32>) -> (Waiting, String) {
        let mut names: Vec<String> = fds
            .filter_map(|fd| {
                let of = self.find(pid, fd)?;
                Some(match &of.is {
                    Is::Listener(_) => "another client".to_owned(),
                    Is::Stream(_) | Is::Datagrams(_) => from(of),
                    Is::Pipe if of.is_stdin => "its stdin".to_owned(),
                    Is::Pipe | Is::Unconnected | Is::Anything | Is::Inner | Is::Epoll(_) => return None,
                })
            })
            .collect();
        names.sort();
        names.dedup();
        /// So many are told by name.
        const MOST: usize = 4;
        if names.len() > MOST {
            let more = names.len() - MOST;
            names.truncate(MOST);
            names.push(format!("{more} more"));
        }
        let what = match names.is_empty() {
            true => "events of its own".to_owned(),
            false => listed(&names, "and"),
        };
        (Waiting::ForEvents, format!("waits in `{call}` for {what}"))
    }

    /// `12 bytes from … lie unread: who reads them?`
    fn left_unread(&self) -> Option<String> {
        let mut left = self
            .descriptors
            .iter()
            .filter(|of| of.ready_in && !self.is_waited_for(of));
        let of = left
            .clone()
            .find(|of| of.unread > 0 && (of.is_stdin || matches!(of.is, Is::Stream(_) | Is::Datagrams(_))));
        if let Some(of) = of {
            let (bytes, lie) = (count(of.unread, "byte"), if of.unread == 1 { "lies" } else { "lie" });
            return Some(match of.is_stdin {
                true => format!("{bytes} {lie} unread on its stdin"),
                false => format!("{bytes} from {} {lie} unread: who reads them?", from(of)),
            });
        }
        left.find_map(|of| match &of.is {
            Is::Listener(_) => Some("a client waits to be accepted".to_owned()),
            Is::Stream(_) if of.fd > 2 && of.holds_only_the_end() => {
                Some(format!("end-of-file from {} is not read", from(of)))
            }
            Is::Pipe if of.is_stdin && of.holds_only_the_end() => Some("the end of its stdin is not read".to_owned()),
            _ => None,
        })
    }
}

/// Whom it hears from there.
fn from(of: &Descriptor) -> String {
    let address: Option<SocketAddr> = match &of.is {
        Is::Stream(Family::Tcp { remote, .. }) => Some(*remote),
        _ => None,
    };
    address.map_or_else(|| "the other end".to_owned(), |address| address.to_string())
}
