//! Whether a program burns its processor time: it has run all the time of a wait, in system calls for a good part, and for the greater part of that
//! time nothing has come of it.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use super::connections::Network;
use super::thread::{Thread, Used};
use super::{Look, Scene};

/// What the threads do in the time of a wait.
#[derive(Debug)]
pub(super) struct Work {
    first: Beginning,
    /// Nothing has moved since.
    calm: Beginning,
}

impl Work {
    pub(super) fn begins(scene: &Scene<'_>, look: &Look) -> Self {
        Work {
            first: Beginning::of(scene, look),
            calm: Beginning::of(scene, look),
        }
    }

    /// Another look.
    pub(super) fn goes_on(&mut self, scene: &Scene<'_>, look: &Look) {
        let now = Beginning::of(scene, look);
        if (&now.moved, &now.packets) != (&self.calm.moved, &self.calm.packets) {
            self.calm = now;
        }
    }

    /// What these threads have used, and in what span, if they did nothing but run, or wait for a processor.
    pub(super) fn seen(&self, threads: &[Thread]) -> Option<(Used, Duration)> {
        self.first.sees_work(threads)
    }

    /// Whether this was the same calls again and again, as far as can be seen.
    pub(super) fn is_vain(&self, scene: &Scene<'_>, threads: &[Thread]) -> bool {
        self.calm.at.elapsed() > self.first.at.elapsed() / 2 && self.calm.sees_spin(scene, threads)
    }
}

/// What all threads had done at one moment.
#[derive(Debug)]
struct Beginning {
    at: Instant,
    used: HashMap<i32, Used>,
    moved: HashMap<i32, Option<String>>,
    packets: Option<String>,
}

/// In less than this, a start looks the same.
const LEAST: Duration = Duration::from_millis(500);

impl Beginning {
    fn of(scene: &Scene<'_>, look: &Look) -> Self {
        Beginning {
            at: Instant::now(),
            used: look.threads().map(|thread| (thread.number, thread.used())).collect(),
            moved: look.threads().map(|thread| (thread.number, thread.moved())).collect(),
            packets: packets(scene),
        }
    }

    /// What these threads have used since, and in what span, if they did nothing but run, or wait for a processor.
    fn sees_work(&self, threads: &[Thread]) -> Option<(Used, Duration)> {
        let span = self.at.elapsed();
        let used = threads.iter().fold(Used::default(), |sum, thread| {
            let before = self.used.get(&thread.number).copied().unwrap_or_default();
            let now = thread.used();
            Used {
                ran: sum.ran + now.ran.saturating_sub(before.ran),
                waited: sum.waited + now.waited.saturating_sub(before.waited),
                in_calls: sum.in_calls + now.in_calls.saturating_sub(before.in_calls),
                pages: sum.pages + now.pages.saturating_sub(before.pages),
            }
        });
        (span > LEAST && used.ran + used.waited > span.mul_f64(0.8)).then_some((used, span))
    }

    /// Whether they repeat themselves: no byte and no packet has moved, and no memory was touched anew.
    fn sees_spin(&self, scene: &Scene<'_>, threads: &[Thread]) -> bool {
        /// What the kernel itself may touch for it.
        const PAGES: u64 = 8;
        let stands = |thread: &Thread| {
            let before = self.moved.get(&thread.number).cloned().flatten();
            before.is_some() && before == thread.moved()
        };
        self.sees_work(threads)
            .is_some_and(|(used, _)| used.pages < PAGES && used.in_calls > used.ran / 10)
            && threads.iter().all(stands)
            && self.packets.is_some()
            && self.packets == packets(scene)
    }
}

/// What the kernel has counted of packets in the jail. On the host others send some, too: nothing follows from that.
fn packets(scene: &Scene<'_>) -> Option<String> {
    let counts = match scene.network {
        Network::OwnOfTheJail => fs::read_to_string(scene.proc_net.join("snmp")).ok()?,
        Network::OfTheHost => return None,
    };
    Some(
        counts
            .lines()
            .filter(|line| line.starts_with("Tcp:") || line.starts_with("Udp:"))
            .collect(),
    )
}
