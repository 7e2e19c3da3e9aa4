//! A picture says in words what it shows, and is drawn in the colours of the page.

use crate::{Book, Finding, Page};

pub(super) fn figures(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for image in page
            .links()
            .iter()
            .filter(|link| link.image && link.text.trim().is_empty())
        {
            let what = "an image without words: write what it shows, `![words](file)`";
            findings.push(Finding::new(page.file(), image.line, what));
        }
        for element in page.elements() {
            let without_words = element.attribute("alt").is_none_or(|alt| alt.trim().is_empty());
            if element.opens("img") && without_words {
                let what = "an `<img>` without words: say in `alt` what it shows";
                findings.push(Finding::new(page.file(), page.line(element.at), what));
            }
        }
        drawings(page, &mut findings);
    }
    findings
}

fn drawings(page: &Page, findings: &mut Vec<Finding>) {
    let elements = page.elements();
    let mut in_figure = false;
    for (at, element) in elements.iter().enumerate() {
        if element.name == "figure" {
            in_figure = !element.closing;
            let end = elements[at..]
                .iter()
                .position(|end| end.name == "figure" && end.closing);
            let caption = end.is_some_and(|end| elements[at..at + end].iter().any(|inside| inside.opens("figcaption")));
            if in_figure && !caption {
                let what = "a figure without a caption: end it with `<figcaption>…</figcaption>`";
                findings.push(Finding::new(page.file(), page.line(element.at), what));
            }
        }
        if !element.opens("svg") {
            continue;
        }
        let mut missing = |what: &str| findings.push(Finding::new(page.file(), page.line(element.at), what));
        let Some(end) = elements[at..].iter().position(|end| end.name == "svg" && end.closing) else {
            continue;
        };
        let inside = &elements[at + 1..at + end];
        let drawing = &page.text[element.at..elements[at + end].end];
        if element.attribute("aria-hidden") == Some("true") {
            continue;
        }
        if !in_figure {
            missing("a drawing outside of `<figure>`: wrap it, with a `<figcaption>`");
        }
        if element.attribute("role") != Some("img") {
            missing("a drawing without `role=\"img\"`: a screen reader reads its parts one by one");
        }
        if element.attribute("viewbox").is_none() {
            missing("a drawing without `viewBox`: it can't shrink to a phone");
        }
        if !inside.iter().any(|inside| inside.opens("title")) {
            missing("a drawing without `<title>`: say in one sentence what it shows");
        }
        let named: Vec<&str> = element
            .attribute("aria-labelledby")
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let ids: Vec<&str> = inside.iter().filter_map(|inside| inside.attribute("id")).collect();
        if named.is_empty() || named.iter().any(|name| !ids.contains(name)) {
            missing("`aria-labelledby` must name the id of the drawing's own `<title>`");
        }
        if drawing.lines().any(|line| line.trim().is_empty()) {
            missing("a blank line inside `<svg>`: Markdown takes what follows for a paragraph; remove it");
        }
    }
}
