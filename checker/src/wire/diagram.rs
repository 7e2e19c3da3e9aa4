//! A sequence diagram for a terminal: who opened a conversation is on the left, arrows are packets, and beside each stand the TCP states of both ends
//! behind it.

use std::fmt::Write as _;

use super::names::Names;
use super::story::{Side, Step, Story, What};
use crate::quote::{count, milliseconds};
use crate::transcript::Entry;

/// Of a time, and what is between it and the rest.
const TIME: usize = 12;
/// The longest name of a state.
const STATE: usize = 12;
/// An arrow as long as it needs to be, and the shortest that has room for its label.
const LONG: usize = 48;
const SHORT: usize = 40;
/// Connections of which it is told what they come to.
const FACTS: usize = 20;
/// Of a text that no diagram is part of.
const PAGE: usize = 100;
/// Of `  #2`.
const TAG: usize = 4;

/// How the rows are laid out.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// Of an arrow.
    arrow: usize,
    label: Label,
    /// Where text is wrapped.
    wrap: Option<usize>,
}

/// Where an arrow's label stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    OnIt,
    /// With the time, where there is no room on it.
    Above,
}

impl Layout {
    fn of(width: Option<usize>, story: &Story) -> Self {
        let tag = if story.conversations.len() > 1 { TAG } else { 0 };
        let beside = |indent: usize| indent + 2 * (STATE + 1) + tag;
        let wide = width.map_or(LONG, |width| width.saturating_sub(beside(TIME)));
        let (arrow, label) = match wide {
            SHORT.. => (wide.min(LONG), Label::OnIt),
            _ => {
                let narrow = width.unwrap_or_default().saturating_sub(beside(INDENT));
                (narrow.clamp(4, LONG), Label::Above)
            }
        };
        let wrap = width;
        Layout { arrow, label, wrap }
    }

    /// Before the states of the opener.
    fn indent(self) -> usize {
        match self.label {
            Label::OnIt => TIME,
            Label::Above => INDENT,
        }
    }
}

/// Of the rows without a time, in a narrow diagram.
const INDENT: usize = 2;

/// All packets, and between them what the programs did; then what the packets come to. Where there are several conversations, `#2` tells which a packet
/// belongs to. `width` is that of the terminal; without one, nothing is wrapped.
pub fn draw(story: &Story, names: &Names, entries: &[Entry], width: Option<usize>) -> String {
    let layout = Layout::of(width, story);
    let mut drawn = String::new();
    let mut entries = entries.iter().peekable();
    let mut begun = vec![false; story.conversations.len()];
    for step in &story.steps {
        while let Some(entry) = entries.next_if(|entry| entry.at <= step.at) {
            event(&mut drawn, entry, layout);
        }
        if step.missing > 0 {
            let _ = writeln!(drawn, "{:TIME$}… {} …", "", count(step.missing as usize, "more packet"));
        }
        if !std::mem::replace(&mut begun[step.conversation], true) {
            heading(&mut drawn, story, step, names, layout);
        }
        arrow(&mut drawn, story, step, layout);
    }
    entries.for_each(|entry| event(&mut drawn, entry, layout));
    let facts = story.facts(names).into_iter();
    let facts: Vec<String> = facts
        .map(|(of, fact)| of.map_or(String::new(), |of| tag(story, of)) + &fact)
        .collect();
    for (text, width) in [(facts, width), (story.legend(), width.or(Some(PAGE)))] {
        if !text.is_empty() {
            drawn.push('\n');
        }
        for line in text {
            wrapped(&mut drawn, &line, width, 2);
        }
    }
    drawn
}

fn event(drawn: &mut String, entry: &Entry, layout: Layout) {
    let text = format!("{:>10}  · {} {}", milliseconds(entry.at), entry.who, entry.what);
    wrapped(drawn, &text, layout.wrap, TIME + 2);
}

/// Lines of at most `width` characters, if there is one; all but the first begin with `indent` spaces.
fn wrapped(drawn: &mut String, text: &str, width: Option<usize>, indent: usize) {
    let room = width.unwrap_or(usize::MAX).max(2 * indent + 1);
    let mut line = String::new();
    for word in text.split_inclusive(' ') {
        let length = line.chars().count() + word.trim_end().chars().count();
        if length > room && line.chars().count() > indent && !line.trim().is_empty() {
            let _ = writeln!(drawn, "{}", line.trim_end());
            line = " ".repeat(indent);
        }
        line.push_str(word);
    }
    let _ = writeln!(drawn, "{}", line.trim_end());
}

/// Who is on which side, and in which state before the first packet.
fn heading(drawn: &mut String, story: &Story, step: &Step, names: &Names, layout: Layout) {
    let conversation = &story.conversations[step.conversation];
    let ends = [conversation.opener, conversation.acceptor].map(|addr| names.introduced(addr));
    let tag = tag(story, step.conversation);
    let _ = writeln!(drawn);
    row(
        drawn,
        &format!("{:>width$}  ", tag.trim_end(), width = layout.indent() - 2),
        ends,
        layout,
    );
    if step.before != [None, None] {
        row(drawn, &" ".repeat(layout.indent()), states(step.before), layout);
    }
}

/// Something in the columns of the states.
fn row(drawn: &mut String, margin: &str, [left, right]: [String; 2], layout: Layout) {
    let column = STATE + layout.arrow + 2;
    // What is too long for the last column begins before it, if need be on a line of its own.
    let width = layout.wrap.map_or(column, |wrap| {
        column.min(wrap.saturating_sub(layout.indent() + right.chars().count()))
    });
    let _ = match left.chars().count() < width {
        true => writeln!(drawn, "{margin}{left:<width$}{right}"),
        false => writeln!(
            drawn,
            "{margin}{left}\n{:width$}{right}",
            "",
            width = layout.indent() + width
        ),
    };
}

fn states(states: [Option<super::State>; 2]) -> [String; 2] {
    states.map(|state| state.map_or(String::new(), |state| state.to_string()))
}

fn arrow(drawn: &mut String, story: &Story, step: &Step, layout: Layout) {
    let at = milliseconds(step.at);
    let tag = match story.conversations.len() {
        1 => String::new(),
        _ => format!("  #{}", step.conversation + 1),
    };
    let on_it = match layout.label {
        // Its ends, the spaces around, and some of the line.
        Label::OnIt => format!(" {} ", step.what.label(layout.arrow - 5)),
        Label::Above => {
            let room = layout.wrap.unwrap_or_default().saturating_sub(TIME + TAG);
            let _ = writeln!(drawn, "{at:>10}  {}{tag}", step.what.label(room));
            String::new()
        }
    };
    let line = "─".repeat((layout.arrow - 2).saturating_sub(on_it.chars().count()));
    let arrow = match step.sent_by {
        Side::Opener => format!("─{on_it}{line}▶"),
        Side::Acceptor => format!("◀{line}{on_it}─"),
    };
    let [left, right] = states(step.behind);
    let (margin, tag) = match layout.label {
        Label::OnIt => (format!("{at:>10}  "), tag),
        Label::Above => (" ".repeat(INDENT), String::new()),
    };
    let row = format!("{margin}{left:<STATE$} {arrow} {right}{tag}");
    let _ = writeln!(drawn, "{}", row.trim_end());
}

impl Story {
    /// What the packets of each connection come to, with its place in [`Story::conversations`]; of many connections the first, and how many more there are.
    pub fn facts(&self, names: &Names) -> Vec<(Option<usize>, String)> {
        let conversations = self.conversations.iter().enumerate();
        let fact = |(at, conversation)| Some((Some(at), self.fact(at)?.in_words(conversation, names)));
        let mut facts: Vec<_> = conversations.filter_map(fact).collect();
        if let Some(more @ 1..) = facts.len().checked_sub(FACTS) {
            facts.truncate(FACTS);
            facts.push((None, format!("… {} …", count(more, "more connection"))));
        }
        facts
    }

    /// How the packets that there are are to be read.
    pub fn legend(&self) -> Vec<String> {
        let is_segment = |step: &Step| matches!(step.what, What::Segment(_));
        let mut lines = Vec::new();
        if self.steps.is_empty() {
            lines.push("nothing was on the wire");
        }
        if self.steps.iter().any(is_segment) {
            lines.push("TCP: the states are those of each end once the packet has come; `seq` is the number of a packet's first byte, `ack` the number of the byte that its sender waits for, and SYN and FIN count as one");
        }
        if !self.steps.iter().all(is_segment) {
            lines.push("UDP: no connection, so no states, and nobody is told whether a datagram has come");
        }
        lines.into_iter().map(str::to_owned).collect()
    }
}

/// `#2 `, where there is more than one.
fn tag(story: &Story, conversation: usize) -> String {
    match story.conversations.len() {
        1 => String::new(),
        _ => format!("#{} ", conversation + 1),
    }
}
