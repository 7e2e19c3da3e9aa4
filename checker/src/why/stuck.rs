//! Whether it is certain that no program goes on unless the checker does something.

use std::collections::HashSet;
use std::fs;
use std::net::SocketAddr;

use super::call::{Wait, Way};
use super::connections::{self, Connection, Network};
use super::descriptor::{self, Descriptor, Family, Is};
use super::signals::UNASKED;
use super::thread::{Does, Thread};
use super::{Look, Scene, orphans, signals};

/// All threads wait by now, and did not run since the look before. Asked in this order: what is on its way first, what has come then, and at last
/// whether anybody has run meanwhile.
pub(super) fn is_certain(scene: &Scene<'_>, look: &Look) -> bool {
    let pids: HashSet<i32> = look.threads().map(|thread| thread.pid).collect();
    let leaders: Vec<i32> = scene
        .programs
        .iter()
        .filter_map(|program| program.pids.first().copied())
        .collect();
    let started_by_them = pids
        .iter()
        .filter(|pid| !leaders.contains(pid) && !scene.players.contains(pid));
    orphans::can_be_seen()
        && !pids
            .iter()
            .any(|&pid| signals::expects_one(pid) || descriptor::is_driven(pid) || has_a_ring(pid))
        && !signals::may_end_one(started_by_them)
        && !look
            .threads()
            .any(|thread| descriptor::are_of_its_own(thread.pid, thread.number))
        && (scene.network == Network::OwnOfTheJail || !orphans::may_be_of(&leaders, &pids))
        && !connections::packets_wait()
        && nothing_is_in_flight(scene, &pids).is_some_and(|connections| {
            look.threads()
                .all(|thread| waits_for_us(scene, thread, &pids, &connections))
        })
        && Look::at(scene) == *look
}

/// Calls of io_uring and of io_submit(2) go on while all threads sleep. Where the descriptor is closed by now, the ring is still in its memory.
fn has_a_ring(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/maps"))
        .map_or(true, |maps| maps.contains("[io_uring]") || maps.contains("/[aio]"))
}

/// All connections, if nothing is on its way in any that matters, and each end of those that our programs have belongs to somebody known.
fn nothing_is_in_flight(scene: &Scene<'_>, pids: &HashSet<i32>) -> Option<Vec<Connection>> {
    let connections = scene.netlink.and_then(|netlink| connections::all(netlink).ok())?;
    let mut ours = HashSet::<SocketAddr>::new();
    if scene.network == Network::OfTheHost {
        for &pid in pids {
            for descriptor in descriptor::all(pid) {
                match descriptor.is {
                    Is::Listener(Some(local)) => drop(ours.insert(local)),
                    Is::Stream(Family::Tcp { local, .. }) => drop(ours.insert(local)),
                    _ => {}
                }
            }
        }
        let known: HashSet<u32> = pids
            .iter()
            .chain(&scene.ours)
            .flat_map(|&pid| descriptor::sockets(pid))
            .collect();
        let is_a_strangers = |one: &Connection| one.inode != 0 && !known.contains(&one.inode);
        if connections
            .iter()
            .any(|one| ours.contains(&one.remote) && is_a_strangers(one))
        {
            return None;
        }
    }
    (!connections::are_in_flight(&connections, scene.network, |address| ours.contains(&address))).then_some(connections)
}

fn waits_for_us(scene: &Scene<'_>, thread: &Thread, pids: &HashSet<i32>, connections: &[Connection]) -> bool {
    let pid = thread.pid;
    let holds = |fd, way| {
        descriptor::look(pid, fd).is_ok_and(|of| {
            // Where some bytes are not enough for it (`SO_RCVLOWAT`), the rest may be on its way.
            let wants_more = way == Way::In && of.unread > 0;
            !of.is_ready(way) && !wants_more && way != Way::Out && only_we_can_end(scene, &of, pids)
        })
    };
    // What lies there was announced before; the next bytes will be, too.
    let is_announced_again = |of: &Descriptor| match of.is {
        Is::Stream(Family::Tcp { local, remote }) => {
            of.unread > 0 && connections::more_is_to_come(connections, local, remote)
        }
        _ => false,
    };
    match &thread.does {
        Does::Something | Does::Hidden => false,
        Does::Sleep(wait) => match wait {
            // An AF_UNIX socket waits for room in the accept queue; for TCP the kernel tries again and again.
            Wait::On {
                call: "connect", fd, ..
            } => descriptor::look(pid, *fd)
                .is_ok_and(|of| of.is == Is::Unconnected && !of.has_a_limit && scene.network == Network::OwnOfTheJail),
            Wait::On { fd, way, .. } => holds(*fd, *way) && descriptor::look(pid, *fd).is_ok_and(|of| !of.has_a_limit),
            Wait::AnyOf { fds, .. } => fds.iter().all(|&(fd, way)| holds(fd, way)),
            Wait::Epoll { fd } => descriptor::look(pid, *fd).is_ok_and(|epoll| match &epoll.is {
                Is::Epoll(members) if !epoll.ready_in => members.iter().all(|member| {
                    // What was announced already (edge-triggered) is not announced again; that there will be room nobody can exclude.
                    descriptor::look(pid, member.fd).is_ok_and(|of| {
                        of.is(member)
                            && !is_announced_again(&of)
                            && (of.ready_out || of.is_stdin || !member.waits_for_room)
                            && only_we_can_end(scene, &of, pids)
                    })
                }),
                _ => false,
            }),
            // All of them are looked at.
            Wait::Others { .. } => true,
            Wait::Signal { set, .. } => set.is_none_or(|set| set & UNASKED == 0),
            Wait::Time { .. } | Wait::Unknown => false,
        },
    }
}

/// Whether what this descriptor waits for comes from the checker, or from a program that waits itself.
fn only_we_can_end(scene: &Scene<'_>, of: &Descriptor, pids: &HashSet<i32>) -> bool {
    let in_a_jail = scene.network == Network::OwnOfTheJail;
    if of.breaks_by_itself {
        return false;
    }
    match &of.is {
        // That a connection of the host has its other end here is what `nothing_is_in_flight` has seen.
        Is::Pipe | Is::Inner | Is::Listener(_) | Is::Stream(Family::Tcp { .. }) => true,
        Is::Stream(Family::Unix { peer }) => in_a_jail || scene.ours.contains(peer) || pids.contains(peer),
        Is::Datagrams(local) => in_a_jail || local.is_some_and(|local| local.ip().is_loopback()),
        Is::Epoll(_) | Is::Unconnected | Is::Anything => false,
    }
}
