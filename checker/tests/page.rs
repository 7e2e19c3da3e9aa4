//! The report as a page: well-formed, self-contained, readable without a mouse, and nothing that a program said is more than text in it.

mod page {
    pub(crate) mod everything;
    pub(crate) mod reader;
}

use std::collections::HashSet;
use std::fs;

use assert_cmd::cargo::cargo_bin_cmd;
use checker::report::html;
use page::everything::{KINDS, report, style};
use page::reader::{complaints, elements};

fn rendered() -> String {
    html::render(&report(), &style()).expect("rendered")
}

fn assert_nothing_raw(page: &str) {
    let raw = page.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(raw, None, "a control character");
    let turns = page
        .chars()
        .find(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
    assert_eq!(turns, None, "what turns the direction of the text around it");
    for word in ["<script", "<img", "onerror='", "alert(1)</", "<b>"] {
        assert!(!page.contains(word), "`{word}` is in the page");
    }
}

/// The names of all kinds, as the source has them.
#[test]
fn every_kind_of_finding_is_rendered_here() {
    let source = include_str!("../src/verdict.rs");
    let names = source
        .lines()
        .filter(|line| line.trim_start().starts_with("Kind::") && line.contains("=> \""));
    assert_eq!(names.count(), KINDS.len(), "a kind is missing from `KINDS`");
}

#[test]
fn the_page_is_well_formed_and_a_page_that_is_not_is_noticed() {
    let page = rendered();
    let errors = complaints(&page);
    assert!(errors.is_empty(), "{errors:#?}");
    for wrong in ["</main></main>", "<p><div></p>", "\u{1}", "<p a=1 a=2>", "<td>"] {
        let errors = complaints(&page.replace("</main>", &format!("{wrong}</main>")));
        assert!(!errors.is_empty(), "`{wrong}` is not noticed");
    }
}

#[test]
fn what_a_program_said_is_text_and_nothing_else() {
    let page = rendered();
    assert_nothing_raw(&page);
    assert!(page.contains("&#60;script&#62;alert(1)"), "it is shown");
    assert!(page.matches("{{ 7 }}").count() > KINDS.len(), "it is shown");
}

#[test]
fn it_loads_nothing_and_runs_nothing() {
    let page = rendered();
    let elements = elements(&page);
    for element in &elements {
        let name = element.name.as_str();
        assert!(
            ![
                "script",
                "link",
                "img",
                "iframe",
                "object",
                "base",
                "form",
                "image",
                "use",
                "foreignObject"
            ]
            .contains(&name),
            "{element:?}"
        );
        for (key, value) in &element.attributes {
            assert!(!key.starts_with("on") && key != "style" && key != "src", "{element:?}");
            assert!(key != "href" || value.starts_with('#'), "{element:?}");
        }
    }
    let policy = elements
        .iter()
        .find(|of| of.get("http-equiv") == Some("Content-Security-Policy"));
    let policy = policy.and_then(|of| of.get("content")).expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    assert!(!page.contains("url(") && !page.contains("@import"));
}

#[test]
fn one_gets_around_in_it_by_keyboard_and_by_headings() {
    let page = rendered();
    let elements = elements(&page);
    let ids: Vec<&str> = elements.iter().filter_map(|of| of.get("id")).collect();
    assert_eq!(
        ids.iter().collect::<HashSet<_>>().len(),
        ids.len(),
        "an id is there twice"
    );
    let links: Vec<&str> = elements.iter().filter_map(|of| of.get("href")).collect();
    assert!(links.len() > KINDS.len());
    for link in links.iter().map(|link| link.trim_start_matches('#')) {
        assert!(ids.contains(&link), "`#{link}` leads nowhere");
    }
    for label in elements.iter().filter_map(|of| of.get("aria-labelledby")) {
        assert!(ids.contains(&label), "`{label}` labels nothing");
    }
    let mut before = 0;
    for heading in elements
        .iter()
        .filter_map(|of| of.name.strip_prefix('h')?.parse::<u32>().ok())
    {
        assert!(heading <= before + 1, "h{heading} behind h{before}");
        before = heading;
    }
    let scrolls = elements.iter().filter(|of| of.get("class") == Some("scroll"));
    assert!(scrolls.clone().count() > KINDS.len());
    assert!(
        scrolls
            .clone()
            .all(|of| of.get("tabindex") == Some("0") && of.get("aria-label").is_some())
    );
    assert!(
        elements
            .iter()
            .filter(|of| of.name == "svg")
            .all(|of| of.get("aria-label").is_some())
    );
}

#[test]
fn every_failure_has_a_diagram_in_which_something_is_marked() {
    let page = rendered();
    let of_failures = page.split("<article class=\"fail\"").skip(1);
    for article in of_failures.clone() {
        assert!(article.contains("<g class=\"wrong\">"), "{article}");
    }
    assert_eq!(of_failures.count(), KINDS.len());
}

#[test]
fn it_is_written_to_a_file_whole_or_to_a_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
    let mut command = cargo_bin_cmd!("checker");
    command
        .args(["grade", "1", "2", "--format", "html", "--output"])
        .arg(&file)
        .assert()
        .code(1)
        .stdout("");
    let written = fs::read_to_string(&file).expect("a page");
    let mut command = cargo_bin_cmd!("checker");
    let said = command
        .args(["grade", "1", "2", "--format", "html"])
        .output()
        .expect("started");
    let said = String::from_utf8(said.stdout).expect("UTF-8");
    for page in [written, said] {
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
        assert!(page.contains("0 of 47 checks passed"));
        assert_eq!(page.matches("not started yet").count(), 2);
        elements(&page);
    }
}

/// The words of the zoo's `escapes`, as they come out of a real run.
#[cfg(target_os = "linux")]
#[test]
fn a_program_that_would_own_the_page_does_not() {
    let zoo = checker::compile::build(&["zoo".to_owned()])
        .expect("built")
        .remove("zoo")
        .expect("the zoo builds");
    let mut command = cargo_bin_cmd!("checker");
    let arguments = [
        "grade",
        "1",
        "--format",
        "html",
        "--verbose",
        "--check",
        "*/patient",
        "--check",
        "server/greets",
    ];
    let output = command
        .args(arguments)
        .arg("--program")
        .arg(format!("{} escapes", zoo.display()))
        .output()
        .expect("started");
    assert_eq!(output.status.code(), Some(1));
    let page = String::from_utf8(output.stdout).expect("UTF-8");
    assert_nothing_raw(&page);
    assert!(
        page.contains("]]&#62;&#60;script&#62;::error::owned"),
        "what it said is shown"
    );
    elements(&page);
}

/// What one end sends, and the other prints; it is on the command line of both, too.
const RUDE: &str =
    "\x1b]0;owned\x07\x1b[31m</title></style></svg><script>alert(1)</script>\u{202e}<img src=x onerror='x'>\u{9b}31m";

/// A trace of programs that send, print and are called by rude words, and by a line of a megabyte.
#[cfg(target_os = "linux")]
#[test]
fn packets_and_command_lines_are_text_and_nothing_else() {
    let checker = std::path::Path::new(env!("CARGO_BIN_EXE_checker"));
    let level = checker::jail::Level::Full;
    if checker::jail::tried(checker, level).outcome.is_err() {
        eprintln!("skipped: the jail `full` can't be built here, and packets are recorded only there");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (server, client) = (folder.path().join("server.py"), folder.path().join("client.py"));
    let says = "import os, socket, sys\nrude = os.fsencode(sys.argv[1]) + b'\\0\\xff'\n";
    let serves = "s = socket.create_server(('', 9000))\nc, _ = s.accept()\nc.sendall(rude + b'\\n' + b'x' * (1 << 20))\nprint(c.recv(100))\n";
    let asks = "c = socket.create_connection(('127.0.0.1', 9000))\nheard = b''\nwhile len(heard) < len(rude) + 1 + (1 << 20):\n    heard += c.recv(1 << 16)\nsys.stdout.buffer.write(heard)\nsys.stderr.buffer.write(rude)\nc.sendall(rude)\n";
    fs::write(&server, format!("{says}{serves}")).expect("a file");
    fs::write(&client, format!("{says}{asks}")).expect("a file");
    let command = |file: &std::path::Path| format!("python3 {} \"{RUDE}\"", file.display());
    let page = folder.path().join("page.html");
    let mut trace = cargo_bin_cmd!("checker");
    let output = trace
        .args(["trace", "--server", &command(&server), "--client", &command(&client)])
        .arg("--html")
        .arg(&page)
        .output()
        .expect("started");
    let drawn = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{drawn}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let page = fs::read_to_string(page).expect("a page");
    for text in [&drawn, &page] {
        assert_eq!(text.chars().find(|c| c.is_control() && *c != '\n'), None, "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
        assert!(text.contains(r"\u{1b}]0;owned\u{7}"), "it is shown: {text}");
        assert!(text.len() < 200_000, "{} bytes", text.len());
    }
    assert_nothing_raw(&page);
    let elements = elements(&page);
    assert!(elements.iter().any(|of| of.name == "svg"));
    assert!(
        elements
            .iter()
            .all(|of| of.get("href").is_none() && of.name != "script"),
        "it leads nowhere"
    );
    for told in [
        "ESTABLISHED",
        "<rect class=\"state\"",
        "seq 1",
        "closed first: FIN behind",
    ] {
        assert!(page.contains(told), "{told}: {drawn}");
    }
}
