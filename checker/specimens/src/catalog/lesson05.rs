//! Lesson 5, framing: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::LittleEndian,
        "the length is written and read in the machine's own order, little-endian",
        &[
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
            "server/port-in-use",
            "server/starts-again",
            "client/frames-its-lines",
            "client/glued-answers",
            "client/dribbled-answers",
            "client/binary-answer",
            "client/reads-to-the-end",
        ],
    ),
    row(
        Flaw::HeaderCountsItself,
        "the length counts the four bytes of the header too",
        EVERY_HEADER,
    ),
    row(
        Flaw::EightByteLength,
        "the length has eight bytes, as a `usize` has",
        EVERY_HEADER,
    ),
    row(
        Flaw::ShoutsTheHeader,
        "the shout is made of the whole frame, the header too",
        &["server/one-frame", "together"],
    ),
    row(
        Flaw::SendsNoHeader,
        "the answer is sent bare, without a header",
        EVERY_ANSWER,
    ),
    row(
        Flaw::CountsCharacters,
        "the length counts characters instead of bytes",
        &[
            "server/one-frame",
            "server/binary-frame",
            "client/frames-its-lines",
            "server/byte-by-byte",
        ],
    ),
    row(
        Flaw::ReadsOnce,
        "what one read returns is taken for one frame",
        &[
            "server/glued-frames",
            "server/byte-by-byte",
            "server/split-header",
            "server/largest-frame",
            "server/too-large",
            "server/truncated",
            "server/patient",
            "server/log",
            "client/glued-answers",
            "client/dribbled-answers",
            "client/truncated-answer",
            "client/too-large-answer",
            "together",
        ],
    ),
    row(
        Flaw::HeaderInOneRead,
        "the header is taken from one read, however few bytes it returned",
        &[
            "server/byte-by-byte",
            "server/split-header",
            "client/dribbled-answers",
            "server/log",
            "server/truncated",
            "client/truncated-answer",
        ],
    ),
    row(
        Flaw::PayloadInOneRead,
        "the payload is taken from one read into 1,024 bytes, however few it returned",
        &[
            "server/byte-by-byte",
            "server/largest-frame",
            "server/patient",
            "server/log",
            "server/truncated",
            "client/dribbled-answers",
            "together",
            "client/truncated-answer",
        ],
    ),
    row(
        Flaw::DropsWhatIsBehind,
        "what one read returned behind the first frame is lost",
        &["server/glued-frames", "client/glued-answers", "together"],
    ),
    row(
        Flaw::AnswersAtTheEnd,
        "the frames are answered once the client has ended",
        &[
            "server/one-frame",
            "server/glued-frames",
            "server/byte-by-byte",
            "server/split-header",
            "server/empty-frame",
            "server/binary-frame",
            "server/largest-frame",
            "server/next-client",
            "server/patient",
            "server/log",
            "server/leaks-nothing",
            "server/port-in-use",
            "server/starts-again",
            "server/too-large",
            "server/truncated",
        ],
    ),
    row(
        Flaw::OneFrameAClient,
        "the server closes after a client's first frame",
        &[
            "server/glued-frames",
            "server/log",
            "server/empty-frame",
            "server/too-large",
            "server/truncated",
            "together",
            "server/one-frame",
        ],
    ),
    row(
        Flaw::EmptyFrameIsTheEnd,
        "a frame of no bytes is taken for the end, as a read of no bytes would be",
        &["server/empty-frame", "client/glued-answers", "together", "server/log"],
    ),
    row(
        Flaw::EmptyFrameIsNotAnswered,
        "a frame of no bytes is not answered",
        &["server/empty-frame", "together", "server/log"],
    ),
    row(
        Flaw::StopsAtAZeroByte,
        "the payload is handled as a C string: it ends at the first zero byte",
        &["server/binary-frame"],
    ),
    row(
        Flaw::StopsAtANewline,
        "the payload is handled as a line: it ends at the first newline",
        &["server/binary-frame"],
    ),
    row(
        Flaw::LossyAnswers,
        "the answer is made from the decoded text: bytes that are no UTF-8 come back as U+FFFD",
        &["server/binary-frame"],
    ),
    row(
        Flaw::EndsAtBadUtf8,
        "a payload that is no UTF-8 is an error, which ends the client",
        &["server/binary-frame", "client/binary-answer"],
    ),
    row(
        Flaw::PanicsAtBadUtf8,
        "the payload is unwrapped as UTF-8",
        &["server/binary-frame", "client/binary-answer"],
    ),
    row(
        Flaw::ShoutsUnicode,
        "the shout is Unicode's: `é` becomes `É`",
        &["server/one-frame"],
    ),
    row(
        Flaw::DropsNonAscii,
        "bytes beyond ASCII are dropped from the answer",
        &["server/one-frame", "server/binary-frame", "server/byte-by-byte"],
    ),
    row(
        Flaw::AnswersWithNewline,
        "the answer's payload ends with a newline that the client did not send",
        EVERY_ANSWER,
    ),
    row(
        Flaw::SendsANewlineBehindTheFrame,
        "each answer is followed by a newline that no header counts",
        &[
            "server/glued-frames",
            "server/log",
            "together",
            "server/empty-frame",
            "server/starts-again",
            "server/too-large",
            "server/one-frame",
            "server/truncated",
        ],
    ),
    row(
        Flaw::BufferOf4096,
        "payloads are read into 4,096 bytes: of a longer one the rest is not answered",
        &["server/largest-frame", "together"],
    ),
    row(
        Flaw::LimitOf64k,
        "frames over 64 KiB are rejected",
        &["server/largest-frame"],
    ),
    row(
        Flaw::RejectsTheLargest,
        "a frame of exactly the limit is rejected",
        &["server/largest-frame"],
    ),
    row(
        Flaw::TakesOneMore,
        "a frame of one byte over the limit is taken",
        &["server/too-large", "client/too-large-answer"],
    ),
    row(
        Flaw::NoLimit,
        "there is no limit: it waits for whatever the header names",
        &["server/too-large", "client/too-large-answer"],
    ),
    row(
        Flaw::SignedLength,
        "the length is read as a signed number: 0xFFFFFFFF is -1, which is not over the limit",
        &["server/too-large", "client/too-large-answer"],
    ),
    row(
        Flaw::AllocatesBeforeItLooks,
        "memory for the payload is taken before the length is compared with the limit",
        &["server/too-large"],
    ),
    row(
        Flaw::ReadsBeforeItRejects,
        "a frame over the limit is read to its end before it is rejected",
        &["server/too-large", "client/too-large-answer"],
    ),
    row(
        Flaw::RejectedStaysOpen,
        "after a frame over the limit the server goes on reading",
        &["server/too-large"],
    ),
    row(
        Flaw::RejectedIsReadToTheEnd,
        "after a frame over the limit the server reads until the client closes",
        &["server/too-large"],
    ),
    row(
        Flaw::RejectedNotPrinted,
        "no `rejected` is printed",
        &["server/too-large"],
    ),
    row(
        Flaw::RejectedWithoutNumber,
        "`rejected` is printed without the length",
        &["server/too-large"],
    ),
    row(
        Flaw::RejectedAsSigned,
        "`rejected` shows 0xFFFFFFFF as -1",
        &["server/too-large"],
    ),
    row(
        Flaw::RejectedEndsTheServer,
        "a frame over the limit ends the whole server",
        &["server/too-large", "server/leaks-nothing"],
    ),
    row(
        Flaw::TruncatedNotPrinted,
        "no `truncated` is printed",
        &["server/truncated"],
    ),
    row(
        Flaw::TruncatedAtEveryEnd,
        "`truncated` is printed at an end-of-file between two frames too",
        &["server/log"],
    ),
    row(
        Flaw::CutHeaderIsAnEnd,
        "an end-of-file inside the header is taken for one between two frames",
        &["server/truncated", "client/truncated-answer"],
    ),
    row(
        Flaw::CutPayloadIsAnEnd,
        "an end-of-file inside the payload is taken for one between two frames",
        &["server/truncated", "client/truncated-answer"],
    ),
    row(
        Flaw::HalfFrameIsAFrame,
        "what has come of a payload at end-of-file is taken for the frame",
        &["server/truncated", "client/truncated-answer"],
    ),
    row(
        Flaw::TruncatedEndsTheServer,
        "an end-of-file inside a frame ends the whole server",
        &["server/truncated", "server/leaks-nothing"],
    ),
    row(
        Flaw::OneClientOnly,
        "the server ends after its first client",
        &[
            "server/truncated",
            "server/next-client",
            "server/too-large",
            "server/leaks-nothing",
            "server/log",
        ],
    ),
    row(
        Flaw::DiesOnReset,
        "`?` hands an error of one client to `main`, and the server ends",
        &["server/next-client", "server/leaks-nothing", "server/log"],
    ),
    row(
        Flaw::DiesOnWriteError,
        "errors of reading are handled; one of writing ends the server",
        &["server/next-client"],
    ),
    row(
        Flaw::PanicsOnReset,
        "reads and writes are unwrapped: a reset is a panic",
        &["server/next-client", "server/leaks-nothing", "server/log"],
    ),
    row(
        Flaw::AsksTheAddressTooLate,
        "the peer's address is asked for when it is gone, which fails after a reset and ends the server",
        &["server/next-client", "server/leaks-nothing", "server/log"],
    ),
    row(
        Flaw::SigpipeKills,
        "what `write` returns is ignored and SIGPIPE left at its default, as in C",
        &["server/next-client"],
    ),
    row(
        Flaw::KeepsTheHalfFrame,
        "what a client sent before it broke off inside a frame is put before the next client's first frame",
        &["server/next-client", "server/truncated", "server/leaks-nothing"],
    ),
    row(
        Flaw::DropsSilentClients,
        "a client that is silent for most of a second is dropped",
        &["server/patient"],
    ),
    row(
        Flaw::LogsTheListeningAddress,
        "the log shows the server's own address as the client's",
        &["server/log", "server/too-large", "server/truncated"],
    ),
    row(
        Flaw::LogsTheIpAlone,
        "the log shows the client's address without its port",
        &["server/log", "server/too-large", "server/truncated"],
    ),
    row(
        Flaw::LogLostAfterReset,
        "no `disconnected` is printed after a reset",
        &["server/log"],
    ),
    row(
        Flaw::DisconnectNotPrinted,
        "no `disconnected` is ever printed",
        &["server/log", "server/too-large", "server/truncated"],
    ),
    row(
        Flaw::FramesNotPrinted,
        "the frames are answered and not printed",
        &["server/log"],
    ),
    row(
        Flaw::PrintsAtTheHeader,
        "a frame is printed once its header has come",
        &["server/log"],
    ),
    row(
        Flaw::PrintsThePayload,
        "the log shows a frame's payload in place of its length",
        &["server/log"],
    ),
    row(
        Flaw::PrintsTheWholeFrameSize,
        "the log counts the header in a frame's length",
        &["server/log"],
    ),
    row(
        Flaw::LeaksOnEndOfFile,
        "the descriptor of a client that closed stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::LeaksOnTruncated,
        "the descriptor of a client that closed inside a frame stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::LeaksOnRejected,
        "the descriptor of a client that sent too large a frame stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::LeaksOnReset,
        "the descriptor of a client that reset its connection stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::KeepsTheNewline,
        "each line is sent with its newline",
        &["client/frames-its-lines", "together"],
    ),
    row(
        Flaw::KeepsTheCr,
        "only `\\n` is taken off a line that ends with `\\r\\n`",
        &["client/frames-its-lines"],
    ),
    row(
        Flaw::Trims,
        "payloads are trimmed before they are answered, and lines before they are sent",
        &["server/binary-frame", "client/frames-its-lines"],
    ),
    row(
        Flaw::SkipsEmptyLines,
        "empty lines of stdin are not sent",
        &["client/frames-its-lines", "together"],
    ),
    row(
        Flaw::KnowsAQuitWord,
        "`Q` ends the client, as in the lessons before",
        &["client/frames-its-lines"],
    ),
    row(
        Flaw::DropsTheUnendedLine,
        "a last line without a newline is not sent",
        &["client/frames-its-lines"],
    ),
    row(
        Flaw::TakesTurns,
        "the client waits for each answer before it sends the next line",
        &["client/frames-its-lines", "client/glued-answers"],
    ),
    row(
        Flaw::StdinLimit4096,
        "a longer line of stdin is cut at 4,096 bytes",
        &["together", "client/frames-its-lines"],
    ),
    row(
        Flaw::NoShutdown,
        "the client does not shut down its sending direction",
        &["client/frames-its-lines", "together"],
    ),
    row(
        Flaw::CountsItsAnswers,
        "the client ends after as many answers as it sent lines",
        &["client/reads-to-the-end"],
    ),
    row(
        Flaw::DropsEmptyReplies,
        "the client does not print an empty answer",
        &["together", "client/glued-answers"],
    ),
    row(
        Flaw::SkipsBadUtf8,
        "the client does not print an answer that is no UTF-8",
        &["client/binary-answer"],
    ),
    row(
        Flaw::PrintsEscapes,
        "bytes beyond ASCII are printed as escapes",
        &["client/binary-answer", "client/dribbled-answers"],
    ),
    row(
        Flaw::PrintsTheLength,
        "the client prints each answer behind its length",
        EVERY_PRINTED_ANSWER,
    ),
    row(
        Flaw::PrintsTheAnswersJoined,
        "the client prints the answers without newlines between them",
        EVERY_PRINTED_ANSWER,
    ),
    row(
        Flaw::TruncatedAnswerExits0,
        "a truncated answer ends the client with exit code 0",
        &["client/truncated-answer"],
    ),
    row(
        Flaw::TooLargeAnswerExits0,
        "an answer over the limit ends the client with exit code 0",
        &["client/too-large-answer"],
    ),
    row(
        Flaw::QuitFrameIsAGoodbye,
        "a frame that holds `q` or `Q` ends the client, as the line did in the lessons before",
        &["server/one-frame"],
    ),
    row(
        Flaw::QuitAnswerIsTheEnd,
        "an answer `q` ends the client, as it did in the lessons before",
        &["client/reads-to-the-end"],
    ),
    row(
        Flaw::RejectedIsNotDisconnected,
        "no `disconnected` is printed after `rejected`",
        &["server/too-large"],
    ),
    row(
        Flaw::RejectedIsTruncatedToo,
        "`truncated` is printed behind `rejected`",
        &["server/too-large"],
    ),
    row(
        Flaw::TruncatedIsNotDisconnected,
        "no `disconnected` is printed after `truncated`",
        &["server/truncated"],
    ),
    row(
        Flaw::AnswersTheHalfFrame,
        "what came of a frame that end-of-file cut off is answered",
        &["server/truncated"],
    ),
    row(
        Flaw::ResetIsTruncatedOnly,
        "for a reset `truncated` is printed in place of `disconnected`",
        &["server/log"],
    ),
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson05",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}

/// What reads or writes a header, on either side.
const EVERY_HEADER: &[&str] = &[
    "server/one-frame",
    "server/glued-frames",
    "server/byte-by-byte",
    "server/split-header",
    "server/empty-frame",
    "server/binary-frame",
    "server/largest-frame",
    "server/truncated",
    "server/next-client",
    "server/patient",
    "server/log",
    "server/leaks-nothing",
    "server/port-in-use",
    "server/starts-again",
    "client/frames-its-lines",
    "client/glued-answers",
    "client/dribbled-answers",
    "client/binary-answer",
    "client/reads-to-the-end",
    "server/too-large",
    "client/too-large-answer",
];

/// What needs an answer of the server.
const EVERY_ANSWER: &[&str] = &[
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
    "server/port-in-use",
    "server/starts-again",
    "together",
];

/// What looks at the answers that the client prints.
const EVERY_PRINTED_ANSWER: &[&str] = &[
    "client/glued-answers",
    "client/dribbled-answers",
    "client/binary-answer",
    "client/reads-to-the-end",
    "together",
];
