//! Each rule finds what it is there for, and a good page breaks none.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use book_check::{Book, Finding, Page, RULES, findings};
use checker::course::LESSONS;

/// A checkout with one page, `start/here.md`, in a contents of its own.
fn checkout() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let put = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    put(
        "solutions/a.rs",
        "// ANCHOR: whole\nlet a = 1;\n// ANCHOR_END: whole\n// ANCHOR: open\nlet b = 2;\n// ANCHOR: hollow\n\n// ANCHOR_END: hollow\n",
    );
    put("book/src/start/here.md", GOOD);
    put("book/captures/a.sh", "echo a");
    put("book/captures/a.txt", "a\n");
    root
}

const GOOD: &str = "\
# Here { #here }

See `a` and [the next](#here-next), RFC 9293.

```rust,ignore
{{#include ../../../solutions/a.rs:whole}}
```

```console
{{#include ../../captures/a.txt}}
```

```console
$ cargo grade 1
```

<div class=\"callout note\">

**Often.** A note.

</div>

<figure>
<svg role=\"img\" viewBox=\"0 0 10 10\" aria-labelledby=\"here-figure\">
<title id=\"here-figure\">A line</title>
<path d=\"M0 0\" />
</svg>
<figcaption>A line.</figcaption>
</figure>

<!-- widget: tcp-stepper three-way -->
<div class=\"widget\" data-widget=\"tcp-stepper\" data-scenario=\"three-way\">

| A | B |
| --- | --- |
| SYN | |

</div>
<!-- /widget -->

## Check yourself { #here-check }

<details><summary>Why?</summary>

So.

</details>

<details><summary>Why?</summary>

So.

</details>

<details><summary>Why?</summary>

So.

</details>

## Where to go from here { #here-next }

- [The top](#here)
";

/// A rule, what the page becomes by the mistake (a stretch of the good page, and what stands there instead), the line and words of the finding.
const MISTAKES: &[(&str, &str, &str, usize, &str)] = &[
    (
        "includes",
        "solutions/a.rs:whole",
        "solutions/b.rs:whole",
        6,
        "can't be read",
    ),
    ("includes", "a.rs:whole", "a.rs:gone", 6, "there is no `ANCHOR: gone`"),
    (
        "includes",
        "a.rs:whole",
        "a.rs:open",
        6,
        "there is no `ANCHOR_END: open`",
    ),
    ("includes", "a.rs:whole", "a.rs:hollow", 6, "nothing stands between"),
    ("includes", "a.rs:whole", "a.rs:2:3", 6, "counts lines"),
    (
        "includes",
        "{{#include ../../captures",
        "{{#playground ../../captures",
        10,
        "none that this book uses",
    ),
    ("includes", "a.txt}}", "a.txt", 10, "no `}}` ends"),
    ("heading-ids", " { #here-next }", "", 61, "has no id"),
    ("heading-ids", "{ #here }", "{ #there }", 1, "write `{ #here }`"),
    (
        "heading-ids",
        "{ #here-next }",
        "{ #next }",
        61,
        "does not begin with the page's name",
    ),
    ("heading-ids", "# Here", "## Here", 1, "0 headings of the first level"),
    ("heading-ids", "## Check", "### Check", 41, "skips a level"),
    (
        "unique-ids",
        "{ #here-next }",
        "{ #here-check }",
        61,
        "is taken by book/src/start/here.md:41",
    ),
    (
        "unique-ids",
        "id=\"here-figure\"",
        "id=\"here\"",
        25,
        "is taken by book/src/start/here.md:1",
    ),
    ("languages", "```console\n$", "```\n$", 13, "a fence without a language"),
    (
        "languages",
        "```console\n$",
        "```consle\n$",
        13,
        "no language that this book knows",
    ),
    (
        "languages",
        "```console\n$ cargo grade 1\n```",
        "    $ cargo grade 1",
        13,
        "by indentation",
    ),
    (
        "rust-is-tested",
        "{{#include ../../../solutions/a.rs:whole}}",
        "let a = 1;",
        6,
        "nothing compiles",
    ),
    (
        "sessions-are-real",
        "$ cargo grade 1",
        "$ cargo grade 1\nall passed",
        15,
        "typed by hand",
    ),
    (
        "line-length",
        "$ cargo grade 1",
        "$ cargo grade 1 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789",
        14,
        "columns of code",
    ),
    ("figures", "See", "![](a.svg)", 3, "an image without words"),
    ("figures", "See", "<img src=\"a.svg\">", 3, "say in `alt`"),
    (
        "figures",
        "<title id=\"here-figure\">A line</title>\n",
        "",
        24,
        "without `<title>`",
    ),
    (
        "figures",
        "aria-labelledby=\"here-figure\"",
        "",
        24,
        "`aria-labelledby`",
    ),
    ("figures", " role=\"img\"", "", 24, "role"),
    ("figures", " viewBox=\"0 0 10 10\"", "", 24, "viewBox"),
    (
        "figures",
        "<figcaption>A line.</figcaption>\n",
        "",
        23,
        "without a caption",
    ),
    ("figures", "<figure>\n", "", 23, "outside of `<figure>`"),
    ("figures", "<path d", "\n<path d", 24, "a blank line inside `<svg>`"),
    ("balance", "</div>\n\n<figure>", "\n\n<figure>", 17, "is never closed"),
    ("balance", "</figure>", "</figure></div>", 29, "closes nothing"),
    (
        "balance",
        "So.\n\n</details>",
        "So.\n\n</div>",
        47,
        "is open: close that first",
    ),
    ("callouts", "callout note", "callout hint", 17, "of no kind"),
    ("callouts", "note\">\n\n", "note\">\n", 17, "behind its opening tag"),
    ("callouts", "**Often.**", "Often.", 17, "first line is bold"),
    ("callouts", "A note.\n\n", "A note.\n", 17, "before its `</div>`"),
    ("folds", "<summary>Why?</summary>", "", 43, "without a title"),
    ("folds", "</summary>\n\n", "</summary>\n", 43, "behind `</summary>`"),
    (
        "folds",
        "So.\n\n</details>",
        "So.\n</details>",
        43,
        "before `</details>`",
    ),
    ("folds", "So.", "", 43, "nothing in it"),
    ("widgets", "<!-- /widget -->", "", 31, "has no widget yet"),
    ("widgets", "data-widget=\"tcp-stepper\"", "", 31, "has no widget yet"),
    (
        "widgets",
        "<!-- widget: tcp-stepper three-way -->",
        "",
        39,
        "ends nothing",
    ),
    (
        "widgets",
        "| A | B |\n| --- | --- |\n| SYN | |",
        "",
        32,
        "readers without JavaScript",
    ),
    ("extensions", "See", "> [!NOTE]\n> See", 3, "class=\"callout"),
    ("extensions", "See", "Word\n: See", 4, "a definition list"),
    (
        "nothing-outside",
        "See",
        "<script src=\"https://a.example/a.js\"></script>",
        3,
        "fetched from elsewhere",
    ),
    (
        "nothing-outside",
        "See",
        "<script>go()</script>",
        3,
        "a script inside a page",
    ),
    (
        "nothing-outside",
        "<path d",
        "<path onclick=\"go()\" d",
        26,
        "`onclick`",
    ),
    (
        "nothing-outside",
        "<path d",
        "<path style=\"fill: url(a)\" d",
        26,
        "url(…)",
    ),
    (
        "nothing-outside",
        "See",
        "![a](https://a.example/a.png)",
        3,
        "outside of the book",
    ),
    (
        "nothing-outside",
        "See",
        "[a](https://a.example/)",
        3,
        "name the source in words",
    ),
    ("links", "(#here)", "(#nowhere)", 63, "no heading with the id `nowhere`"),
    ("links", "(#here)", "(there.md)", 63, "is no page of the book"),
    ("links", "(#here)", "(here.html)", 63, "link to the `.md`"),
    (
        "links",
        "(#here)",
        "(../../../README.md)",
        63,
        "leads out of `book/src`",
    ),
    ("links", "(#here)", "(/start/here.md)", 63, "root of some server"),
    (
        "endings",
        "{ #here-check }",
        "{ #here-ask }",
        63,
        "the page must end with",
    ),
    (
        "endings",
        "<details><summary>Why?</summary>\n\nSo.\n\n</details>\n",
        "",
        41,
        "2 folded answers",
    ),
    ("endings", "- [The top](#here)", "Home.", 61, "no link"),
    ("words", "See", "It is simply", 3, "`simply`"),
    (
        "captures",
        "{{#include ../../captures/a.txt}}",
        "$ echo a",
        1,
        "no page shows this",
    ),
];

fn found(rule: &str, root: &Path, pages: Vec<Page>) -> Vec<Finding> {
    let (_, rule) = RULES.iter().find(|(name, _)| *name == rule).expect("a rule");
    rule(&Book::of(root, pages))
}

fn page(path: &str, text: impl Into<String>) -> Page {
    Page {
        path: path.to_owned(),
        text: text.into(),
    }
}

fn is_said(findings: &[Finding], file: &str, line: usize, words: &str) -> bool {
    findings
        .iter()
        .any(|finding| finding.file == file && finding.line == line && finding.what.contains(words))
}

#[track_caller]
fn says(findings: &[Finding], file: &str, line: usize, words: &str) {
    assert!(
        is_said(findings, file, line, words),
        "no finding at {file}:{line} says `{words}`: {findings:#?}"
    );
}

#[test]
fn a_good_page_breaks_no_rule() {
    let root = checkout();
    let findings = findings(&Book::of(root.path(), vec![page("start/here.md", GOOD)]));
    assert_eq!(findings, []);
}

#[test]
fn each_mistake_is_found_where_it_is() {
    let root = checkout();
    let mut missed = Vec::new();
    for (rule, good, bad, line, words) in MISTAKES {
        assert!(GOOD.contains(good), "{good}");
        let text = GOOD.replacen(good, bad, 1);
        let findings = found(rule, root.path(), vec![page("start/here.md", text)]);
        let file = if *rule == "captures" {
            "book/captures/a.txt"
        } else {
            "book/src/start/here.md"
        };
        if !is_said(&findings, file, *line, words) {
            missed.push(format!("{rule}: line {line}: {words}: {findings:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Those rules that one page of `MISTAKES` can't break have a test below.
#[test]
fn each_rule_is_tested() {
    let elsewhere = ["contents", "checks-explained", "sections", "readmes", "sources"];
    let tested: BTreeSet<&str> = MISTAKES.iter().map(|mistake| mistake.0).chain(elsewhere).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|(name, _)| *name).collect();
    assert_eq!(rules, tested);
}

#[test]
fn contents_and_pages_are_the_same() {
    let root = checkout();
    let summary = "# Summary\n\n- [Here](here.md)\n- [There](there.md)\n";
    let pages = vec![page("SUMMARY.md", summary), page("here.md", ""), page("over.md", "")];
    let findings = found("contents", root.path(), pages);
    says(&findings, "book/src/SUMMARY.md", 4, "`there.md` is not written yet");
    says(&findings, "book/src/over.md", 1, "no entry in `SUMMARY.md`");
    assert_eq!(findings.len(), 2);
}

#[test]
fn each_check_is_explained_in_its_chapter() {
    let root = checkout();
    let ids: Vec<String> = LESSONS[0]
        .checks
        .iter()
        .map(|check| format!("`{}`\n", check.id))
        .collect();
    let path = "lessons/01-hello.md";
    assert_eq!(
        found("checks-explained", root.path(), vec![page(path, ids.concat())]),
        []
    );
    let without = ids.concat().replace("`server/greets`", "`server/greats`");
    let findings = found("checks-explained", root.path(), vec![page(path, without.clone())]);
    let line = 1 + without
        .lines()
        .position(|line| line == "`server/greats`")
        .expect("a line");
    says(
        &findings,
        "book/src/lessons/01-hello.md",
        1,
        "`server/greets` is not explained",
    );
    says(
        &findings,
        "book/src/lessons/01-hello.md",
        line,
        "there is no check `server/greats`",
    );
}

#[test]
fn what_a_report_says_to_read_is_there() {
    let root = checkout();
    let lesson = LESSONS[7];
    let path = format!("lessons/{}.md", lesson.folder);
    let page = |id: &str| page(&path, format!("# Auth {{ #lesson08 }}\n\n## Every check {{ #{id} }}\n"));
    let file = "checker/src/reading.rs";
    let about_together = |findings: &[Finding]| {
        findings
            .iter()
            .any(|finding| finding.what.contains("`lesson08/together`"))
    };
    let right = found("sections", root.path(), vec![page("lesson08-checks")]);
    assert!(!about_together(&right), "{right:?}");
    // Its page is not in this book.
    says(&right, file, 1, "`book/src/foundations/tcp-hello.md#tcp-hello-refused`");
    let wrong = found("sections", root.path(), vec![page("lesson08-check")]);
    assert!(about_together(&wrong), "{wrong:?}");
}

#[test]
fn each_lesson_names_its_chapter() {
    let root = checkout();
    let folder = root.path().join("lessons/01-hello");
    fs::create_dir_all(&folder).expect("a folder");
    let pages = || vec![page("lessons/01-hello.md", "# Hello { #lesson01 }\n")];
    let findings = |text: &str| {
        fs::write(folder.join("README.md"), text).expect("a file");
        found("readmes", root.path(), pages())
    };
    let file = "lessons/01-hello/README.md";
    assert_eq!(findings("[a](../../book/src/lessons/01-hello.md#lesson01)"), []);
    says(&findings("# Lesson"), file, 1, "the chapter is not named");
    says(
        &findings("\n[a](../../book/src/lessons/01-hello.md#gone)"),
        file,
        2,
        "no heading with the id `gone`",
    );
    says(
        &findings("\n[a](../../book/src/lessons/11.md)"),
        file,
        2,
        "the book has no page",
    );
}

#[test]
fn each_row_has_a_source() {
    let root = checkout();
    let table = "| taught | right | source |\n| --- | --- | --- |\n| a | b | RFC 9293 §3.5 |\n| a | b | |\n| a | b | – |\n| a | b | RFC 768 TODO |\n";
    for path in ["appendix/messages.md", "appendix/taught-wrongly.md"] {
        let file = format!("book/src/{path}");
        let findings = found("sources", root.path(), vec![page(path, table)]);
        says(&findings, &file, 4, "without a source");
        says(&findings, &file, 5, "without a source");
        says(&findings, &file, 6, "a note to oneself");
        assert_eq!(findings.len(), 3);
        let findings = found(
            "sources",
            root.path(),
            vec![page(path, "| a | b |\n| - | - |\n| 1 | 2 |\n")],
        );
        says(&findings, &file, 1, "without a column `source`");
        says(
            &found("sources", root.path(), vec![page(path, "")]),
            &file,
            1,
            "no table",
        );
    }
}

#[test]
fn style_sheets_and_scripts_stay_at_home() {
    let root = checkout();
    let folder = root.path().join("book/theme/deep");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("a.css"), "a {}\n@import \"//fonts.example\";\n").expect("a file");
    let findings = found("nothing-outside", root.path(), Vec::new());
    says(&findings, "book/theme/deep/a.css", 2, "an address outside of the book");
}
