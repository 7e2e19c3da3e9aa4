//! What is typed while two ends are traced: a few lines of text.

use crate::course::Lesson;
use crate::quote::escaped;

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

impl End {
    fn name(self) -> &'static str {
        match self {
            End::Client => "client",
            End::Server => "server",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typing {
    Line(String),
    EndOfInput,
}

/// Reads a script: each line is typed for the client; `server: ` in front types it for the server; `client ends` and `server ends` end a stdin; a line that
/// begins with `#` is for the reader. `client: ` in front makes any other line an ordinary one.
///
/// # Errors
/// A line that types into a stdin which an earlier one has ended.
pub(super) fn read(text: &str) -> Result<Vec<Line>, String> {
    let mut ended: Vec<(End, usize)> = Vec::new();
    let mut lines = Vec::new();
    for (number, line) in numbered(text) {
        let (end, types) = match line {
            "client ends" => (End::Client, Typing::EndOfInput),
            "server ends" => (End::Server, Typing::EndOfInput),
            _ => match (line.strip_prefix("server: "), line.strip_prefix("client: ")) {
                (Some(typed), _) => (End::Server, Typing::Line(typed.to_owned())),
                (None, Some(typed)) => (End::Client, Typing::Line(typed.to_owned())),
                (None, None) => (End::Client, Typing::Line(line.to_owned())),
            },
        };
        match (&types, ended.iter().find(|(of, _)| *of == end)) {
            (Typing::Line(_), Some((_, ended_in))) => {
                return Err(format!(
                    "line {number} types for the {}, whose stdin was ended in line {ended_in}",
                    end.name()
                ));
            }
            (Typing::EndOfInput, None) => ended.push((end, number)),
            (Typing::Line(_), None) | (Typing::EndOfInput, Some(_)) => {}
        }
        lines.push(Line { end, types });
    }
    Ok(lines)
}

/// A word for each line that is typed for the client, and looks as if it was not meant to be.
pub(super) fn doubts(text: &str) -> Vec<String> {
    let meant = |line: &str| {
        if let Some(end) = ["client ends", "server ends"]
            .into_iter()
            .find(|end| is_near(line, end))
        {
            return Some(end.to_owned());
        }
        let (who, typed) = line.split_once(':')?;
        let who = ["client", "server"].into_iter().find(|end| is_near(who, end))?;
        Some(format!("{who}: {}", typed.trim_start()))
    };
    let doubt = |(number, line): (usize, &str)| {
        let meant = meant(line).filter(|meant| meant != line)?;
        let meant = escaped(meant.as_bytes());
        Some(format!(
            "line {number} is typed for the client as it stands: did you mean `{meant}`?"
        ))
    };
    let by_rule = |line: &str| ["server: ", "client: "].iter().any(|begin| line.starts_with(begin));
    numbered(text)
        .filter(|(_, line)| !by_rule(line))
        .filter_map(doubt)
        .collect()
}

fn is_near(word: &str, known: &str) -> bool {
    strsim::damerau_levenshtein(&word.to_lowercase(), known) <= 1
}

/// The lines that are not for the reader alone.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#'))
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
            script.expect("a script"),
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

    #[test]
    fn nothing_is_typed_into_a_stdin_that_was_ended() {
        let error = read("# first\nclient ends\nserver: hi\nhello\n").expect_err("wrong");
        assert_eq!(error, "line 4 types for the client, whose stdin was ended in line 2");
        let error = read("server ends\nhello\nserver ends\nserver: hi\n").expect_err("wrong");
        assert_eq!(error, "line 4 types for the server, whose stdin was ended in line 1");
    }

    #[test]
    fn a_line_that_is_nearly_for_the_server_is_doubted() {
        let doubted = doubts("# serer: no\nserer: hi\nhello\nServer: hi\nserver:hi\nclient end\nclient: serer: hi\n");
        let meant = ["server: hi", "server: hi", "server: hi", "client ends"];
        let of =
            |(number, meant)| format!("line {number} is typed for the client as it stands: did you mean `{meant}`?");
        assert_eq!(doubted, [2, 4, 5, 6].into_iter().zip(meant).map(of).collect::<Vec<_>>());
        let plain = "hello\n\nserver: hi\nserver: \nserver ends\nclient ends\nnever: mind\n10:30\n";
        assert_eq!(doubts(plain), [""; 0]);
    }
}
