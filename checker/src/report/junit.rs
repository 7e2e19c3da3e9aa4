//! The report in JUnit's XML, a suite per lesson: `failure` is the program's fault, `error` is ours.

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::{LessonReport, Report, Status};
use crate::reading;
use crate::runner::CheckReport;
use crate::verdict::Verdict;

/// # Errors
/// The XML could not be written.
pub fn render(report: &Report) -> Result<String, quick_junit::SerializeError> {
    let mut document = quick_junit::Report::new("handshake");
    document.add_test_suites(report.lessons.iter().map(|lesson| suite(report, lesson)));
    document.to_string()
}

fn suite(report: &Report, lesson: &LessonReport) -> TestSuite {
    let mut suite = TestSuite::new(lesson.lesson.id);
    suite.set_time(lesson.took);
    for (name, value) in [
        ("score", format!("{}/{}", lesson.passed(), lesson.total)),
        ("seed", report.seed.to_string()),
        ("jail", report.jail.as_str().to_owned()),
        ("status", lesson.status.as_str().to_owned()),
    ] {
        suite.add_property(Property::new(name, value));
    }
    suite.add_test_cases(lesson.checks.iter().map(|check| case(lesson, check)));
    if lesson.checks.is_empty() && lesson.status != Status::Passed {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_type(lesson.status.as_str())
            .set_message(lesson.status.as_str());
        suite.add_test_case(TestCase::new("builds", status));
    }
    suite
}

fn case(lesson: &LessonReport, report: &CheckReport) -> TestCase {
    let status = match &report.verdict {
        Verdict::Passed => TestCaseStatus::success(),
        Verdict::Skipped { needs } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(format!("needs {needs}"));
            status
        }
        Verdict::Failed(finding) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let lines = [
                finding.expected.as_ref().map(|text| format!("expected: {text}")),
                finding.actual.as_ref().map(|text| format!("got: {text}")),
                finding.wire.as_ref().map(|text| format!("on the wire: {text}")),
                finding.waits.as_ref().map(|waits| format!("waits: {}", waits.sentence)),
                finding.hint.as_ref().map(|text| format!("hint: {text}")),
                Some(format!("read: {}", reading::section(lesson.lesson, report.check))),
            ];
            let transcript = report
                .transcript
                .iter()
                .map(|entry| format!("{:>9} µs  {} {}", entry.at.as_micros(), entry.who, entry.what));
            let description: Vec<String> = lines.into_iter().flatten().chain(transcript).collect();
            status
                .set_type(finding.kind.as_str())
                .set_message(finding.summary.as_str())
                .set_description(description.join("\n"));
            status
        }
        Verdict::Broken(trouble) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type("trouble").set_message(trouble.what.as_str());
            status
        }
    };
    let mut case = TestCase::new(report.check.id, status);
    case.set_classname(lesson.lesson.id).set_time(report.took);
    case
}
