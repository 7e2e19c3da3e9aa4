//! The rules of the house that no lint knows.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use checker::compile::workspace;
use checker::course::LESSONS;
use checker::{cli, level};

/// Of the contract, where it is at hand: it is kept beside the checkout.
fn contract() -> Option<String> {
    let contract = fs::read_to_string(workspace().join("../shared/COURSE.md")).ok();
    if contract.is_none() {
        // Not `eprintln`, which is shown only when a test fails.
        let _ = writeln!(io::stderr(), "skipped: no contract lies beside the checkout");
    }
    contract
}

/// The rows of the tables below `## Lesson N`, and those that every lesson has.
#[test]
fn the_checks_are_those_of_the_contract() {
    let Some(contract) = contract() else { return };
    for lesson in LESSONS {
        let heading = format!("## Lesson {} ", lesson.number());
        let section = contract.split(&heading).nth(1).expect("a section of the contract");
        let section = section.split("\n## ").next().expect("a section of the contract");
        let mut named: BTreeSet<&str> = section
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
            .filter(|id| id.contains('/') || *id == "together")
            .collect();
        named.insert("usage");
        if lesson.number() != "6" {
            named.insert("server/port-in-use");
        }
        if lesson.number() != "4" {
            named.insert("client/no-server");
        }
        if ["1", "3", "5", "7", "8"].contains(&lesson.number()) {
            named.insert("server/starts-again");
        }
        let have: BTreeSet<&str> = lesson.checks.iter().map(|check| check.id).collect();
        assert_eq!(have, named, "{}", lesson.id);
    }
}

#[test]
fn the_top_level_holds_nothing_else() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "LICENSE",
        "lessons",
        "solutions",
        "checker",
        "book",
        "target",
    ];
    for entry in fs::read_dir(workspace()).expect("the checkout") {
        let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
        assert!(
            name.starts_with('.') || allowed.contains(&name.as_str()),
            "`{name}` at the top level"
        );
    }
}

#[test]
fn the_report_page_names_every_kind_of_finding() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("REPORT.md")).expect("REPORT.md");
    let source = include_str!("../src/verdict.rs");
    let kinds = source.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
    for kind in kinds.filter(|kind| kind.contains('-') || *kind == "crash" || *kind == "unread" || *kind == "leak") {
        assert!(page.contains(&format!("`{kind}`")), "{kind} is missing from REPORT.md");
    }
}

#[test]
fn every_way_to_wait_is_on_the_report_page_and_in_a_test() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("REPORT.md")).expect("REPORT.md");
    let source = include_str!("../src/verdict.rs");
    let (_, names) = source.split_once("impl Waiting {").expect("the ways to wait");
    let (names, _) = names.split_once("\n}\n").expect("their end");
    let ways: Vec<&str> = names
        .split("=> \"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(ways.len() > 10, "{ways:?}");
    for way in ways {
        assert!(page.contains(&format!("`{way}`")), "{way} is missing from REPORT.md");
        assert!(
            include_str!("why.rs").contains(&format!("\"{way}\"")),
            "no test of tests/why.rs yields {way}"
        );
    }
}

/// Every command of the README is one that works: the ones that grade the student's own lessons fail only because these are not started.
#[test]
fn the_commands_of_the_readme_work() {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("README.md");
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(commands.len() >= 8, "{commands:?}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    checker::compile::build(&["solution01".to_owned()]).expect("the solution builds");
    let checker = Path::new(env!("CARGO_BIN_EXE_checker"));
    let records_packets = matches!(level::asked_for(cli::Jail::Full, checker), Ok(Ok(_)));
    for command in commands {
        if command.starts_with("cargo trace") && !records_packets {
            continue;
        }
        let aliases = ["grade", "trace"];
        let Some(arguments) = aliases
            .iter()
            .any(|alias| command.starts_with(&format!("cargo {alias}")))
            .then(|| command.trim_start_matches("cargo ").to_owned())
            .or_else(|| {
                command
                    .strip_prefix("cargo run -p checker")
                    .map(|rest| rest.trim_start_matches(" --").to_owned())
            })
        else {
            assert!(
                [
                    "cargo test --workspace",
                    "cargo run -p lesson01",
                    // `.ci/run` installs it, and the tests of `book/check` serve the book.
                    "cargo install --locked mdbook@0.5.4",
                    "mdbook serve book --open",
                ]
                .contains(&command),
                "{command} is not tested"
            );
            continue;
        };
        let words = shlex::split(&arguments).expect("a command line");
        let words = words.iter().map(|word| match word.as_str() {
            "./target/debug/solution01" => {
                let target = std::env::var("CARGO_TARGET_DIR")
                    .unwrap_or_else(|_| workspace().join("target").display().to_string());
                format!("{target}/debug/solution01")
            }
            folder if folder.starts_with("lessons/") => workspace().join(folder).display().to_string(),
            word => word.to_owned(),
        });
        let output = cargo_bin_cmd!("checker")
            .current_dir(folder.path())
            .args(words)
            .output()
            .expect("started");
        let code = output.status.code().expect("an exit code");
        assert!(
            code == 0 || code == 1,
            "`{command}` ends with {code}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert!(folder.path().join("grades.json").is_file());
    assert!(folder.path().join("grades.xml").is_file());
    assert!(folder.path().join("report.html").is_file());
}
