//! Lesson 2, quit: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::ReadsOnce,
        "one read of 1,024 bytes is taken for one line",
        &[
            "server/split-line",
            "server/glued-lines",
            "server/long-line",
            "client/split-reply",
            "client/glued-replies",
        ],
    ),
    row(
        Flaw::NewBufreaderALine,
        "each line gets a buffered reader of its own, and what the last one held besides is lost",
        &["server/glued-lines", "client/glued-replies"],
    ),
    row(
        Flaw::DecodesEachChunk,
        "each chunk is decoded by itself, so that a character which is cut becomes two U+FFFD",
        &["server/split-line", "client/split-reply"],
    ),
    row(
        Flaw::LineLimit1024,
        "lines are read into 1,024 bytes: a longer one becomes several",
        &["server/long-line"],
    ),
    row(
        Flaw::StdinLimit4096,
        "stdin is read into 4,096 bytes at a time: a longer line becomes several",
        &["server/long-line"],
    ),
    row(
        Flaw::EndsAtBadUtf8,
        "a line that is no UTF-8 is an error, which is taken for the end",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::PanicsAtBadUtf8,
        "`str::from_utf8` is unwrapped",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::KeepsTheCr,
        "only `\\n` is taken off a line that ends with `\\r\\n`",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::Trims,
        "the server trims what it prints",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::DropsHalfLine,
        "a last line without a newline is thrown away",
        &["server/last-line"],
    ),
    row(
        Flaw::QuitContainsQ,
        "a line that has a `q` in it quits",
        &["server/quit-is-exact", "client/quit-is-exact"],
    ),
    row(
        Flaw::QuitStartsWithQ,
        "a line that begins with `q` quits",
        &["server/quit-is-exact", "client/quit-is-exact"],
    ),
    row(
        Flaw::QuitTrimsSpacesAlone,
        "the quit word with a tab before it is not recognized",
        &["server/quit-is-exact"],
    ),
    row(
        Flaw::QuitUntrimmed,
        "the quit word with white space around it is not recognized",
        &["server/quit-is-exact", "client/quit-is-exact"],
    ),
    row(
        Flaw::UpperCaseQuitOnly,
        "`Q` quits, `q` does not",
        &["server/peer-quits", "client/server-quits"],
    ),
    row(
        Flaw::QuitsAfterItsTurn,
        "the server looks for the peer's quit word after it has read and sent its own line",
        &["server/peer-quits", "server/quit-is-exact", "together"],
    ),
    row(
        Flaw::IgnoresTheServersQ,
        "the client prints the server's quit word and goes on",
        &["client/server-quits"],
    ),
    row(
        Flaw::PrintsTheQuitWord,
        "the client prints the server's quit word before it quits",
        &["client/server-quits"],
    ),
    row(
        Flaw::QuitsWithoutAWord,
        "the quit word that was typed is not sent",
        &[
            "server/quits",
            "client/quits",
            "server/quit-is-exact",
            "client/quit-is-exact",
        ],
    ),
    row(
        Flaw::WaitsAfterQuit,
        "the client waits for a reply to its quit word",
        &["client/quits", "client/end-of-input", "client/quit-is-exact"],
    ),
    row(
        Flaw::ForgetsTheQ,
        "at the end of stdin it exits without sending `Q`",
        &["server/end-of-input", "client/end-of-input"],
    ),
    row(
        Flaw::EndOfInputIsAnEmptyLine,
        "the end of stdin is taken for an empty line, and skipped, for ever",
        &["server/end-of-input", "client/end-of-input"],
    ),
    row(
        Flaw::EndOfFileIsAnEmptyLine,
        "the other side's end-of-file is taken for an empty line, and printed",
        &["server/peer-vanishes", "client/server-vanishes"],
    ),
    row(
        Flaw::Exits1OnEndOfFile,
        "the other side's end-of-file is a failure",
        &["server/peer-vanishes", "client/server-vanishes"],
    ),
    row(
        Flaw::Exits1OnReset,
        "a reset is a failure: `?` hands it to `main`",
        &["server/peer-resets", "client/server-resets"],
    ),
    row(
        Flaw::PanicsOnReset,
        "reads and writes are unwrapped: a reset is a panic",
        &["server/peer-resets", "client/server-resets"],
    ),
    row(
        Flaw::SendsBlankLines,
        "empty lines of stdin are sent",
        &["server/skips-empty-lines", "client/skips-empty-lines"],
    ),
    row(
        Flaw::SendsAsciiAlone,
        "for what is typed and is not ASCII, `?` is sent",
        &["server/keeps-the-text", "client/takes-turns"],
    ),
    row(
        Flaw::TrimsWhatItSends,
        "what is typed is trimmed before it is sent",
        &["server/keeps-the-text", "client/takes-turns"],
    ),
    row(
        Flaw::TrimsWhatItPrints,
        "the client trims what it prints",
        &["client/takes-turns"],
    ),
    row(
        Flaw::SendsWhiteSpace,
        "empty lines of stdin are skipped, lines of white space are sent",
        &["server/skips-empty-lines", "client/skips-empty-lines"],
    ),
    row(
        Flaw::EmptyReplyIsTheEnd,
        "the client takes an empty reply for end-of-file",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::DropsEmptyReplies,
        "the client does not print an empty reply",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::FullDuplex,
        "the server sends what is typed at once, from a thread, instead of in its turn",
        &["server/takes-turns", "server/split-line", "server/glued-lines"],
    ),
    row(
        Flaw::NewStdinReaderALine,
        "each answer gets a buffered reader of stdin of its own, and what was typed ahead is lost",
        &["server/takes-turns", "client/takes-turns"],
    ),
    row(
        Flaw::NeverFlushes,
        "the client's stdout is buffered, so that everything is printed when it ends",
        &[
            "client/takes-turns",
            "client/skips-empty-lines",
            "client/split-reply",
            "client/glued-replies",
            "client/quit-is-exact",
            "together",
            "client/quits",
            "client/server-quits",
            "client/server-resets",
            "client/server-vanishes",
        ],
    ),
    row(
        Flaw::PromptsOnStdout,
        "the client's prompt goes to stdout",
        &[
            "client/takes-turns",
            "client/server-quits",
            "client/skips-empty-lines",
            "client/split-reply",
            "client/glued-replies",
            "client/quit-is-exact",
            "together",
            "client/end-of-input",
            "client/quits",
            "client/server-resets",
            "client/server-vanishes",
        ],
    ),
    row(
        Flaw::ReadsAllStdinFirst,
        "the client reads stdin to its end before it sends the first line",
        &[
            "client/takes-turns",
            "client/quits",
            "client/server-quits",
            "client/skips-empty-lines",
            "client/server-vanishes",
            "client/server-resets",
            "client/split-reply",
            "client/glued-replies",
            "client/quit-is-exact",
            "together",
        ],
    ),
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson02",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}
