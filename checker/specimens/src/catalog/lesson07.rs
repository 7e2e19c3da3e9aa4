//! Lesson 7, non-blocking IO: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::OneAfterAnother,
        "one client is served after another, as in lesson 3",
        &[
            "server/many-at-once",
            "server/half-a-line",
            "server/one-thread",
            "server/greedy-client",
            "server/idle-is-idle",
            "server/slow-reader",
            "server/pipelined-quit",
            "server/endless-line",
            "server/reset",
            "together",
            "server/quit-is-exact",
        ],
    ),
    row(
        Flaw::ThreadPerClient,
        "each client has a thread of its own",
        &["server/one-thread"],
    ),
    row(
        Flaw::ProcessPerClient,
        "each client has a process of its own",
        &["server/one-thread"],
    ),
    row(
        Flaw::FirstLineBlocks,
        "whoever has begun its first line is waited for until the newline has come",
        &["server/half-a-line"],
    ),
    row(
        Flaw::OneBufferForAll,
        "there is one buffer for the half lines of all clients",
        &[
            "server/half-a-line",
            "server/many-at-once",
            "server/endless-line",
            "server/greedy-client",
            "server/half-close",
            "server/idle-is-idle",
            "server/leaves-nothing",
            "server/pipelined-quit",
            "server/reset",
            "server/slow-reader",
        ],
    ),
    row(
        Flaw::RoomFor100,
        "the table of clients has 100 places; who comes then is turned away",
        &["server/many-at-once", "server/one-thread"],
    ),
    row(
        Flaw::ReadsUntilEmpty,
        "a client is read from until nothing is left, however long that goes on",
        &["server/greedy-client"],
    ),
    row(
        Flaw::BusyLoop,
        "`poll` is given a timeout of 0: it never sleeps",
        &["server/idle-is-idle", "client/idle-is-idle"],
    ),
    row(
        Flaw::AsksToWriteAlways,
        "it asks `poll` for room to write also with nothing to be written, and there is always room",
        &["server/idle-is-idle", "client/idle-is-idle"],
    ),
    row(
        Flaw::AsksToWriteEverAfter,
        "once a client's buffer was full the server asks for room to write for ever",
        &["server/idle-is-idle"],
    ),
    row(
        Flaw::SpinsOnAFullBuffer,
        "the server asks `poll` about a client that it does not want to read from now",
        &["server/idle-is-idle"],
    ),
    row(
        Flaw::SpinsOnAHalfClosedClient,
        "the server goes on asking `poll` about a client that has shut down its sending direction",
        &["server/idle-is-idle"],
    ),
    row(
        Flaw::SpinsAtEndOfFile,
        "a read of no bytes is no end",
        &[
            "server/idle-is-idle",
            "server/last-line",
            "server/half-close",
            "server/leaves-nothing",
            "client/server-closes",
            "client/quits",
            "client/end-of-input",
            "together",
        ],
    ),
    row(
        Flaw::DropsWhatIsLeft,
        "what a partial write has left is thrown away",
        &[
            "server/slow-reader",
            "server/half-close",
            "server/pipelined-quit",
            "server/idle-is-idle",
            "client/loses-nothing",
        ],
    ),
    row(
        Flaw::UnboundedBuffer,
        "what a client does not read is kept without a bound",
        &["server/slow-reader"],
    ),
    row(
        Flaw::UnboundedAfterAPause,
        "what a client does not read is kept without a bound, by a server that does something else for a while once it knows a client",
        &["server/slow-reader"],
    ),
    row(
        Flaw::BufferOf48Mib,
        "what a client does not read is kept up to 48 MiB",
        &["server/slow-reader"],
    ),
    row(
        Flaw::NeverReadsAgain,
        "a client that has once filled its buffer is never read from again",
        &[
            "server/slow-reader",
            "server/half-close",
            "server/pipelined-quit",
            "server/idle-is-idle",
        ],
    ),
    row(
        Flaw::ClosesSlowReaders,
        "a client that has filled its buffer is closed",
        &[
            "server/slow-reader",
            "server/half-close",
            "server/pipelined-quit",
            "server/idle-is-idle",
        ],
    ),
    row(
        Flaw::QuitStartsWithQ,
        "a line that begins with `q` quits",
        &["server/quit-is-exact"],
    ),
    row(
        Flaw::QuitUntrimmed,
        "the quit word with white space around it is not recognized",
        &["server/quit-is-exact", "client/quits"],
    ),
    row(
        Flaw::QuitTrimsSpacesAlone,
        "the quit word with a tab before it is not recognized",
        &["server/quit-is-exact", "client/quits"],
    ),
    row(
        Flaw::TypedQuitUntrimmed,
        "the client does not recognize the quit word with white space around it",
        &["client/quits"],
    ),
    row(
        Flaw::TypedQuitIsUpperCaseOnly,
        "the client takes `Q` alone for the quit word, and sends `q` like any other line",
        &["client/quits"],
    ),
    row(
        Flaw::ServersQEnds,
        "a line `q` of the server ends the client",
        &["client/both-ways"],
    ),
    row(
        Flaw::AnswersTheQuitWord,
        "the quit word is answered",
        &[
            "server/quit-is-exact",
            "server/pipelined-quit",
            "server/idle-is-idle",
            "together",
        ],
    ),
    row(
        Flaw::WaitsForTheClose,
        "after the quit word the server waits for the client to close first",
        &[
            "server/quit-is-exact",
            "server/pipelined-quit",
            "server/idle-is-idle",
            "server/starts-again",
            "together",
        ],
    ),
    row(
        Flaw::QuitEndsTheServer,
        "a client's quit word ends the whole server",
        &["server/leaves-nothing", "together"],
    ),
    row(
        Flaw::LosesTheRestAtQuit,
        "at the quit word the server closes, whatever did not fit into the kernel's buffer",
        &["server/pipelined-quit"],
    ),
    row(
        Flaw::ClosesBeforeItAnswers,
        "at the quit word the server closes before it has sent the answers of the same read",
        &["server/pipelined-quit"],
    ),
    row(
        Flaw::ResetsAtQuit,
        "at the quit word the server closes without reading what came behind it, which is a reset",
        &["server/pipelined-quit"],
    ),
    row(
        Flaw::AnswersBehindTheQuitWord,
        "what came behind the quit word in the same read is answered",
        &["server/pipelined-quit"],
    ),
    row(
        Flaw::LosesTheRestAtEndOfFile,
        "at end-of-file the server closes, whatever did not fit into the kernel's buffer",
        &["server/half-close", "server/idle-is-idle"],
    ),
    row(
        Flaw::HangsAtEndOfFile,
        "after end-of-file the client is asked for nothing any more, and what it is owed stays",
        &["server/half-close", "server/idle-is-idle"],
    ),
    row(
        Flaw::DropsHalfLine,
        "a last line without a newline is thrown away",
        &["server/last-line", "client/server-closes"],
    ),
    row(
        Flaw::LineLimit1024,
        "a line of more than 1,024 bytes closes its client",
        &["server/longest-line"],
    ),
    row(
        Flaw::LineLimit64000,
        "a line of more than 64,000 bytes closes its client",
        &["server/longest-line"],
    ),
    row(
        Flaw::LimitCountsTheNewline,
        "the newline is counted: 65,535 bytes and the newline are the longest line",
        &["server/longest-line"],
    ),
    row(
        Flaw::NoLineLimit,
        "a line may have any length",
        &["server/endless-line"],
    ),
    row(
        Flaw::LimitsHalfLinesOnly,
        "a line that is too long is noticed only as long as its newline has not come",
        &["server/endless-line"],
    ),
    row(
        Flaw::LimitsWholeLinesOnly,
        "a line that is too long is noticed only once its newline has come",
        &["server/endless-line"],
    ),
    row(
        Flaw::LimitLeavesOutTheCr,
        "the `\\r` before the newline is not counted",
        &["server/endless-line"],
    ),
    row(
        Flaw::TooLongEndsTheServer,
        "too long a line ends the whole server",
        &["server/endless-line", "server/leaves-nothing"],
    ),
    row(
        Flaw::CutsTooLongLines,
        "too long a line is answered in pieces",
        &["server/endless-line"],
    ),
    row(
        Flaw::ForgetsTooLongLines,
        "the beginning of too long a line is thrown away, and the client stays",
        &["server/endless-line"],
    ),
    row(
        Flaw::ReadsOnce,
        "the end of a read is taken for the end of a line",
        &[
            "server/split-and-glued",
            "server/half-a-line",
            "server/longest-line",
            "client/split-and-glued",
            "server/endless-line",
            "server/greedy-client",
            "server/half-close",
            "server/idle-is-idle",
            "server/many-at-once",
            "server/pipelined-quit",
            "server/slow-reader",
        ],
    ),
    row(
        Flaw::OneLineAChunk,
        "of what one read brought the first line is answered, and the rest thrown away",
        &[
            "server/split-and-glued",
            "client/loses-nothing",
            "client/server-closes",
            "client/split-and-glued",
            "server/greedy-client",
            "server/half-close",
            "server/idle-is-idle",
            "server/pipelined-quit",
            "server/slow-reader",
        ],
    ),
    row(
        Flaw::OneLineATurn,
        "of what one read brought the first line is answered, and the rest waits until more comes",
        &[
            "server/split-and-glued",
            "client/loses-nothing",
            "client/split-and-glued",
            "server/greedy-client",
            "server/half-close",
            "server/idle-is-idle",
            "server/pipelined-quit",
            "server/reset",
            "server/slow-reader",
        ],
    ),
    row(
        Flaw::DecodesEachChunk,
        "each chunk is decoded by itself",
        &["server/split-and-glued", "client/split-and-glued", "server/shouts-back"],
    ),
    row(
        Flaw::DropsNonAscii,
        "bytes beyond ASCII are dropped from the answer",
        &["server/shouts-back", "server/split-and-glued"],
    ),
    row(
        Flaw::ShoutsUnicode,
        "the shout is Unicode's: `é` becomes `É`",
        &["server/shouts-back"],
    ),
    row(
        Flaw::LossyAnswers,
        "the answer is made from the decoded text: bytes that are no UTF-8 come back as U+FFFD",
        &["server/shouts-back"],
    ),
    row(
        Flaw::PanicsAtBadUtf8,
        "a line that is no UTF-8 is a panic",
        &["server/shouts-back"],
    ),
    row(
        Flaw::KeepsTheCr,
        "only `\\n` is taken off a line that ends with `\\r\\n`",
        &["server/shouts-back", "server/longest-line"],
    ),
    row(
        Flaw::TrimsBeforeItAnswers,
        "the answer is trimmed",
        &["server/shouts-back"],
    ),
    row(
        Flaw::SkipsEmptyLines,
        "the server does not answer an empty line",
        &["server/shouts-back"],
    ),
    row(
        Flaw::LogsItsClients,
        "the server prints `connected ADDR`, as in lesson 3",
        &["server/shouts-back"],
    ),
    row(
        Flaw::DiesOnReset,
        "`?` hands an error of one client to `main`, and the server ends",
        &["server/reset", "server/leaves-nothing"],
    ),
    row(
        Flaw::PanicsOnReset,
        "reads and writes are unwrapped: a reset is a panic",
        &["server/reset", "server/leaves-nothing", "client/server-closes"],
    ),
    row(
        Flaw::DiesOnWriteError,
        "errors of reading are handled; one of writing ends the server",
        &["server/reset"],
    ),
    row(
        Flaw::LeaksOnQuit,
        "the descriptor of a client that quit stays open",
        &["server/leaves-nothing"],
    ),
    row(
        Flaw::LeaksOnEndOfFile,
        "the descriptor of a client that closed stays open",
        &["server/leaves-nothing"],
    ),
    row(
        Flaw::LeaksOnReset,
        "the descriptor of a client that reset its connection stays open",
        &["server/leaves-nothing"],
    ),
    row(
        Flaw::LeaksTooLong,
        "the descriptor of a client that sent too long a line stays open",
        &["server/leaves-nothing"],
    ),
    row(
        Flaw::TakesTurns,
        "the client is that of lesson 3: a line out, a line back",
        &[
            "client/both-ways",
            "client/split-and-glued",
            "client/loses-nothing",
            "client/quits",
            "client/end-of-input",
            "client/server-closes",
            "client/idle-is-idle",
        ],
    ),
    row(
        Flaw::WaitsForStdinFirst,
        "the client looks at the socket only after something was typed",
        &[
            "client/loses-nothing",
            "client/both-ways",
            "client/skips-empty-lines",
            "client/split-and-glued",
            "client/server-closes",
            "client/idle-is-idle",
            "together",
        ],
    ),
    row(
        Flaw::WaitsForTheServerFirst,
        "the client looks at stdin only after the server has said something",
        EVERY_CLIENT,
    ),
    row(
        Flaw::WritesBeforeItReads,
        "as long as something is to be sent the client does not read",
        &["client/both-ways", "client/loses-nothing"],
    ),
    row(
        Flaw::FullBufferIsAnError,
        "the server's not reading is taken for an error",
        &["client/both-ways", "client/loses-nothing", "client/idle-is-idle"],
    ),
    row(
        Flaw::WritesEachLineOnce,
        "of each line what the server does not take at once is lost",
        &["client/loses-nothing"],
    ),
    row(
        Flaw::LosesWhatIsUnsentAtQuit,
        "the quit word is sent in place of what has not been sent yet",
        &["client/end-of-input"],
    ),
    row(
        Flaw::ReadsAllStdinFirst,
        "all of stdin is read before the first line is sent",
        EVERY_CLIENT,
    ),
    row(
        Flaw::NewStdinReaderALine,
        "what a read of stdin brought behind its first line is lost",
        &["client/loses-nothing", "client/skips-empty-lines"],
    ),
    row(
        Flaw::SendsBlankLines,
        "empty lines of stdin are sent",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::TrimsWhatItPrints,
        "the client trims what it prints",
        &["client/both-ways"],
    ),
    row(
        Flaw::SendsWhiteSpace,
        "lines of white space are sent",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::DropsEmptyReplies,
        "the client does not print an empty line of the server",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::QuitsWithoutAWord,
        "the quit word that was typed is not sent",
        &["client/quits", "together"],
    ),
    row(
        Flaw::ExitsAtQuit,
        "the client exits as soon as `Q` is sent",
        &["client/quits", "client/end-of-input", "client/idle-is-idle"],
    ),
    row(
        Flaw::StopsPrintingAtQuit,
        "what comes after `Q` is read and not printed",
        &["client/quits", "client/end-of-input"],
    ),
    row(
        Flaw::ForgetsTheQ,
        "at the end of stdin the client does not send `Q`",
        &["client/end-of-input", "client/idle-is-idle"],
    ),
    row(
        Flaw::Exits1OnEndOfFile,
        "the server's end-of-file is a failure of the client",
        &[
            "client/server-closes",
            "client/quits",
            "client/end-of-input",
            "together",
        ],
    ),
    row(
        Flaw::Exits1OnReset,
        "a reset by the server is a failure of the client",
        &["client/server-closes"],
    ),
    row(
        Flaw::WaitsForStdinAtTheEnd,
        "the client exits only once its thread that waits for stdin has ended",
        &["client/server-closes"],
    ),
    row(
        Flaw::SpinsAtTheEndOfInput,
        "the client goes on asking `poll` about stdin after its end",
        &["client/idle-is-idle"],
    ),
    row(
        Flaw::NeverFlushes,
        "the client's stdout is buffered, so that everything is printed when it ends",
        EVERY_CLIENT,
    ),
    row(Flaw::PromptsOnStdout, "a prompt is printed on stdout", EVERY_CLIENT),
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson07",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}

/// What talks with a client.
const EVERY_CLIENT: &[&str] = &[
    "client/both-ways",
    "client/skips-empty-lines",
    "client/loses-nothing",
    "client/quits",
    "client/end-of-input",
    "together",
    "client/idle-is-idle",
    "client/server-closes",
    "client/split-and-glued",
];
