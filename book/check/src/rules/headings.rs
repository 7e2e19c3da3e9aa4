//! A link to a section must survive a changed title and a translation: so each heading has an id of its own.

use std::collections::HashMap;

use pulldown_cmark::HeadingLevel;

use crate::{Book, Finding};

pub(super) fn heading_ids(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        let stem = page.stem();
        let headings = page.headings();
        let titles = headings
            .iter()
            .filter(|heading| heading.level == HeadingLevel::H1)
            .count();
        if titles != 1 {
            findings.push(Finding::new(
                page.file(),
                1,
                format!("{titles} headings of the first level: write one `# Title {{ #{stem} }}`"),
            ));
        }
        let mut above = HeadingLevel::H1;
        for heading in headings {
            let title = &heading.title;
            let what = match &heading.id {
                None => Some(format!("`{title}` has no id: write `{{ #{stem}-… }}` behind it")),
                Some(id) if heading.level == HeadingLevel::H1 => {
                    (*id != stem).then(|| format!("the page's id is `{id}`: write `{{ #{stem} }}`"))
                }
                Some(id) => (!id.starts_with(&format!("{stem}-")))
                    .then(|| format!("`{id}` does not begin with the page's name: write `{{ #{stem}-… }}`")),
            };
            findings.extend(what.map(|what| Finding::new(page.file(), heading.line, what)));
            if heading.level as usize > above as usize + 1 {
                let what = format!("`{title}` skips a level: a {} is followed by one level more", above);
                findings.push(Finding::new(page.file(), heading.line, what));
            }
            above = heading.level;
        }
    }
    findings
}

/// Also those of figures: the page to be printed holds the whole book.
pub(super) fn unique_ids(book: &Book) -> Vec<Finding> {
    let mut first: HashMap<String, String> = HashMap::new();
    let mut findings = Vec::new();
    for page in &book.pages {
        for (id, line) in page.ids_with_lines() {
            let here = format!("{}:{line}", page.file());
            if let Some(there) = first.get(&id) {
                findings.push(Finding::new(
                    page.file(),
                    line,
                    format!("the id `{id}` is taken by {there}: choose another"),
                ));
            } else {
                first.insert(id, here);
            }
        }
    }
    findings
}
