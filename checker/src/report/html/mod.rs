//! The report that one keeps open: one page, which needs no network, no script and no server.
//!
//! What a program said comes escaped into a verdict and a transcript already, and the templates escape it once more for HTML. Besides,
//! the page forbids itself everything but its own style sheet.

mod contrast;
mod diagram;
mod drawing;
mod label;
mod lanes;
mod policy;
mod prose;
mod traced;
mod words;
mod wrong;

use askama::Template;
pub use traced::{Traced, render_trace};

use self::contrast::Contrast;
use self::diagram::{Diagram, Extent, Shape};
use self::prose::{Piece, Prose};
use super::human::{Style, Transcripts};
use super::{LessonReport, Report, Status};
use crate::course::Lesson;
use crate::quote::{self, count, milliseconds};
use crate::reading;
use crate::runner::CheckReport;
use crate::transcript::Entry;
use crate::verdict::{Finding, Verdict};

const SHEET: &str = include_str!("../../../templates/report.css");

/// What of a check is drawn.
const OF_A_CHECK: Extent = Extent { first: 12, last: 24 };

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    policy: String,
    sheet: &'static str,
    title: String,
    score: String,
    is_passed: bool,
    seed: u64,
    jail: &'static str,
    version: &'static str,
    /// Where the first thing to mend is told of.
    first: Option<String>,
    lessons: Vec<Section>,
}

/// A lesson.
struct Section {
    id: &'static str,
    title: String,
    score: String,
    /// The same, shorter.
    ratio: String,
    /// What else is to be said of the lesson as a whole.
    state: Option<String>,
    status: Status,
    rows: Vec<Row>,
    articles: Vec<Article>,
}

/// A check as the table shows it.
struct Row {
    id: &'static str,
    claim: Prose,
    word: Word,
    took: String,
    /// Of its article, where it has one.
    anchor: Option<String>,
}

/// A verdict in one word, and as a class of the style sheet.
#[derive(Clone, Copy)]
struct Word {
    sign: &'static str,
    text: &'static str,
    class: &'static str,
}

/// A check as it is told of in full.
struct Article {
    anchor: String,
    id: &'static str,
    claim: Prose,
    word: Word,
    about: About,
    diagram: Option<Diagram>,
    /// How many entries the transcript has, in words.
    length: String,
    entries: Vec<Moment>,
}

enum About {
    Finding(Box<Told>),
    Trouble(Prose),
    Nothing,
}

/// A finding, and where to go from it.
struct Told {
    summary: Prose,
    expected: Option<Contrast>,
    actual: Option<Contrast>,
    /// Where the programs were.
    waits: Option<Prose>,
    /// What the packets tell.
    wire: Option<Prose>,
    hint: Option<Prose>,
    /// Of the book.
    section: Option<String>,
    /// The command that repeats it, by its words.
    again: Vec<String>,
}

/// An entry of the transcript.
struct Moment {
    at: String,
    who: String,
    what: String,
}

/// The report as one HTML document.
///
/// # Errors
/// The templates could not be filled in.
pub fn render(report: &Report, style: &Style) -> askama::Result<String> {
    let score = format!("{} of {} passed", report.passed(), count(report.total(), "check"));
    let lessons: Vec<Section> = report
        .lessons
        .iter()
        .map(|lesson| section(lesson, report.seed, style))
        .collect();
    let to_mend = |article: &&Article| !matches!(article.about, About::Nothing);
    let articles = lessons.iter().flat_map(|lesson| &lesson.articles);
    let page = Page {
        policy: policy::allowing(SHEET),
        sheet: SHEET,
        title: format!("Handshake: {score}"),
        first: articles.into_iter().find(to_mend).map(|article| article.anchor.clone()),
        is_passed: report.lessons.iter().all(|lesson| lesson.status == Status::Passed),
        score,
        seed: report.seed,
        jail: report.jail.as_str(),
        version: env!("CARGO_PKG_VERSION"),
        lessons,
    };
    // The template's last newline is not part of it.
    Ok(page.render()? + "\n")
}

impl Section {
    /// The score in the table of contents.
    fn short(&self) -> &str {
        match self.status {
            Status::Passed | Status::Failed => &self.ratio,
            Status::NotStarted => "not started",
            Status::DoesNotBuild => "does not build",
            Status::Broken => "incomplete",
        }
    }

    /// Of the style sheet.
    fn class(&self) -> &'static str {
        match self.status {
            Status::Passed => "pass",
            Status::Failed | Status::DoesNotBuild => "fail",
            Status::NotStarted => "idle",
            Status::Broken => "broken",
        }
    }
}

fn section(lesson: &LessonReport, seed: u64, style: &Style) -> Section {
    let told = |report: &&CheckReport| match report.verdict {
        Verdict::Failed(_) | Verdict::Broken(_) => true,
        Verdict::Passed => style.transcripts == Transcripts::OfAll,
        Verdict::Skipped { .. } => false,
    };
    Section {
        id: lesson.lesson.id,
        title: format!("Lesson {} · {}", lesson.lesson.number(), lesson.lesson.title),
        score: format!("{} of {} passed", lesson.passed(), count(lesson.total, "check")),
        ratio: format!("{} of {}", lesson.passed(), lesson.total),
        state: state(lesson),
        status: lesson.status,
        rows: lesson
            .checks
            .iter()
            .map(|report| Row {
                id: report.check.id,
                claim: report.check.claim.into(),
                word: word(&report.verdict),
                took: took(report),
                anchor: told(&report).then(|| anchor(lesson.lesson, report)),
            })
            .collect(),
        articles: lesson
            .checks
            .iter()
            .filter(told)
            .map(|report| article(lesson.lesson, report, seed, style))
            .collect(),
    }
}

fn state(lesson: &LessonReport) -> Option<String> {
    let folder = lesson.lesson.folder;
    match lesson.status {
        Status::Passed | Status::Failed => None,
        Status::NotStarted => Some(format!(
            "not started yet: open lessons/{folder}/README.md, then write lessons/{folder}/src/server.rs"
        )),
        Status::DoesNotBuild => {
            Some("does not build: the compiler's words went to stderr; mend the first error first".to_owned())
        }
        Status::Broken => Some(match lesson.total - lesson.checks.len() {
            0 => "incomplete, not your program's fault".to_owned(),
            missing => format!(
                "incomplete, not your program's fault: {} did not run",
                count(missing, "check")
            ),
        }),
    }
}

fn took(report: &CheckReport) -> String {
    match report.verdict {
        Verdict::Skipped { needs } => format!("needs {needs}"),
        Verdict::Passed | Verdict::Failed(_) | Verdict::Broken(_) => format!("{} ms", report.took.as_millis()),
    }
}

fn word(verdict: &Verdict) -> Word {
    let (sign, text, class) = match verdict {
        Verdict::Passed => ("✓", "PASS", "pass"),
        Verdict::Failed(_) => ("✗", "FAIL", "fail"),
        Verdict::Skipped { .. } => ("–", "SKIP", "skip"),
        Verdict::Broken(_) => ("!", "BROKEN", "broken"),
    };
    Word { sign, text, class }
}

fn anchor(lesson: &Lesson, report: &CheckReport) -> String {
    format!("{}-{}", lesson.id, report.check.id.replace('/', "-"))
}

fn article(lesson: &Lesson, report: &CheckReport, seed: u64, style: &Style) -> Article {
    let (about, finding) = match &report.verdict {
        Verdict::Failed(finding) => {
            let again = style.again(lesson, report.check, seed);
            let section = reading::section(lesson, report.check);
            (
                About::Finding(Box::new(Told::of(finding, Some(section), Some(&again)))),
                Some(finding),
            )
        }
        Verdict::Broken(trouble) => (About::Trouble(quote::multiline(&trouble.what).as_str().into()), None),
        Verdict::Passed | Verdict::Skipped { .. } => (About::Nothing, None),
    };
    Article {
        anchor: anchor(lesson, report),
        id: report.check.id,
        claim: report.check.claim.into(),
        word: word(&report.verdict),
        about,
        diagram: Diagram::of(&report.transcript, OF_A_CHECK, finding, report.took),
        length: count(report.transcript.len(), "event"),
        entries: report.transcript.iter().map(Moment::of).collect(),
    }
}

impl Told {
    fn of(finding: &Finding, section: Option<String>, again: Option<&str>) -> Self {
        let (expected, actual) = contrast::between(finding.expected.as_deref(), finding.actual.as_deref());
        Told {
            summary: finding.summary.as_str().into(),
            expected,
            actual,
            waits: finding.waits.as_ref().map(|waits| waits.sentence.as_str().into()),
            wire: finding.wire.as_deref().map(Prose::from),
            hint: finding.hint.as_deref().map(Prose::from),
            section,
            // It holds the command line that was typed, whatever that was.
            again: again.map_or(Vec::new(), |again| {
                quote::multiline(again).split(' ').map(str::to_owned).collect()
            }),
        }
    }
}

impl Moment {
    fn of(entry: &Entry) -> Self {
        Moment {
            at: milliseconds(entry.at),
            who: entry.who.clone(),
            what: entry.what.to_string(),
        }
    }
}
