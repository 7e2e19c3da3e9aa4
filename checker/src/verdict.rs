//! How a check ends, and why.
//!
//! The program's fault (`Finding`) and ours (`Trouble`) are different types, so that neither can become the other by accident:
//! a trouble costs no points and makes the checker exit with 3.

use std::fmt;

/// What every step of a check returns: `?` is the only control flow of a check.
pub type Step<T = ()> = Result<T, Stop>;

// ANCHOR: stop
/// Why a check stopped before its end.
#[derive(Debug)]
pub enum Stop {
    /// The program did something else than the contract says.
    Finding(Box<Finding>),
    /// The checker could not do its own part.
    Trouble(Trouble),
}
// ANCHOR_END: stop

/// The kind of a finding; stable, in kebab-case, in the JSON report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    NotReady,
    NotReachable,
    NeverConnected,
    WrongOutput,
    MissingOutput,
    ExtraOutput,
    TooMuchOutput,
    WrongBytes,
    MissingBytes,
    ExtraBytes,
    Unread,
    ClosedEarly,
    NotClosed,
    WasReset,
    EndedEarly,
    StillRunning,
    WrongExit,
    Crash,
    UnnamedFailure,
    Leak,
    TooMuchMemory,
    OutOfTurn,
    WrongCount,
    WrongSource,
    WrongFile,
    LeftBehind,
    NeverIdle,
    NeverFull,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::NotReady => "not-ready",
            Kind::NotReachable => "not-reachable",
            Kind::NeverConnected => "never-connected",
            Kind::WrongOutput => "wrong-output",
            Kind::MissingOutput => "missing-output",
            Kind::ExtraOutput => "extra-output",
            Kind::TooMuchOutput => "too-much-output",
            Kind::WrongBytes => "wrong-bytes",
            Kind::MissingBytes => "missing-bytes",
            Kind::ExtraBytes => "extra-bytes",
            Kind::Unread => "unread",
            Kind::ClosedEarly => "closed-early",
            Kind::NotClosed => "not-closed",
            Kind::WasReset => "was-reset",
            Kind::EndedEarly => "ended-early",
            Kind::StillRunning => "still-running",
            Kind::WrongExit => "wrong-exit",
            Kind::Crash => "crash",
            Kind::UnnamedFailure => "unnamed-failure",
            Kind::Leak => "leak",
            Kind::TooMuchMemory => "too-much-memory",
            Kind::OutOfTurn => "out-of-turn",
            Kind::WrongCount => "wrong-count",
            Kind::WrongSource => "wrong-source",
            Kind::WrongFile => "wrong-file",
            Kind::LeftBehind => "left-behind",
            Kind::NeverIdle => "never-idle",
            Kind::NeverFull => "never-full",
        }
    }
}

/// What a program waits for that does not come; stable, in kebab-case, in the JSON report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Waiting {
    /// For something else, while what came lies unread.
    LeavesUnread,
    /// For a client, before it has said where it listens.
    NeverFlushed,
    /// Both ends for each other.
    BothWait,
    ForBytes,
    ForADatagram,
    ForInput,
    ForAClient,
    /// To be taken in.
    ForAServer,
    /// To write: the other end does not read.
    ForRoom,
    /// One of several descriptors.
    ForEvents,
    /// Its own threads and children.
    ForItself,
    ForASignal,
    /// A clock.
    ForTime,
    /// It does not wait: it uses its processor.
    Spins,
    /// It does not wait either, and something comes of it, or may.
    Works,
    /// The system does not let us look.
    Unseen,
}

impl Waiting {
    pub fn as_str(self) -> &'static str {
        match self {
            Waiting::LeavesUnread => "leaves-unread",
            Waiting::NeverFlushed => "never-flushed",
            Waiting::BothWait => "both-wait",
            Waiting::ForBytes => "for-bytes",
            Waiting::ForADatagram => "for-a-datagram",
            Waiting::ForInput => "for-input",
            Waiting::ForAClient => "for-a-client",
            Waiting::ForAServer => "for-a-server",
            Waiting::ForRoom => "for-room",
            Waiting::ForEvents => "for-events",
            Waiting::ForItself => "for-itself",
            Waiting::ForASignal => "for-a-signal",
            Waiting::ForTime => "for-time",
            Waiting::Spins => "spins",
            Waiting::Works => "works",
            Waiting::Unseen => "unseen",
        }
    }
}

/// Where the programs were when a step gave them up.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Waits {
    pub kind: Waiting,
    /// `the server waits in `accept` …`
    pub sentence: String,
    /// None of them could go on by itself: so it was not the deadline that decided.
    pub is_certain: bool,
}

/// What the program did wrong, in words for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    pub kind: Kind,
    /// What happened, lower case, no full stop.
    pub summary: String,
    /// What the contract asks for, quoted.
    pub expected: Option<String>,
    /// What was seen, quoted.
    pub actual: Option<String>,
    /// What the packets say about it: who closed first, by FIN or by RST.
    pub wire: Option<String>,
    /// One line of thought that leads to the fix.
    pub hint: Option<String>,
    /// Where the programs were, if this is about something that did not come.
    pub waits: Option<Waits>,
}

impl Finding {
    pub fn new(kind: Kind, summary: impl Into<String>) -> Self {
        Finding {
            kind,
            summary: summary.into(),
            expected: None,
            actual: None,
            wire: None,
            hint: None,
            waits: None,
        }
    }

    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    /// Ends a step with this finding.
    pub fn stop<T>(self) -> Step<T> {
        Err(Stop::Finding(Box::new(self)))
    }
}

/// What the checker could not do, in words for whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub what: String,
}

impl Trouble {
    /// `doing` completes "the checker failed while …".
    pub fn while_doing(doing: &str, error: impl fmt::Display) -> Self {
        Trouble {
            what: with_remedy(format!("the checker failed while {doing}: {error}")),
        }
    }

    pub fn interrupted() -> Self {
        Trouble {
            what: "interrupted".to_owned(),
        }
    }
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Stop::Trouble(trouble)
    }
}

/// What the system said, and what helps against it, where that is known.
pub fn with_remedy(mut what: String) -> String {
    if what.contains("Too many open files") {
        what.push_str(" (raise the limit with `ulimit -n 4096`, or lower `--jobs`)");
    }
    what
}

/// Hangs a hint on the step whose failure it explains.
pub trait Hint {
    /// The first hint that is hung on a finding stays.
    fn hint(self, hint: &str) -> Self;

    /// Where the finding is of this kind, what it hints at in place of anything else.
    fn hint_for(self, kind: Kind, hint: &str) -> Self;
}

impl<T> Hint for Step<T> {
    fn hint(mut self, hint: &str) -> Self {
        if let Err(Stop::Finding(finding)) = &mut self {
            finding.hint.get_or_insert_with(|| hint.to_owned());
        }
        self
    }

    fn hint_for(mut self, kind: Kind, hint: &str) -> Self {
        if let Err(Stop::Finding(finding)) = &mut self
            && finding.kind == kind
        {
            finding.hint = Some(hint.to_owned());
        }
        self
    }
}

/// Turns an `io::Error` of ours into a trouble: `.or_trouble("binding a listener")?`.
pub trait OrTrouble<T> {
    fn or_trouble(self, doing: &str) -> Step<T>;
}

impl<T, E: fmt::Display> OrTrouble<T> for Result<T, E> {
    fn or_trouble(self, doing: &str) -> Step<T> {
        self.map_err(|error| Trouble::while_doing(doing, error).into())
    }
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed(Finding),
    /// The check that this one needs did not pass.
    Skipped {
        needs: &'static str,
    },
    /// The checker's own trouble: says nothing about the program.
    Broken(Trouble),
}

impl From<Step> for Verdict {
    fn from(step: Step) -> Self {
        match step {
            Ok(()) => Verdict::Passed,
            Err(Stop::Finding(finding)) => Verdict::Failed(*finding),
            Err(Stop::Trouble(trouble)) => Verdict::Broken(trouble),
        }
    }
}
