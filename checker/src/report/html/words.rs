//! What is written in the drawing.

use crate::quote::count;
use crate::transcript::{Entry, Event};

/// What is written on a packet's arrow.
pub(super) fn of_packet(what: &Event) -> String {
    match what {
        Event::Carries {
            carried, missing: 0, ..
        } => carried.clone(),
        Event::Carries { carried, missing, .. } => {
            format!("{carried} (… {} before it …)", count(*missing as usize, "packet"))
        }
        what => what.to_string(),
    }
}

/// What is written on an event: what the checker does to a program stands on that program's lane.
pub(super) fn of(entry: &Entry) -> String {
    match &entry.what {
        Event::Starts { arguments, .. } => format!("starts: {arguments}"),
        Event::Types { bytes, .. } => format!("stdin: {bytes}"),
        Event::EndsInput { .. } => "stdin: end-of-file".to_owned(),
        what => what.to_string(),
    }
}
