//! Programs that wait: one that can't go on is told off at once, and in words; one that would go on by itself is waited for.

use std::path::{Path, PathBuf};

use assert_cmd::cargo::cargo_bin_cmd;
use checker::{cli, level};
use serde_json::Value;

fn program(file: &str, way: &str) -> String {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/waiting");
    format!("python3 {} {way}", folder.join(file).display())
}

/// The report of a single check.
fn graded(jail: &str, lesson: &str, check: &str, timeout: &str, program: &str) -> Value {
    let output = cargo_bin_cmd!("checker")
        .args(["grade", lesson, "--format", "json", "--check", check, "--jail", jail])
        .args(["--timeout", timeout, "--program", program])
        .output()
        .expect("the checker");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    report["lessons"][0]["checks"][0].clone()
}

#[track_caller]
fn waits(way: &str, lesson: &str, check: &str, timeout: &str) -> (String, bool, String) {
    waits_in("auto", way, lesson, check, timeout)
}

#[track_caller]
fn waits_in(jail: &str, way: &str, lesson: &str, check: &str, timeout: &str) -> (String, bool, String) {
    let report = graded(jail, lesson, check, timeout, &program("stuck.py", way));
    let waits = &report["finding"]["waits"];
    let text = |field: &str| {
        waits[field]
            .as_str()
            .unwrap_or_else(|| panic!("{way}: {report:#}"))
            .to_owned()
    };
    (text("kind"), waits["certain"] == true, text("sentence"))
}

/// With a deadline that nobody would wait for.
#[track_caller]
fn is_told_at_once(way: &str, lesson: &str, check: &str, kind: &str, says: &str) {
    let (is, certain, sentence) = waits(way, lesson, check, "60");
    assert_eq!((is.as_str(), certain), (kind, true), "{way}: {sentence}");
    assert!(sentence.contains(says), "{way}: {sentence}");
}

#[test]
fn a_ready_line_that_was_not_flushed() {
    let says = "the server already waits in `accept` for a client: its ready line was not printed";
    is_told_at_once("never_flushed", "1", "server/greets", "never-flushed", says);
}

#[test]
fn both_ends_wait_for_the_end_of_the_others_message() {
    let says = "the server for the client, and the client for the server";
    is_told_at_once("never_shuts_down", "1", "together", "both-wait", says);
}

#[test]
fn a_server_waits_for_the_end_of_a_message() {
    let says = "the server waits in `read` for more bytes from peer, while peer waits for the server";
    is_told_at_once("never_shuts_down", "1", "server/greets", "for-bytes", says);
}

#[test]
fn bytes_that_nobody_reads() {
    let says = "the server waits in `accept` for another client, while ";
    is_told_at_once("accepts_again", "3", "server/shouts-back", "leaves-unread", says);
    let says = "the server waits in `read` on its stdin, while ";
    is_told_at_once("reads_stdin_first", "2", "server/takes-turns", "leaves-unread", says);
}

#[test]
fn a_server_that_does_not_end() {
    let says = "the server waits in `accept` for a client, and nobody comes";
    is_told_at_once(
        "stays_for_another",
        "1",
        "server/prints-the-reply",
        "for-a-client",
        says,
    );
}

#[test]
fn a_program_that_reads_its_stdin() {
    let says = "the server waits in `read` on its stdin";
    is_told_at_once("ignores_q", "2", "server/peer-quits", "for-input", says);
}

#[test]
fn an_event_loop() {
    let says = "the server waits in `select` for its stdin and peer";
    is_told_at_once("ignores_q_in_a_loop", "2", "server/peer-quits", "for-events", says);
    let says = "the server waits in `epoll_wait` for its stdin and peer";
    is_told_at_once("ignores_q_with_epoll", "2", "server/peer-quits", "for-events", says);
}

#[test]
fn a_lock_that_is_taken_twice() {
    is_told_at_once(
        "locks_twice",
        "1",
        "server/greets",
        "for-itself",
        "waits in `futex` with its only thread",
    );
}

#[test]
fn a_signal_that_nobody_sends() {
    is_told_at_once(
        "waits_for_a_signal",
        "1",
        "server/greets",
        "for-a-signal",
        "waits in `pause` for a signal",
    );
}

#[test]
fn without_a_jail_it_is_told_at_once_too() {
    for (way, lesson, check, kind) in [
        ("never_shuts_down", "1", "together", "both-wait"),
        ("accepts_again", "3", "server/shouts-back", "leaves-unread"),
        ("locks_twice", "1", "server/greets", "for-itself"),
    ] {
        let (is, certain, sentence) = waits_in("none", way, lesson, check, "60");
        assert_eq!((is.as_str(), certain), (kind, true), "{way}: {sentence}");
    }
}

#[test]
fn one_that_sleeps_has_until_the_deadline() {
    let (kind, certain, sentence) = waits("sleeps", "1", "server/greets", "0.2");
    assert_eq!((kind.as_str(), certain), ("for-time", false));
    assert!(sentence.contains("the server waits in `sleep`"), "{sentence}");
}

#[test]
fn a_datagram_that_was_lost() {
    let says = "the client waits in `recv` for a datagram, without a time limit, and none comes";
    is_told_at_once("asks_once", "4", "client/sends-again", "for-a-datagram", says);
}

#[test]
fn a_queue_that_is_full() {
    let says = "the server waits in `connect`";
    is_told_at_once("asks_who_is_busy", "6", "server/busy-socket", "for-a-server", says);
}

#[test]
fn one_that_writes_to_who_does_not_read_has_until_the_deadline() {
    let (kind, certain, sentence) = waits("answers_q_at_length", "2", "server/peer-quits", "1");
    assert_eq!((kind.as_str(), certain), ("for-room", false), "{sentence}");
    assert!(sentence.contains("since peer does not read"), "{sentence}");
}

#[test]
fn one_that_spins_has_until_the_deadline() {
    let (kind, certain, sentence) = waits("spins", "3", "server/next-after-eof", "2");
    // That nothing has moved can be said of a network that nobody else is in.
    let expected = match level::asked_for(cli::Jail::Full, Path::new(env!("CARGO_BIN_EXE_checker"))) {
        Ok(Ok(_)) => "spins",
        Ok(Err(_)) | Err(_) => "works",
    };
    assert_eq!((kind.as_str(), certain), (expected, false), "{sentence}");
    assert!(sentence.contains("the server does not wait: it ran for"), "{sentence}");
}

#[test]
fn one_that_computes_has_until_the_deadline() {
    let (kind, certain, sentence) = waits("computes", "3", "server/shouts-back", "2");
    assert_eq!((kind.as_str(), certain), ("works", false), "{sentence}");
}

#[test]
fn one_that_can_not_be_seen_has_until_the_deadline() {
    let (kind, certain, sentence) = waits("shuts_the_door", "1", "server/greets", "0.3");
    // To root nothing is closed.
    let expected = match nix::unistd::geteuid().is_root() {
        true => ("for-input", true),
        false => ("unseen", false),
    };
    assert_eq!((kind.as_str(), certain), expected, "{sentence}");
}

#[test]
fn a_program_that_would_go_on_by_itself_is_never_called_stuck() {
    all_are_waited_for("auto");
}

/// Nobody adopts its orphans, and the network has others in it.
#[test]
fn nor_is_it_where_there_is_no_jail() {
    all_are_waited_for("none");
}

fn all_are_waited_for(jail: &str) {
    let list = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/waiting/slow.py"));
    let list = list.expect("the programs");
    let (_, list) = list.split_once("PAUSES = [").expect("a list");
    let (list, _) = list.split_once(']').expect("its end");
    let pauses: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|pause| !pause.is_empty())
        .collect();
    assert!(pauses.len() > 10);
    std::thread::scope(|scope| {
        for pause in pauses {
            scope.spawn(move || {
                let report = graded(jail, "1", "server/greets", "10", &program("slow.py", pause));
                assert_eq!(report["status"], "passed", "{pause}: {report:#}");
                assert!(
                    report["millis"].as_u64() >= Some(900),
                    "{pause} does not pause: {report:#}"
                );
            });
        }
    });
}
