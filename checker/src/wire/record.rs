//! Packets as they came, bounded: the first and the last of them, with a count of what lies between.

use std::collections::VecDeque;
use std::time::Duration;

/// Packets kept from the start and from the end.
const HEAD: usize = 2048;
const TAIL: usize = 2048;

/// One packet, from its Ethernet header on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Since the check began.
    pub at: Duration,
    /// How long it was.
    pub length: usize,
    /// Its beginning.
    pub bytes: Vec<u8>,
    /// So many packets before it were not kept.
    pub missing: u64,
}

/// The packets of one check.
#[derive(Debug, Default)]
pub struct Record {
    head: Vec<Captured>,
    tail: VecDeque<Captured>,
}

impl Record {
    pub fn push(&mut self, packet: Captured) {
        if self.head.len() < HEAD {
            self.head.push(packet);
            return;
        }
        if self.tail.len() == TAIL
            && let Some(dropped) = self.tail.pop_front()
            && let Some(next) = self.tail.front_mut()
        {
            next.missing += dropped.missing + 1;
        }
        self.tail.push_back(packet);
    }

    /// All that was kept, in the order in which it came.
    pub fn packets(&self) -> impl Iterator<Item = &Captured> {
        self.head.iter().chain(&self.tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_flood_is_counted() {
        let mut record = Record::default();
        for length in 0..10_000 {
            record.push(Captured {
                at: Duration::ZERO,
                length,
                bytes: Vec::new(),
                missing: 0,
            });
        }
        let kept: Vec<_> = record.packets().collect();
        assert_eq!(kept.len(), HEAD + TAIL);
        assert_eq!(kept[HEAD].missing, (10_000 - HEAD - TAIL) as u64);
        assert_eq!(kept[HEAD].length, 10_000 - TAIL);
        assert!(kept.iter().filter(|packet| packet.missing > 0).count() == 1);
    }
}
