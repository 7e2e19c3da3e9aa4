//! What a program prints, demanded line by line.

use std::time::Duration;

use super::running::Running;
use crate::quote::{difference, quoted};
use crate::verdict::{Finding, Hint, Kind, Step, Stop};

impl Running {
    /// Its next line on stdout is `line`.
    pub fn prints(&self, line: &str) -> Step {
        self.prints_bytes(line.as_bytes())
    }

    /// Like [`Running::prints`], where another program, which may still be starting up, must have sent the line.
    pub fn prints_first(&self, line: &str) -> Step {
        let printed = self.first_line(&format!("the line {}", quoted(line.as_bytes())))?;
        match shows(line.as_bytes(), &printed) {
            true => Ok(()),
            false => self.wrong_line(line.as_bytes(), &printed),
        }
    }

    /// Its first line on stdout, whatever it is, of a program that may still be starting up.
    pub fn first_line(&self, wanted: &str) -> Step<Vec<u8>> {
        self.next_line_within(wanted, self.stage.timeout * super::STARTUP)
    }

    /// Its next line on stdout is `line`; each ill-formed stretch of UTF-8 may show as one or more U+FFFD.
    pub fn prints_bytes(&self, line: &[u8]) -> Step {
        let printed = self.next_line(&format!("the line {}", quoted(line)))?;
        match shows(line, &printed) {
            true => Ok(()),
            false => self.wrong_line(line, &printed),
        }
    }

    /// Its next line on stdout, whatever it is; `wanted` is what the message says is missing.
    pub fn next_line(&self, wanted: &str) -> Step<Vec<u8>> {
        self.next_line_within(wanted, self.stage.timeout)
    }

    fn next_line_within(&self, wanted: &str, limit: Duration) -> Step<Vec<u8>> {
        let outcome = self.stage.wait(&[], limit, || {
            let mut program = self.attended.borrow_mut();
            let line = program.stdout.next();
            let ended = line.is_none() && (program.exit().is_some() || program.child.stdout.is_none());
            Ok(if ended { Some(None) } else { line.map(Some) })
        })?;
        match outcome {
            Some(Some(line)) => Ok(line),
            Some(None) => self.ended_before(&format!("it printed {wanted}")),
            None => {
                let rest = self.attended.borrow().stdout.rest.clone();
                let finding = Finding::new(
                    Kind::MissingOutput,
                    format!(
                        "the {} did not print {wanted} {}",
                        self.who,
                        self.stage.how_long("it", limit)
                    ),
                );
                match rest.is_empty() {
                    true => finding.actual("nothing more on its stdout").stop(),
                    false => finding
                        .actual(format!("{}, and no newline behind it", quoted(&rest)))
                        .stop(),
                }
            }
        }
    }

    fn wrong_line<T>(&self, expected: &[u8], printed: &[u8]) -> Step<T> {
        // As a program shows it.
        let shown = String::from_utf8_lossy(expected);
        let (wanted, actual, at) = difference(shown.as_bytes(), printed);
        let place = at
            .map(|at| format!(", different from byte {at} on"))
            .unwrap_or_default();
        let wrong = Finding::new(
            Kind::WrongOutput,
            format!("the {} printed another line{place}", self.who),
        )
        .expected(wanted)
        .actual(actual)
        .stop();
        if printed.starts_with(b"b'") || printed.starts_with(b"b\"") {
            return wrong.hint("`b'…'` is how Python shows bytes: decode them, and print the text");
        }
        match !expected.is_empty() && printed.len() > expected.len() && printed.ends_with(expected) {
            true => wrong.hint("the line alone belongs on stdout: prompts and labels go to stderr"),
            false => wrong,
        }
    }

    /// It has printed nothing so far that no step asked for.
    pub fn has_printed_no_more(&self) -> Step {
        self.stage.attend_to_all()?;
        let mut program = self.attended.borrow_mut();
        if program.stdout.is_empty() {
            return Ok(());
        }
        let extra = program.stdout.next().unwrap_or_else(|| program.stdout.rest.clone());
        Finding::new(
            Kind::ExtraOutput,
            format!("the {} printed something that the contract does not name", self.who),
        )
        .expected("nothing more on stdout (prompts and logs go to stderr)")
        .actual(quoted(&extra))
        .stop()
    }

    /// Waits for its ready line, `prefix` and what follows.
    pub(super) fn ready(&self, prefix: &str, limit: Duration) -> Step<String> {
        let line = match self.next_line_within(&format!("its ready line `{prefix}…`"), limit) {
            Err(Stop::Finding(mut finding)) if finding.kind == Kind::MissingOutput => {
                finding.kind = Kind::NotReady;
                if self.attended.borrow().stdout.rest.is_empty() {
                    finding.actual = Some("nothing on its stdout".to_owned());
                }
                finding.hint =
                    Some("print the line after `bind`, and flush stdout: in a pipe nothing leaves before".to_owned());
                return Err(Stop::Finding(finding));
            }
            other => other?,
        };
        let text = String::from_utf8_lossy(&line).into_owned();
        match text.strip_prefix(prefix) {
            Some(rest) => Ok(rest.to_owned()),
            None => Finding::new(Kind::NotReady, "the first line on stdout is not the ready line")
                .expected(format!("`{prefix}…`"))
                .actual(quoted(&line))
                .stop()
                .hint("nothing comes before it, and it begins as the lesson says, letter by letter: all other talk goes to stderr"),
        }
    }
}

/// Whether a printed line shows these bytes: equal where they are UTF-8, one or more U+FFFD for each stretch that is not.
pub(super) fn shows(bytes: &[u8], printed: &[u8]) -> bool {
    let once = |text: &str| {
        let mut text = text.to_owned();
        while text.contains("\u{FFFD}\u{FFFD}") {
            text = text.replace("\u{FFFD}\u{FFFD}", "\u{FFFD}");
        }
        text
    };
    match std::str::from_utf8(printed) {
        Ok(printed) => bytes == printed.as_bytes() || once(&String::from_utf8_lossy(bytes)) == once(printed),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::shows;

    #[test]
    fn an_ill_formed_stretch_shows_as_one_or_more_replacement_characters() {
        assert!(shows(b"a\xff\xfeb", "a\u{fffd}b".as_bytes()));
        assert!(shows(b"a\xff\xfeb", "a\u{fffd}\u{fffd}b".as_bytes()));
        assert!(!shows(b"a\xff\xfeb", b"ab"));
        assert!(!shows(b"a\xff\xfeb", b"a\xff\xfeb"));
        assert!(!shows(b" a ", b"a"));
    }
}
