//! A diagram that grows, row by row: where each line, arrow and text of it stands.

use std::time::Duration;

use super::diagram::{Chip, Diagram, Lane, Life, Look, PACKET, Row, Shape, Text};
use super::label;
use super::lanes::{Course, How, Lanes};
use super::words;
use crate::quote::count;
use crate::quote::milliseconds;
use crate::transcript::{Entry, Event};

/// A time without an event is worth a bar from here on.
const WAIT: Duration = Duration::from_millis(50);
/// One in which something did not come, from here on: less is what it takes to end a check.
const WRONG_WAIT: Duration = Duration::from_millis(20);
/// All in the units of the drawing, which are pixels.
const TIMES: usize = 92;
const LINE: usize = 15;
const HEADINGS: usize = 34;

/// What is drawn so far.
pub(super) struct Drawing {
    lanes: Lanes,
    pitch: usize,
    y: usize,
    rows: Vec<Row>,
    /// By lane.
    lives: Vec<Vec<Life>>,
}

impl Drawing {
    pub(super) fn new(lanes: Lanes) -> Self {
        let pitch = match lanes.count() {
            0 | 1 => 520,
            2 | 3 => 280,
            _ => 240,
        };
        Drawing {
            pitch,
            y: HEADINGS,
            rows: Vec::new(),
            lives: vec![Vec::new(); lanes.count()],
            lanes,
        }
    }

    fn x(&self, lane: usize) -> usize {
        TIMES + self.pitch / 2 + lane * self.pitch
    }

    fn width(&self) -> usize {
        TIMES + self.pitch * self.lanes.count().max(1)
    }

    pub(super) fn event(&mut self, entry: &Entry, course: &Course, look: Look) {
        let at = milliseconds(entry.at);
        let words = words::of(entry);
        match course {
            Course::Between {
                from: sender,
                to,
                how: How::Packet,
            } => {
                let (from, to) = (self.lanes.place(sender), self.lanes.place(to));
                match from == to || self.is_of_several(from.max(to)) {
                    true => self.across(at, &entry.what.to_string(), look),
                    false => self.packet(at, (from, to), &entry.what, look),
                }
            }
            Course::Between { from: sender, to, how } => {
                let (from, to) = (self.lanes.place(sender), self.lanes.place(to));
                let words = match self.is_of_several(from.max(to)) {
                    true => format!("{} {words}", entry.who),
                    false => words,
                };
                if *how == How::Connection {
                    self.lives_again(from);
                    self.lives_again(to);
                }
                match from == to {
                    true => self.note(at, from, &words, look),
                    false => self.arrow(at, (from, to), *how, &words, look),
                }
                if matches!(how, How::Close | How::Reset) && entry.who == *sender {
                    self.dies(from, self.y - 10);
                }
            }
            Course::Start(who) => {
                let lane = self.lanes.place(who);
                self.lives_again(lane);
                self.note(at, lane, &words, look);
            }
            Course::At(who) => self.note(at, self.lanes.place(who), &words, look),
            Course::End(who) => {
                let lane = self.lanes.place(who);
                self.note(at, lane, &words, look);
                self.dies(lane, self.y);
                // Room for the cross at its end.
                self.y += 10;
            }
            Course::Across => self.across(at, &format!("{} {words}", entry.who), look),
        }
    }

    fn is_of_several(&self, lane: usize) -> bool {
        self.lanes.is_shared && lane + 1 == self.lanes.count()
    }

    /// An arrow, and below it the states that it leads to.
    fn packet(&mut self, at: String, between: (usize, usize), what: &Event, look: Look) {
        self.arrow(at, between, How::Packet, &words::of_packet(what), look);
        let Event::Carries { changes, .. } = what else { return };
        let y = self.y + 8;
        let chip = |(who, state): &(String, String)| {
            let width = label::widest(std::slice::from_ref(state)) + 10;
            let x = self.x(self.lanes.place(who));
            let (left, word) = (x - width / 2, state.clone());
            Chip {
                left,
                width,
                x,
                y,
                word,
            }
        };
        let chips: Vec<Chip> = changes.iter().map(chip).collect();
        if let (Some(row), false) = (self.rows.last_mut(), chips.is_empty()) {
            row.full = what.to_string();
            row.states = chips;
            row.height += 16;
            self.y += 16;
        }
    }

    fn arrow(&mut self, at: String, (from, to): (usize, usize), how: How, words: &str, look: Look) {
        self.lives(from);
        self.lives(to);
        let room = self.pitch * from.abs_diff(to);
        let lines = label::lines(words, room - 24, 3);
        let height = lines.len() * LINE + 20;
        let y = self.y + height - 10;
        // The line ends beside the lanes, its head before the lane it reaches.
        let (start, tip, behind) = match from < to {
            true => (self.x(from) + 5, self.x(to) - 5, self.x(to) - 14),
            false => (self.x(from) - 5, self.x(to) + 5, self.x(to) + 14),
        };
        let (above, below) = (y - 5, y + 5);
        let (head, class) = match how {
            How::Connection | How::Bytes => (format!("M{behind} {above}L{tip} {y}L{behind} {below}Z"), "bytes"),
            How::Packet => (format!("M{behind} {above}L{tip} {y}L{behind} {below}"), PACKET),
            How::End | How::Close => (format!("M{behind} {above}L{tip} {y}L{behind} {below}"), "end"),
            How::Reset => (
                format!("M{behind} {above}L{tip} {below}M{behind} {below}L{tip} {above}"),
                "reset",
            ),
        };
        let x = (self.x(from) + self.x(to)) / 2;
        let (from, to) = (start, tip);
        let shape = Shape::Arrow {
            from,
            to,
            y,
            head,
            class,
        };
        self.row(at, shape, x, lines, (words, height), look);
    }

    fn note(&mut self, at: String, lane: usize, words: &str, look: Look) {
        self.lives(lane);
        let (x, width) = (self.x(lane), self.pitch - 16);
        let lines = label::lines(words, width - 12, 2);
        // No wider than what it says.
        let width = label::widest(&lines) + 16;
        let height = lines.len() * LINE + 16;
        let left = x - width / 2;
        let class = "note";
        self.row(at, Shape::Note { left, width, class }, x, lines, (words, height), look);
    }

    /// The checker's own doing.
    fn across(&mut self, at: String, words: &str, look: Look) {
        let (x, room) = self.whole();
        let lines = label::lines(words, room - 16, 4);
        let width = label::widest(&lines) + 8;
        let height = lines.len() * LINE + 16;
        let (left, class) = (x - width / 2, "checker");
        let shape = Shape::Note { left, width, class };
        self.row(at, shape, x, lines, (words, height), look);
    }

    /// What came of it.
    pub(super) fn concludes(&mut self, took: Duration, summary: &str) {
        let (x, width) = self.whole();
        let lines = label::lines(summary, width - 16, 4);
        let height = lines.len() * LINE + 16;
        let (left, class) = (x - width / 2, "verdict");
        let shape = Shape::Note { left, width, class };
        let at = format!("{} ms", took.as_millis());
        self.row(at, shape, x, lines, (summary, height), Look::Wrong);
    }

    /// The middle and the width of what stands across all lanes.
    fn whole(&self) -> (usize, usize) {
        let width = self.width() - TIMES - 8;
        (TIMES + 4 + width / 2, width)
    }

    pub(super) fn waits(&mut self, wait: Duration, look: Look) {
        let least = match look {
            Look::Usual => WAIT,
            Look::Wrong => WRONG_WAIT,
        };
        if wait < least {
            return;
        }
        let words = match wait.as_millis() {
            ms @ 0..1000 => format!("{ms} ms without an event"),
            _ => format!("{:.1} s without an event", wait.as_secs_f64()),
        };
        let alive = |lane: &usize| self.lives[*lane].last().is_some_and(|life| life.end.is_none());
        let bars = (0..self.lanes.count()).filter(alive).map(|lane| self.x(lane)).collect();
        // Beside the first lane, on which a bar stands.
        let x = self.x(0) + 120;
        let lines = vec![words.clone()];
        self.row(String::new(), Shape::Wait { bars }, x, lines, (&words, 52), look);
    }

    fn row(
        &mut self,
        at: String,
        shape: Shape,
        x: usize,
        lines: Vec<String>,
        (full, height): (&str, usize),
        look: Look,
    ) {
        let top = match &shape {
            Shape::Arrow { .. } => self.y + 14,
            Shape::Note { .. } => self.y + 19,
            Shape::Wait { .. } => self.y + 30,
        };
        let texts = lines.into_iter().enumerate().map(|(i, words)| Text {
            y: top + i * LINE,
            words,
        });
        self.rows.push(Row {
            y: self.y,
            height,
            at,
            look,
            shape,
            x,
            lines: texts.collect(),
            states: Vec::new(),
            full: full.to_owned(),
        });
        self.y += height;
    }

    /// So many events are not drawn.
    pub(super) fn leaves_out(&mut self, events: usize) {
        let words = format!("… {}: see the table …", count(events, "more event"));
        self.across(String::new(), &words, Look::Usual);
    }

    /// Whoever shares a lane leaves it to the others.
    fn dies(&mut self, lane: usize, y: usize) {
        if self.is_of_several(lane) {
            return;
        }
        if let Some(life) = self.lives[lane].last_mut() {
            life.end = Some(y);
        }
    }

    /// Something happens on this lane, if only after its end.
    fn lives(&mut self, lane: usize) {
        if self.lives[lane].is_empty() {
            self.lives_again(lane);
        }
    }

    fn lives_again(&mut self, lane: usize) {
        let (from, lives) = (self.y, &mut self.lives[lane]);
        if lives.last().is_none_or(|life| life.end.is_some()) {
            lives.push(Life { from, end: None });
        }
    }

    pub(super) fn finished(self) -> Diagram {
        let end = self.y;
        let lane = |(i, (name, lives)): (usize, (&str, &Vec<Life>))| Lane {
            name: name.to_owned(),
            x: self.x(i),
            lives: lives.clone(),
        };
        let lanes = self.lanes.headings().zip(&self.lives).enumerate().map(lane).collect();
        let names: Vec<&str> = self.lanes.headings().collect();
        Diagram {
            width: self.width(),
            height: end + 8,
            end,
            about: format!(
                "what happened between {}, in order: the table below says the same",
                names.join(", ")
            ),
            lanes,
            rows: self.rows,
        }
    }
}
