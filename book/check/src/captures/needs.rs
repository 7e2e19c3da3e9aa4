//! What a script needs: tools and a system that not every machine has, and programs of the course, built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// The tools that a script may need and not every machine has.
const TOOLS: &[&str] = &["ss", "nc", "strace", "lsof", "python3", "ip"];

/// The line of a script that shows packets, or a report that names its jail: both differ where the best jail is a lesser one.
const NEEDS_FULL: &str = "# needs: jail full";

/// What a script needs and this machine lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// It can be installed.
    Tool(&'static str),
    /// `unshare` gives no network to one who is not root.
    Namespaces,
    /// No jail `full` can be built.
    FullJail,
}

impl std::fmt::Display for Lack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Lack::Tool(tool) => write!(f, "`{tool}` is not installed"),
            Lack::Namespaces => f.write_str("no network of its own can be had here (user namespaces)"),
            Lack::FullJail => f.write_str("no jail `full` can be built here"),
        }
    }
}

/// The text of a script, with what it shares with others (`. book/captures/NAME.bash`, `from wire import …`).
fn whole(root: &Path, script: &Path) -> Result<String> {
    let mut text = fs::read_to_string(script)?;
    let shared: Vec<PathBuf> = text
        .lines()
        .filter_map(|line| Some(root.join(line.strip_prefix(". ")?)))
        .chain(
            text.contains("from wire import")
                .then(|| root.join("book/captures/wire.py")),
        )
        .collect();
    for path in shared {
        let more = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
        text.push_str(&more);
    }
    Ok(text)
}

/// The first thing that a script needs and this machine lacks.
pub(super) fn lacks(root: &Path, script: &Path) -> Option<Lack> {
    let text = whole(root, script).unwrap_or_default();
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let words: Vec<&str> = code.flat_map(words_of).collect();
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let here = |tool: &str| std::env::split_paths(&folders).any(|folder| folder.join(tool).is_file());
    if let Some(tool) = TOOLS.iter().find(|tool| words.contains(*tool) && !here(tool)) {
        return Some(Lack::Tool(tool));
    }
    if words.contains(&"unshare") && !can_unshare() {
        return Some(Lack::Namespaces);
    }
    (text.lines().any(|line| line == NEEDS_FULL) && !can_build_full(root)).then_some(Lack::FullJail)
}

/// In a shell, in Python, in a string of either.
fn words_of(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || "$()`|;&\"'[],".contains(c))
}

fn can_unshare() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--net", "true"]);
        command.output().is_ok_and(|output| output.status.success())
    })
}

/// The checker knows it: `doctor` builds one.
fn can_build_full(root: &Path) -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut command = cargo(root);
        command.args(["run", "--quiet", "--package", "checker", "--", "doctor"]);
        command.output().is_ok_and(|output| {
            let said = String::from_utf8_lossy(&output.stdout);
            said.lines()
                .any(|line| line.split_whitespace().eq(["jail", "full", "works"]))
        })
    })
}

/// Builds what the scripts run: a first build would use up a script's time, and print its progress.
pub(super) fn build(root: &Path, scripts: &[PathBuf]) -> Result<()> {
    let mut packages = Vec::new();
    for script in scripts {
        let text = whole(root, script)?;
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words
            .windows(2)
            .filter(|pair| pair[0] == "-p" || pair[0] == "--package")
        {
            let named = pair[1].chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            if named && !packages.contains(&pair[1].to_owned()) {
                packages.push(pair[1].to_owned());
            }
        }
        // Aliases of `.cargo/config.toml`.
        if (text.contains("cargo grade") || text.contains("cargo trace")) && !packages.contains(&"checker".to_owned()) {
            packages.push("checker".to_owned());
        }
    }
    packages.retain(|package| {
        ["lesson", "solution", "checker", "specimens"]
            .iter()
            .any(|name| package.starts_with(name))
    });
    if packages.is_empty() {
        return Ok(());
    }
    let status = cargo(root)
        .args(["build", "--quiet"])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .status()
        .context("cannot run cargo")?;
    if !status.success() {
        bail!("what the captures run does not build: {}", packages.join(", "));
    }
    Ok(())
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_found_in_any_quotes() {
        for line in [
            "x=$(ss -tan)",
            "run(f\"ss -tan\")",
            "run([\"ss\", \"-tan\"])",
            "grade 'ss x'",
        ] {
            assert!(words_of(line).any(|word| word == "ss"), "{line}");
        }
        assert!(!words_of("print(\"sss\")").any(|word| word == "ss"));
    }

    #[test]
    fn what_a_script_shares_with_others_counts() {
        let root = tempfile::tempdir().expect("a folder");
        let put = |name: &str, text: &str| fs::write(root.path().join(name), text).expect("a file");
        put("shared.bash", "cargo run -p checker\n");
        put("a.sh", "set -e\n. shared.bash\n");
        let text = whole(root.path(), &root.path().join("a.sh")).expect("a text");
        assert!(text.contains("-p checker"), "{text}");
        put("b.sh", ". gone.bash\n");
        let error = whole(root.path(), &root.path().join("b.sh")).expect_err("it shares with nobody");
        assert!(error.to_string().contains("gone.bash"), "{error}");
    }
}
