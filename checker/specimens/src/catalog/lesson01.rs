//! Lesson 1, hello: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::ReadyBeforeListen,
        "the server says that it listens between `bind` and `listen`, while it still sets things up",
        EVERY_SERVER_CHECK,
    ),
    row(
        Flaw::PrintsTheGivenPort,
        "the ready line repeats the port that was asked for, 0, instead of the one that was given",
        EVERY_SERVER_CHECK,
    ),
    row(
        Flaw::ReadyLineNotFlushed,
        "the server's stdout is buffered, so that the ready line comes when it ends",
        EVERY_SERVER_CHECK,
    ),
    row(
        Flaw::ReadyLineOnStderr,
        "the ready line goes to stderr",
        EVERY_SERVER_CHECK,
    ),
    row(
        Flaw::CutsAtTheFirstColon,
        "the address is cut at its first colon",
        &["server/ipv6"],
    ),
    row(
        Flaw::NoBrackets,
        "the ready line shows an IPv6 address without its brackets",
        &["server/ipv6"],
    ),
    row(
        Flaw::ReadsOnce,
        "one read of 1,024 bytes is taken for the whole message",
        &[
            "server/reads-to-the-end",
            "server/long-reply",
            "client/prints-the-greeting",
            "client/long-greeting",
            "client/listens-first",
        ],
    ),
    row(
        Flaw::StopsAt4k,
        "the message is read into a buffer of 4 KiB, and a full buffer is taken for its end",
        &["server/long-reply", "client/long-greeting"],
    ),
    row(
        Flaw::StopsAt64k,
        "the message is read into a buffer of 64 KiB, and a full buffer is taken for its end",
        &["server/long-reply", "client/long-greeting"],
    ),
    row(
        Flaw::DecodesEachChunk,
        "the server decodes each chunk by itself, so that a character which is cut becomes two U+FFFD",
        &["server/reads-to-the-end"],
    ),
    row(
        Flaw::PrintsEachPiece,
        "each read is printed as a line of its own",
        &[
            "server/reads-to-the-end",
            "server/long-reply",
            "server/silent-peer",
            "client/prints-the-greeting",
            "client/long-greeting",
            "client/listens-first",
        ],
    ),
    row(
        Flaw::Trims,
        "the server trims what it prints",
        &["server/reads-to-the-end"],
    ),
    row(
        Flaw::ReadToString,
        "the message must be UTF-8; if not, nothing is printed and it exits 1",
        &["server/not-utf8"],
    ),
    row(
        Flaw::PanicsAtBadUtf8,
        "`String::from_utf8` is unwrapped",
        &["server/not-utf8"],
    ),
    row(
        Flaw::PauseIsTheEnd,
        "the server takes half a second of silence for the end of the reply",
        &["server/patient"],
    ),
    row(
        Flaw::ClientTimesOut,
        "the client gives up after half a second of silence",
        &["client/patient"],
    ),
    row(
        Flaw::NoShutdown,
        "the server does not shut down its sending direction after the greeting",
        &["server/greets", "server/silent-peer", "together"],
    ),
    row(
        Flaw::GreetsAfterReading,
        "the server reads the reply first and greets then: both sides wait for each other",
        &["server/greets", "server/silent-peer", "together"],
    ),
    row(
        Flaw::EndsWithANewline,
        "both sides send a newline behind their word",
        &["server/greets", "client/says-byebye", "together"],
    ),
    row(
        Flaw::PrintsAPrefix,
        "the server prints `received: ` before the reply",
        &[
            "server/prints-the-reply",
            "server/reads-to-the-end",
            "server/not-utf8",
            "server/long-reply",
            "server/silent-peer",
            "server/patient",
            "together",
        ],
    ),
    row(
        Flaw::EmptyReplyFails,
        "the server takes an empty reply for a failure and exits 1",
        &["server/silent-peer"],
    ),
    // ANCHOR: row
    row(
        Flaw::EmptyReplyIsNotPrinted,
        "the server prints no line for an empty reply",
        &["server/silent-peer"],
    ),
    // ANCHOR_END: row
    row(
        Flaw::PanicsOnReset,
        "the server unwraps what reads and writes return: a reset is a panic",
        &["server/peer-resets"],
    ),
    row(
        Flaw::SpeaksFirst,
        "the client sends `byebye` as soon as it has connected",
        &["client/listens-first"],
    ),
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson01",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}

/// What a server that cannot be reached fails.
const EVERY_SERVER_CHECK: &[&str] = &[
    "server/port-in-use",
    "server/starts-again",
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
    "together",
];
