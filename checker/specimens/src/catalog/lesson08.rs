//! Lesson 8, client auth: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::ClientTakesAuthTimeout,
        "the client has the server's flag too",
        &["usage"],
    ),
    row(
        Flaw::AuthTimeoutUnchecked,
        "a time that is no number is taken for 0",
        &["usage"],
    ),
    row(Flaw::TakesATimeoutOf0, "a time of 0 is taken", &["usage"]),
    row(
        Flaw::FixedChallenge,
        "the challenge is a constant",
        &["server/fresh-challenge", "server/replayed-answer"],
    ),
    row(
        Flaw::OneChallengePerRun,
        "the challenge is drawn once, when the server starts",
        &["server/fresh-challenge", "server/replayed-answer"],
    ),
    row(
        Flaw::ChallengesStartAnew,
        "the challenges come from a generator with a fixed seed: each run has the same",
        &["server/fresh-challenge"],
    ),
    row(
        Flaw::HalfRandomChallenge,
        "only the first half of the challenge is drawn for each connection",
        &["server/fresh-challenge"],
    ),
    row(Flaw::ChallengeOf16, "the challenge has 16 bytes", EVERY_LOGIN),
    row(
        Flaw::ChallengeWithoutHeader,
        "the challenge is sent without a header",
        EVERY_LOGIN,
    ),
    row(
        Flaw::AcceptsAnyone,
        "the answer is not looked at",
        &[
            "server/wrong-answer",
            "server/short-answer",
            "server/long-answer",
            "server/replayed-answer",
            "server/another-secret",
            "server/nothing-before-ok",
            "server/log",
            "server/leaves-nothing",
            "together",
        ],
    ),
    row(
        Flaw::ComparesWhatCame,
        "as many bytes are compared as came: a beginning of the right answer will do, and so will nothing",
        &["server/short-answer"],
    ),
    row(
        Flaw::ComparesTheBeginning,
        "as many bytes are compared as the right answer has, whatever stands behind them",
        &["server/long-answer"],
    ),
    row(
        Flaw::ComparesPairs,
        "the answers are compared pair by pair until one of them ends",
        &["server/short-answer", "server/long-answer"],
    ),
    row(
        Flaw::Compares16,
        "the first 16 bytes are compared",
        &["server/wrong-answer"],
    ),
    row(
        Flaw::ForgetsTheFirstByte,
        "the comparison begins with the second byte",
        &["server/wrong-answer"],
    ),
    row(
        Flaw::AcceptsNoAnswer,
        "an empty answer is taken for right",
        &["server/short-answer"],
    ),
    row(
        Flaw::AcceptsOldAnswers,
        "the right answer to any earlier challenge is taken",
        &["server/replayed-answer"],
    ),
    row(
        Flaw::KeyCutAt64,
        "a secret of more than 64 bytes is cut instead of hashed",
        &["client/right-answer", "server/another-secret"],
    ),
    row(
        Flaw::KeyTrimmed,
        "white space around the secret is removed",
        &["client/right-answer"],
    ),
    row(
        Flaw::HashWithoutHmac,
        "the answer is a plain SHA-256 of the secret and the challenge",
        EVERY_RIGHT_ANSWER,
    ),
    row(
        Flaw::KeyAndMessageSwapped,
        "the challenge is the key and the secret the message",
        EVERY_RIGHT_ANSWER,
    ),
    row(
        Flaw::AnswersInHex,
        "the answer is written in hexadecimal digits",
        EVERY_RIGHT_ANSWER,
    ),
    row(
        Flaw::HashesTheHexChallenge,
        "the challenge is written in hexadecimal digits before it is answered",
        EVERY_RIGHT_ANSWER,
    ),
    row(
        Flaw::NoDeadline,
        "a stranger has all the time in the world",
        &["server/silent-stranger", "server/dribbling-stranger"],
    ),
    row(
        Flaw::TimesEachRead,
        "each read has the whole time",
        &["server/dribbling-stranger"],
    ),
    row(
        Flaw::DeadlineForTheHeaderAlone,
        "once the header has come there is no deadline",
        &["server/dribbling-stranger"],
    ),
    row(
        Flaw::DeadlineForEachPart,
        "header and payload have the whole time each",
        &["server/dribbling-stranger"],
    ),
    row(
        Flaw::ClockStartsAtTheFirstByte,
        "the time runs from the first byte on",
        &["server/silent-stranger"],
    ),
    row(
        Flaw::DeadlineTooEarly,
        "a stranger is dropped after a quarter of its time",
        &["server/silent-stranger"],
    ),
    row(
        Flaw::AlwaysWaits2000,
        "`--auth-timeout` is read and forgotten",
        &["server/silent-stranger", "server/dribbling-stranger"],
    ),
    row(
        Flaw::DeadlineStaysAfterLogin,
        "the deadline of the login ends the conversation too",
        &["server/patient-after-login"],
    ),
    row(
        Flaw::DeniedNotSent,
        "who is denied is not told",
        &[
            "server/wrong-answer",
            "server/short-answer",
            "server/long-answer",
            "server/replayed-answer",
            "server/another-secret",
            "server/log",
        ],
    ),
    row(
        Flaw::DeniedWithANewline,
        "`denied` has a newline behind it in its frame",
        &[
            "server/wrong-answer",
            "server/short-answer",
            "server/long-answer",
            "server/replayed-answer",
            "server/another-secret",
            "server/log",
        ],
    ),
    row(
        Flaw::DeniedStaysOpen,
        "who gave a wrong answer is denied, and then waited for until it closes",
        &[
            "server/wrong-answer",
            "server/short-answer",
            "server/long-answer",
            "server/replayed-answer",
            "server/another-secret",
        ],
    ),
    row(
        Flaw::DeniedEndsTheServer,
        "a wrong answer ends the server",
        &[
            "server/wrong-answer",
            "server/silent-stranger",
            "server/gone-before-answer",
            "server/leaves-nothing",
            "server/log",
        ],
    ),
    row(
        Flaw::DeniedNotPrinted,
        "`denied ADDR` is not printed",
        &["server/log", "server/gone-before-answer"],
    ),
    row(
        Flaw::GoneIsNotDenied,
        "of who is gone before it answered `denied ADDR` is not printed",
        &["server/gone-before-answer"],
    ),
    row(
        Flaw::LateIsNotDenied,
        "of who was late `denied ADDR` is not printed",
        &["server/silent-stranger", "server/dribbling-stranger"],
    ),
    row(
        Flaw::WaitsForTheGone,
        "that a stranger is gone is noticed at the deadline",
        &["server/gone-before-answer"],
    ),
    row(
        Flaw::WaitsForTheTooLarge,
        "who announces too large an answer is dropped at the deadline",
        &["server/too-large-answer"],
    ),
    row(
        Flaw::ServesTheDenied,
        "the frames behind a wrong answer are served, after `denied`",
        &["server/nothing-before-ok"],
    ),
    row(
        Flaw::PrintsWrongAnswers,
        "a wrong answer is printed",
        &["server/nothing-before-ok", "server/log"],
    ),
    row(
        Flaw::NoLimitBeforeLogin,
        "before the login the length of a frame is not limited",
        &["server/too-large-answer"],
    ),
    row(
        Flaw::NoLimitAfterLogin,
        "after the login the length of a frame is not limited",
        &["server/too-large-frame"],
    ),
    row(
        Flaw::AllocatesBeforeLogin,
        "before the login memory for a frame is taken before its length is looked at",
        &["server/too-large-answer"],
    ),
    row(
        Flaw::AllocatesAfterLogin,
        "after the login memory for a frame is taken before its length is looked at",
        &["server/too-large-frame"],
    ),
    row(
        Flaw::RejectedNotPrinted,
        "`rejected N` is not printed",
        &["server/too-large-frame"],
    ),
    row(
        Flaw::RejectedStaysOpen,
        "after `rejected N` the client is served on",
        &["server/too-large-frame"],
    ),
    row(
        Flaw::NewReaderAfterLogin,
        "what came behind the answer in the same read is lost",
        &["server/right-answer"],
    ),
    row(
        Flaw::ReadsOnce,
        "what one read brought is taken for the frame",
        &["server/right-answer", "client/takes-turns"],
    ),
    row(
        Flaw::OkWithANewline,
        "`ok` has a newline behind it in its frame",
        EVERY_ADMISSION,
    ),
    row(
        Flaw::AuthenticatedNotPrinted,
        "`authenticated ADDR` is not printed",
        &["server/log"],
    ),
    row(Flaw::FramesNotPrinted, "`frame N` is not printed", &["server/log"]),
    row(
        Flaw::PrintsThePayload,
        "the content of a frame is printed",
        &["server/log"],
    ),
    row(
        Flaw::DisconnectNotPrinted,
        "`disconnected ADDR` is not printed",
        &["server/log"],
    ),
    row(
        Flaw::LogsTheIpAlone,
        "the log shows the client's address without its port",
        &["server/log"],
    ),
    row(
        Flaw::LogsTheListeningAddress,
        "the log shows the server's own address as the client's",
        &["server/log"],
    ),
    row(
        Flaw::AsksTheAddressTooLate,
        "the peer's address is asked for when it is gone, which fails after a reset and ends the server",
        &["server/gone-before-answer"],
    ),
    row(
        Flaw::DiesOnReset,
        "`?` hands an error of one client to `main`, and the server ends",
        &["server/gone-before-answer"],
    ),
    row(
        Flaw::PanicsOnReset,
        "reads and writes are unwrapped: a reset is a panic",
        &["server/gone-before-answer"],
    ),
    row(
        Flaw::OneClientOnly,
        "the server ends after its first client",
        &["server/wrong-answer"],
    ),
    row(
        Flaw::LeaksTheDenied,
        "the descriptor of a client that was denied stays open",
        &["server/leaves-nothing"],
    ),
    row(
        Flaw::MissingSecretPanics,
        "an unset secret is unwrapped: a panic",
        &["server/no-secret", "client/no-secret"],
    ),
    row(
        Flaw::MissingSecretExits0,
        "a missing secret is reported, and then it exits 0",
        &["server/no-secret", "client/no-secret"],
    ),
    row(
        Flaw::MissingSecretUnnamed,
        "a missing secret is reported without the variable",
        &["server/no-secret", "client/no-secret"],
    ),
    row(
        Flaw::UnsetSecretIsKnown,
        "an unset secret is replaced by a known one",
        &["server/no-secret", "client/no-secret"],
    ),
    row(
        Flaw::EmptySecretIsASecret,
        "an empty secret is taken",
        &["server/no-secret", "client/no-secret"],
    ),
    row(
        Flaw::LooksForTheSecretTooLate,
        "the server looks for the secret when its first client has come",
        &["server/no-secret"],
    ),
    row(
        Flaw::AnswersAnyChallenge,
        "a challenge of any length is answered",
        &["client/odd-challenge"],
    ),
    row(
        Flaw::AnswersALongerChallenge,
        "a challenge of more than 32 bytes is answered",
        &["client/odd-challenge"],
    ),
    row(
        Flaw::IgnoresTheVerdict,
        "the client reads the server's verdict and goes on whatever it is",
        &["client/denied", "client/not-ok"],
    ),
    row(
        Flaw::DeniedIsTheOnlyNo,
        "whatever is not `denied` is taken for `ok`",
        &["client/not-ok"],
    ),
    row(Flaw::OkInAnyCase, "`OK` is taken for `ok`", &["client/not-ok"]),
    row(
        Flaw::ComparesWhatCameOfOk,
        "as many bytes of `ok` are compared as came: an empty frame will do",
        &["client/not-ok"],
    ),
    row(
        Flaw::NoVerdictExits0,
        "end-of-file in place of the verdict is no failure",
        &["client/not-ok"],
    ),
    row(
        Flaw::SpeaksBeforeOk,
        "the first line is sent before the verdict has come",
        &["client/not-ok"],
    ),
    row(
        Flaw::ReadsStdinBeforeTheVerdict,
        "the client looks at the verdict only once something was typed",
        &["client/denied", "client/not-ok"],
    ),
    row(
        Flaw::DeniedExits0,
        "`denied` is reported, and then it exits 0",
        &["client/denied", "together"],
    ),
    row(
        Flaw::DeniedPanics,
        "`ok` is asserted",
        &["client/denied", "client/not-ok", "together"],
    ),
    row(
        Flaw::PrintsTheVerdict,
        "`ok` is printed",
        &["client/takes-turns", "client/quits", "together"],
    ),
    row(
        Flaw::SkipsEmptyLines,
        "empty lines of stdin are not sent, as in lesson 3",
        &["client/takes-turns"],
    ),
    row(
        Flaw::SendsTwoAtATime,
        "two lines are sent before the first answer is read",
        &["client/takes-turns"],
    ),
    row(
        Flaw::DropsWhatIsBehind,
        "what came behind a frame in the same read is lost",
        &["client/takes-turns", "server/right-answer"],
    ),
    row(
        Flaw::SendsTheQuitWord,
        "the quit word is sent before the client exits",
        &["client/quits"],
    ),
    row(
        Flaw::EndOfInputSendsQ,
        "at the end of stdin the client sends `Q`",
        &["client/quits"],
    ),
    row(
        Flaw::QuitUntrimmed,
        "the quit word with white space around it is not recognized",
        &["client/quits"],
    ),
    row(
        Flaw::EndOfFileExits0,
        "end-of-file in place of an answer is no failure",
        &["client/takes-turns"],
    ),
    row(
        Flaw::TruncatedAnswerExits0,
        "an answer that is cut off is no failure",
        &["client/takes-turns"],
    ),
    row(
        Flaw::ReadsAllStdinFirst,
        "all of stdin is read before the first line is sent",
        &["client/takes-turns", "together"],
    ),
    row(
        Flaw::NeverFlushes,
        "the client's stdout is buffered, so that everything is printed when it ends",
        &["client/takes-turns", "together"],
    ),
    row(
        Flaw::PromptsOnStdout,
        "a prompt is printed on stdout",
        &["client/takes-turns", "together"],
    ),
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson08",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}

const EVERY_LOGIN: &[&str] = &["server/challenges", "server/right-answer"];

const EVERY_RIGHT_ANSWER: &[&str] = &["server/right-answer", "client/right-answer"];

const EVERY_ADMISSION: &[&str] = &["server/right-answer"];
