//! Packets as they came, bounded: the first and the last of them, with a count of what lies between.

use std::collections::VecDeque;
use std::time::Duration;

/// Packets kept from the start and from the end.
const HEAD: usize = 2048;
const TAIL: usize = 2048;
/// Bytes kept of each of the two.
const BYTES: usize = 16 << 20;

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// Since the check began.
    pub at: Duration,
    /// From its Ethernet header on; content may be cut off.
    pub bytes: Vec<u8>,
    /// So many packets before it were not kept.
    pub missing: u64,
}

/// The packets of one check.
#[derive(Debug, Default)]
pub struct Record {
    head: Vec<Captured>,
    tail: VecDeque<Captured>,
    /// Of the head while that grows, then of the tail.
    bytes: usize,
    head_is_full: bool,
    /// Packets that were missed, behind the last that was kept.
    missed: u64,
}

impl Record {
    pub fn push(&mut self, at: Duration, bytes: &[u8]) {
        let packet = Captured {
            at,
            bytes: bytes.to_vec(),
            missing: std::mem::take(&mut self.missed),
        };
        if !self.head_is_full && (self.head.len() == HEAD || self.bytes + bytes.len() > BYTES) {
            self.head_is_full = true;
            self.bytes = 0;
        }
        self.bytes += bytes.len();
        if !self.head_is_full {
            self.head.push(packet);
            return;
        }
        self.tail.push_back(packet);
        while self.tail.len() > TAIL || self.bytes > BYTES {
            let Some(dropped) = self.tail.pop_front() else { break };
            self.bytes -= dropped.bytes.len();
            match self.tail.front_mut() {
                Some(next) => next.missing += dropped.missing + 1,
                None => self.missed += dropped.missing + 1,
            }
        }
    }

    /// So many packets came that could not be taken.
    pub fn misses(&mut self, packets: u64) {
        self.missed += packets;
    }

    /// How many packets were missed behind the last that was kept.
    pub fn missed(&self) -> u64 {
        self.missed
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
        for at in 0..10_000 {
            record.push(Duration::from_micros(at), &[]);
        }
        let kept: Vec<_> = record.packets().collect();
        assert_eq!(kept.len(), HEAD + TAIL);
        assert_eq!(kept[HEAD].missing, (10_000 - HEAD - TAIL) as u64);
        assert_eq!(kept[HEAD].at.as_micros(), (10_000 - TAIL) as u128);
        assert!(kept.iter().filter(|packet| packet.missing > 0).count() == 1);
    }

    #[test]
    fn so_are_large_ones() {
        let mut record = Record::default();
        let large = vec![0; 1 << 16];
        for _ in 0..1000 {
            record.push(Duration::ZERO, &large);
        }
        assert_eq!(record.packets().count(), 2 * BYTES / large.len());
        record.misses(3);
        assert_eq!(record.missed(), 3);
        record.push(Duration::ZERO, &large);
        assert_eq!(record.packets().last().expect("a packet").missing, 3);
    }
}
