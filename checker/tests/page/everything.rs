//! A report in which there is everything that can be in one.

use std::collections::HashSet;
use std::time::Duration;

use checker::course::LESSONS;
use checker::jail::Level;
use checker::quote::quoted;
use checker::report::human::{Colour, Style, Transcripts};
use checker::report::{LessonReport, Report, Status};
use checker::runner::CheckReport;
use checker::transcript::{Entry, Event};
use checker::verdict::{Finding, Kind, Trouble, Verdict};

pub(crate) const KINDS: &[Kind] = &[
    Kind::NotReady,
    Kind::NotReachable,
    Kind::NeverConnected,
    Kind::WrongOutput,
    Kind::MissingOutput,
    Kind::ExtraOutput,
    Kind::TooMuchOutput,
    Kind::WrongBytes,
    Kind::MissingBytes,
    Kind::ExtraBytes,
    Kind::Unread,
    Kind::ClosedEarly,
    Kind::NotClosed,
    Kind::WasReset,
    Kind::EndedEarly,
    Kind::StillRunning,
    Kind::WrongExit,
    Kind::Crash,
    Kind::UnnamedFailure,
    Kind::Leak,
    Kind::TooMuchMemory,
    Kind::OutOfTurn,
    Kind::WrongCount,
    Kind::WrongSource,
    Kind::WrongFile,
    Kind::LeftBehind,
    Kind::NeverIdle,
    Kind::NeverFull,
];

/// What a terminal, an HTML reader or a careless template might obey.
const RUDE: &[u8] = b"\x1b]0;owned\x07\xff\xc2\x9b31m\r\x08\0]]>--></title></style></svg><script>alert(1)</script><img src=x onerror='x'>&lt;\" `{{ 7 }}`";

pub(crate) fn style() -> Style {
    Style {
        colour: Colour::Plain,
        transcripts: Transcripts::OfAll,
        command: "cargo grade".to_owned(),
        doctor: "cargo run -p checker -- doctor".to_owned(),
        options: " --program './<b>mine</b> \"\x1b[31m'".to_owned(),
    }
}

/// Every event that there is, each with what a rude program said.
fn events() -> Vec<Entry> {
    let rude = || quoted(RUDE);
    let program = || "server".to_owned();
    let connects = |with: &str| Event::Connects {
        with: with.to_owned(),
        how: "from 127.0.0.1:40002".to_owned(),
    };
    let (arguments, left) = ("server --addr 127.0.0.1:0".to_owned(), 3);
    let events = [
        (
            "checker",
            Event::Starts {
                program: program(),
                arguments,
            },
        ),
        (
            "checker",
            Event::Types {
                program: program(),
                bytes: rude(),
            },
        ),
        ("checker", Event::EndsInput { program: program() }),
        ("server", Event::Prints(rude())),
        ("server", Event::SaysOnStderr(rude())),
        ("checker", Event::LetsPass(Duration::from_secs(1))),
        ("peer", connects("server")),
        ("peer", Event::Sends(rude())),
        ("peer", Event::SendsPart { bytes: rude(), left }),
        ("peer", Event::Receives(rude())),
        ("peer", Event::ShutsDown),
        ("peer", Event::ReceivesEnd),
        ("peer", Event::Closes),
        ("peer 2", connects("server")),
        ("peer 2", Event::ReceivesReset),
        ("peer 2", Event::ClosesUnread),
        ("peer 3", connects("server")),
        ("peer 3", Event::Resets),
        ("peer 4", Event::Notes(format!("has sent {}", rude()))),
        ("server", Event::Ends("exit code 0".to_owned())),
        ("checker", Event::Notes(format!("finds {}", rude()))),
    ];
    let entry = |(i, (who, what)): (u64, (&str, Event))| Entry {
        at: Duration::from_millis(40 * i),
        who: who.to_owned(),
        what,
    };
    (0..).zip(events).map(entry).collect()
}

/// One lesson in which every kind of finding is made, with a program's words wherever there is room for them; then all that else can be.
pub(crate) fn report() -> Report {
    let check = &LESSONS[0].checks[1];
    let ran = |verdict| CheckReport {
        check,
        verdict,
        took: Duration::from_secs(5),
        transcript: events(),
        said: 0,
    };
    let failed = |&kind: &Kind| {
        let finding = Finding::new(kind, format!("the server said {}", quoted(RUDE)))
            .expected(quoted(b"hello"))
            .actual(quoted(RUDE));
        let hint = Some(format!("`{}`", quoted(RUDE)));
        ran(Verdict::Failed(Finding { hint, ..finding }))
    };
    let mut checks: Vec<CheckReport> = KINDS.iter().map(failed).collect();
    // The ids of its articles are those of its checks: each is there once.
    let mut seen = HashSet::new();
    let all = LESSONS.iter().flat_map(|lesson| lesson.checks);
    let distinct = all.filter(|check| seen.insert(check.id));
    for (report, check) in checks.iter_mut().zip(distinct) {
        report.check = check;
    }
    let trouble = Trouble::while_doing("naming a file", String::from_utf8_lossy(RUDE));
    let last = vec![
        ran(Verdict::Broken(trouble)),
        ran(Verdict::Passed),
        ran(Verdict::Skipped {
            needs: "server/listens",
        }),
    ];
    let unrun = |i: usize, status| LessonReport::unrun(LESSONS[i], status, &[check]);
    let mut others = Vec::new();
    for (report, lesson) in last.into_iter().zip(&LESSONS[1..]) {
        others.push(LessonReport::of_run(lesson, 2, vec![report], Duration::ZERO));
    }
    let total = checks.len();
    let mut lessons = vec![LessonReport::of_run(LESSONS[0], total, checks, Duration::ZERO)];
    lessons.append(&mut others);
    lessons.push(unrun(4, Status::NotStarted));
    lessons.push(unrun(5, Status::DoesNotBuild));
    Report {
        seed: 7,
        jail: Level::Full,
        lessons,
    }
}
