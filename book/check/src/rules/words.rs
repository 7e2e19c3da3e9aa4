//! Words that tell a reader who does not understand that it is his fault.

use crate::{Book, Finding};

const WORDS: &[&str] = &["simply", "just", "obviously"];

pub(super) fn words(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for (text, line) in page.prose() {
            let lower = text.to_lowercase();
            for word in lower
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| WORDS.contains(word))
            {
                findings.push(Finding::new(
                    page.file(),
                    line,
                    format!("`{word}`: the sentence is better without it"),
                ));
            }
        }
    }
    findings
}
