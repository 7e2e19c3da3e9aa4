//! The mistakes by name. The lessons' programs ask for them where they are made; `catalog` says
//! which lesson has which, and what notices it.

macro_rules! flaws {
    ($($flaw:ident = $name:literal,)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub(crate) enum Flaw {
            $($flaw,)*
        }

        impl Flaw {
            #[cfg(test)]
            pub(crate) const ALL: &[Flaw] = &[$(Flaw::$flaw,)*];

            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Flaw::$flaw => $name,)*
                }
            }
        }
    };
}

flaws! {
    // The program without a mistake.
    Right = "right",

    // In every lesson.
    UsageExits1 = "usage-exits-1",
    NoBrief = "no-brief",
    UsagePanics = "usage-panics",
    UsageOnStdout = "usage-on-stdout",
    IgnoresUnknownFlags = "ignores-unknown-flags",
    BadAddressExits1 = "bad-address-exits-1",
    TakenPortPanics = "taken-port-panics",
    TakenPortExits0 = "taken-port-exits-0",
    TakenPortWithoutAddress = "taken-port-without-address",
    TakesAnotherPort = "takes-another-port",
    WaitsForThePort = "waits-for-the-port",
    SharesThePort = "shares-the-port",
    NoReuseaddr = "no-reuseaddr",
    NoServerPanics = "no-server-panics",
    NoServerExits0 = "no-server-exits-0",
    NoServerWithoutAddress = "no-server-without-address",
    WaitsForAServer = "waits-for-a-server",

    // Lesson 1.
    ReadyBeforeListen = "ready-before-listen",
    PrintsTheGivenPort = "prints-the-given-port",
    ReadyLineNotFlushed = "ready-line-not-flushed",
    ReadyLineOnStderr = "ready-line-on-stderr",
    CutsAtTheFirstColon = "cuts-at-the-first-colon",
    NoBrackets = "no-brackets",
    ReadsOnce = "reads-once",
    StopsAt4k = "stops-at-4k",
    StopsAt64k = "stops-at-64k",
    DecodesEachChunk = "decodes-each-chunk",
    PrintsEachPiece = "prints-each-piece",
    Trims = "trims",
    ReadToString = "read-to-string",
    PanicsAtBadUtf8 = "panics-at-bad-utf-8",
    PauseIsTheEnd = "pause-is-the-end",
    ClientTimesOut = "client-times-out",
    NoShutdown = "no-shutdown",
    GreetsAfterReading = "greets-after-reading",
    EndsWithANewline = "ends-with-a-newline",
    PrintsAPrefix = "prints-a-prefix",
    EmptyReplyFails = "empty-reply-fails",
    EmptyReplyIsNotPrinted = "empty-reply-is-not-printed",
    PanicsOnReset = "panics-on-reset",
    SpeaksFirst = "speaks-first",

    // Lesson 2, and some in others.
    NewBufreaderALine = "new-bufreader-a-line",
    LineLimit1024 = "line-limit-1024",
    StdinLimit4096 = "stdin-limit-4096",
    EndsAtBadUtf8 = "ends-at-bad-utf-8",
    KeepsTheCr = "keeps-the-cr",
    DropsHalfLine = "drops-half-line",
    QuitContainsQ = "quit-contains-q",
    QuitStartsWithQ = "quit-starts-with-q",
    QuitUntrimmed = "quit-untrimmed",
    UpperCaseQuitOnly = "upper-case-quit-only",
    QuitsAfterItsTurn = "quits-after-its-turn",
    IgnoresTheServersQ = "ignores-the-servers-q",
    PrintsTheQuitWord = "prints-the-quit-word",
    QuitsWithoutAWord = "quits-without-a-word",
    WaitsAfterQuit = "waits-after-quit",
    ForgetsTheQ = "forgets-the-q",
    EndOfInputIsAnEmptyLine = "end-of-input-is-an-empty-line",
    EndOfFileIsAnEmptyLine = "end-of-file-is-an-empty-line",
    Exits1OnEndOfFile = "exits-1-on-end-of-file",
    Exits1OnReset = "exits-1-on-reset",
    SendsBlankLines = "sends-blank-lines",
    SendsWhiteSpace = "sends-white-space",
    EmptyReplyIsTheEnd = "empty-reply-is-the-end",
    DropsEmptyReplies = "drops-empty-replies",
    FullDuplex = "full-duplex",
    NewStdinReaderALine = "new-stdin-reader-a-line",
    NeverFlushes = "never-flushes",
    PromptsOnStdout = "prompts-on-stdout",
    ReadsAllStdinFirst = "reads-all-stdin-first",

    // Lesson 3.
    OneClientOnly = "one-client-only",
    QuitEndsTheServer = "quit-ends-the-server",
    DiesOnReset = "dies-on-reset",
    AsksTheAddressTooLate = "asks-the-address-too-late",
    DiesOnWriteError = "dies-on-write-error",
    SigpipeKills = "sigpipe-kills",
    KeepsTheHalfLine = "keeps-the-half-line",
    SpinsAtEndOfFile = "spins-at-end-of-file",
    WaitsForTheClose = "waits-for-the-close",
    BacklogOfZero = "backlog-of-zero",
    LeaksOnQuit = "leaks-on-quit",
    LeaksOnEndOfFile = "leaks-on-end-of-file",
    LeaksOnReset = "leaks-on-reset",
    LogsTheListeningAddress = "logs-the-listening-address",
    LogsTheIpAlone = "logs-the-ip-alone",
    LogLostAfterReset = "log-lost-after-reset",
    DisconnectNotPrinted = "disconnect-not-printed",
    DoesNotPrintLines = "does-not-print-lines",
    DropsSilentClients = "drops-silent-clients",
    DropsNonAscii = "drops-non-ascii",
    ShoutsUnicode = "shouts-unicode",
    LossyAnswers = "lossy-answers",
    TrimsBeforeItAnswers = "trims-before-it-answers",
    SkipsEmptyLines = "skips-empty-lines",
    AnswersTheQuitWord = "answers-the-quit-word",

    // Lesson 4.
    AnswersWithNewline = "answers-with-newline",
    PrintsTheSender = "prints-the-sender",
    PrintsTheAnswer = "prints-the-answer",
    ConnectsToTheFirstSender = "connects-to-the-first-sender",
    AnswersTheFirstSender = "answers-the-first-sender",
    JoinsDatagrams = "joins-datagrams",
    QEndsTheServer = "q-ends-the-server",
    AnswersRepeatsOnce = "answers-repeats-once",
    EmptyDatagramIsTheEnd = "empty-datagram-is-the-end",
    IgnoresEmptyDatagrams = "ignores-empty-datagrams",
    BufferOf1024 = "buffer-of-1024",
    BufferOf2048 = "buffer-of-2048",
    BufferOf65000 = "buffer-of-65000",
    SkipsBadUtf8 = "skips-bad-utf-8",
    StopsAtIcmpError = "stops-at-icmp-error",
    NumberStays1 = "number-stays-1",
    PrintsTheNumber = "prints-the-number",
    NumbersBlankLines = "numbers-blank-lines",
    Waits100Ms = "waits-100-ms",
    WaitsLongerEachTime = "waits-longer-each-time",
    WaitsForEver = "waits-for-ever",
    NeverSendsAgain = "never-sends-again",
    ResendsFromANewPort = "resends-from-a-new-port",
    ResendsUnderANewNumber = "resends-under-a-new-number",
    TakesAnyNumber = "takes-any-number",
    ComparesTheFirstDigit = "compares-the-first-digit",
    TakesAnySource = "takes-any-source",
    ChecksOnlyTheIp = "checks-only-the-ip",
    ChecksOnlyThePort = "checks-only-the-port",
    IgnoredCostsATry = "ignored-costs-a-try",
    IgnoredRestartsTheWait = "ignored-restarts-the-wait",
    GivesUpAfter4 = "gives-up-after-4",
    Tries6Times = "tries-6-times",
    GivingUpExits0 = "giving-up-exits-0",
    SkipsTheLine = "skips-the-line",
    GivesUpWithoutTheAddress = "gives-up-without-the-address",
    DiesOnRefused = "dies-on-refused",
    PanicsOnRefused = "panics-on-refused",
    RefusedShortensTheWait = "refused-shortens-the-wait",
    SendsTheQuitWord = "sends-the-quit-word",
    EndOfInputSendsQ = "end-of-input-sends-q",
}
