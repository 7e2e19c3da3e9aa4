//! Steppers: a TCP connection's two ends, and exchanges between any number of parties.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{row, wrapped};

/// A connection between two ends, event by event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    pub id: String,
    pub title: String,
    pub about: String,
    pub source: String,
    pub ends: [String; 2],
    pub start: Start,
    /// Segments that are in the network before the first step.
    #[serde(default)]
    pub strays: Vec<Stray>,
    /// Whether a segment may still be on its way after the last step.
    #[serde(default)]
    pub open_end: bool,
    pub steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    pub a: EndState,
    pub b: EndState,
    pub text: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndState {
    pub state: String,
    /// The next number to send, and the next one expected, of a connection that has them.
    pub snd: Option<u32>,
    pub rcv: Option<u32>,
    pub window: Option<u32>,
    pub queue: Option<Queue>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Queue {
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    A,
    B,
}

impl End {
    pub fn other(self) -> End {
        match self {
            End::A => End::B,
            End::B => End::A,
        }
    }

    pub fn index(self) -> usize {
        match self {
            End::A => 0,
            End::B => 1,
        }
    }

    /// The arrow of a segment that this end sends.
    fn arrow(self) -> &'static str {
        match self {
            End::A => "→",
            End::B => "←",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    pub id: String,
    /// The segment that this one repeats.
    pub again: Option<String>,
    pub seq: u32,
    pub ack: Option<u32>,
    #[serde(default)]
    pub len: u32,
    pub ctl: String,
}

#[derive(Debug, Deserialize)]
pub struct Stray {
    pub from: End,
    #[serde(flatten)]
    pub segment: Segment,
}

/// One event: something at one end (`at`), or the loss of a segment (`lose`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub at: Option<End>,
    pub call: Option<String>,
    pub get: Option<String>,
    pub timeout: Option<String>,
    pub lose: Option<String>,
    /// `delayed`: the segment is acknowledged by a later one.
    pub ack: Option<String>,
    pub sends: Option<Segment>,
    pub states: [String; 2],
    pub text: String,
}

impl Segment {
    /// `FIN,ACK SEQ=1 ACK=6 LEN=5`: the RFC's fields in few characters, since a picture must hold them.
    pub fn label(&self) -> String {
        let ack = self.ack.map(|ack| format!(" ACK={ack}")).unwrap_or_default();
        let len = match self.len {
            0 => String::new(),
            len => format!(" LEN={len}"),
        };
        format!("{} SEQ={}{ack}{len}", self.ctl, self.seq)
    }
}

impl Connection {
    pub(super) fn markup(&self) -> String {
        let start = [self.start.a.state.as_str(), "", &self.start.b.state];
        let mut table = vec![
            row(["Step", &self.ends[0], "Segment", &self.ends[1], "What happens"]),
            row(["0", start[0], start[1], start[2], &self.start.text]),
        ];
        for (at, step) in self.steps.iter().enumerate() {
            let [a, b] = &step.states;
            table.push(row([&(at + 1).to_string(), a, &self.shown(step), b, &step.text]));
        }
        let moves = json!(self.moves()).to_string();
        let attributes = [
            ("data-widget", "tcp-stepper"),
            ("data-scenario", &self.id),
            ("data-moves", &moves),
        ];
        wrapped(&attributes, &head(&self.title, &self.about, &self.source), &table)
    }

    /// The segment column of a step: what leaves, what comes out of the blue, what is lost.
    fn shown(&self, step: &Step) -> String {
        let stray = self
            .strays
            .iter()
            .find(|stray| Some(&stray.segment.id) == step.get.as_ref());
        let stray = stray.map(|stray| format!("{} (stray) `{}`", stray.from.arrow(), stray.segment.label()));
        let sent = step.sends.as_ref().zip(step.at);
        let sent = sent.map(|(segment, end)| format!("{} `{}`", end.arrow(), segment.label()));
        let lost = step.lose.as_ref().and_then(|id| self.sent(id));
        let lost = lost.map(|(segment, _, _)| format!("✗ `{}`", segment.label()));
        [stray, sent, lost].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// The segment of a name, who sends it, and at which step (from 1).
    fn sent(&self, id: &str) -> Option<(&Segment, End, usize)> {
        self.steps.iter().enumerate().find_map(|(at, step)| {
            let segment = step.sends.as_ref().filter(|segment| segment.id == id)?;
            Some((segment, step.at?, at + 1))
        })
    }

    /// For the script: `[from, to, sent, got, label]`, and the step at which it is lost, if it is.
    fn moves(&self) -> Vec<serde_json::Value> {
        let at_step = |found: &dyn Fn(&Step) -> bool| self.steps.iter().position(found).map(|at| at + 1);
        let one = |segment: &Segment, from: End, sent: Option<usize>| {
            let got = at_step(&|step| step.get.as_ref() == Some(&segment.id));
            let lost = at_step(&|step| step.lose.as_ref() == Some(&segment.id));
            let mut values = vec![
                json!(from.index()),
                json!(from.other().index()),
                json!(sent),
                json!(got),
                json!(segment.label()),
            ];
            values.extend(lost.map(|lost| json!(lost)));
            json!(values)
        };
        let strays = self.strays.iter().map(|stray| one(&stray.segment, stray.from, None));
        let sent = self.steps.iter().filter_map(|step| step.sends.as_ref());
        let sent = sent.filter_map(|segment| self.sent(&segment.id));
        strays
            .chain(sent.map(|(segment, from, at)| one(segment, from, Some(at))))
            .collect()
    }
}

/// Messages between parties, and what some of them know after each.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub id: String,
    pub title: String,
    pub about: String,
    pub source: String,
    pub lanes: Vec<String>,
    /// Whose knowledge is shown.
    pub panels: Vec<String>,
    pub start: ExchangeStart,
    pub steps: Vec<ExchangeStep>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeStart {
    pub panels: Vec<String>,
    pub text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeStep {
    pub moves: Vec<Move>,
    pub message: String,
    pub panels: Vec<String>,
    pub text: String,
}

/// From one lane to another, and whether it is dropped there.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
pub enum Move {
    Taken(usize, usize),
    Dropped(usize, usize, Ignored),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ignored {
    Ignored,
}

impl Move {
    pub fn ends(self) -> (usize, usize) {
        match self {
            Move::Taken(from, to) | Move::Dropped(from, to, _) => (from, to),
        }
    }

    pub fn is_taken(self) -> bool {
        matches!(self, Move::Taken(..))
    }
}

impl Exchange {
    pub(super) fn markup(&self) -> String {
        let line = |cells: [&str; 3], panels: &[String]| {
            let cells = cells.into_iter().map(str::to_owned);
            cells.chain(panels.iter().cloned()).collect::<Vec<_>>()
        };
        let mut table = vec![
            line(["Step", "Message", "What happens"], &self.panels),
            line(["0", &self.lanes.join(" · "), &self.start.text], &self.start.panels),
        ];
        let mut moves = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            let number = at + 1;
            table.push(line([&number.to_string(), &step.message, &step.text], &step.panels));
            moves.extend(step.moves.iter().map(|one| match one {
                Move::Taken(from, to) => json!([from, to, number]),
                Move::Dropped(from, to, _) => json!([from, to, number, 1]),
            }));
        }
        let moves = json!(moves).to_string();
        let attributes = [
            ("data-widget", "stepper"),
            ("data-scenario", &self.id),
            ("data-moves", &moves),
        ];
        wrapped(&attributes, &head(&self.title, &self.about, &self.source), &table)
    }
}

fn head(title: &str, about: &str, source: &str) -> String {
    let stop = if title.ends_with('?') { "" } else { "." };
    format!("**{title}{stop}** {about} ({source})")
}
