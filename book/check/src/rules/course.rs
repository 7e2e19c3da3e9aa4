//! What the book and the course say of each other.

use std::collections::BTreeSet;
use std::fs;

use checker::course::LESSONS;
use checker::reading;

use crate::{Book, Finding};

/// Each check is explained in its lesson's chapter, by its id; and no chapter names one that does not exist.
pub(super) fn checks_explained(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for lesson in LESSONS {
        let path = format!("lessons/{}.md", lesson.folder);
        let Some(page) = book.page(&path) else {
            continue;
        };
        let code = page.inline_code();
        let named: BTreeSet<&str> = code.iter().map(|(code, _)| code.as_str()).collect();
        for check in lesson.checks.iter().filter(|check| !named.contains(check.id)) {
            let what = format!(
                "the check `{}` is not explained: it shows that the program {}",
                check.id, check.claim
            );
            findings.push(Finding::new(page.file(), 1, what));
        }
        for (code, line) in &code {
            let like_a_check = ["server/", "client/"].iter().any(|role| {
                code.strip_prefix(role)
                    .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
            });
            let known = LESSONS
                .iter()
                .flat_map(|lesson| lesson.checks)
                .any(|check| check.id == code);
            if like_a_check && !known {
                let what = format!(
                    "there is no check `{code}`: `cargo run -p checker -- list {}`",
                    lesson.number()
                );
                findings.push(Finding::new(page.file(), *line, what));
            }
        }
    }
    findings
}

/// A report of a failed check says where to read on: that page is there, and has a heading with that id.
pub(super) fn sections(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for lesson in LESSONS {
        if book.page(&format!("lessons/{}.md", lesson.folder)).is_none() {
            continue;
        }
        for check in lesson.checks {
            let section = reading::section(lesson, check);
            let (path, id) = section.split_once('#').unwrap_or((&section, ""));
            let page = path.strip_prefix("book/src/").and_then(|path| book.page(path));
            if !page.is_some_and(|page| page.ids().contains(id)) {
                let what = format!(
                    "the report of `{}/{}` says to read `{section}`, which is not there",
                    lesson.id, check.id
                );
                findings.push(Finding::new("checker/src/reading.rs", 1, what));
            }
        }
    }
    findings
}

/// Who reads a lesson's README finds its chapter, and what it links to there is there.
pub(super) fn readmes(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for lesson in LESSONS {
        let file = format!("lessons/{}/README.md", lesson.folder);
        let Ok(text) = fs::read_to_string(book.root.join(&file)) else {
            continue;
        };
        let to_book = "](../../book/src/";
        let chapter = format!("lessons/{}.md", lesson.folder);
        let mut names_it = false;
        for (at, _) in text.match_indices(to_book) {
            let target = text[at + to_book.len()..].split(')').next().unwrap_or("");
            let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
            names_it |= path == chapter;
            let line = 1 + text[..at].matches('\n').count();
            match book.page(path) {
                None => findings.push(Finding::new(&file, line, format!("the book has no page `{path}`"))),
                Some(page) if !fragment.is_empty() && !page.ids().contains(fragment) => {
                    let what = format!("`{path}` has no heading with the id `{fragment}`");
                    findings.push(Finding::new(&file, line, what));
                }
                Some(_) => {}
            }
        }
        if !names_it {
            let what = format!("the chapter is not named: link to `../../book/src/{chapter}`");
            findings.push(Finding::new(&file, 1, what));
        }
    }
    findings
}

/// A script without its text, a text without its script, and a text that no page shows.
pub(super) fn captures(book: &Book) -> Vec<Finding> {
    let folder = book.root.join("book/captures");
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        names.insert(entry.file_name().to_string_lossy().into_owned());
    }
    let mut findings = Vec::new();
    for name in &names {
        let file = format!("book/captures/{name}");
        if let Some(stem) = name.strip_suffix(".sh") {
            if !names.contains(&format!("{stem}.txt")) {
                let what = "a script whose text is missing: `cargo run -p book-check -- captures --write`";
                findings.push(Finding::new(&file, 1, what));
            }
        } else if let Some(stem) = name.strip_suffix(".txt") {
            if !names.contains(&format!("{stem}.sh")) {
                let what = format!("a text that no script prints: write `book/captures/{stem}.sh`");
                findings.push(Finding::new(&file, 1, what));
            }
            let included =
                |rest: &str| rest.starts_with(&format!("{name}}}}}")) || rest.starts_with(&format!("{name}:"));
            let shown = book
                .pages
                .iter()
                .any(|page| page.text.split("captures/").skip(1).any(included));
            if !shown {
                let what = "no page shows this: include it, or remove it and its script";
                findings.push(Finding::new(&file, 1, what));
            }
        }
    }
    findings
}
