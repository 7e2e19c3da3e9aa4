//! The book is whole without a network, and runs nothing that it did not bring.

use std::fs;
use std::path::Path;

use crate::{Book, Finding, html};

/// Where a link may lead out of the book.
const LIBRARIES: &[&str] = &[
    "https://www.rfc-editor.org/",
    "https://rfc-editor.org/",
    "https://man7.org/",
    "https://www.man7.org/",
];

pub(super) fn nothing_outside(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for element in page.elements() {
            if let Some(what) = refused(&element) {
                findings.push(Finding::new(page.file(), page.line(element.at), what));
            }
        }
        for link in page.links() {
            let leads_out = link.target.contains("://") || link.target.starts_with("//");
            let allowed = !link.image && LIBRARIES.iter().any(|library| link.target.starts_with(library));
            if leads_out && !allowed {
                let what = format!(
                    "`{}` is outside of the book: name the source in words, or link to rfc-editor.org or man7.org",
                    link.target
                );
                findings.push(Finding::new(page.file(), link.line, what));
            }
        }
    }
    for folder in ["book/theme", "book/widgets"] {
        in_files(book, &book.root.join(folder), &mut findings);
    }
    findings
}

/// What a tag of a page must not do.
pub(super) fn refused(element: &html::Element) -> Option<String> {
    if element.closing {
        return None;
    }
    if element.name == "script" && element.attribute("src").is_none() {
        return Some("a script inside a page: put it into a file of `book/widgets/`".to_owned());
    }
    if let Some(address) = element.fetched_from_elsewhere() {
        return Some(format!("`{address}` is fetched from elsewhere: bring the file along"));
    }
    for (name, value) in &element.attributes {
        if name.starts_with("on") {
            return Some(format!(
                "`{name}` is a script inside a page: add the listener in a file of `book/widgets/`"
            ));
        }
        if name == "style" && value.contains("url(") {
            return Some("`url(…)` inside a page: put it into a style sheet of the book".to_owned());
        }
    }
    (element.name == "style").then(|| "a style sheet inside a page: put it into `book/theme/`".to_owned())
}

fn in_files(book: &Book, folder: &Path, findings: &mut Vec<Finding>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            in_files(book, &path, findings);
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        let file = path.strip_prefix(&book.root).unwrap_or(&path).display().to_string();
        for (number, line) in text.lines().enumerate() {
            let line = line.replace("http://www.w3.org/", "");
            let address =
                line.contains("http://") || line.contains("https://") || line.contains("\"//") || line.contains("(//");
            if address || line.contains("@import") {
                let what = "an address outside of the book: bring the file along";
                findings.push(Finding::new(&file, number + 1, what));
            }
        }
    }
}
