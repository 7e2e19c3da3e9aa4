//! Whether a program burns its processor time: from the first look of a wait to its end it has run all the time, in system calls for a good part,
//! and nothing has come of it: no byte and no memory in all that time, and no packet in its second half. (The last acknowledgement of what came
//! before is sent behind the first look.)

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use super::connections::Network;
use super::thread::{Thread, Used};
use super::{Look, Scene};

/// What all threads had done when somebody first looked.
#[derive(Debug)]
pub(super) struct Beginning {
    at: Instant,
    used: HashMap<i32, Used>,
    moved: HashMap<i32, Option<String>>,
    packets: Option<Packets>,
}

/// What was counted, and when for the first time.
#[derive(Debug)]
struct Packets {
    counted: String,
    since: Instant,
}

/// In less than this, a start looks the same.
const LEAST: Duration = Duration::from_millis(500);

impl Beginning {
    pub(super) fn of(scene: &Scene<'_>, look: &Look) -> Self {
        Beginning {
            at: Instant::now(),
            used: look.threads().map(|thread| (thread.number, thread.used())).collect(),
            moved: look.threads().map(|thread| (thread.number, thread.moved())).collect(),
            packets: packets(scene).map(Packets::counted_now),
        }
    }

    /// Another look of the same wait.
    pub(super) fn goes_on(&mut self, scene: &Scene<'_>) {
        if let (Some(before), Some(now)) = (&mut self.packets, packets(scene))
            && before.counted != now
        {
            *before = Packets::counted_now(now);
        }
    }

    /// What these threads have used since, and in what span, if they did nothing but run, or wait for a processor.
    pub(super) fn sees_work(&self, threads: &[Thread]) -> Option<(Used, Duration)> {
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

    /// Whether this was the same calls again and again, as far as can be seen.
    pub(super) fn sees_spin(&self, scene: &Scene<'_>, threads: &[Thread]) -> bool {
        /// What the kernel itself may touch for it.
        const PAGES: u64 = 8;
        let stands = |thread: &Thread| {
            let before = self.moved.get(&thread.number).cloned().flatten();
            before.is_some() && before == thread.moved()
        };
        self.sees_work(threads)
            .is_some_and(|(used, _)| used.pages < PAGES && used.in_calls > used.ran / 10)
            && threads.iter().all(stands)
            && self
                .packets
                .as_ref()
                .is_some_and(|packets| packets.stand(scene, self.at))
    }
}

impl Packets {
    fn counted_now(counted: String) -> Self {
        Packets {
            counted,
            since: Instant::now(),
        }
    }

    /// Whether none has moved in the second half of the time since the beginning.
    fn stand(&self, scene: &Scene<'_>, beginning: Instant) -> bool {
        self.since.elapsed() > beginning.elapsed() / 2 && packets(scene).as_ref() == Some(&self.counted)
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
