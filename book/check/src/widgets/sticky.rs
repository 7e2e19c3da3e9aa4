//! The sticky-packet simulator's examples.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{row, wrapped};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub id: String,
    #[serde(skip_serializing)]
    pub title: String,
    pub setup: Setup,
    pub segments: Vec<String>,
    pub reads: Vec<String>,
    pub found: Vec<String>,
    pub verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    pub transport: Transport,
    pub messages: Vec<String>,
    pub decoder: Decoder,
    /// The fixed length, for the decoder that has one.
    pub size: usize,
    /// Ticks between two sends.
    pub gap: usize,
    pub nodelay: bool,
    pub mss: usize,
    /// Ticks before each `recv`.
    pub busy: usize,
    pub n: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    Tcp,
    Udp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decoder {
    None,
    Fixed,
    Delimiter,
    Length,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Right,
    Glued,
    Cut,
    Both,
    Wrong,
    Truncated,
}

impl Verdict {
    fn words(self) -> &'static str {
        match self {
            Verdict::Right => "right",
            Verdict::Glued => "glued",
            Verdict::Cut => "cut",
            Verdict::Both => "glued and cut",
            Verdict::Wrong => "wrong",
            Verdict::Truncated => "truncated",
        }
    }
}

pub(super) fn markup(cases: &[Case]) -> String {
    let mut table = vec![row([
        "Example",
        "On the way",
        "`recv` returns",
        "Taken for messages",
        "Outcome",
    ])];
    for case in cases {
        let [segments, reads] = [&case.segments, &case.reads].map(|parts| shown(parts));
        table.push(row([
            &case.title,
            &segments,
            &reads,
            &shown(&case.found),
            case.verdict.words(),
        ]));
    }
    let head = "**Sends, segments and reads.** What becomes of a few sends on their way to `recv(n)`. `·` is a space, \
                `⏎` a newline, `[3]` a length of 4 bytes. (RFC 9293 §2.2, §3.7.4; recv(2); udp(7))";
    let cases = json!(cases).to_string();
    wrapped(&[("data-widget", "sticky"), ("data-cases", &cases)], head, &table)
}

fn shown(parts: &[String]) -> String {
    let parts = parts.iter().map(|part| format!("`{}`", visible(part)));
    parts.collect::<Vec<_>>().join(" ")
}

/// A whole length as `[3]`, its pieces as `\0`; spaces and newlines so that one sees them.
fn visible(part: &str) -> String {
    let mut rest = part;
    let mut shown = String::new();
    while let Some(first) = rest.chars().next() {
        if let Some(length) = rest
            .strip_prefix("\0\0\0")
            .and_then(|rest| rest.chars().next())
            .filter(|length| *length < ' ')
        {
            shown.push_str(&format!("[{}]", u32::from(length)));
            rest = &rest[4..];
            continue;
        }
        match first {
            ' ' => shown.push('·'),
            '\n' => shown.push('⏎'),
            control if control < ' ' => shown.push_str(&format!("\\{}", u32::from(control))),
            plain => shown.push(plain),
        }
        rest = &rest[first.len_utf8()..];
    }
    shown
}
