//! Lesson 6, AF_UNIX: its known-wrong programs.

use super::Specimen;
use crate::flaw::Flaw;

pub(super) const SPECIMENS: &[Specimen] = &[
    row(
        Flaw::ReadyBeforeListen,
        "the ready line is printed before the socket listens",
        SERVING,
    ),
    row(Flaw::ReadyLineOnStderr, "the ready line goes to stderr", STARTING),
    row(
        Flaw::PrintsTheFileNameAlone,
        "the ready line shows the last part of the path",
        STARTING,
    ),
    row(
        Flaw::AbstractName,
        "it binds an abstract name, which is no file",
        NO_FILE,
    ),
    row(
        Flaw::ModeOfTheUmask,
        "the mode is left to whatever umask it was started with",
        &["server/keeps-others-out"],
    ),
    row(
        Flaw::Umask077,
        "the umask is 077: the mode is 0700",
        &["server/keeps-others-out"],
    ),
    row(Flaw::LetsTheGroupIn, "the mode is 0660", &["server/keeps-others-out"]),
    row(
        Flaw::ChangesTheModeBehindBind,
        "the mode is changed a while behind `bind`, before the ready line",
        &["server/keeps-others-out"],
    ),
    row(
        Flaw::ChangesTheModeTooLate,
        "the mode is changed once the first client has come",
        &["server/keeps-others-out"],
    ),
    row(
        Flaw::ChangesTheSocketsMode,
        "`fchmod` changes the socket's mode, which is not the file's",
        &["server/keeps-others-out"],
    ),
    row(
        Flaw::NamesItself,
        "it greets with its own pid",
        &["server/knows-its-peer", "together"],
    ),
    row(
        Flaw::AsksAboutTheListener,
        "the credentials are asked of the listening socket, whose peer is the server itself",
        &["server/knows-its-peer", "together"],
    ),
    row(
        Flaw::RemembersTheFirstPeer,
        "the credentials of the first client are used for all",
        &["server/knows-its-peer"],
    ),
    row(
        Flaw::SwapsPidAndUid,
        "the pid is shown as the uid and the uid as the pid",
        &["server/knows-its-peer", "together"],
    ),
    row(
        Flaw::NamesNoUid,
        "greeting and log show the pid alone",
        &["server/knows-its-peer"],
    ),
    row(
        Flaw::LogsThePidAlone,
        "the log shows the pid alone",
        &["server/knows-its-peer", "together"],
    ),
    row(
        Flaw::ConnectNotPrinted,
        "no `connected` is printed",
        &["server/knows-its-peer", "server/shouts-back", "together"],
    ),
    row(
        Flaw::DisconnectNotPrinted,
        "no `disconnected` is printed",
        &["server/knows-its-peer", "together"],
    ),
    row(Flaw::GreetsWithoutAName, "it greets with `hello` alone", GREETING),
    row(Flaw::GreetsWithoutANewline, "no newline ends the greeting", GREETING),
    row(Flaw::NeverGreets, "it does not greet", GREETING),
    row(
        Flaw::GreetsAfterTheFirstLine,
        "it greets a client once that has sent a line",
        GREETING,
    ),
    row(
        Flaw::ShoutsUnicode,
        "the shout is Unicode's: `é` becomes `É`",
        &["server/shouts-back"],
    ),
    row(
        Flaw::DropsNonAscii,
        "bytes beyond ASCII are dropped from the answer",
        &["server/shouts-back", "server/split-and-glued"],
    ),
    row(
        Flaw::LossyAnswers,
        "the answer is made from the decoded text: bytes that are no UTF-8 come back as U+FFFD",
        &["server/shouts-back"],
    ),
    row(
        Flaw::EndsAtBadUtf8,
        "a line that is no UTF-8 is an error, which ends the client",
        &["server/shouts-back"],
    ),
    row(
        Flaw::KeepsTheCr,
        "only `\\n` is taken off a line that ends with `\\r\\n`",
        &["server/shouts-back"],
    ),
    row(
        Flaw::SkipsEmptyLines,
        "the server does not answer an empty line",
        &["server/shouts-back"],
    ),
    row(
        Flaw::TrimsBeforeItAnswers,
        "the answer is trimmed",
        &["server/shouts-back"],
    ),
    row(
        Flaw::DoesNotPrintLines,
        "the lines are answered and not printed",
        &["server/shouts-back", "server/knows-its-peer", "together"],
    ),
    row(
        Flaw::ReadsOnce,
        "one read of 1,024 bytes is taken for one line",
        &["server/split-and-glued", "client/split-and-glued", "server/shouts-back"],
    ),
    row(
        Flaw::NewBufreaderALine,
        "each line gets a buffered reader of its own, and what the last one held besides is lost",
        &["server/split-and-glued", "client/split-and-glued"],
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
        Flaw::QuitUntrimmed,
        "the quit word with white space around it is not recognized",
        &["server/quit-is-exact", "client/quits"],
    ),
    row(
        Flaw::SendsAsciiAlone,
        "for what is typed and is not ASCII, `?` is sent",
        &["client/greeting-and-turns"],
    ),
    row(
        Flaw::TrimsWhatItSends,
        "what is typed is trimmed before it is sent",
        &["client/greeting-and-turns"],
    ),
    row(
        Flaw::TrimsWhatItPrints,
        "the client trims what it prints",
        &["client/greeting-and-turns"],
    ),
    row(
        Flaw::QuitTrimsSpacesAlone,
        "the quit word with a tab before it is not recognized",
        &["server/quit-is-exact", "client/quits"],
    ),
    row(
        Flaw::AnswersTheQuitWord,
        "the quit word is answered",
        &["server/quit-is-exact"],
    ),
    row(Flaw::PrintsTheQuitWord, "the quit word is printed", &["together"]),
    row(
        Flaw::WaitsForTheClose,
        "after the quit word the server waits for the client to close first",
        &["server/quit-is-exact", "server/next-client"],
    ),
    row(
        Flaw::OneClientOnly,
        "the server ends after its first client",
        &[
            "server/next-client",
            "server/knows-its-peer",
            "server/leaks-nothing",
            "server/live-socket",
        ],
    ),
    row(
        Flaw::QuitEndsTheServer,
        "a client's quit word ends the whole server",
        &["server/next-client", "server/leaks-nothing"],
    ),
    row(
        Flaw::SpinsAtEndOfFile,
        "a read of no bytes is tried again, for ever",
        &[
            "server/next-client",
            "server/last-line",
            "server/leaks-nothing",
            "server/knows-its-peer",
            "server/live-socket",
        ],
    ),
    row(
        Flaw::DiesOnReset,
        "`?` hands an error of one client to `main`, and the server ends",
        &["server/next-client", "server/leaks-nothing", "server/live-socket"],
    ),
    row(
        Flaw::PanicsOnReset,
        "reads and writes are unwrapped: a client that is gone is a panic",
        &[
            "server/next-client",
            "server/leaks-nothing",
            "server/live-socket",
            "client/server-closes",
        ],
    ),
    row(
        Flaw::DiesOnWriteError,
        "errors of reading are handled; one of writing ends the server",
        &["server/next-client", "server/leaks-nothing", "server/live-socket"],
    ),
    row(
        Flaw::SigpipeKills,
        "what `write` returns is ignored and SIGPIPE left at its default, as in C",
        &["server/next-client", "server/leaks-nothing", "server/live-socket"],
    ),
    row(
        Flaw::KeepsTheHalfLine,
        "what a client sent before it broke off inside a line is put before the next client's first line",
        &["server/next-client"],
    ),
    row(
        Flaw::DropsSilentClients,
        "a client that is silent for most of a second is dropped",
        &["server/patient"],
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
        "the descriptor of a client that left its greeting unread stays open",
        &["server/leaks-nothing"],
    ),
    row(
        Flaw::NeverReplaces,
        "a socket file that is left over is an error",
        &["server/left-over-socket"],
    ),
    row(
        Flaw::UnlinksBeforeBind,
        "whatever file stands at the path is removed",
        &["server/live-socket", "server/busy-socket", "server/no-socket"],
    ),
    row(
        Flaw::RemovesAFolderToo,
        "whatever stands at the path is removed, an empty folder too",
        &["server/live-socket", "server/busy-socket", "server/no-socket"],
    ),
    row(
        Flaw::NeverAsksWhoListens,
        "a socket at the path is removed without asking whether someone listens",
        &["server/live-socket", "server/busy-socket"],
    ),
    row(
        Flaw::RemovesThePathWhenItFails,
        "a server that fails removes the path on its way out",
        &["server/live-socket", "server/busy-socket", "server/no-socket"],
    ),
    row(
        Flaw::TakenPathPanics,
        "`bind` is unwrapped: a taken path is a panic",
        &["server/live-socket", "server/busy-socket", "server/no-socket"],
    ),
    row(
        Flaw::TakenPathExits0,
        "a taken path is reported, and then it exits 0",
        &["server/live-socket", "server/busy-socket", "server/no-socket"],
    ),
    row(
        Flaw::TakenPathIsNotNamed,
        "a taken path is reported without its name",
        &["server/live-socket", "server/busy-socket", "server/no-socket"],
    ),
    row(
        Flaw::ProbeWaits,
        "the connection that asks whether someone listens waits for its turn",
        &["server/busy-socket"],
    ),
    row(
        Flaw::ProbeAwaitsAGreeting,
        "who does not greet the connection that asks whether someone listens is taken to be gone",
        &["server/live-socket", "server/busy-socket"],
    ),
    row(
        Flaw::BusyIsLeftOver,
        "any error of the connection is taken to mean that no one listens",
        &["server/busy-socket"],
    ),
    row(
        Flaw::NeverLooksAtTheType,
        "a refused connection is taken to mean a dead socket, whatever stands at the path",
        &["server/no-socket"],
    ),
    row(
        Flaw::LooksBehindLinks,
        "a link to a dead socket is taken for the socket",
        &["server/no-socket"],
    ),
    row(
        Flaw::SignalsKill,
        "SIGTERM and SIGINT are left at their default",
        &["server/tidies-up"],
    ),
    row(
        Flaw::InterruptKills,
        "SIGINT is left at its default",
        &["server/tidies-up"],
    ),
    row(Flaw::TermKills, "SIGTERM is left at its default", &["server/tidies-up"]),
    row(
        Flaw::SignalWaitsForTheClient,
        "the signal is noticed once the client at hand has left",
        &["server/tidies-up"],
    ),
    row(
        Flaw::SignalWaitsForAClient,
        "the signal is noticed once `accept` returns with a client",
        &["server/tidies-up"],
    ),
    row(
        Flaw::SignalLeavesTheFile,
        "the signal ends the server with exit code 0, and the socket file stays",
        &["server/tidies-up"],
    ),
    row(
        Flaw::SignalPrintsBye,
        "the signal ends the server with `bye` on stdout",
        &["server/tidies-up"],
    ),
    row(
        Flaw::SignalExits1,
        "the signal ends the server with exit code 1",
        &["server/tidies-up"],
    ),
    row(
        Flaw::SignalExitsAsKilled,
        "the signal ends the server with exit code 128 + its number",
        &["server/tidies-up"],
    ),
    row(
        Flaw::LongPathPanics,
        "`bind` is unwrapped: a path that is too long is a panic",
        &["server/path-too-long"],
    ),
    row(
        Flaw::LongPathExits0,
        "a path that is too long is reported, and then it exits 0",
        &["server/path-too-long"],
    ),
    row(
        Flaw::LongPathIsNotNamed,
        "a path that is too long is reported without its name",
        &["server/path-too-long"],
    ),
    row(
        Flaw::CutsALongPath,
        "a path that is too long is cut",
        &["server/path-too-long"],
    ),
    row(
        Flaw::TakesTheGreetingForAReply,
        "the client does not wait for the greeting: it takes it for the first reply",
        EVERY_GREETED_CLIENT,
    ),
    row(
        Flaw::GreetingIsNotPrinted,
        "the client reads the greeting and does not print it",
        EVERY_GREETED_CLIENT,
    ),
    row(
        Flaw::NewBufreaderAfterTheGreeting,
        "the replies get a buffered reader of their own, and what the greeting's held besides is lost",
        &["client/split-and-glued"],
    ),
    row(
        Flaw::QuitsWithoutAWord,
        "the quit word that was typed is not sent",
        &["client/quits"],
    ),
    row(
        Flaw::WaitsAfterQuit,
        "the client waits for a reply to its quit word",
        &["client/quits"],
    ),
    row(
        Flaw::ForgetsTheQ,
        "at the end of stdin the client exits without sending `Q`",
        &["client/quits"],
    ),
    row(
        Flaw::SendsBlankLines,
        "empty lines of stdin are sent",
        &["client/quits"],
    ),
    row(
        Flaw::NoGreetingExits1,
        "end-of-file in place of the greeting is a failure of the client",
        &["client/server-closes"],
    ),
    row(
        Flaw::NoGreetingPanics,
        "end-of-file in place of the greeting is a panic",
        &["client/server-closes"],
    ),
    row(
        Flaw::Exits1OnEndOfFile,
        "the server's end-of-file is a failure of the client",
        &["client/server-closes"],
    ),
    row(
        Flaw::ClientTidiesUp,
        "the client removes a dead socket",
        &["client/no-server"],
    ),
    row(
        Flaw::NeverFlushes,
        "the client's stdout is buffered, so that everything is printed when it ends",
        EVERY_GREETED_CLIENT,
    ),
];

/// What no server passes that can't be started.
const STARTING: &[&str] = &[
    "server/listens-at-the-path",
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
    "server/keeps-others-out",
    "server/tidies-up",
    "together",
];

/// What needs a connection.
const SERVING: &[&str] = &[
    "server/listens-at-the-path",
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
    "server/tidies-up",
    "together",
];

/// What begins with the greeting.
const GREETING: &[&str] = &[
    "server/listens-at-the-path",
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
    "server/tidies-up",
    "together",
];

/// What needs a file at the path.
const NO_FILE: &[&str] = &[
    "server/listens-at-the-path",
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
    "server/keeps-others-out",
    "server/tidies-up",
    "server/busy-socket",
    "server/no-socket",
    "together",
];

/// What looks at what a greeted client prints.
const EVERY_GREETED_CLIENT: &[&str] = &[
    "client/greeting-and-turns",
    "client/split-and-glued",
    "client/quits",
    "together",
    "client/server-closes",
];

const fn row(mistake: Flaw, what: &'static str, fails: &'static [&'static str]) -> Specimen {
    Specimen {
        lesson: "lesson06",
        flaw: mistake.name(),
        what,
        fails,
        mistake,
    }
}
