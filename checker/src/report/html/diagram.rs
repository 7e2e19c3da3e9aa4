//! The sequence diagram of a check: a lane for each program and peer, time from top to bottom, one row for each event. Not to scale: a
//! long time without an event is a bar.

use std::time::Duration;

use super::drawing::Drawing;
use super::lanes::{Lanes, courses};
use super::wrong::Wrong;
use crate::transcript::Entry;
use crate::verdict::Finding;

/// The class of a packet's arrow.
pub(super) const PACKET: &str = "packet";

/// Around the wrong event are drawn so many on both sides.
const AROUND: usize = 4;

/// Of a long transcript are drawn: so many from its start and from its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) first: usize,
    pub(super) last: usize,
}

#[derive(Debug)]
pub(super) struct Diagram {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Of the last row.
    pub(super) end: usize,
    pub(super) about: String,
    pub(super) lanes: Vec<Lane>,
    pub(super) rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) name: String,
    pub(super) x: usize,
    /// What was started twice, or has connected twice, lives twice.
    pub(super) lives: Vec<Life>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) from: usize,
    /// `None` for a life that the check did not see the end of.
    pub(super) end: Option<usize>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) y: usize,
    pub(super) height: usize,
    pub(super) at: String,
    pub(super) look: Look,
    pub(super) shape: Shape,
    pub(super) x: usize,
    pub(super) lines: Vec<Text>,
    /// Below an arrow: the states that its packet leads to, each on the lane of who is in it.
    pub(super) states: Vec<Chip>,
    /// Everything, where the lines had to leave something out.
    pub(super) full: String,
}

/// Whether it is the wrong thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Usual,
    Wrong,
}

/// A word on a lane.
#[derive(Debug)]
pub(super) struct Chip {
    pub(super) left: usize,
    pub(super) width: usize,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) word: String,
}

#[derive(Debug)]
pub(super) struct Text {
    pub(super) y: usize,
    pub(super) words: String,
}

#[derive(Debug)]
pub(super) enum Shape {
    Arrow {
        from: usize,
        to: usize,
        y: usize,
        head: String,
        class: &'static str,
    },
    /// On a lane, or across all.
    Note {
        left: usize,
        width: usize,
        class: &'static str,
    },
    /// Bars on the lanes that live.
    Wait { bars: Vec<usize> },
}

impl Row {
    pub(super) fn is_wrong(&self) -> bool {
        self.look == Look::Wrong
    }

    /// Where a line of text stands beside it: in its middle, or beside the line of an arrow.
    pub(super) fn middle(&self) -> usize {
        match (&self.shape, self.states.as_slice()) {
            (Shape::Arrow { y, .. }, [_, ..]) => *y,
            (Shape::Arrow { .. } | Shape::Note { .. } | Shape::Wait { .. }, _) => self.y + self.height / 2 + 4,
        }
    }
}

impl Diagram {
    pub(super) fn has_packets(&self) -> bool {
        let is_packet = |row: &Row| matches!(row.shape, Shape::Arrow { class: PACKET, .. });
        self.rows.iter().any(is_packet)
    }

    /// `took` is how long the check took in all; `None` where nothing was observed.
    pub(super) fn of(entries: &[Entry], extent: Extent, finding: Option<&Finding>, took: Duration) -> Option<Self> {
        entries.first()?;
        let courses = courses(entries);
        let wrong = finding.map(|finding| Wrong::of(finding, entries, took));
        let look = |thing| match wrong == Some(thing) {
            true => Look::Wrong,
            false => Look::Usual,
        };
        let kept = kept(entries.len(), extent, wrong);
        let lanes = Lanes::of(&kept.iter().map(|&i| &courses[i]).collect::<Vec<_>>());
        let mut drawing = Drawing::new(lanes);
        let mut next = 0;
        for i in kept {
            if i > next {
                drawing.leaves_out(i - next);
            } else if i > 0 {
                let wait = entries[i].at.saturating_sub(entries[i - 1].at);
                drawing.waits(wait, look(Wrong::WaitBefore(i)));
            }
            drawing.event(&entries[i], &courses[i], look(Wrong::Event(i)));
            next = i + 1;
        }
        if let (Some(finding), Some(last)) = (finding, entries.last()) {
            let wait = took.saturating_sub(last.at);
            drawing.waits(wait, look(Wrong::WaitBefore(entries.len())));
            drawing.concludes(took, &finding.summary);
        }
        Some(drawing.finished())
    }
}

/// Which events are drawn.
fn kept(length: usize, Extent { first, last }: Extent, wrong: Option<Wrong>) -> Vec<usize> {
    let is_near = |i: usize| matches!(wrong, Some(Wrong::Event(at)) if at.abs_diff(i) <= AROUND);
    let is_kept = |i: &usize| length <= first + last || *i < first || *i + last >= length || is_near(*i);
    (0..length).filter(is_kept).collect()
}
