//! Who contradicts what others teach says where it is written.

use crate::{Book, Finding};

const PAGES: &[&str] = &["appendix/messages.md", "appendix/taught-wrongly.md"];

pub(super) fn sources(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in book.pages.iter().filter(|page| PAGES.contains(&page.path.as_str())) {
        let tables = page.tables();
        if tables.is_empty() {
            findings.push(Finding::new(
                page.file(),
                1,
                "no table: its rows are what this page is for",
            ));
        }
        for table in tables {
            let Some(((head, line), rows)) = table.rows.split_first() else {
                continue;
            };
            let Some(column) = head.iter().position(|cell| cell.to_lowercase().starts_with("source")) else {
                let what = "a table without a column `source`: add one";
                findings.push(Finding::new(page.file(), *line, what));
                continue;
            };
            for (cells, line) in rows {
                let source = cells.get(column).map_or("", String::as_str);
                if !source.chars().any(char::is_alphabetic) {
                    let what = "a row without a source: name the RFC's section, the man page, or what was measured";
                    findings.push(Finding::new(page.file(), *line, what));
                } else if source.contains("TODO") {
                    let what = format!("`{source}` is a note to oneself: look it up and write the source");
                    findings.push(Finding::new(page.file(), *line, what));
                }
            }
        }
    }
    findings
}
