//! What a page shows of a machine was printed by a machine: `book/captures/NAME.sh` prints what `NAME.txt` holds.
//!
//! Ports, process ids, times and sequence numbers differ from run to run, and with them the width of a column: so a stretch of digits
//! compares as a stretch of digits, a stretch of spaces as a stretch of spaces, and the shaft of an arrow as any other.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::Finding;

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

/// The tools that a script may need and not every machine has.
const TOOLS: &[&str] = &[
    "ss", "nc", "strace", "lsof", "tcpdump", "tshark", "python3", "ip", "man",
];

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

/// The first thing that a script needs and this machine lacks.
fn lacks(root: &Path, script: &Path) -> Option<Lack> {
    let text = fs::read_to_string(script).unwrap_or_default();
    let code = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let words: Vec<&str> = code
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || "$()`|;&".contains(c)))
        .collect();
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
fn build(root: &Path, scripts: &[PathBuf]) -> Result<()> {
    let mut packages = Vec::new();
    for script in scripts {
        let text = fs::read_to_string(script)?;
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

/// What a script prints. It must succeed, end in time, and leave nothing running.
pub fn printed(root: &Path, script: &Path) -> Result<String> {
    let mut child = Command::new("bash")
        .arg(script)
        .current_dir(root)
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "dumb")
        .env("NO_COLOR", "1")
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .context("cannot run bash")?;
    let group = Pid::from_raw(i32::try_from(child.id())?);
    let (Some(mut stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("the script has no output");
    };
    let complaint = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.read_to_end(&mut bytes).map(|_| bytes);
        // Nobody listens any more once the patience is over.
        let _ = sender.send(read);
    });
    let output = receiver.recv_timeout(PATIENCE);
    // Of a script that ended well the group is empty. Asked before the script is waited for, so that its number is still its own.
    let bash_ended = || fs::read_to_string(format!("/proc/{group}/stat")).is_ok_and(|stat| stat.contains(") Z "));
    let mut left = false;
    if output.is_ok() {
        for _ in 0..200 {
            if bash_ended() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        left = others_of(group);
    }
    let _ = killpg(group, Signal::SIGKILL);
    let status = child.wait()?;
    let complaint = complaint.join().ok().and_then(std::io::Result::ok).unwrap_or_default();
    let output = match output {
        Ok(output) => output?,
        Err(RecvTimeoutError::Timeout) => bail!("it does not end within {} s", PATIENCE.as_secs()),
        Err(RecvTimeoutError::Disconnected) => bail!("its output can't be read"),
    };
    if !status.success() {
        bail!("it ended with {status}: {}", complaint.trim());
    }
    if left {
        bail!("it left a program running: end what it started, and wait for it");
    }
    String::from_utf8(output).context("it printed what is no UTF-8")
}

/// Whether a process group holds more than its leader. Where there is no `/proc` nothing can be said.
fn others_of(group: Pid) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|&pid| pid != group.as_raw())
        .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok())
        .filter_map(|stat| {
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let state = fields.next()?;
            let of = fields.nth(1)?.parse::<i32>().ok()?;
            (state != "Z").then_some(of)
        })
        .any(|of| of == group.as_raw())
}

/// In a drawing of `cargo trace`: what a program did, between the packets. Which of two is faster is chance.
const BESIDE_THE_WIRE: &str = "s  · ";

/// The lines of a text; those beside the wire come last, sorted.
fn arranged(text: &str) -> Vec<&str> {
    let (mut beside, mut lines): (Vec<&str>, Vec<&str>) =
        text.trim_end().lines().partition(|line| line.contains(BESIDE_THE_WIRE));
    beside.sort_by_key(|line| line.split_once(BESIDE_THE_WIRE).map(|(_, what)| what));
    lines.append(&mut beside);
    lines
}

/// A text with its digits, its spaces and the length of its drawn lines masked, and its lines arranged.
pub fn masked(text: &str) -> String {
    let mut masked = String::new();
    for line in arranged(text) {
        let mut last = '\n';
        for c in line.trim_end().chars() {
            let c = if c.is_ascii_digit() { '0' } else { c };
            if !(c == last && ['0', ' ', '─'].contains(&c)) {
                masked.push(c);
            }
            last = c;
        }
        masked.push('\n');
    }
    masked
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

    #[test]
    fn digits_and_widths_do_not_count() {
        let here = "ESTAB 0  0   127.0.0.1:43818 ───▶ \nend";
        let there = "ESTAB 17 0 127.0.0.1:9 ─────▶\nend\n\n";
        assert_eq!(masked(here), masked(there));
        assert_ne!(masked(here), masked("ESTAB 17 0 127.0.0.1 ─▶\nend"));
    }

    #[test]
    fn what_programs_do_meanwhile_has_no_order() {
        let here = "1 ms  ─ SYN ─▶\n2 ms  · a prints\n3 ms  · b prints\n4 ms  ◀─ ACK ─";
        let there = "1 ms  ─ SYN ─▶\n2 ms  · b prints\n3 ms  ◀─ ACK ─\n4 ms  · a prints";
        assert_eq!(masked(here), masked(there));
        let turned = "1 ms  ◀─ ACK ─\n2 ms  · a prints\n3 ms  · b prints\n4 ms  ─ SYN ─▶";
        assert_ne!(masked(here), masked(turned));
    }

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
