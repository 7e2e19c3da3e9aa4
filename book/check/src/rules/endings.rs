//! Each page ends with three questions that it has answered, and with where to go on.

use pulldown_cmark::HeadingLevel;

use crate::{Book, Finding};

const QUESTIONS: usize = 3;

pub(super) fn endings(book: &Book) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in book.pages.iter().filter(|page| page.path != "index.md") {
        let stem = page.stem();
        let headings = page.headings();
        let sections: Vec<_> = headings
            .iter()
            .filter(|heading| heading.level == HeadingLevel::H2)
            .collect();
        let wanted = [("Check yourself", "check"), ("Where to go from here", "next")];
        let last = sections
            .iter()
            .rev()
            .take(2)
            .rev()
            .map(|heading| (heading.title.trim(), heading.id.as_deref()));
        let fits = last.eq(wanted
            .iter()
            .map(|(title, id)| (*title, Some(format!("{stem}-{id}"))))
            .collect::<Vec<_>>()
            .iter()
            .map(|(title, id)| (*title, id.as_deref())));
        if !fits {
            let line = page.text.lines().count();
            let what = format!(
                "the page must end with `## Check yourself {{ #{stem}-check }}` and `## Where to go from here {{ #{stem}-next }}`"
            );
            findings.push(Finding::new(page.file(), line, what));
            continue;
        }
        let [.., check, next] = sections.as_slice() else {
            continue;
        };
        let within = |line: usize| (check.line..next.line).contains(&line);
        let folds = page
            .elements()
            .iter()
            .filter(|element| element.opens("details") && within(page.line(element.at)))
            .count();
        if folds < QUESTIONS {
            let what =
                format!("{folds} folded answers: ask {QUESTIONS} questions, each with its answer in `<details>`");
            findings.push(Finding::new(page.file(), check.line, what));
        }
        if !page.links().iter().any(|link| link.line > next.line) {
            findings.push(Finding::new(
                page.file(),
                next.line,
                "no link: say where to go from here",
            ));
        }
    }
    findings
}
