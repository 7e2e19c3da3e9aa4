//! HTML inside Markdown: what is opened is closed, and Markdown inside it is set off by blank lines, without which it is shown raw.

use crate::html::Element;
use crate::{Book, Finding, Page};

pub(super) fn balance(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        let mut open: Vec<Element> = Vec::new();
        for element in page.elements() {
            let line = page.line(element.at);
            if element.closing {
                match open.pop() {
                    Some(opened) if opened.name == element.name => {}
                    Some(opened) => {
                        let what = format!(
                            "`</{}>` where `<{}>` of line {} is open: close that first",
                            element.name,
                            opened.name,
                            page.line(opened.at)
                        );
                        findings.push(Finding::new(page.file(), line, what));
                        // The rest of the page is read as if it had been closed.
                        while open.last().is_some_and(|above| above.name == element.name) {
                            open.pop();
                        }
                    }
                    None => {
                        let what = format!("`</{}>` closes nothing: remove it", element.name);
                        findings.push(Finding::new(page.file(), line, what));
                    }
                }
            } else if !element.empty {
                open.push(element);
            }
        }
        for element in open {
            let what = format!("`<{0}>` is never closed: write `</{0}>`", element.name);
            findings.push(Finding::new(page.file(), page.line(element.at), what));
        }
    }
    findings
}

const KINDS: &[&str] = &["note", "warning", "wrong"];

pub(super) fn callouts(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        let elements = page.elements();
        for (at, element) in elements.iter().enumerate() {
            let classes: Vec<&str> = element.attribute("class").unwrap_or("").split_whitespace().collect();
            if element.closing || !classes.contains(&"callout") {
                continue;
            }
            let mut add = |what: &str| findings.push(Finding::new(page.file(), page.line(element.at), what));
            if !classes.iter().any(|class| KINDS.contains(class)) {
                add("a callout of no kind: `callout note`, `callout warning` or `callout wrong`");
            }
            let content = &page.text[element.end..];
            if !content.starts_with("\n\n") {
                add("a callout needs a blank line behind its opening tag");
            }
            if !content.trim_start().starts_with("**") {
                add("a callout's first line is bold: say in it what this is");
            }
            if let Some(end) = closing(&elements, at)
                && !blank_line_before(page, end.at)
            {
                add("a callout needs a blank line before its `</div>`");
            }
        }
    }
    findings
}

pub(super) fn folds(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        let elements = page.elements();
        for (at, element) in elements.iter().enumerate() {
            if !element.opens("details") {
                continue;
            }
            let mut add = |what: &str| findings.push(Finding::new(page.file(), page.line(element.at), what));
            let Some(end) = closing(&elements, at) else {
                continue;
            };
            let summary = elements[at..].iter().take_while(|inside| inside.at < end.at);
            let Some(summary) = summary
                .clone()
                .find(|inside| inside.name == "summary" && inside.closing)
            else {
                add("a fold without a title: write `<summary>…</summary>`");
                continue;
            };
            if !page.text[summary.end..].starts_with("\n\n") {
                add("a fold needs a blank line behind `</summary>`");
            }
            if !blank_line_before(page, end.at) {
                add("a fold needs a blank line before `</details>`");
            }
            if page.text[summary.end..end.at].trim().is_empty() {
                add("a fold with nothing in it");
            }
        }
    }
    findings
}

/// A chapter holds a marker; `book-check widgets --write` puts the markup between it and its end.
pub(super) fn widgets(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        let mut open: Option<(String, usize)> = None;
        for (comment, at) in page.comments() {
            let begins = comment.starts_with("widget:");
            if !begins && comment != "/widget" {
                continue;
            }
            if let Some((marker, there)) = open.take() {
                let filled = page
                    .elements()
                    .iter()
                    .any(|inside| (there..at).contains(&inside.at) && inside.attribute("data-widget").is_some());
                if begins || !filled {
                    let what = format!("`{marker}` has no widget yet: `cargo run -p book-check -- widgets --write`");
                    findings.push(Finding::new(page.file(), page.line(there), what));
                }
            } else if !begins {
                let what = "`<!-- /widget -->` ends nothing: remove it";
                findings.push(Finding::new(page.file(), page.line(at), what));
            }
            if begins {
                open = Some((comment, at));
            }
        }
        if let Some((marker, there)) = open {
            let what = format!("`{marker}` has no widget yet: `cargo run -p book-check -- widgets --write`");
            findings.push(Finding::new(page.file(), page.line(there), what));
        }
        let elements = page.elements();
        for (at, element) in elements.iter().enumerate() {
            if element.closing || element.attribute("data-widget").is_none() {
                continue;
            }
            let end = closing(&elements, at).map_or(page.text.len(), |end| end.at);
            let inside = &page.text[element.end..end];
            if !inside.chars().any(char::is_alphanumeric) {
                let what = "a widget with nothing in it: readers without JavaScript see only what stands inside";
                findings.push(Finding::new(page.file(), page.line(element.at), what));
            }
        }
    }
    findings
}

/// What mdBook's own extensions make of it breaks in translations.
pub(super) fn extensions(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        let mut fenced = false;
        for (number, line) in page.text.lines().enumerate() {
            let text = line.trim_start();
            if text.starts_with("```") {
                fenced = !fenced;
            }
            let what = if fenced {
                continue;
            } else if text.starts_with("> [!") {
                "write `<div class=\"callout note\">` instead of `> [!NOTE]`"
            } else if text.starts_with(": ") {
                "a definition list: write a table or a list"
            } else {
                continue;
            };
            findings.push(Finding::new(page.file(), number + 1, what));
        }
    }
    findings
}

/// The tag that closes the one at `at`.
fn closing(elements: &[Element], at: usize) -> Option<&Element> {
    let mut depth = 0_usize;
    for element in elements[at..]
        .iter()
        .filter(|element| element.name == elements[at].name)
    {
        if element.closing {
            depth = depth.saturating_sub(1);
        } else if !element.empty {
            depth += 1;
        }
        if depth == 0 {
            return Some(element);
        }
    }
    None
}

fn blank_line_before(page: &Page, at: usize) -> bool {
    page.text[..at].trim_end_matches([' ', '\t']).ends_with("\n\n")
}
