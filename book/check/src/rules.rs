//! The rules of the book, each a function from the book to what breaks it.

mod course;
mod endings;
mod fences;
mod figures;
mod headings;
mod includes;
mod links;
mod markup;
mod outside;
mod sources;
mod words;

use std::fmt;

use crate::Book;

/// One thing to mend: where it is, what it is and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// From the top of the checkout.
    pub file: String,
    pub line: usize,
    pub what: String,
}

impl Finding {
    pub fn new(file: impl Into<String>, line: usize, what: impl Into<String>) -> Finding {
        Finding {
            file: file.into(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

pub type Rule = fn(&Book) -> Vec<Finding>;

/// Every rule, by its name. `tests/bad_pages.rs` holds a page that breaks each.
pub const RULES: &[(&str, Rule)] = &[
    ("contents", links::contents),
    ("includes", includes::includes),
    ("heading-ids", headings::heading_ids),
    ("unique-ids", headings::unique_ids),
    ("languages", fences::languages),
    ("rust-is-tested", fences::rust_is_tested),
    ("sessions-are-real", fences::sessions_are_real),
    ("line-length", fences::line_length),
    ("figures", figures::figures),
    ("balance", markup::balance),
    ("callouts", markup::callouts),
    ("folds", markup::folds),
    ("widgets", markup::widgets),
    ("extensions", markup::extensions),
    ("checks-explained", course::checks_explained),
    ("sections", course::sections),
    ("readmes", course::readmes),
    ("captures", course::captures),
    ("sources", sources::sources),
    ("nothing-outside", outside::nothing_outside),
    ("links", links::links),
    ("endings", endings::endings),
    ("words", words::words),
];

/// What all rules find, in the order of the pages.
pub fn findings(book: &Book) -> Vec<Finding> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|(_, rule)| rule(book)).collect();
    findings.sort();
    findings.dedup();
    findings
}
