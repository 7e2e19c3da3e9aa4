//! What a page shows of a machine was printed by a machine: `book/captures/NAME.sh` prints what `NAME.txt` holds.
//!
//! Ports, process ids, times and sequence numbers differ from run to run, and with them the width of a column: so a stretch of digits
//! compares as a stretch of digits, a stretch of spaces as a stretch of spaces, and the shaft of an arrow as any other.

mod mask;
mod needs;
mod run;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::Finding;
use mask::arranged;
use mask::masked;
pub use needs::Lack;
use needs::{build, lacks};
use run::printed;

/// A script ends within ten seconds; a loaded machine gets more.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who of two programs is faster is chance. What a page shows is one of the runs that there are: so often a script may run
/// until it prints that one.
const RUNS: usize = 12;

/// The scripts of a checkout, all or those of the given names.
pub fn scripts(root: &Path, names: &[String]) -> Result<Vec<PathBuf>> {
    let folder = root.join("book/captures");
    let mut scripts: Vec<PathBuf> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sh"))
        .collect();
    scripts.sort();
    if names.is_empty() {
        return Ok(scripts);
    }
    let mut named = Vec::new();
    for name in names {
        let stem = name.trim_end_matches(".sh");
        let found = scripts
            .iter()
            .find(|path| path.file_stem().is_some_and(|have| have == stem));
        named.push(
            found
                .with_context(|| format!("there is no book/captures/{stem}.sh"))?
                .clone(),
        );
    }
    Ok(named)
}

/// Those scripts that can't run on this machine, each with the first thing that it lacks.
pub fn skipped(root: &Path) -> Result<Vec<(PathBuf, Lack)>> {
    let scripts = scripts(root, &[])?;
    Ok(scripts
        .into_iter()
        .filter_map(|script| lacks(root, &script).map(|lack| (script, lack)))
        .collect())
}

/// The captures whose script prints something else today.
pub fn stale(root: &Path, names: &[String]) -> Result<Vec<Finding>> {
    let mut scripts = scripts(root, names)?;
    scripts.retain(|script| lacks(root, script).is_none());
    build(root, &scripts)?;
    let mut findings = Vec::new();
    for script in scripts {
        let file = script.strip_prefix(root).unwrap_or(&script).display().to_string();
        let written = fs::read_to_string(script.with_extension("txt")).unwrap_or_default();
        let then = masked(&written);
        match printed_again(root, &script, &then) {
            Err(error) => findings.push(Finding::new(file, 1, format!("{error:#}"))),
            Ok(text) => {
                let today = masked(&text);
                if today == then {
                    continue;
                }
                let at = today.lines().zip(then.lines()).take_while(|(a, b)| a == b).count();
                let was = arranged(&written).get(at).copied();
                let is = arranged(&text).get(at).copied();
                let line = was.and_then(|was| written.lines().position(|line| line == was));
                let line = line.map_or_else(|| written.lines().count() + 1, |at| at + 1);
                let what = format!(
                    "line {line} was `{}` and is `{}` today: see whether the page is still right, then `cargo run -p book-check -- captures --write`",
                    was.unwrap_or("(nothing)"),
                    is.unwrap_or("(nothing)")
                );
                findings.push(Finding::new(file.replace(".sh", ".txt"), line, what));
            }
        }
    }
    Ok(findings)
}

/// What a script prints in the first of some runs that agrees with a text, or in the last.
fn printed_again(root: &Path, script: &Path, then: &str) -> Result<String> {
    let begun = Instant::now();
    let mut runs = 1;
    loop {
        let text = printed(root, script)?;
        if masked(&text) == then || runs == RUNS || begun.elapsed() > PATIENCE {
            return Ok(text);
        }
        runs += 1;
    }
}

/// Writes the texts whose scripts print something else, and names them. Digits alone are no reason to write.
pub fn write(root: &Path, names: &[String]) -> Result<Vec<String>> {
    let scripts = scripts(root, names)?;
    build(root, &scripts)?;
    let mut written = Vec::new();
    for script in scripts {
        let path = script.with_extension("txt");
        let have = masked(&fs::read_to_string(&path).unwrap_or_default());
        let text = printed_again(root, &script, &have).with_context(|| script.display().to_string())?;
        if have != masked(&text) {
            fs::write(&path, format!("{}\n", text.trim_end()))?;
            written.push(path.strip_prefix(root).unwrap_or(&path).display().to_string());
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout(script: &str, text: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("book/captures");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("a.sh"), script).expect("a script");
        fs::write(folder.join("a.txt"), text).expect("a text");
        root
    }

    fn said(script: &str, text: &str) -> Vec<String> {
        let root = checkout(script, text);
        let findings = stale(root.path(), &[]).expect("findings");
        findings.into_iter().map(|finding| finding.to_string()).collect()
    }

    #[test]
    fn a_fresh_capture_is_no_finding() {
        assert_eq!(said("echo pid $$; echo end", "pid 1\nend\n"), [] as [&str; 0]);
    }

    #[test]
    fn a_stale_capture_is_found() {
        let said = said("echo one; echo two", "one\nthree\n");
        assert!(
            said[0].starts_with("book/captures/a.txt:2: line 2 was `three` and is `two` today"),
            "{said:?}"
        );
    }

    #[test]
    fn a_script_that_fails_or_leaves_something_is_found() {
        assert!(said("echo why >&2; exit 3", "")[0].contains("why"));
        assert!(said("sleep 50 >/dev/null 2>&1 & echo x", "x")[0].contains("left a program running"));
    }

    #[test]
    fn one_of_the_runs_is_what_is_written() {
        let script =
            "n=$(cat runs 2> /dev/null || echo 0); echo $((n + 1)) > runs; test $n -ge 2 && echo slow || echo fast";
        assert_eq!(said(script, "slow\n"), [] as [&str; 0]);
        assert!(said("echo fast", "slow\n")[0].contains("is `fast` today"));
    }

    #[test]
    fn writing_leaves_alone_what_differs_in_digits() {
        let root = checkout("echo pid $$; echo end", "pid 1\nend\n");
        assert_eq!(write(root.path(), &[]).expect("written"), [] as [&str; 0]);
        fs::write(root.path().join("book/captures/a.txt"), "").expect("emptied");
        assert_eq!(write(root.path(), &[]).expect("written"), ["book/captures/a.txt"]);
    }
}
