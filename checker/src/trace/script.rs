//! What is typed while two ends are traced: a few lines of text.

use crate::course::Lesson;

/// A line that is typed, or the end of somebody's stdin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) end: End,
    pub(super) types: Typing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Client,
    Server,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typing {
    Line(String),
    EndOfInput,
}

/// Reads a script: each line is typed for the client; `server: ` in front types it for the server; `client ends` and `server ends` end a stdin; a line that
/// begins with `#` is for the reader. `client: ` in front makes any other line an ordinary one.
pub(super) fn read(text: &str) -> Vec<Line> {
    let line = |line: &str| {
        let (end, types) = match line {
            "client ends" => (End::Client, Typing::EndOfInput),
            "server ends" => (End::Server, Typing::EndOfInput),
            _ => match (line.strip_prefix("server: "), line.strip_prefix("client: ")) {
                (Some(typed), _) => (End::Server, Typing::Line(typed.to_owned())),
                (None, Some(typed)) => (End::Client, Typing::Line(typed.to_owned())),
                (None, None) => (End::Client, Typing::Line(line.to_owned())),
            },
        };
        Line { end, types }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

/// What is typed where no script is given.
pub(super) fn usual(lesson: &Lesson) -> &'static str {
    match lesson.topic() {
        "hello" => "",
        "quit" => "hello\nserver: hi\nq\n",
        "udp" => "hello\nworld\nq\n",
        "framing" => "hello\n\nworld\n",
        _ => "hello\nq\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_who_types_what() {
        let typed = |end, text: &str| Line {
            end,
            types: Typing::Line(text.to_owned()),
        };
        let script = read("# two turns\nhello\nserver: hi\n\nclient: # no comment\nserver ends\n");
        assert_eq!(
            script,
            [
                typed(End::Client, "hello"),
                typed(End::Server, "hi"),
                typed(End::Client, ""),
                typed(End::Client, "# no comment"),
                Line {
                    end: End::Server,
                    types: Typing::EndOfInput
                },
            ]
        );
    }
}
