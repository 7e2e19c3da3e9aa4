//! The table as data: names, and a specimen for every check.

use std::collections::HashSet;

use super::{LESSONS, SPECIMENS, find};
use crate::flaw::Flaw;

#[test]
fn flaw_names_are_kebab_case() {
    for flaw in Flaw::ALL {
        assert_eq!(flaw.name(), kebab(&format!("{flaw:?}")));
    }
}

#[test]
fn flaws_are_unique_in_their_lesson() {
    let mut seen = HashSet::new();
    for specimen in SPECIMENS.iter() {
        assert!(seen.insert((specimen.lesson, specimen.flaw)), "twice: {specimen}");
    }
}

#[test]
fn every_flaw_is_in_the_catalog() {
    for flaw in Flaw::ALL {
        assert!(
            LESSONS.iter().any(|lesson| find(lesson, flaw.name()) == Some(*flaw)),
            "no lesson has {}",
            flaw.name()
        );
    }
}

#[test]
fn every_check_has_a_specimen() {
    for (lesson, checks) in CHECKS {
        for check in *checks {
            let mut specimens = SPECIMENS.iter();
            assert!(
                specimens.any(|it| it.lesson == *lesson && it.fails.contains(check)),
                "{lesson}: nothing fails {check}"
            );
        }
    }
}

#[test]
fn specimens_name_only_checks_of_their_lesson() {
    for specimen in SPECIMENS.iter() {
        let mut lessons = CHECKS.iter();
        let (_, checks) = lessons.find(|(it, _)| *it == specimen.lesson).unwrap();
        let fails: HashSet<_> = specimen.fails.iter().collect();
        assert!(!fails.is_empty(), "{specimen}");
        assert_eq!(fails.len(), specimen.fails.len(), "a check twice: {specimen}");
        for check in fails {
            assert!(checks.contains(check), "{specimen}: no check {check}");
        }
    }
}

fn kebab(camel: &str) -> String {
    let mut kebab = String::new();
    let mut last = None;
    for letter in camel.chars() {
        let new_word =
            letter.is_uppercase() || letter.is_ascii_digit() && last.is_some_and(|it: char| !it.is_ascii_digit());
        if new_word && last.is_some() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
        last = Some(letter);
    }
    kebab
}

/// The tables of the course's contract.
const CHECKS: &[(&str, &[&str])] = &[
    (
        "lesson01",
        &[
            "usage",
            "server/port-in-use",
            "server/starts-again",
            "client/no-server",
            "server/listens",
            "server/ipv6",
            "server/greets",
            "server/prints-the-reply",
            "server/reads-to-the-end",
            "server/not-utf8",
            "server/long-reply",
            "server/silent-peer",
            "server/patient",
            "server/peer-resets",
            "client/prints-the-greeting",
            "client/long-greeting",
            "client/listens-first",
            "client/patient",
            "client/says-byebye",
            "together",
        ],
    ),
    (
        "lesson02",
        &[
            "usage",
            "server/port-in-use",
            "client/no-server",
            "server/takes-turns",
            "server/peer-quits",
            "server/quits",
            "server/end-of-input",
            "server/peer-vanishes",
            "server/peer-resets",
            "server/split-line",
            "server/glued-lines",
            "server/long-line",
            "server/last-line",
            "server/keeps-the-text",
            "server/skips-empty-lines",
            "server/quit-is-exact",
            "client/takes-turns",
            "client/quits",
            "client/server-quits",
            "client/end-of-input",
            "client/skips-empty-lines",
            "client/server-vanishes",
            "client/server-resets",
            "client/split-reply",
            "client/glued-replies",
            "client/quit-is-exact",
            "together",
        ],
    ),
    (
        "lesson03",
        &[
            "usage",
            "server/port-in-use",
            "server/starts-again",
            "client/no-server",
            "server/shouts-back",
            "server/keeps-the-text",
            "server/split-line",
            "server/glued-lines",
            "server/long-line",
            "server/last-line",
            "server/quit-is-exact",
            "server/next-after-quit",
            "server/next-after-eof",
            "server/next-after-reset",
            "server/waits-in-the-queue",
            "server/gone-before-the-reply",
            "server/patient",
            "server/log",
            "server/leaks-nothing",
            "client/takes-turns",
            "client/split-reply",
            "client/glued-replies",
            "client/quits",
            "client/end-of-input",
            "client/skips-empty-lines",
            "client/server-closes",
            "together",
        ],
    ),
    (
        "lesson04",
        &[
            "usage",
            "server/port-in-use",
            "server/shouts-back",
            "server/prints-each",
            "server/answers-the-sender",
            "server/keeps-boundaries",
            "server/keeps-the-text",
            "server/empty-datagram",
            "server/largest-datagram",
            "server/binary-datagram",
            "server/sender-is-gone",
            "client/numbers-its-lines",
            "client/skips-empty-lines",
            "client/patient",
            "client/sends-again",
            "client/ignores-late-answers",
            "client/ignores-strangers",
            "client/long-answer",
            "client/gives-up",
            "client/refused",
            "client/late-server",
            "client/quits",
            "together",
        ],
    ),
    (
        "lesson05",
        &[
            "usage",
            "server/port-in-use",
            "server/starts-again",
            "client/no-server",
            "server/one-frame",
            "server/glued-frames",
            "server/byte-by-byte",
            "server/split-header",
            "server/empty-frame",
            "server/binary-frame",
            "server/largest-frame",
            "server/too-large",
            "server/truncated",
            "server/next-client",
            "server/patient",
            "server/log",
            "server/leaks-nothing",
            "client/frames-its-lines",
            "client/glued-answers",
            "client/dribbled-answers",
            "client/binary-answer",
            "client/reads-to-the-end",
            "client/truncated-answer",
            "client/too-large-answer",
            "together",
        ],
    ),
    (
        "lesson06",
        &[
            "usage",
            "server/listens-at-the-path",
            "server/keeps-others-out",
            "server/knows-its-peer",
            "server/shouts-back",
            "server/split-and-glued",
            "server/last-line",
            "server/quit-is-exact",
            "server/next-client",
            "server/patient",
            "server/leaks-nothing",
            "server/left-over-socket",
            "server/live-socket",
            "server/busy-socket",
            "server/no-socket",
            "server/tidies-up",
            "server/path-too-long",
            "client/greeting-and-turns",
            "client/split-and-glued",
            "client/quits",
            "client/server-closes",
            "client/no-server",
            "together",
        ],
    ),
    (
        "lesson07",
        &[
            "usage",
            "server/port-in-use",
            "server/starts-again",
            "client/no-server",
            "server/shouts-back",
            "server/split-and-glued",
            "server/many-at-once",
            "server/half-a-line",
            "server/one-thread",
            "server/quit-is-exact",
            "server/greedy-client",
            "server/idle-is-idle",
            "server/slow-reader",
            "server/pipelined-quit",
            "server/last-line",
            "server/half-close",
            "server/longest-line",
            "server/endless-line",
            "server/reset",
            "server/leaves-nothing",
            "client/both-ways",
            "client/skips-empty-lines",
            "client/split-and-glued",
            "client/loses-nothing",
            "client/quits",
            "client/end-of-input",
            "client/server-closes",
            "client/idle-is-idle",
            "together",
        ],
    ),
    (
        "lesson08",
        &[
            "usage",
            "server/port-in-use",
            "server/starts-again",
            "client/no-server",
            "server/challenges",
            "server/fresh-challenge",
            "server/right-answer",
            "server/wrong-answer",
            "server/short-answer",
            "server/long-answer",
            "server/replayed-answer",
            "server/another-secret",
            "server/nothing-before-ok",
            "server/silent-stranger",
            "server/dribbling-stranger",
            "server/gone-before-answer",
            "server/leaves-nothing",
            "server/too-large-answer",
            "server/too-large-frame",
            "server/patient-after-login",
            "server/log",
            "server/no-secret",
            "client/right-answer",
            "client/denied",
            "client/odd-challenge",
            "client/not-ok",
            "client/no-secret",
            "client/takes-turns",
            "client/quits",
            "together",
        ],
    ),
];
