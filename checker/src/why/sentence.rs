//! Where programs wait, in words for whoever wrote them.

use super::call::{Wait, Way};
use super::descriptor::{Descriptor, Family, Is};
use super::seen::{Place, Seen};
use super::spinning::Work;
use super::thread::Thread;
use super::{Look, Scene};
use crate::quote::listed;
use crate::verdict::{Waiting, Waits};
use crate::wire::Part;

pub(super) fn of(scene: &Scene<'_>, look: &Look, work: Option<&Work>, is_certain: bool) -> Option<Waits> {
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
        if let Some((kind, sentence)) = work.and_then(|work| at_work(&program.who, threads, scene, work)) {
            return waits(kind, sentence);
        }
    }
    let seen: Vec<Seen<'_>> = of_programs()
        .filter(|(_, threads)| !threads.is_empty())
        .map(|(program, threads)| Seen::of(scene, program, threads))
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
    let mut told: Vec<(&str, Waiting, String)> = Vec::new();
    for seen in &seen {
        let Some((kind, sentence)) = seen.told() else {
            continue;
        };
        // Of several that wait alike the last one was started for what is waited for.
        told.retain(|(who, known, _)| (*who, *known) != (seen.who, kind));
        told.push((seen.who, kind, sentence));
    }
    // Bytes that nobody reads say most, and a program that waits for itself keeps all others waiting.
    let kind = told.iter().map(|(_, kind, _)| *kind).min_by_key(|kind| match kind {
        Waiting::LeavesUnread => 0,
        Waiting::ForItself => 1,
        _ => 2,
    })?;
    let sentences: Vec<String> = told.into_iter().map(|(_, _, sentence)| sentence).collect();
    waits(kind, sentences.join("; "))
}

/// It has not waited, but run.
fn at_work(who: &str, threads: &[Thread], scene: &Scene<'_>, work: &Work) -> Option<(Waiting, String)> {
    let (used, span) = work.seen(threads)?;
    let waited = match used.waited > span / 10 {
        true => format!(", and wanted a processor for {:.1} more", used.waited.as_secs_f64()),
        false => String::new(),
    };
    let (ran, span) = (used.ran.as_secs_f64(), span.as_secs_f64());
    let ran = format!("the {who} does not wait: it ran for {ran:.1} of the last {span:.1} seconds{waited}");
    Some(match work.is_vain(scene, threads) {
        true => (
            Waiting::Spins,
            format!("{ran}: does it repeat a call that returns at once (0 bytes at end-of-file, or `EAGAIN`)?"),
        ),
        false => (
            Waiting::Works,
            format!("{ran}: is it slow, or in a loop without an end?"),
        ),
    })
}

impl Seen<'_> {
    /// `the server waits in …`; `None` where nothing is known.
    fn told(&self) -> Option<(Waiting, String)> {
        let place = self.places.first()?;
        let (kind, waits) = self.at(place)?;
        let who = self.who;
        if self.is_silent && self.waits_for_a_client(place) {
            let sentence =
                format!("the {who} already {waits}: its ready line was not printed, or lies in a buffer of its own");
            return Some((Waiting::NeverFlushed, sentence));
        }
        let left = match kind {
            // These are what keeps it from everything else.
            Waiting::ForItself => None,
            // One line is in hand at a time.
            Waiting::ForADatagram => self.left_by_others(),
            _ => self.left_by_others().or_else(|| self.left_on_stdin()),
        };
        if let Some(left) = left {
            return Some((Waiting::LeavesUnread, format!("the {who} {waits}, {left}")));
        }
        let thought = match kind {
            Waiting::ForBytes => match self.waits_for_us(place) {
                Some(us) => format!(
                    ", while {us} waits for the {who}: was something not flushed, or not ended, or does it read on after all has come?"
                ),
                None => ", and nothing is on its way".to_owned(),
            },
            Waiting::ForADatagram => ", and none comes".to_owned(),
            Waiting::ForInput if self.is_silent && !self.is_connected() => {
                ", and has no connection yet: does it read before it connects?".to_owned()
            }
            Waiting::ForInput if self.is_silent => {
                ", and nothing has come on its stdout: is what it prints flushed?".to_owned()
            }
            Waiting::ForInput => ", and no more is typed before it goes on".to_owned(),
            Waiting::ForAClient => ", and nobody comes".to_owned(),
            Waiting::ForAServer => ", and nobody takes its connection in".to_owned(),
            Waiting::ForRoom => ": the buffers are full".to_owned(),
            Waiting::ForEvents => {
                ", and nothing comes from there: does a buffer of its own hold what it looks for?".to_owned()
            }
            Waiting::ForTime => ": for a time to pass, not for an event".to_owned(),
            Waiting::ForItself
            | Waiting::LeavesUnread
            | Waiting::NeverFlushed
            | Waiting::BothWait
            | Waiting::ForASignal
            | Waiting::Spins
            | Waiting::Works
            | Waiting::Unseen => String::new(),
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
            Wait::Others { call } => (Waiting::ForItself, self.among_themselves(call)),
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
            (Is::Stream(_), Way::Out) => (
                Waiting::ForRoom,
                format!("{waits} for room, since {} does not read", self.from(of)),
            ),
            (_, Way::Out) => (Waiting::ForRoom, format!("{waits} for room")),
            (Is::Listener(_), Way::In | Way::End) => {
                let client = if self.is_connected() {
                    "another client"
                } else {
                    "a client"
                };
                (Waiting::ForAClient, format!("{waits} for {client}"))
            }
            (Is::Stream(_), Way::In | Way::End) => {
                let all = self.in_short(self.reads().map(|of| self.from(of)).collect());
                (Waiting::ForBytes, format!("{waits} for more bytes from {all}"))
            }
            (Is::Datagrams(_), Way::In | Way::End) => {
                let limit = if of.has_a_limit { "with" } else { "without" };
                (
                    Waiting::ForADatagram,
                    format!("waits in `recv` for a datagram, {limit} a time limit"),
                )
            }
            (_, Way::In | Way::End) if of.is_stdin => (Waiting::ForInput, format!("{waits} on its stdin")),
            (_, Way::In | Way::End) => (Waiting::ForItself, format!("{waits} on a pipe of its own")),
        }
    }

    fn any_of(&self, call: &str, pid: i32, fds: impl Iterator<Item = i32>) -> (Waiting, String) {
        let names = fds.filter_map(|fd| {
            let of = self.find(pid, fd)?;
            Some(match &of.is {
                Is::Listener(_) => "another client".to_owned(),
                Is::Stream(_) | Is::Datagrams(_) => self.from(of),
                Is::Pipe if of.is_stdin => "its stdin".to_owned(),
                Is::Pipe | Is::Unconnected | Is::Anything | Is::Inner | Is::Epoll(_) => return None,
            })
        });
        let what = match self.in_short(names.collect()) {
            names if names.is_empty() => "events of its own".to_owned(),
            names => names,
        };
        (Waiting::ForEvents, format!("waits in `{call}` for {what}"))
    }

    /// Each once, and not more than can be read.
    fn in_short(&self, mut names: Vec<String>) -> String {
        const MOST: usize = 4;
        names.sort();
        names.dedup();
        if names.len() > MOST {
            let more = names.len() - MOST;
            names.truncate(MOST);
            names.push(format!("{more} more"));
        }
        listed(&names, "and")
    }

    /// All threads wait in a call that only another thread of the program ends.
    fn among_themselves(&self, call: &str) -> String {
        match self.threads {
            1 => format!(
                "waits in `{call}` with its only thread, and nobody is left to wake it: does it take a lock that it holds already?"
            ),
            threads => format!(
                "waits in `{call}` with all its {threads} threads: does one hold a lock that another needs, or wait for the end of one that never ends?"
            ),
        }
    }

    /// The peer of the checker that it reads from, and nobody else.
    fn waits_for_us(&self, place: &Place) -> Option<String> {
        let Wait::On { fd, .. } = &place.wait else {
            return None;
        };
        let of = self.find(place.pid, *fd)?;
        let is_ours = match &of.is {
            Is::Stream(Family::Tcp { remote, .. }) => self.scene.names.part(*remote) == Some(Part::Ours),
            Is::Stream(Family::Unix { peer }) => self.scene.ours.contains(peer),
            _ => false,
        };
        (is_ours && self.reads().count() == 1).then(|| self.from(of))
    }

    /// Whom it hears from there.
    pub(super) fn from(&self, of: &Descriptor) -> String {
        match &of.is {
            Is::Stream(Family::Tcp { remote, .. }) => self.scene.names.of(*remote),
            Is::Stream(Family::Unix { peer }) if self.scene.ours.contains(peer) => "peer".to_owned(),
            _ => "the other end".to_owned(),
        }
    }
}
