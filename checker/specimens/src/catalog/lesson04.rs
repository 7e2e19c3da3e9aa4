//! Lesson 4, UDP: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::AnswersWithNewline,
        "the answer has a newline at its end",
        &[
            "server/shouts-back",
            "server/answers-the-sender",
            "server/keeps-boundaries",
            "server/keeps-the-text",
            "server/empty-datagram",
            "server/largest-datagram",
            "server/binary-datagram",
            "server/sender-is-gone",
            "together",
        ],
    ),
    row(
        Flaw::DropsNonAscii,
        "bytes beyond ASCII are dropped from the answer",
        &["server/keeps-the-text", "server/binary-datagram"],
    ),
    row(
        Flaw::PrintsTheSender,
        "each datagram is printed behind its sender's address",
        &[
            "server/prints-each",
            "together",
            "server/binary-datagram",
            "server/empty-datagram",
        ],
    ),
    row(
        Flaw::PrintsTheAnswer,
        "the answer is printed instead of the datagram",
        &["server/prints-each", "together", "server/binary-datagram"],
    ),
    row(
        Flaw::ConnectsToTheFirstSender,
        "the server connects its socket to the first sender and hears no other",
        &["server/answers-the-sender", "server/sender-is-gone"],
    ),
    row(
        Flaw::AnswersTheFirstSender,
        "every answer goes to the first sender",
        &["server/answers-the-sender", "server/sender-is-gone"],
    ),
    row(
        Flaw::JoinsDatagrams,
        "datagrams that come close together are taken for pieces of one",
        &["server/keeps-boundaries"],
    ),
    row(
        Flaw::ShoutsUnicode,
        "the shout is Unicode's: `é` becomes `É`",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::TrimsBeforeItAnswers,
        "the answer is trimmed",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::QEndsTheServer,
        "the datagram `Q` ends the server",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::AnswersRepeatsOnce,
        "a datagram that the same sender sent before is taken for a copy and not answered",
        &["server/keeps-the-text"],
    ),
    row(
        Flaw::EmptyDatagramIsTheEnd,
        "a datagram of no bytes is taken for end-of-file",
        &["server/empty-datagram"],
    ),
    row(
        Flaw::IgnoresEmptyDatagrams,
        "a datagram of no bytes is not answered",
        &["server/empty-datagram"],
    ),
    row(
        Flaw::BufferOf1024,
        "the buffer has 1,024 bytes, and the rest of a longer datagram is lost",
        &["server/largest-datagram", "client/long-answer"],
    ),
    row(
        Flaw::BufferOf2048,
        "the buffer has 2,048 bytes, and the rest of a longer datagram is lost",
        &["server/largest-datagram", "client/long-answer"],
    ),
    row(
        Flaw::BufferOf65000,
        "the buffer has 65,000 bytes, and the rest of a longer datagram is lost",
        &["server/largest-datagram"],
    ),
    row(
        Flaw::LossyAnswers,
        "the answer is made from the decoded text: bytes that are no UTF-8 come back as U+FFFD",
        &["server/binary-datagram"],
    ),
    row(
        Flaw::PanicsAtBadUtf8,
        "the server unwraps `str::from_utf8`",
        &["server/binary-datagram"],
    ),
    row(
        Flaw::SkipsBadUtf8,
        "the server does not answer what is no UTF-8",
        &["server/binary-datagram"],
    ),
    row(
        Flaw::StopsAtIcmpError,
        "the server asks for ICMP errors, and the first ends it",
        &["server/sender-is-gone"],
    ),
    row(
        Flaw::NumberStays1,
        "the number is never counted up",
        &[
            "client/numbers-its-lines",
            "client/skips-empty-lines",
            "client/ignores-late-answers",
            "client/ignores-strangers",
            "client/sends-again",
            "together",
        ],
    ),
    row(
        Flaw::PrintsTheNumber,
        "the client prints answers with their numbers",
        WHATEVER_IS_PRINTED,
    ),
    row(
        Flaw::NeverFlushes,
        "the client's stdout is buffered, so that everything is printed when it ends",
        WHATEVER_IS_PRINTED,
    ),
    row(
        Flaw::ReadsAllStdinFirst,
        "the client reads stdin to its end before it sends the first line",
        WHATEVER_IS_TYPED,
    ),
    row(
        Flaw::SendsBlankLines,
        "empty lines of stdin are numbered and sent",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::NumbersBlankLines,
        "empty lines of stdin are not sent, but each takes a number",
        &["client/skips-empty-lines"],
    ),
    row(
        Flaw::Waits100Ms,
        "the client waits 100 ms instead of 200",
        &["client/patient", "client/gives-up", "client/refused"],
    ),
    row(
        Flaw::WaitsLongerEachTime,
        "the client waits 100 ms, then 150, 200, 250 and 300: a second in all",
        &["client/patient"],
    ),
    row(
        Flaw::WaitsForEver,
        "the client sends each line once and waits without limit",
        &[
            "client/sends-again",
            "client/gives-up",
            "client/refused",
            "client/late-server",
            "client/ignores-late-answers",
            "client/ignores-strangers",
        ],
    ),
    row(
        Flaw::NeverSendsAgain,
        "the client sends each line once and waits a second",
        &[
            "client/sends-again",
            "client/gives-up",
            "client/late-server",
            "client/ignores-late-answers",
            "client/ignores-strangers",
        ],
    ),
    row(
        Flaw::ResendsFromANewPort,
        "each try leaves from a new socket",
        &["client/sends-again", "client/gives-up"],
    ),
    row(
        Flaw::ResendsUnderANewNumber,
        "each try has a new number",
        &[
            "client/sends-again",
            "client/gives-up",
            "client/late-server",
            "client/ignores-late-answers",
            "client/ignores-strangers",
        ],
    ),
    row(
        Flaw::TakesAnyNumber,
        "the number of an answer is not compared",
        &["client/ignores-late-answers"],
    ),
    row(
        Flaw::ComparesTheFirstDigit,
        "of the number of an answer the first digit is compared: 1 is taken for 10",
        &["client/ignores-late-answers"],
    ),
    row(
        Flaw::TakesAnySource,
        "where an answer comes from is not compared",
        &["client/ignores-strangers"],
    ),
    row(
        Flaw::ChecksOnlyTheIp,
        "of an answer's source the port is not compared",
        &["client/ignores-strangers"],
    ),
    row(
        Flaw::ChecksOnlyThePort,
        "of an answer's source the address is not compared",
        &["client/ignores-strangers"],
    ),
    row(
        Flaw::IgnoredCostsATry,
        "after a datagram that does not count the client sends again at once",
        &["client/ignores-strangers", "client/ignores-late-answers"],
    ),
    row(
        Flaw::IgnoredRestartsTheWait,
        "a datagram that does not count restarts the wait",
        &["client/ignores-strangers", "client/ignores-late-answers"],
    ),
    row(
        Flaw::GivesUpAfter4,
        "the client gives up after four tries",
        &["client/gives-up"],
    ),
    row(Flaw::Tries6Times, "the client tries six times", &["client/gives-up"]),
    row(
        Flaw::GivingUpExits0,
        "the client reports that no answer came, and exits 0",
        &["client/gives-up", "client/refused"],
    ),
    row(
        Flaw::SkipsTheLine,
        "the client reports that no answer came, and goes on with the next line",
        &["client/gives-up", "client/refused"],
    ),
    row(
        Flaw::GivesUpWithoutTheAddress,
        "the client reports that no answer came without saying from where",
        &["client/gives-up", "client/refused"],
    ),
    row(
        Flaw::DiesOnRefused,
        "the client's socket is connected, and `connection refused` ends it at once",
        &["client/refused", "client/late-server"],
    ),
    row(
        Flaw::PanicsOnRefused,
        "the client's socket is connected, and `recv` is unwrapped",
        &["client/refused", "client/late-server"],
    ),
    row(
        Flaw::RefusedShortensTheWait,
        "the client's socket is connected, and `connection refused` costs a try without a wait",
        &["client/refused", "client/late-server"],
    ),
    row(
        Flaw::QuitUntrimmed,
        "the quit word with white space around it is not recognized",
        &["client/quits"],
    ),
    row(
        Flaw::SendsTheQuitWord,
        "the quit word is sent before the client exits",
        &["client/quits"],
    ),
    row(
        Flaw::EndOfInputSendsQ,
        "at the end of stdin the client sends `Q`, as over TCP",
        &["client/quits"],
    ),
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson04",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}

/// The checks that see an answer printed while the client runs.
const WHATEVER_IS_PRINTED: &[&str] = &[
    "client/numbers-its-lines",
    "client/skips-empty-lines",
    "client/patient",
    "client/sends-again",
    "client/ignores-late-answers",
    "client/ignores-strangers",
    "client/long-answer",
    "client/late-server",
    "together",
];

/// The checks that keep stdin open behind what they type.
const WHATEVER_IS_TYPED: &[&str] = &[
    "client/numbers-its-lines",
    "client/skips-empty-lines",
    "client/patient",
    "client/sends-again",
    "client/ignores-late-answers",
    "client/ignores-strangers",
    "client/long-answer",
    "client/late-server",
    "client/gives-up",
    "client/refused",
    "client/quits",
    "together",
];
