//! Of a missing file mdBook says an error and goes on; of a missing anchor it says nothing and prints an empty block.

use std::fs;

use crate::{Book, Finding, Page};

pub(super) fn includes(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for (at, _) in page.text.match_indices("{{#") {
            if page.text[..at].ends_with('\\') {
                continue;
            }
            if let Err(what) = include(book, page, &page.text[at..]) {
                findings.push(Finding::new(page.file(), page.line(at), what));
            }
        }
    }
    findings
}

fn include(book: &Book, page: &Page, text: &str) -> Result<(), String> {
    let Some(directive) = text[3..].split("}}").next().filter(|inside| !inside.contains('\n')) else {
        return Err("a `{{#` that no `}}` ends: close it, or write `\\{{#`".to_owned());
    };
    let (kind, argument) = directive.trim().split_once(' ').unwrap_or((directive.trim(), ""));
    if kind != "include" {
        return Err(format!(
            "`{{{{#{kind}` is none that this book uses: write `{{{{#include FILE:ANCHOR}}}}`"
        ));
    }
    let (file, anchor) = match argument.trim().split_once(':') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (argument.trim(), None),
    };
    let folder = book.src().join(&page.path);
    let path = folder.parent().unwrap_or(&folder).join(file);
    let text = fs::read_to_string(&path)
        .map_err(|_| format!("`{file}` can't be read: name a file by its path from this page's folder"))?;
    let Some(anchor) = anchor else {
        return match text.trim().is_empty() {
            true => Err(format!("`{file}` is empty")),
            false => Ok(()),
        };
    };
    if anchor.is_empty() || anchor.contains(':') || anchor.parse::<usize>().is_ok() {
        return Err(format!(
            "`{anchor}` counts lines, which move: put `// ANCHOR: name` and `// ANCHOR_END: name` around them"
        ));
    }
    excerpt(&text, anchor).map_err(|what| format!("{what} in `{file}`"))
}

/// Something must stand between `ANCHOR: name` and `ANCHOR_END: name`.
fn excerpt(text: &str, anchor: &str) -> Result<(), String> {
    let named = |line: &str, mark: &str| {
        line.split_once(mark)
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .is_some_and(|name| name == anchor)
    };
    let starts = text.lines().filter(|line| named(line, "ANCHOR:")).count();
    let ends = text.lines().filter(|line| named(line, "ANCHOR_END:")).count();
    match (starts, ends) {
        (0, _) => return Err(format!("there is no `ANCHOR: {anchor}`")),
        (_, 0) => return Err(format!("there is no `ANCHOR_END: {anchor}`")),
        (1, 1) => {}
        _ => {
            return Err(format!(
                "there is more than one `ANCHOR: {anchor}` or `ANCHOR_END: {anchor}`"
            ));
        }
    }
    let empty = text
        .lines()
        .skip_while(|line| !named(line, "ANCHOR:"))
        .take_while(|line| !named(line, "ANCHOR_END:"))
        .all(|line| line.trim().is_empty() || line.contains("ANCHOR:") || line.contains("ANCHOR_END:"));
    match empty {
        true => Err(format!("nothing stands between `ANCHOR: {anchor}` and its end")),
        false => Ok(()),
    }
}
