//! `book-check`: what is to be mended in the book, and the tools that keep its captures and widgets fresh.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use book_check::{Book, captures, checkout, findings, widgets};
use lexopt::prelude::*;

const USAGE: &str = "\
usage: book-check [--root CHECKOUT]                       what is to be mended, one line each
       book-check captures [--root CHECKOUT] [NAME …]           runs book/captures/*.sh and compares
       book-check captures [--root CHECKOUT] --write [NAME …]   … and writes book/captures/*.txt
       book-check widgets [--root CHECKOUT]                     compares the pages' widgets with their data
       book-check widgets [--root CHECKOUT] --write             … and writes them behind their markers";

enum Task {
    Check,
    Captures { write: bool, names: Vec<String> },
    Widgets { write: bool },
}

fn main() -> ExitCode {
    match parsed().and_then(|(root, task)| run(&root, task)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("book-check: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn parsed() -> Result<(PathBuf, Task)> {
    let mut root = checkout();
    let mut task = Task::Check;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match (argument, &mut task) {
            (Long("root"), _) => root = parser.value()?.into(),
            (Long("write"), Task::Captures { write, .. } | Task::Widgets { write }) => *write = true,
            (Value(word), Task::Check) if word == "captures" => {
                task = Task::Captures {
                    write: false,
                    names: Vec::new(),
                };
            }
            (Value(word), Task::Check) if word == "widgets" => task = Task::Widgets { write: false },
            (Value(word), Task::Captures { names, .. }) => names.push(word.string()?),
            (argument, _) => bail!("{}\n{USAGE}", argument.unexpected()),
        }
    }
    Ok((root, task))
}

fn run(root: &Path, task: Task) -> Result<ExitCode> {
    let findings = match task {
        Task::Check => findings(&Book::read(root)?),
        Task::Captures { write: true, names } => {
            for name in captures::write(root, &names).context("cannot write the captures")? {
                println!("{name}");
            }
            return Ok(ExitCode::SUCCESS);
        }
        Task::Captures { write: false, names } => captures::stale(root, &names)?,
        Task::Widgets { write: true } => {
            for page in widgets::write(root).context("cannot write the widgets")? {
                println!("{page}");
            }
            return Ok(ExitCode::SUCCESS);
        }
        Task::Widgets { write: false } => widgets::stale(root)?,
    };
    for finding in &findings {
        println!("{finding}");
    }
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
