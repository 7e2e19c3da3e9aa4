//! Whether it is certain that no program goes on unless the checker does something.

use std::collections::HashSet;
use std::fs;
use std::net::SocketAddr;

use super::call::{Wait, Way};
use super::connections::{self, Network};
use super::descriptor::{self, Descriptor, Family, Is};
use super::thread::{self, Does, Thread, UNASKED, expects_a_signal};
use super::{Look, Scene};

/// All threads wait by now, and did not run since the look before. Asked in this order: what is on its way first, what has come then, and at last
/// whether anybody has run meanwhile.
pub(super) fn is_certain(scene: &Scene<'_>, look: &Look) -> bool {
    let pids: HashSet<i32> = look.threads().map(|thread| thread.pid).collect();
    !pids.iter().any(|&pid| expects_a_signal(pid) || has_a_ring(pid))
        && (scene.network == Network::OwnOfTheJail || !has_lost_sight_of_one(scene, &pids))
        && !connections::packets_wait()
        && nothing_is_in_flight(scene, &pids)
        && look.threads().all(|thread| waits_for_us(scene, thread, &pids))
        && Look::at(scene) == *look
}

/// io_uring goes on while all threads sleep.
fn has_a_ring(pid: i32) -> bool {
    descriptor::open(pid).into_iter().any(|fd| {
        let link = fs::read_link(format!("/proc/{pid}/fd/{fd}"));
        link.is_ok_and(|link| link.to_string_lossy().contains("io_uring"))
    })
}

/// Without a warden that adopts orphans, who lost his parent is known by his process group. (One that has left that too is not seen.)
fn has_lost_sight_of_one(scene: &Scene<'_>, pids: &HashSet<i32>) -> bool {
    let leaders: Vec<i32> = scene
        .programs
        .iter()
        .filter_map(|program| program.pids.first().copied())
        .collect();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| !pids.contains(pid))
        .any(|pid| thread::living_group(pid).is_some_and(|group| leaders.contains(&group)))
}

fn nothing_is_in_flight(scene: &Scene<'_>, pids: &HashSet<i32>) -> bool {
    let Some(connections) = scene.netlink.and_then(|netlink| connections::all(netlink).ok()) else {
        return false;
    };
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
    }
    !connections::are_in_flight(&connections, scene.network, |address| ours.contains(&address))
}

fn waits_for_us(scene: &Scene<'_>, thread: &Thread, pids: &HashSet<i32>) -> bool {
    let pid = thread.pid;
    let holds = |fd, way| {
        descriptor::look(pid, fd)
            .is_ok_and(|of| !of.is_ready(way) && way != Way::Out && only_we_can_end(scene, &of, pids))
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
                        (of.ready_out || of.is_stdin || !member.waits_for_room) && only_we_can_end(scene, &of, pids)
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
    match &of.is {
        // That a connection of the host has its other end here is what `nothing_is_in_flight` has seen.
        Is::Pipe | Is::Inner | Is::Listener(_) | Is::Stream(Family::Tcp { .. }) => true,
        Is::Stream(Family::Unix { peer }) => in_a_jail || scene.ours.contains(peer) || pids.contains(peer),
        Is::Datagrams(local) => in_a_jail || local.is_some_and(|local| local.ip().is_loopback()),
        Is::Epoll(_) | Is::Unconnected | Is::Anything => false,
    }
}
