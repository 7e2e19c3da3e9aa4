//! Code is what a tested file holds, and a session is what a machine answered.

use crate::{Book, Finding};

const LANGUAGES: &[&str] = &[
    "bash",
    "c",
    "console",
    "css",
    "csv",
    "diff",
    "go",
    "html",
    "java",
    "javascript",
    "json",
    "make",
    "markdown",
    "python",
    "rust",
    "sh",
    "text",
    "toml",
    "xml",
    "yaml",
];

/// mdBook takes a fence without a language for Rust and tests it.
pub(super) fn languages(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for fence in page.fences() {
            let what = match fence.language.as_deref() {
                None => "code by indentation has no language: fence it, ```text at least".to_owned(),
                Some("") => "a fence without a language: write ```text, ```console, ```rust …".to_owned(),
                Some(language) => {
                    let name = language.split([',', ' ']).next().unwrap_or(language);
                    if LANGUAGES.contains(&name) {
                        continue;
                    }
                    format!(
                        "`{name}` is no language that this book knows: one of {}",
                        LANGUAGES.join(", ")
                    )
                }
            };
            findings.push(Finding::new(page.file(), fence.line, what));
        }
    }
    findings
}

/// What `mdbook test` does not compile must come from a package that `cargo test` does.
pub(super) fn rust_is_tested(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for fence in page.fences() {
            let words: Vec<&str> = fence.language.as_deref().unwrap_or("").split([',', ' ']).collect();
            if words[0] != "rust" || !words.contains(&"ignore") {
                continue;
            }
            let pasted = fence
                .code
                .lines()
                .position(|line| !line.trim().is_empty() && !line.trim().starts_with("{{#include "));
            if let Some(offset) = pasted {
                findings.push(Finding::new(
                    page.file(),
                    fence.line + 1 + offset,
                    "Rust that nothing compiles: include it by anchor from a tested file, or drop `ignore`",
                ));
            }
        }
    }
    findings
}

/// A session that shows answers comes from `book/captures/`; one that shows only what to type may be written by hand.
pub(super) fn sessions_are_real(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for fence in page.fences() {
            if fence.language.as_deref() != Some("console") {
                continue;
            }
            let mut continued = false;
            for (offset, line) in fence.code.lines().enumerate() {
                let typed = line.starts_with("$ ") || line.starts_with("# ") || line.starts_with(">>> ") || continued;
                continued = line.ends_with('\\');
                if typed || line.trim().is_empty() || line.starts_with("{{#include ") {
                    continue;
                }
                findings.push(Finding::new(
                    page.file(),
                    fence.line + 1 + offset,
                    "an answer that is typed by hand: let a script of `book/captures/` print it, and include its `.txt`",
                ));
                break;
            }
        }
    }
    findings
}

const COLUMNS: usize = 90;

pub(super) fn line_length(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in &book.pages {
        for fence in page.fences() {
            for (offset, line) in fence.code.lines().enumerate() {
                let columns = line.chars().count();
                if columns > COLUMNS && !line.starts_with("{{#include ") {
                    let what = format!("{columns} columns of code: break the line before column {COLUMNS}");
                    findings.push(Finding::new(page.file(), fence.line + 1 + offset, what));
                }
            }
        }
    }
    findings
}
