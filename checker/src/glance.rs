//! What is shown of the course without grading anything: where the student stands, and what there is to check.

use std::fmt::Write as _;

use anyhow::Result;

use crate::cli::{self, List, ListFormat};
use crate::course::LESSONS;
use crate::exit::Outcome;
use crate::quote::count;
use crate::report::json;
use crate::{compile, invocation, score, stubs};

/// Each lesson with its state, and the next command to type.
///
/// # Errors
/// No checkout is there, or a lesson's folder can't be read.
pub fn course() -> Result<String> {
    compile::is_there()?;
    let scores = score::load();
    let mut text = String::from("Handshake: network programming, one graded lesson at a time\n\n");
    let mut next = None;
    let titles = LESSONS.iter().map(|lesson| lesson.title.chars().count());
    let width = titles.max().unwrap_or_default();
    for lesson in LESSONS {
        let untouched = stubs::is_untouched(&compile::folder(lesson), lesson)?;
        let score = scores.get(lesson.id).filter(|_| !untouched);
        let state = match score {
            _ if untouched => "not started".to_owned(),
            Some(score) => format!("last score {} of {}", score.passed, score.total),
            None => "started".to_owned(),
        };
        let done = score.is_some_and(|score| score.passed == score.total);
        if !done && next.is_none() {
            next = Some((lesson, untouched));
        }
        writeln!(text, "  {}  {:<width$}  {state}", lesson.number(), lesson.title)?;
    }
    match next {
        Some((lesson, true)) => writeln!(
            text,
            "\nnext: read lessons/{}/README.md, then type `cargo run -p {}`",
            lesson.folder, lesson.id
        )?,
        Some((lesson, false)) => writeln!(text, "\nnext: {} {}", invocation::of("grade"), lesson.number())?,
        None => writeln!(text, "\nall lessons pass: compare yours with solutions/")?,
    }
    Ok(text)
}

/// The lessons, their checks and claims.
pub fn list(options: &List) -> Result<(String, Outcome)> {
    let lessons = match cli::lessons(&options.lessons) {
        Ok(lessons) => lessons,
        Err(message) => return Ok((String::new(), Outcome::Usage(message))),
    };
    if options.format == ListFormat::Json {
        return Ok((json::render_course(&lessons), Outcome::Passed));
    }
    let mut text = String::new();
    for lesson in lessons {
        writeln!(
            text,
            "Lesson {} · {} ({})",
            lesson.number(),
            lesson.title,
            count(lesson.checks.len(), "check")
        )?;
        for check in lesson.checks {
            writeln!(text, "  {:<28} {}", check.id, check.claim)?;
        }
    }
    Ok((text, Outcome::Passed))
}
