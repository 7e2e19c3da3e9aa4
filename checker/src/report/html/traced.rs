//! A trace as a page of its own: what the packets come to, the diagram of all that happened, and the same as a table.

use std::time::Duration;

use askama::Template;

use super::diagram::{Diagram, Extent, Shape};
use super::prose::{Piece, Prose};
use super::{Moment, SHEET, Told, policy};
use crate::quote::count;
use crate::transcript::Entry;
use crate::verdict::Finding;

/// Of a long trace are drawn so many.
const EXTENT: Extent = Extent { first: 150, last: 150 };

/// What was traced.
#[derive(Debug)]
pub struct Traced<'a> {
    pub title: String,
    /// Of programs and packets, in order.
    pub entries: Vec<Entry>,
    pub took: Duration,
    pub finding: Option<&'a Finding>,
    /// Where to read on.
    pub section: Option<String>,
    /// What the packets of each connection come to.
    pub facts: Vec<String>,
    /// How packets are to be read.
    pub legend: Vec<String>,
}

#[derive(Template)]
#[template(path = "trace.html")]
struct Page {
    policy: String,
    sheet: &'static str,
    version: &'static str,
    title: String,
    told: Option<Told>,
    facts: Vec<Prose>,
    legend: Vec<Prose>,
    diagram: Option<Diagram>,
    length: String,
    entries: Vec<Moment>,
}

/// The trace as one HTML document.
///
/// # Errors
/// The template could not be filled in.
pub fn render_trace(traced: &Traced) -> askama::Result<String> {
    let prose = |lines: &[String]| lines.iter().map(|line| line.as_str().into()).collect();
    let page = Page {
        policy: policy::allowing(SHEET),
        sheet: SHEET,
        version: env!("CARGO_PKG_VERSION"),
        title: traced.title.clone(),
        told: traced
            .finding
            .map(|finding| Told::of(finding, traced.section.clone(), None)),
        facts: prose(&traced.facts),
        legend: prose(&traced.legend),
        diagram: Diagram::of(&traced.entries, EXTENT, traced.finding, traced.took),
        length: count(traced.entries.len(), "event"),
        entries: traced.entries.iter().map(Moment::of).collect(),
    };
    // The template's last newline is not part of it.
    Ok(page.render()? + "\n")
}
