//! The sequence diagram of a check: a lane for each program and peer, time from top to bottom, one row for each event. Not to scale: a
//! long time without an event is a bar.

use std::time::Duration;

use super::drawing::{Drawing, Lane, Row};
use super::lanes::{Lanes, courses};
use super::wrong;
use crate::quote::count;
use crate::transcript::Entry;
use crate::verdict::Finding;

/// Of a long transcript are drawn: so many from its start and from its end, and around the wrong event on both sides.
const FIRST: usize = 12;
const LAST: usize = 24;
const AROUND: usize = 4;

#[derive(Debug)]
pub(super) struct Diagram {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) about: String,
    pub(super) lanes: Vec<Lane>,
    pub(super) rows: Vec<Row>,
}

impl Diagram {
    /// `took` is how long the check took in all; `None` where nothing was observed.
    pub(super) fn of(entries: &[Entry], finding: Option<&Finding>, took: Duration) -> Option<Self> {
        entries.first()?;
        let courses = courses(entries);
        let wrong = finding.and_then(|finding| wrong::event(entries, finding));
        let kept = kept(entries.len(), wrong);
        let lanes = Lanes::of(kept.iter().map(|&i| &courses[i]));
        let mut drawing = Drawing::new(lanes);
        let mut before: Option<usize> = None;
        for i in kept {
            let left_out = i - before.map_or(0, |before| before + 1);
            if left_out > 0 {
                let words = format!("… {}: see the table …", count(left_out, "more event"));
                drawing.across(String::new(), &words, "checker", false);
            } else if let Some(before) = before {
                drawing.waits(entries[i].at.saturating_sub(entries[before].at), false);
            }
            drawing.event(&entries[i], &courses[i], wrong == Some(i));
            before = Some(i);
        }
        if let (Some(finding), Some(last)) = (finding, entries.last()) {
            let wait = took.saturating_sub(last.at);
            drawing.waits(wait, wrong.is_none());
            let at = format!("{} ms", took.as_millis());
            drawing.across(at, &format!("✗ {}", finding.summary), "verdict", true);
        }
        Some(drawing.finished())
    }
}

/// Which events are drawn.
fn kept(length: usize, wrong: Option<usize>) -> Vec<usize> {
    let is_near = |i: usize| wrong.is_some_and(|wrong| wrong.abs_diff(i) <= AROUND);
    let is_kept = |i: &usize| length <= FIRST + LAST || *i < FIRST || *i + LAST >= length || is_near(*i);
    (0..length).filter(is_kept).collect()
}
