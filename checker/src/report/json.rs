//! The report for machines, schema 1: stable; fields may be added, none is taken away or changes its meaning.

use serde_json::{Value, json};

use super::{LessonReport, Report, word};
use crate::course::Lesson;
use crate::reading;
use crate::runner::CheckReport;
use crate::verdict::Verdict;

/// The report as one JSON document that ends with a newline.
pub fn render(report: &Report) -> String {
    let lessons: Vec<Value> = report.lessons.iter().map(lesson).collect();
    let document = json!({
        "schema": 1,
        "checker": env!("CARGO_PKG_VERSION"),
        "seed": report.seed,
        "jail": report.jail.as_str(),
        "passed": report.passed(),
        "total": report.total(),
        "lessons": lessons,
    });
    format!("{document:#}\n")
}

/// The course as one JSON document: what `list --format json` prints.
pub fn render_course(lessons: &[&Lesson]) -> String {
    let lessons: Vec<Value> = lessons
        .iter()
        .map(|lesson| {
            let checks: Vec<Value> = lesson
                .checks
                .iter()
                .map(|check| json!({"id": check.id, "claim": check.claim}))
                .collect();
            json!({"lesson": lesson.id, "title": lesson.title, "chapter": lesson.folder, "checks": checks})
        })
        .collect();
    format!("{:#}\n", json!({"schema": 1, "lessons": lessons}))
}

fn lesson(report: &LessonReport) -> Value {
    let checks: Vec<Value> = report
        .checks
        .iter()
        .map(|check| self::check(report.lesson, check))
        .collect();
    json!({
        "lesson": report.lesson.id,
        "title": report.lesson.title,
        "status": report.status.as_str(),
        "passed": report.passed(),
        "total": report.total,
        "millis": millis(report.took),
        "checks": checks,
    })
}

fn check(lesson: &Lesson, report: &CheckReport) -> Value {
    let finding = match &report.verdict {
        Verdict::Failed(finding) => json!({
            "kind": finding.kind.as_str(),
            "summary": finding.summary,
            "expected": finding.expected,
            "actual": finding.actual,
            "wire": finding.wire,
            "hint": finding.hint,
            "waits": finding.waits.as_ref().map(|waits| json!({
                "kind": waits.kind.as_str(),
                "sentence": waits.sentence,
                "certain": waits.is_certain,
            })),
            "chapter": lesson.folder,
            "section": reading::section(lesson, report.check),
        }),
        Verdict::Passed | Verdict::Skipped { .. } | Verdict::Broken(_) => Value::Null,
    };
    let transcript: Vec<Value> = report
        .transcript
        .iter()
        .map(|entry| json!({"micros": u64::try_from(entry.at.as_micros()).unwrap_or(u64::MAX), "who": entry.who, "what": entry.what.to_string()}))
        .collect();
    let mut value = json!({
        "id": report.check.id,
        "claim": report.check.claim,
        "status": word(&report.verdict),
        "millis": millis(report.took),
        "finding": finding,
        "transcript": transcript,
    });
    match &report.verdict {
        Verdict::Skipped { needs } => value["needs"] = json!(needs),
        Verdict::Broken(trouble) => value["trouble"] = json!(trouble.what),
        Verdict::Passed | Verdict::Failed(_) => {}
    }
    value
}

fn millis(took: std::time::Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
