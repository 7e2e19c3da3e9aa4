//! A lesson's sources -> a program: by cargo, whose own words are shown whole.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::course::Lesson;

/// The checkout that this checker was built from.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"))
}

/// That it is still where it was.
///
/// # Errors
/// It was moved or removed, and the checker kept.
pub fn is_there() -> Result<()> {
    holds_a_checkout(workspace())
}

fn holds_a_checkout(folder: &Path) -> Result<()> {
    match folder.join("Cargo.toml").is_file() {
        true => Ok(()),
        false => bail!(
            "this checker belongs to the checkout in `{}`, which is not there: run the checker of the checkout that you have",
            folder.display()
        ),
    }
}

/// The student's own folder of this lesson.
pub fn folder(lesson: &Lesson) -> PathBuf {
    workspace().join("lessons").join(lesson.folder)
}

/// Builds the packages, all in one run of cargo; those that do not build are missing from the answer.
///
/// # Errors
/// Cargo can't be run, or it failed for another reason than the sources of these packages.
pub fn build(packages: &[String]) -> Result<HashMap<String, PathBuf>> {
    if packages.is_empty() {
        return Ok(HashMap::new());
    }
    is_there()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    #[expect(clippy::disallowed_methods, reason = "cargo is ours, not a program under test")]
    let mut command = std::process::Command::new(&cargo);
    command
        .current_dir(workspace())
        .args(["build", "--keep-going", "--message-format", "json-render-diagnostics"])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if !std::io::stderr().is_terminal() {
        command.arg("--quiet");
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("failed to run `{}`, which builds the lessons", cargo.display()))?;
    let mut built = HashMap::new();
    let mut compiled = false;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.context("failed to read what cargo says")?;
            let Ok(message) = serde_json::from_str::<serde_json::Value>(&line) else {
                continue;
            };
            compiled |= message["reason"] == "compiler-artifact" || message["reason"] == "compiler-message";
            let name = message["target"]["name"]
                .as_str()
                .filter(|name| packages.iter().any(|package| package == name));
            if let (Some(name), Some(executable)) = (name, message["executable"].as_str()) {
                built.insert(name.to_owned(), PathBuf::from(executable));
            }
        }
    }
    let status = child.wait().context("failed to wait for cargo")?;
    if !status.success() && !compiled {
        bail!("cargo could not build {}: its words are above", packages.join(", "));
    }
    Ok(built)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_that_has_gone_is_named() {
        is_there().expect("the checkout that this is built from");
        let gone = holds_a_checkout(Path::new("/nowhere/course")).expect_err("nothing is there");
        let said = gone.to_string();
        assert!(
            said.starts_with("this checker belongs to the checkout in `/nowhere/course`, which is not there"),
            "{said}"
        );
    }
}
