//! Everything that a report can say, in one file for a person to proofread: `checker/tests/snapshots/`.

use std::time::Duration;

use checker::course::{Check, LESSONS};
use checker::jail::Level;
use checker::report::human::{self, Colour, Style, Transcripts};
use checker::report::{LessonReport, Report, Status, html, json, junit};
use checker::runner::CheckReport;
use checker::transcript::{Entry, Event};
use checker::verdict::{Finding, Kind, Trouble, Verdict, Waiting, Waits};

fn ended(check: &'static Check, verdict: Verdict) -> CheckReport {
    let entry = |micros, who: &str, what| Entry {
        at: Duration::from_micros(micros),
        who: who.to_owned(),
        what,
    };
    let starts = Event::Starts {
        program: "server".to_owned(),
        arguments: "server --addr 127.0.0.1:0".to_owned(),
    };
    let connects = Event::Connects {
        with: "server".to_owned(),
        how: "from 127.0.0.1:40002".to_owned(),
    };
    CheckReport {
        check,
        verdict,
        took: Duration::from_millis(7),
        said: 0,
        transcript: vec![
            entry(12, "checker", starts),
            entry(
                1_834,
                "server",
                Event::Prints(r#""listening on 127.0.0.1:40001""#.to_owned()),
            ),
            entry(
                1_940,
                "wire",
                Event::Carries {
                    carried: "ACK (seq 1, ack 1)".to_owned(),
                    from: "peer".to_owned(),
                    to: "server".to_owned(),
                    changes: vec![("server".to_owned(), "ESTABLISHED".to_owned())],
                    missing: 0,
                },
            ),
            entry(1_950, "peer", connects),
        ],
    }
}

/// One lesson with every verdict there is, then those that never ran.
fn report() -> Report {
    let failed = Finding::new(
        Kind::WrongOutput,
        "the server printed another line, different from byte 2 on",
    )
    .expected(r#""byebye""#)
    .actual(r#""by\xff\u{1b}[31m" (hex 62 79 ff 1b 5b 33 31 6d)"#);
    let failed = Finding {
        wire: Some("server closed first: FIN behind 5 bytes".to_owned()),
        hint: Some("print what came, one line".to_owned()),
        ..failed
    };
    let bare = Finding::new(
        Kind::StillRunning,
        "the server did not exit with code 0 before it got stuck: it still runs",
    );
    let bare = Finding {
        waits: Some(Waits {
            kind: Waiting::LeavesUnread,
            sentence:
                "the server waits in `accept` for another client, while 12 bytes from peer lie unread: who reads them?"
                    .to_owned(),
            is_certain: true,
        }),
        ..bare
    };
    let trouble = Trouble::while_doing("binding a listener", "Too many open files (os error 24)");
    let checks = LESSONS[0].checks;
    let verdicts = [
        Verdict::Passed,
        Verdict::Failed(failed),
        Verdict::Failed(bare),
        Verdict::Skipped {
            needs: "server/listens",
        },
        Verdict::Broken(trouble),
    ];
    let ran = checks
        .iter()
        .zip(verdicts)
        .map(|(check, verdict)| ended(check, verdict))
        .collect();
    let passed = vec![ended(&LESSONS[1].checks[0], Verdict::Passed)];
    let none: Vec<&'static Check> = LESSONS[2].checks.iter().collect();
    Report {
        seed: 7,
        jail: Level::None,
        lessons: vec![
            LessonReport::of_run(LESSONS[0], 5, ran, Duration::from_millis(812)),
            LessonReport::of_run(LESSONS[1], 1, passed, Duration::from_millis(9)),
            LessonReport::unrun(LESSONS[2], Status::NotStarted, &none),
            LessonReport::unrun(LESSONS[3], Status::DoesNotBuild, &none),
        ],
    }
}

fn style(colour: Colour, transcripts: Transcripts) -> Style {
    Style {
        colour,
        transcripts,
        command: "cargo grade".to_owned(),
        doctor: "cargo run -p checker -- doctor".to_owned(),
        options: " --program ./mine".to_owned(),
    }
}

fn rendered(colour: Colour, transcripts: Transcripts) -> String {
    let style = style(colour, transcripts);
    let report = report();
    let mut text = Vec::new();
    for lesson in &report.lessons {
        human::heading(&mut text, lesson.lesson, &style).expect("memory");
        human::unrun(&mut text, lesson.lesson, lesson.status).expect("memory");
        for check in &lesson.checks {
            human::line(&mut text, check, &style).expect("memory");
        }
    }
    for lesson in &report.lessons {
        human::details(&mut text, lesson, report.seed, &style).expect("memory");
    }
    human::summary(&mut text, &report, &style).expect("memory");
    String::from_utf8(text).expect("text")
}

#[test]
fn the_report_for_a_person() {
    insta::assert_snapshot!("human", rendered(Colour::Plain, Transcripts::OfAll));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = rendered(Colour::Ansi, Transcripts::OfFailures);
    let mut plain = String::new();
    let mut pieces = coloured.split("\x1b[");
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        plain.push_str(piece.split_once('m').map_or("", |(_, text)| text));
    }
    assert_ne!(coloured, plain);
    assert_eq!(plain, rendered(Colour::Plain, Transcripts::OfFailures));
}

#[test]
fn the_reports_for_machines() {
    let version = format!("\"checker\": \"{}\"", env!("CARGO_PKG_VERSION"));
    insta::assert_snapshot!(
        "json",
        json::render(&report()).replace(&version, "\"checker\": \"VERSION\"")
    );
    insta::assert_snapshot!("junit", junit::render(&report()).expect("XML"));
}

/// What stands in it for a person; how it looks is for the eyes.
#[test]
fn the_page() {
    let page = html::render(&report(), &style(Colour::Plain, Transcripts::OfFailures)).expect("rendered");
    let (head, rest) = page.split_once("<body>").expect("a body");
    assert!(
        head.contains("<title>Handshake: 2 of 60 checks passed</title>"),
        "{head}"
    );
    insta::assert_snapshot!("html", rest.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}
