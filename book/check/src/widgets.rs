//! What stands between `<!-- widget: KIND SCENARIO -->` and `<!-- /widget -->` in a page is made from `book/src/widgets/*.json`: a table that
//! says all there is to say. The scripts of `book/widgets` set the table in motion; without them, and on paper, it is what one reads.

pub mod stepper;
pub mod sticky;
pub mod subnet;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use crate::{Book, Finding};

const END: &str = "<!-- /widget -->";

/// All that widgets are made of.
pub struct Data {
    pub tcp: Vec<stepper::Connection>,
    pub exchanges: Vec<stepper::Exchange>,
    pub sticky: Vec<sticky::Case>,
    pub subnet: Vec<subnet::Case>,
}

#[derive(serde::Deserialize)]
struct Scenarios<T> {
    scenarios: Vec<T>,
}

#[derive(serde::Deserialize)]
struct Cases<T> {
    cases: Vec<T>,
}

impl Data {
    pub fn read(root: &Path) -> Result<Data> {
        Ok(Data {
            tcp: read::<Scenarios<_>>(root, "tcp.json")?.scenarios,
            exchanges: read::<Scenarios<_>>(root, "steppers.json")?.scenarios,
            sticky: read::<Cases<_>>(root, "sticky.json")?.cases,
            subnet: read::<Cases<_>>(root, "subnet.json")?.cases,
        })
    }

    /// The markup of one widget, named as a marker names it: `tcp-stepper three-way`.
    pub fn markup(&self, name: &str) -> Result<String> {
        let words: Vec<&str> = name.split_whitespace().collect();
        match words[..] {
            ["tcp-stepper", id] => Ok(find(&self.tcp, id, |scenario| &scenario.id)?.markup()),
            ["stepper", id] => Ok(find(&self.exchanges, id, |scenario| &scenario.id)?.markup()),
            ["sticky"] => Ok(sticky::markup(&self.sticky)),
            ["subnet"] => Ok(subnet::markup(&self.subnet)),
            _ => bail!("there is no widget `{name}`: known are `tcp-stepper ID`, `stepper ID`, `sticky` and `subnet`"),
        }
    }

    /// Every widget there is, as a marker names it.
    pub fn names(&self) -> Vec<String> {
        let tcp = self.tcp.iter().map(|scenario| format!("tcp-stepper {}", scenario.id));
        let exchanges = self.exchanges.iter().map(|scenario| format!("stepper {}", scenario.id));
        let alone = ["sticky", "subnet"].map(str::to_owned);
        tcp.chain(exchanges).chain(alone).collect()
    }

    /// A page with every widget in its place, or the first marker (with its line) that names none.
    pub fn filled(&self, page: &str) -> Result<String, (usize, String)> {
        let lines: Vec<&str> = page.split_inclusive('\n').collect();
        let mut filled = String::with_capacity(page.len());
        let mut in_fence = false;
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            in_fence ^= line.trim_start().starts_with("```");
            filled.push_str(line);
            at += 1;
            let Some(name) = marker(line).filter(|_| !in_fence) else {
                continue;
            };
            let markup = self.markup(name).map_err(|error| (at, error.to_string()))?;
            if !line.ends_with('\n') {
                filled.push('\n');
            }
            filled.push_str(&markup);
            filled.push_str(END);
            filled.push('\n');
            at += old(&lines[at..]);
        }
        Ok(filled)
    }
}

/// `KIND SCENARIO` of a line that is a marker.
fn marker(line: &str) -> Option<&str> {
    let comment = line.trim().strip_prefix("<!--")?.strip_suffix("-->")?;
    Some(comment.trim().strip_prefix("widget:")?.trim())
}

/// How many lines the widget that stands there already takes up, its end marker included.
fn old(lines: &[&str]) -> usize {
    let end = lines.iter().position(|line| line.trim() == END);
    let next = lines.iter().position(|line| marker(line).is_some());
    match (end, next) {
        (Some(end), Some(next)) if next < end => 0,
        (Some(end), _) => end + 1,
        (None, _) => 0,
    }
}

/// Fills the widgets of every page; returns the pages that changed.
pub fn write(root: &Path) -> Result<Vec<String>> {
    let data = Data::read(root)?;
    let mut changed = Vec::new();
    for page in Book::read(root)?.pages {
        let filled = match data.filled(&page.text) {
            Ok(filled) => filled,
            Err((line, what)) => bail!("book/src/{}:{line}: {what}", page.path),
        };
        if filled != page.text {
            let path = root.join("book/src").join(&page.path);
            fs::write(&path, filled).with_context(|| format!("cannot write {}", path.display()))?;
            changed.push(format!("book/src/{}", page.path));
        }
    }
    Ok(changed)
}

/// The pages whose widgets are not what the data says.
pub fn stale(root: &Path) -> Result<Vec<Finding>> {
    let data = Data::read(root)?;
    let mut findings = Vec::new();
    for page in Book::read(root)?.pages {
        let file = format!("book/src/{}", page.path);
        match data.filled(&page.text) {
            Ok(filled) if filled == page.text => {}
            Ok(filled) => {
                let same = page
                    .text
                    .lines()
                    .zip(filled.lines())
                    .take_while(|(have, want)| have == want);
                let what = "a widget that is not what its data says: `cargo run -p book-check -- widgets --write`";
                findings.push(Finding::new(file, same.count() + 1, what));
            }
            Err((line, what)) => findings.push(Finding::new(file, line, what)),
        }
    }
    Ok(findings)
}

fn read<T: DeserializeOwned>(root: &Path, name: &str) -> Result<T> {
    let path = root.join("book/src/widgets").join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("cannot understand {}", path.display()))
}

fn find<'a, T>(all: &'a [T], id: &str, of: impl Fn(&T) -> &str) -> Result<&'a T> {
    let known = || all.iter().map(&of).collect::<Vec<_>>().join(", ");
    all.iter()
        .find(|one| of(one) == id)
        .with_context(|| format!("there is no scenario `{id}`: known are {}", known()))
}

/// The `<div>` around a widget's table, with what a script needs besides.
fn wrapped(attributes: &[(&str, &str)], head: &str, table: &[Vec<String>]) -> String {
    let mut markup = String::from("<div class=\"widget\"");
    for (name, value) in attributes {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&#39;");
        markup.push_str(&format!(" {name}='{value}'"));
    }
    markup.push_str(&format!(">\n\n{head}\n\n"));
    for (at, row) in table.iter().enumerate() {
        markup.push_str(&format!("| {} |\n", row.join(" | ")).replace("|  |", "| |"));
        if at == 0 {
            markup.push_str(&format!("|{}\n", " --- |".repeat(row.len())));
        }
    }
    markup.push_str("\n</div>\n");
    markup
}

/// A row of a table from anything that reads as text.
fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}
