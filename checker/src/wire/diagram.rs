//! A sequence diagram for a terminal: who opened a conversation is on the left, arrows are packets, and beside each stand the TCP states of both ends
//! behind it.

use std::fmt::Write as _;

use super::names::Names;
use super::story::{Side, Step, Story};
use crate::quote::{count, milliseconds};
use crate::transcript::Entry;

/// Of an arrow, its ends without.
const ARROW: usize = 46;
/// Where programs look names and addresses up.
const NAME_SERVICE: u16 = 53;
/// The longest name of a state.
const STATE: usize = 12;

/// All packets, and between them what the programs did. Where there are several conversations, `#2` tells which a packet belongs to.
pub fn draw(story: &Story, names: &Names, entries: &[Entry]) -> String {
    let mut drawn = String::new();
    let mut entries = entries.iter().peekable();
    let mut begun = vec![false; story.conversations.len()];
    for step in &story.steps {
        while let Some(entry) = entries.next_if(|entry| entry.at <= step.at) {
            event(&mut drawn, entry);
        }
        if step.missing > 0 {
            let _ = writeln!(drawn, "{:>12}… {} …", "", count(step.missing as usize, "more packet"));
        }
        if !std::mem::replace(&mut begun[step.conversation], true) {
            heading(&mut drawn, story, step, names);
        }
        arrow(&mut drawn, story, step);
    }
    entries.for_each(|entry| event(&mut drawn, entry));
    let conversations = story.conversations.iter().enumerate();
    let facts = conversations.filter_map(|(at, conversation)| {
        let fact = story.fact(at)?.in_words(conversation, names);
        Some(format!("{}{fact}\n", tag(story, at)))
    });
    for (at, fact) in facts.enumerate() {
        if at == 0 {
            drawn.push('\n');
        }
        drawn.push_str(&fact);
    }
    drawn
}

fn event(drawn: &mut String, entry: &Entry) {
    let _ = writeln!(drawn, "{:>10}  · {} {}", milliseconds(entry.at), entry.who, entry.what);
}

/// Who is on which side, and in which state before the first packet.
fn heading(drawn: &mut String, story: &Story, step: &Step, names: &Names) {
    let conversation = &story.conversations[step.conversation];
    let [left, right] = [conversation.opener, conversation.acceptor].map(|addr| match names.knows(addr) {
        true => format!("{} {addr}", names.of(addr)),
        false if addr.port() == NAME_SERVICE => format!("{addr} (DNS)"),
        false => addr.to_string(),
    });
    let tag = tag(story, step.conversation);
    let _ = writeln!(drawn, "\n{tag:>10}  {left:<width$}{right}", width = STATE + ARROW + 4);
    if step.before != [None, None] {
        let [left, right] = step
            .before
            .map(|state| state.map_or(String::new(), |state| state.to_string()));
        let _ = writeln!(drawn, "{:>10}  {left:<width$}{right}", "", width = STATE + ARROW + 4);
    }
}

fn arrow(drawn: &mut String, story: &Story, step: &Step) {
    let label = step.what.label(ARROW - 2);
    let line = "─".repeat(ARROW - 1 - label.chars().count().min(ARROW - 1));
    let arrow = match step.sent_by {
        Side::Opener => format!("─ {label} {line}▶"),
        Side::Acceptor => format!("◀{line} {label} ─"),
    };
    let [left, right] = step
        .behind
        .map(|state| state.map_or(String::new(), |state| state.to_string()));
    let tag = match story.conversations.len() {
        1 => String::new(),
        _ => format!("  #{}", step.conversation + 1),
    };
    let _ = writeln!(
        drawn,
        "{:>10}  {left:<STATE$} {arrow} {right}{tag}",
        milliseconds(step.at)
    );
}

/// `#2 `, where there is more than one.
fn tag(story: &Story, conversation: usize) -> String {
    match story.conversations.len() {
        1 => String::new(),
        _ => format!("#{} ", conversation + 1),
    }
}
