//! mdBook checks neither that a linked page is there nor that its `#fragment` is.

use std::collections::BTreeSet;

use crate::{Book, Finding, Page};

/// Each page is in the table of contents, and each entry of it is a page.
pub(super) fn contents(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (target, line) in &book.summary {
        if book.page(target).is_none() {
            let what = format!("`{target}` is not written yet");
            findings.push(Finding::new("book/src/SUMMARY.md", *line, what));
        }
    }
    for page in &book.pages {
        if !book.summary.iter().any(|(target, _)| *target == page.path) {
            findings.push(Finding::new(
                page.file(),
                1,
                "no entry in `SUMMARY.md`: add one, or remove the page",
            ));
        }
    }
    findings
}

pub(super) fn links(book: &Book) -> Vec<Finding> {
    let ids: Vec<(&str, BTreeSet<String>)> = book.pages.iter().map(|page| (page.path.as_str(), page.ids())).collect();
    let mut findings = Vec::new();
    for page in &book.pages {
        for link in page.links() {
            if link.target.contains("://") {
                continue;
            }
            let what = dead(book, page, &link.target, &ids);
            findings.extend(what.map(|what| Finding::new(page.file(), link.line, what)));
        }
    }
    findings
}

fn dead(book: &Book, page: &Page, target: &str, ids: &[(&str, BTreeSet<String>)]) -> Option<String> {
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    if path.starts_with('/') {
        return Some(format!(
            "`{target}` begins at the root of some server: write the path from this page"
        ));
    }
    if path.ends_with(".html") {
        return Some(format!("`{target}` is what mdBook makes: link to the `.md`"));
    }
    let Some(there) = resolved(&page.path, path) else {
        return Some(format!(
            "`{target}` leads out of `book/src`: name it in words, in backticks"
        ));
    };
    let Some((_, ids)) = ids.iter().find(|(name, _)| *name == there) else {
        // A page that is not written yet is the finding of `contents`.
        let promised = book.summary.iter().any(|(page, _)| *page == there);
        let exists = promised || (!path.ends_with(".md") && book.src().join(&there).is_file());
        return (!exists).then(|| format!("`{target}` is no page of the book: see `SUMMARY.md`"));
    };
    (!fragment.is_empty() && !ids.contains(fragment))
        .then(|| format!("`{there}` has no heading with the id `{fragment}`"))
}

/// `../lessons/01-hello.md` from `foundations/udp.md` is `lessons/01-hello.md`.
fn resolved(from: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(from.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
