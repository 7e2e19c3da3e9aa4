//! Programs that mean harm, or that are merely very broken: the checker ends, says why, and leaves nothing behind.

use std::fs;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// A shell script, executable, that lives as long as this.
struct Script {
    _folder: TempDir,
    path: PathBuf,
}

fn script(body: &str) -> Script {
    executable(&format!("#!/bin/sh\n{body}\n"))
}

/// Copied by another process: a file that this one has open for writing while another test forks can't be executed (ETXTBSY).
fn executable(text: &str) -> Script {
    let folder = tempdir().expect("a folder");
    let (source, path) = (folder.path().join("source"), folder.path().join("program"));
    fs::write(&source, text).expect("written");
    let mut install = Command::new("install");
    install.args(["-m", "755"]).args([&source, &path]).assert().success();
    Script { _folder: folder, path }
}

/// `grade 1` of the script, one check.
fn grade(script: &Script, check: &str, arguments: &[&str]) -> Output {
    let mut command = cargo_bin_cmd!("checker");
    command.args(["grade", "1", "--check", check]).args(arguments);
    command.arg("--program").arg(&script.path);
    command.output().expect("it runs")
}

/// The exit code, and what the report says of the one check.
fn graded(script: &Script, arguments: &[&str]) -> (Option<i32>, Value) {
    let output = grade(script, "server/listens", &[&["--format", "json"], arguments].concat());
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (output.status.code(), report["lessons"][0]["checks"][0].clone())
}

/// Seconds for `sleep`, so many that it never ends, and that no other process has among its words.
fn for_ever() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("99{:07}{count:03}", std::process::id())
}

/// Whether the processes that have `word` in their command line are gone, or go now: a killed process takes a moment to end.
fn are_gone(word: &str) -> bool {
    comes_true(|| !is_there(word))
}

fn is_there(word: &str) -> bool {
    fs::read_dir("/proc").expect("/proc").flatten().any(|process| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.split(|&byte| byte == 0).any(|found| found == word.as_bytes())
    })
}

fn comes_true(condition: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if condition() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

/// Less than any wait of the checker that runs to its end: a start alone may take 20 seconds.
const PROMPTLY: Duration = Duration::from_secs(10);

#[test]
fn a_file_of_no_known_format_is_a_finding() {
    let (code, check) = graded(&executable("\u{1}\u{2} no program at all\n"), &[]);
    assert_eq!((code, &check["status"]), (Some(1), &Value::from("failed")), "{check:#}");
}

#[test]
fn an_interpreter_that_is_not_there_is_a_finding() {
    let (code, check) = graded(&executable("#!/nowhere/python\n"), &[]);
    assert_eq!(code, Some(1));
    let summary = check["finding"]["summary"].as_str().expect("a summary");
    assert!(summary.contains("can't be started"), "{summary}");
}

#[test]
fn a_program_that_ends_at_once_is_not_waited_for() {
    let begun = Instant::now();
    let (code, check) = graded(&script("echo sorry >&2; exit 7"), &["--timeout", "60"]);
    assert!(begun.elapsed() < PROMPTLY);
    assert_eq!(
        (code, &check["finding"]["kind"]),
        (Some(1), &Value::from("ended-early"))
    );
    let summary = check["finding"]["summary"].as_str().expect("a summary");
    assert!(summary.contains("exit code 7"), "{summary}");
    assert_eq!(check["finding"]["actual"], "on stderr \"sorry\"");
}

#[test]
fn a_program_that_a_signal_ends_has_crashed() {
    let (code, check) = graded(&script("kill -SEGV $$"), &["--timeout", "60"]);
    assert_eq!((code, &check["finding"]["kind"]), (Some(1), &Value::from("crash")));
    assert!(
        check["finding"]["summary"].as_str().expect("text").contains("SIGSEGV"),
        "{check:#}"
    );
}

#[test]
fn a_program_that_says_nothing_and_never_ends_did_not_print_the_ready_line() {
    let word = for_ever();
    let (code, check) = graded(
        &script(&format!("trap '' TERM INT HUP; exec sleep {word}")),
        &["--timeout", "0.3"],
    );
    assert_eq!((code, &check["finding"]["kind"]), (Some(1), &Value::from("not-ready")));
    let summary = check["finding"]["summary"].as_str().expect("a summary");
    assert!(summary.contains("did not print its ready line"), "{summary}");
    assert!(are_gone(&word));
}

#[test]
fn a_program_that_closes_its_stdout_is_told_so() {
    let word = for_ever();
    let (code, check) = graded(&script(&format!("exec sleep {word} >&-")), &["--timeout", "0.3"]);
    assert_eq!(code, Some(1));
    let summary = check["finding"]["summary"].as_str().expect("a summary");
    assert!(summary.contains("closed its stdout"), "{summary}");
    assert!(are_gone(&word));
}

/// The address space of the checker is bounded far below what is printed.
#[test]
fn a_gibibyte_of_output_is_a_finding_in_bounded_memory() {
    for flood in [
        "head -c 1073741824 /dev/zero",
        "yes >&2",
        "head -c 1073741824 /dev/zero >&2",
    ] {
        let flood = script(flood);
        let output = Command::new("sh")
            .args(["-c", "ulimit -v 600000; exec \"$0\" \"$@\""])
            .arg(cargo_bin!("checker"))
            .args(["grade", "1", "--check", "server/listens", "--format", "json"])
            .arg("--program")
            .arg(&flood.path)
            .output()
            .expect("it runs");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let finding = &report["lessons"][0]["checks"][0]["finding"];
        assert_eq!(finding["kind"], "too-much-output", "{finding:#}");
        assert!(output.stdout.len() < 100_000, "{}", output.stdout.len());
    }
}

/// Whichever is noticed first: that the first line is wrong, or that there are too many.
#[test]
fn lines_without_end_are_a_finding_at_once() {
    for line in ["y", "''"] {
        let begun = Instant::now();
        let (code, check) = graded(&script(&format!("exec yes {line}")), &["--timeout", "60"]);
        assert!(begun.elapsed() < PROMPTLY);
        assert_eq!(code, Some(1));
        let kind = check["finding"]["kind"].as_str().expect("a kind");
        assert!(["too-much-output", "not-ready"].contains(&kind), "{kind}");
    }
}

#[test]
fn what_a_program_prints_never_reaches_the_report_raw() {
    let bytes = r"\033]0;owned\007\033[2J\377\376\302\233\r\b\001<![CDATA[]]>";
    let rude = [
        format!("printf '{bytes}\\n'"),
        format!("printf '{bytes}\\n' >&2; exit 1"),
        format!("printf 'listening on {bytes}\\n'; exit 1"),
    ];
    for rude in &rude {
        let rude = script(rude);
        for format in ["human", "json", "junit"] {
            let output = grade(&rude, "server/listens", &["--format", format, "--timeout", "1"]);
            let text = String::from_utf8(output.stdout).expect("UTF-8");
            let raw = text.chars().find(|&c| c.is_control() && c != '\n');
            assert_eq!(raw, None, "{format}: {text}");
            assert!(text.contains("owned"), "{format}: {text}");
            assert!(output.stderr.is_empty(), "{format}: {:?}", output.stderr);
        }
    }
}

#[test]
fn a_child_left_behind_does_not_hold_up_the_checker() {
    let word = for_ever();
    let begun = Instant::now();
    let (code, check) = graded(&script(&format!("sleep {word} & exit 4")), &["--timeout", "60"]);
    assert!(begun.elapsed() < PROMPTLY);
    assert_eq!(code, Some(1));
    let summary = check["finding"]["summary"].as_str().expect("a summary");
    assert!(summary.contains("exit code 4"), "{summary}");
    assert!(are_gone(&word));
}

#[test]
fn a_whole_family_goes_with_its_program() {
    let word = for_ever();
    let family = script(&format!("trap '' TERM; (sleep {word} & sleep {word}) & sleep {word}"));
    let (code, _) = graded(&family, &["--timeout", "0.2"]);
    assert_eq!(code, Some(1));
    assert!(are_gone(&word));
}

/// What the checker says when `signal` comes while a program hangs that has `word` in its command line.
fn interrupted(word: &str, signal: Signal, arguments: &[&str]) -> Output {
    let hangs = script(&format!("exec sleep {word}"));
    #[expect(clippy::disallowed_methods, reason = "what is started here is the checker")]
    let mut command = std::process::Command::new(cargo_bin!("checker"));
    let checker = command
        .args(["grade", "1", "--timeout", "60"])
        .args(arguments)
        .arg("--program")
        .arg(&hangs.path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    assert!(comes_true(|| is_there(word)), "the program was not started");
    let begun = Instant::now();
    kill(Pid::from_raw(checker.id().cast_signed()), signal).expect("it runs");
    let output = checker.wait_with_output().expect("it ends");
    assert!(begun.elapsed() < PROMPTLY);
    assert!(are_gone(word));
    output
}

#[test]
fn an_interruption_ends_promptly_and_reports_what_is_known() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let output = interrupted(&for_ever(), signal, &["--check", "server/*"]);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(text.contains("interrupted"), "{text}");
        assert!(text.contains("incomplete"), "{text}");
    }
}

#[test]
fn an_interrupted_report_in_a_file_is_called_that() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let path = file.path().to_str().expect("UTF-8");
    let arguments = ["--check", "server/*", "--format", "json", "--output", path];
    let output = interrupted(&for_ever(), Signal::SIGINT, &arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains(&format!("interrupted: {path} holds what was graded so far")),
        "{said}"
    );
}

#[test]
fn an_interrupted_json_report_is_whole() {
    let arguments = ["--check", "server/listens", "--format", "json"];
    let output = interrupted(&for_ever(), Signal::SIGINT, &arguments);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let check = &report["lessons"][0]["checks"][0];
    assert_eq!(
        (output.status.code(), &check["status"]),
        (Some(3), &Value::from("broken"))
    );
    assert_eq!(check["trouble"], "interrupted");
}

/// At every limit: either all goes well, or the report says which limit is too low, and it is never the program's fault.
#[test]
fn too_few_descriptors_are_trouble_that_names_ulimit() {
    let word = for_ever();
    let program = script(&format!("exec sleep {word}"));
    for limit in [4, 5, 6, 8, 10, 12, 14, 16] {
        let output = Command::new("sh")
            .args(["-c", &format!("ulimit -n {limit}; exec \"$0\" \"$@\"")])
            .arg(cargo_bin!("checker"))
            .args(["grade", "1", "--check", "server/*", "--timeout", "0.1"])
            .arg("--program")
            .arg(&program.path)
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!said.contains("panicked"), "{limit}: {said}");
        match output.status.code() {
            Some(1) => assert!(said.contains("did not print its ready line"), "{limit}: {said}"),
            code => {
                assert_eq!(code, Some(3), "{limit}: {said}");
                assert!(said.contains("ulimit -n"), "{limit}: {said}");
            }
        }
    }
    assert!(are_gone(&word));
}

/// `io::copy` of Rust, where one end is a pipe: the pipe stays locked while the call waits for the socket.
const SPLICES: &str = r#"
import os, socket, sys
def copy(from_, to):
    while True:
        try:
            moved = os.splice(from_, to, 65536)
        except OSError:
            data = os.read(from_, 65536)
            os.write(to, data)
            moved = len(data)
        if not moved:
            return
"#;

#[test]
fn a_client_that_splices_to_its_stdout_is_graded_like_any_other() {
    let client = executable(&format!(
        "#!/usr/bin/env python3\n{SPLICES}
host, port = sys.argv[3].rsplit(':', 1)
peer = socket.create_connection((host, int(port)))
copy(peer.fileno(), 1)
os.write(1, b'\\n')
peer.sendall(b'byebye')
"
    ));
    let output = grade(&client, "client/prints-the-greeting", &[]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn a_program_that_locks_its_stderr_is_killed() {
    let server = executable(&format!(
        "#!/usr/bin/env python3\n{SPLICES}
ours, theirs = socket.socketpair()
copy(theirs.fileno(), 2)
"
    ));
    // Without the watchdog the checker would wait for this program as long as it lives.
    let (code, check) = graded(&server, &["--timeout", "1"]);
    assert_eq!((code, &check["status"]), (Some(1), &Value::from("failed")), "{check:#}");
}
