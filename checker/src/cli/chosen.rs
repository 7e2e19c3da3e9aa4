//! Which lessons and checks were named; "did you mean".

use crate::course::{Check, LESSONS, Lesson};
use crate::invocation;
use crate::quote::{escaped, listed};

/// The lessons that were named, in the order of the course; all where none was.
///
/// # Errors
/// A name that is no lesson's, with the nearest that is one.
pub fn lessons(names: &[String]) -> Result<Vec<&'static Lesson>, String> {
    for name in names {
        if name != "all" && !LESSONS.iter().any(|lesson| lesson.is_named(name)) {
            let known = LESSONS
                .iter()
                .flat_map(|lesson| [lesson.topic(), lesson.id])
                .chain(["all"]);
            let nearest = nearest(name, known)
                .map(|near| format!(" (did you mean `{near}`?)"))
                .unwrap_or_default();
            let topics: Vec<String> = LESSONS
                .iter()
                .map(|lesson| format!("{} {}", lesson.number(), lesson.topic()))
                .collect();
            return Err(format!(
                "there is no lesson `{}`{nearest}: there are {}",
                shown(name),
                topics.join(", ")
            ));
        }
    }
    let all = names.is_empty() || names.iter().any(|name| name == "all");
    Ok(LESSONS
        .iter()
        .copied()
        .filter(|lesson| all || names.iter().any(|name| lesson.is_named(name)))
        .collect())
}

/// The checks of `lesson` that the patterns choose; all where there is none.
///
/// # Errors
/// A pattern that is malformed.
pub fn checks(lesson: &'static Lesson, patterns: &[String]) -> Result<Vec<&'static Check>, String> {
    let patterns: Vec<glob::Pattern> = patterns
        .iter()
        .map(|text| glob::Pattern::new(text).map_err(|error| malformed(text, &error)))
        .collect::<Result<_, _>>()?;
    let chosen = |check: &&Check| patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(check.id));
    Ok(lesson.checks.iter().filter(chosen).collect())
}

fn malformed(text: &str, error: &glob::PatternError) -> String {
    let why = match text.chars().nth(error.pos) {
        Some('[') => "its `[` is not closed by a `]`",
        Some(_) | None => "one `*` stands for anything, as in `server/*`",
    };
    format!("`--check {}` is no pattern: {why}", shown(text))
}

/// That every pattern chooses something in one of the lessons.
///
/// # Errors
/// The first that does not, with what was meant.
pub fn every_pattern_matches(lessons: &[&'static Lesson], patterns: &[String]) -> Result<(), String> {
    for text in patterns {
        if having(lessons, text)?.is_empty() {
            return Err(match text.contains(',') {
                true => format!("`--check {}`: give `--check` once for each", shown(text)),
                false => unknown(lessons, text)?,
            });
        }
    }
    Ok(())
}

/// The lessons with a check that this pattern chooses.
fn having(lessons: &[&'static Lesson], text: &str) -> Result<Vec<&'static Lesson>, String> {
    let mut having = Vec::new();
    for lesson in lessons {
        if !checks(lesson, &[text.to_owned()])?.is_empty() {
            having.push(*lesson);
        }
    }
    Ok(having)
}

fn unknown(lessons: &[&'static Lesson], text: &str) -> Result<String, String> {
    let (within, which) = match lessons {
        [lesson] => (
            format!(" in lesson {}", lesson.number()),
            format!(" {}", lesson.number()),
        ),
        _ => Default::default(),
    };
    let meant = named_so(LESSONS, text).map_or_else(|| text.to_owned(), str::to_owned);
    let elsewhere: Vec<String> = having(LESSONS, &meant)?
        .iter()
        .map(|lesson| lesson.number().to_owned())
        .collect();
    let but = match elsewhere.as_slice() {
        _ if !having(lessons, &meant)?.is_empty() => format!(" (did you mean `{meant}`?)"),
        [] => nearest_check(lessons, text)
            .map(|meant| format!(" (did you mean `{meant}`?)"))
            .unwrap_or_default(),
        [one] => format!(": `{}` is of lesson {one}", shown(&meant)),
        _ => format!(": `{}` is of lessons {}", shown(&meant), listed(&elsewhere, "and")),
    };
    Ok(format!(
        "no check is named `{}`{within}{but}: `{}{which}` names them all",
        shown(text),
        invocation::of("list")
    ))
}

/// The check with this name but for capitals, or for what stands before the slash.
fn named_so(lessons: &[&'static Lesson], text: &str) -> Option<&'static str> {
    let name = text.to_lowercase();
    ids(lessons).find(|id| *id == name || what(id) == name)
}

/// `server/*` for `server`; else the check that is spelt most like it.
fn nearest_check(lessons: &[&'static Lesson], text: &str) -> Option<String> {
    let end = text.trim_end_matches('/').to_lowercase();
    if ids(lessons).any(|id| id.split_once('/').is_some_and(|(of, _)| of == end)) {
        return Some(format!("{end}/*"));
    }
    if text.contains('/') {
        return nearest(text, ids(lessons)).map(str::to_owned);
    }
    let nearest = nearest(text, ids(lessons).map(what))?;
    ids(lessons).find(|id| what(id) == nearest).map(str::to_owned)
}

fn ids(lessons: &[&'static Lesson]) -> impl Iterator<Item = &'static str> {
    lessons.iter().flat_map(|lesson| lesson.checks).map(|check| check.id)
}

/// `greets` of `server/greets`.
fn what(id: &str) -> &str {
    id.split_once('/').map_or(id, |(_, what)| what)
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(&name, known).max(strsim::jaro_winkler(&name, known)),
                known,
            )
        })
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

fn shown(text: &str) -> String {
    escaped(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesson_has_five_names_and_a_wrong_one_suggests_the_nearest() {
        for name in ["4", "04", "udp", "lesson04", "04-udp"] {
            assert_eq!(lessons(&[name.to_owned()]).expect("known")[0].id, "lesson04");
        }
        let error = lessons(&["lesson40".to_owned()]).expect_err("unknown");
        assert!(error.contains("did you mean `lesson04`"), "{error}");
    }

    #[test]
    fn a_check_is_chosen_by_id_or_pattern() {
        let lesson = LESSONS[0];
        assert_eq!(
            checks(lesson, &["server/greets".to_owned()])
                .expect("well-formed")
                .len(),
            1
        );
        assert!(checks(lesson, &["server/*".to_owned()]).expect("well-formed").len() > 5);
        let error = every_pattern_matches(&[lesson], &["server/greet".to_owned()]).expect_err("unknown");
        assert!(error.contains("did you mean `server/greets`"), "{error}");
    }

    #[test]
    fn a_check_that_is_named_in_part_or_of_another_lesson_is_found() {
        let said = |lesson: usize, name: &str| {
            every_pattern_matches(&[LESSONS[lesson]], &[name.to_owned()]).expect_err("unknown")
        };
        for (name, meant) in [
            ("server", "(did you mean `server/*`?)"),
            ("Client/", "(did you mean `client/*`?)"),
            ("greets", "(did you mean `server/greets`?)"),
            ("greet", "(did you mean `server/greets`?)"),
            ("SERVER/Greets", "(did you mean `server/greets`?)"),
            ("server/greets,client/patient", "give `--check` once for each"),
        ] {
            assert!(said(0, name).contains(meant), "{}", said(0, name));
        }
        for name in ["server/greets", "greets", "Server/greets"] {
            assert!(
                said(3, name).contains("`server/greets` is of lesson 1: "),
                "{}",
                said(3, name)
            );
        }
        assert!(
            said(0, "server/one-*").contains("is of lesson"),
            "{}",
            said(0, "server/one-*")
        );
        assert!(
            said(0, "zzz").ends_with(" list 1` names them all"),
            "{}",
            said(0, "zzz")
        );
    }
}
