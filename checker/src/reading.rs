//! Where the book explains what a check is about: a file of the checkout, which any editor opens, and the id of a heading in it.

use crate::course::{Check, Lesson};

/// Sections that say more of a check than its lesson's table does. A check is named by its id, or with its lesson where
/// that one means something else by it.
const SECTIONS: &[(&str, &[&str])] = &[
    (
        "lessons/06-unix.md#lesson06-idea",
        &[
            "lesson06/client/no-server",
            "server/keeps-others-out",
            "server/knows-its-peer",
            "server/left-over-socket",
            "server/live-socket",
            "server/no-socket",
        ],
    ),
    ("foundations/sockets.md#sockets-server", &["server/listens"]),
    ("foundations/sockets.md#sockets-errors", &["server/port-in-use"]),
    ("foundations/tcp-hello.md#tcp-hello-refused", &["client/no-server"]),
    (
        "foundations/tcp-hello.md#tcp-hello-accept-queue",
        &["server/waits-in-the-queue", "server/busy-socket"],
    ),
    (
        "foundations/tcp-stream.md#tcp-stream-bytes",
        &[
            "server/reads-to-the-end",
            "server/long-reply",
            "client/prints-the-greeting",
            "client/long-greeting",
            "server/split-line",
            "server/glued-lines",
            "server/split-and-glued",
            "client/split-reply",
            "client/glued-replies",
            "client/split-and-glued",
        ],
    ),
    (
        "foundations/tcp-stream.md#tcp-stream-window",
        &["server/slow-reader", "client/loses-nothing"],
    ),
    (
        "foundations/tcp-goodbye.md#tcp-goodbye-half-close",
        &["server/greets", "client/listens-first", "server/half-close"],
    ),
    ("foundations/tcp-goodbye.md#tcp-goodbye-reuse", &["server/starts-again"]),
    (
        "foundations/tcp-goodbye.md#tcp-goodbye-reset",
        &[
            "server/peer-resets",
            "client/server-resets",
            "server/next-after-reset",
            "server/gone-before-the-reply",
            "server/reset",
        ],
    ),
    (
        "foundations/udp.md#udp-datagram",
        &["server/keeps-boundaries", "server/empty-datagram"],
    ),
    (
        "foundations/udp.md#udp-loss",
        &["client/sends-again", "client/gives-up", "client/ignores-late-answers"],
    ),
    ("foundations/udp.md#udp-size", &["server/largest-datagram"]),
    ("foundations/udp.md#udp-truncation", &["client/long-answer"]),
    ("foundations/udp.md#udp-connect", &["client/ignores-strangers"]),
    (
        "foundations/udp.md#udp-refused",
        &["server/sender-is-gone", "client/refused", "client/late-server"],
    ),
    (
        "lessons/05-framing.md#lesson05-idea",
        &[
            "server/glued-frames",
            "server/byte-by-byte",
            "server/split-header",
            "client/glued-answers",
            "client/dribbled-answers",
        ],
    ),
    (
        "lessons/07-nonblocking.md#lesson07-idea",
        &["server/half-a-line", "server/idle-is-idle", "client/both-ways"],
    ),
    (
        "lessons/08-auth.md#lesson08-idea",
        &[
            "server/fresh-challenge",
            "server/replayed-answer",
            "client/right-answer",
        ],
    ),
    (
        "appendix/tools.md#tools-lsof",
        &["server/leaks-nothing", "server/leaves-nothing"],
    ),
];

/// `book/src/foundations/udp.md#udp-loss`: what is best read when this check fails.
pub fn section(lesson: &Lesson, check: &Check) -> String {
    let in_its_lesson = format!("{}/{}", lesson.id, check.id);
    let names_it = |checks: &[&str]| checks.contains(&check.id) || checks.contains(&in_its_lesson.as_str());
    match SECTIONS.iter().find(|(_, checks)| names_it(checks)) {
        Some((section, _)) => format!("book/src/{section}"),
        None => checks_of(lesson),
    }
}

/// `book/src/lessons/04-udp.md#lesson04-checks`: the table of the lesson's checks.
pub fn checks_of(lesson: &Lesson) -> String {
    format!("book/src/lessons/{}.md#{}-checks", lesson.folder, lesson.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::LESSONS;

    /// Whether the headings exist is tested where the book is: `book/check`.
    #[test]
    fn the_checks_that_are_named_exist() {
        let known: Vec<String> = LESSONS
            .iter()
            .flat_map(|lesson| {
                lesson
                    .checks
                    .iter()
                    .map(move |check| format!("{}/{}", lesson.id, check.id))
            })
            .collect();
        for name in SECTIONS.iter().flat_map(|(_, checks)| *checks) {
            let behind_its_lesson = format!("/{name}");
            assert!(
                known.iter().any(|id| id == name || id.ends_with(&behind_its_lesson)),
                "{name}"
            );
        }
    }

    #[test]
    fn the_first_that_fits_is_read() {
        let of = |number: &str, id: &str| {
            let lesson = LESSONS
                .iter()
                .find(|lesson| lesson.number() == number)
                .expect("a lesson");
            let check = lesson.checks.iter().find(|check| check.id == id).expect("a check");
            section(lesson, check)
        };
        assert_eq!(
            of("1", "client/no-server"),
            "book/src/foundations/tcp-hello.md#tcp-hello-refused"
        );
        assert_eq!(of("6", "client/no-server"), "book/src/lessons/06-unix.md#lesson06-idea");
        assert_eq!(of("4", "together"), "book/src/lessons/04-udp.md#lesson04-checks");
    }
}
