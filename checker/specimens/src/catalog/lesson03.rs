//! Lesson 3, serial: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::OneClientOnly,
        "the server ends after its first client",
        &[
            "server/next-after-quit",
            "server/next-after-eof",
            "server/next-after-reset",
            "server/waits-in-the-queue",
            "server/gone-before-the-reply",
            "server/log",
            "server/leaks-nothing",
            "together",
        ],
    ),
    row(
        Flaw::QuitEndsTheServer,
        "a client's quit word ends the whole server",
        &["server/next-after-quit", "server/leaks-nothing", "together"],
    ),
    row(
        Flaw::DiesOnReset,
        "`?` hands an error of one client to `main`, and the server ends",
        &[
            "server/next-after-reset",
            "server/waits-in-the-queue",
            "server/gone-before-the-reply",
            "server/log",
            "server/leaks-nothing",
        ],
    ),
    row(
        Flaw::PanicsOnReset,
        "reads and writes are unwrapped: a reset is a panic",
        &[
            "server/next-after-reset",
            "server/waits-in-the-queue",
            "server/gone-before-the-reply",
            "server/log",
            "server/leaks-nothing",
            "client/server-closes",
        ],
    ),
    row(
        Flaw::AsksTheAddressTooLate,
        "the peer's address is asked for when it is gone, which fails after a reset and ends the server",
        &[
            "server/next-after-reset",
            "server/waits-in-the-queue",
            "server/gone-before-the-reply",
            "server/log",
            "server/leaks-nothing",
        ],
    ),
    row(
        Flaw::DiesOnWriteError,
        "errors of reading are handled; one of writing ends the server",
        &["server/gone-before-the-reply"],
    ),
    row(
        Flaw::SigpipeKills,
        "what `write` returns is ignored and SIGPIPE left at its default, as in C",
        &["server/gone-before-the-reply"],
    ),
    row(
        Flaw::KeepsTheHalfLine,
        "what a client sent before it broke off inside a line is put before the next client's first line",
        &["server/next-after-reset"],
    ),
    row(
        Flaw::SpinsAtEndOfFile,
        "a read of no bytes is tried again, for ever",
        &[
            "server/next-after-eof",
            "server/leaks-nothing",
            "server/last-line",
            "server/log",
            "server/waits-in-the-queue",
        ],
    ),
    row(
        Flaw::WaitsForTheClose,
        "after the quit word the server waits for the client to close first",
        &["server/next-after-quit", "server/quit-is-exact", "server/starts-again"],
    ),
    row(
        Flaw::BacklogOfZero,
        "the accept queue has room for one",
        &["server/waits-in-the-queue"],
    ),
    row(
        Flaw::LeaksOnQuit,
        "the descriptor of a client that quit stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::LeaksOnEndOfFile,
        "the descriptor of a client that closed stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::LeaksOnReset,
        "the descriptor of a client that reset its connection stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::LogsTheListeningAddress,
        "the log shows the server's own address as the client's",
        &["server/log"],
    ),
    row(
        Flaw::LogsTheIpAlone,
        "the log shows the client's address without its port",
        &["server/log"],
    ),
    row(
        Flaw::LogLostAfterReset,
        "no `disconnected` is printed after a reset",
        &["server/log"],
    ),
    row(
        Flaw::DisconnectNotPrinted,
        "no `disconnected` is ever printed",
        &["server/log"],
    ),
    row(
        Flaw::DoesNotPrintLines,
        "the lines are answered and not printed",
        &["server/log", "server/keeps-the-text"],
    ),
    row(
        Flaw::DropsSilentClients,
        "a client that is silent for nine tenths of a second is dropped",
        &["server/patient"],
    ),
    row(
        Flaw::DropsNonAscii,
        "bytes beyond ASCII are dropped from the answer",
        &["server/shouts-back", "server/keeps-the-text", "server/split-line"],
    ),
    row(
        Flaw::ShoutsUnicode,
        "the shout is Unicode's: `é` becomes `É`",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::LossyAnswers,
        "the answer is made from the decoded text: bytes that are no UTF-8 come back as U+FFFD",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::EndsAtBadUtf8,
        "a line that is no UTF-8 is an error, which ends the client",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::KeepsTheCr,
        "only `\\n` is taken off a line that ends with `\\r\\n`",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::TrimsBeforeItAnswers,
        "the answer is trimmed",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::SkipsEmptyLines,
        "the server does not answer an empty line",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::ReadsOnce,
        "one read of 1,024 bytes is taken for one line",
        &[
            "server/split-line",
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
        Flaw::LineLimit1024,
        "lines are read into 1,024 bytes: a longer one becomes several",
        &["server/long-line"],
    ),
    row(
        Flaw::DropsHalfLine,
        "a last line without a newline is thrown away",
        &["server/last-line"],
    ),
    row(
        Flaw::QuitStartsWithQ,
        "a line that begins with `q` quits",
        &["server/quit-is-exact"],
    ),
    row(
        Flaw::SendsAsciiAlone,
        "for what is typed and is not ASCII, `?` is sent",
        &["client/takes-turns"],
    ),
    row(
        Flaw::TrimsWhatItSends,
        "what is typed is trimmed before it is sent",
        &["client/takes-turns"],
    ),
    row(
        Flaw::TrimsWhatItPrints,
        "the client trims what it prints",
        &["client/takes-turns"],
    ),
    row(
        Flaw::QuitTrimsSpacesAlone,
        "the quit word with a tab before it is not recognized",
        &["server/quit-is-exact"],
    ),
    row(
        Flaw::QuitUntrimmed,
        "the quit word with white space around it is not recognized",
        &["server/quit-is-exact"],
    ),
    row(
        Flaw::AnswersTheQuitWord,
        "the quit word is answered",
        &["server/quit-is-exact"],
    ),
    row(
        Flaw::QuitsWithoutAWord,
        "the quit word that was typed is not sent",
        &["client/quits"],
    ),
    row(
        Flaw::WaitsAfterQuit,
        "the client waits for a reply to its quit word",
        &["client/quits", "client/end-of-input"],
    ),
    row(
        Flaw::ForgetsTheQ,
        "at the end of stdin the client exits without sending `Q`",
        &["client/end-of-input"],
    ),
    row(
        Flaw::SendsBlankLines,
        "empty lines of stdin are sent",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::DropsEmptyReplies,
        "the client does not print an empty reply",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::Exits1OnEndOfFile,
        "the server's end-of-file is a failure of the client",
        &["client/server-closes"],
    ),
    row(
        Flaw::Exits1OnReset,
        "a reset by the server is a failure of the client",
        &["client/server-closes"],
    ),
    row(
        Flaw::NeverFlushes,
        "the client's stdout is buffered, so that everything is printed when it ends",
        &[
            "client/takes-turns",
            "client/split-reply",
            "client/glued-replies",
            "client/skips-empty-lines",
            "together",
            "client/quits",
        ],
    ),
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson03",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}
