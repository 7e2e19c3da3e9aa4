//! A program as it waits: where its threads are, and what its descriptors hold.

use super::call::{Wait, Way};
use super::descriptor::{self, Descriptor, Family, Is};
use super::thread::{Does, Thread};
use super::{Scene, Subject};

/// One program as it waits.
pub(super) struct Seen<'a> {
    pub(super) scene: &'a Scene<'a>,
    pub(super) who: &'a str,
    pub(super) is_silent: bool,
    pub(super) threads: usize,
    /// Where its threads wait, the most telling first.
    pub(super) places: Vec<Place>,
    pub(super) descriptors: Vec<Descriptor>,
}

/// Where a thread waits.
pub(super) struct Place {
    pub(super) pid: i32,
    pub(super) wait: Wait,
}

impl<'a> Seen<'a> {
    pub(super) fn of(scene: &'a Scene<'_>, program: &'a Subject, threads: &[Thread]) -> Self {
        Seen {
            scene,
            who: &program.who,
            is_silent: program.is_silent,
            threads: threads.len(),
            places: places(threads),
            descriptors: program.pids.iter().flat_map(|&pid| descriptor::all(pid)).collect(),
        }
    }
}

impl Seen<'_> {
    pub(super) fn find(&self, pid: i32, fd: i32) -> Option<&Descriptor> {
        self.descriptors.iter().find(|of| (of.pid, of.fd) == (pid, fd))
    }

    /// The address that it reads from, and does nothing else.
    pub(super) fn reads_from(&self, other: &Seen<'_>) -> bool {
        let [
            Place {
                pid,
                wait: Wait::On { fd, way: Way::In, .. },
            },
            ..,
        ] = self.places[..]
        else {
            return false;
        };
        let remote = match self.find(pid, fd).map(|of| &of.is) {
            Some(Is::Stream(Family::Tcp { remote, .. })) => remote,
            Some(Is::Stream(Family::Unix { peer })) => return other.descriptors.iter().any(|of| of.pid == *peer),
            Some(_) | None => return false,
        };
        other
            .descriptors
            .iter()
            .any(|of| matches!(of.is, Is::Stream(Family::Tcp { local, .. }) if local == *remote))
    }

    pub(super) fn waits_for_a_client(&self, place: &Place) -> bool {
        let fds: Vec<i32> = match &place.wait {
            Wait::On { fd, .. } => vec![*fd],
            Wait::AnyOf { fds, .. } => fds.iter().map(|(fd, _)| *fd).collect(),
            Wait::Epoll { fd } => match self.find(place.pid, *fd).map(|of| &of.is) {
                Some(Is::Epoll(members)) => members.iter().map(|member| member.fd).collect(),
                Some(_) | None => return false,
            },
            Wait::Others { .. } | Wait::Signal { .. } | Wait::Time { .. } | Wait::Unknown => return false,
        };
        fds.into_iter().any(|fd| {
            matches!(
                self.find(place.pid, fd),
                Some(Descriptor {
                    is: Is::Listener(_),
                    ..
                })
            )
        })
    }

    /// It has somebody to talk to.
    pub(super) fn is_connected(&self) -> bool {
        self.descriptors
            .iter()
            .any(|of| of.fd > 2 && matches!(of.is, Is::Stream(_) | Is::Datagrams(_)))
    }

    /// The streams that its threads read from.
    pub(super) fn reads(&self) -> impl Iterator<Item = &Descriptor> {
        self.places.iter().filter_map(|place| match &place.wait {
            Wait::On {
                fd,
                way: Way::In | Way::End,
                ..
            } => self.find(place.pid, *fd).filter(|of| matches!(of.is, Is::Stream(_))),
            _ => None,
        })
    }

    /// Whether some thread waits for this to be read.
    pub(super) fn is_waited_for(&self, of: &Descriptor) -> bool {
        self.places
            .iter()
            .filter(|place| place.pid == of.pid)
            .any(|place| match &place.wait {
                Wait::On { fd, way: Way::In, .. } => {
                    *fd == of.fd || of.is_stdin && self.find(of.pid, *fd).is_some_and(|waited| waited.is_stdin)
                }
                Wait::AnyOf { fds, .. } => fds.contains(&(of.fd, Way::In)),
                _ => false,
            })
    }
}

fn places(threads: &[Thread]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for thread in threads {
        let (pid, Does::Sleep(wait)) = (thread.pid, &thread.does) else {
            continue;
        };
        if !places.iter().any(|place| place.pid == pid && place.wait == *wait) {
            places.push(Place {
                pid,
                wait: wait.clone(),
            });
        }
    }
    places.sort_by_key(|place| match place.wait {
        // Who accepts has done so; the threads that serve say more.
        Wait::On { call: "accept", .. } => 1,
        Wait::On { .. } => 0,
        Wait::AnyOf { .. } | Wait::Epoll { .. } => 2,
        Wait::Time { .. } => 3,
        Wait::Signal { .. } => 4,
        Wait::Others { .. } => 5,
        Wait::Unknown => 6,
    });
    places
}
