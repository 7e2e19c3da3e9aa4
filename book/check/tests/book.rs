//! The book as it stands: its pages, its captures, and what mdBook makes of them.
//!
//! Those tests that need mdBook or hyperlink say so and pass where these are not installed, unless `BOOK_GATES=required` is set, as
//! `.ci/run` does.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use book_check::captures::{self, Lack};
use book_check::{Book, Finding, checkout, findings, html};

#[track_caller]
fn none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(lines.is_empty(), "{} to mend:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn every_rule_is_kept() {
    none(&findings(&Book::read(&checkout()).expect("the book")));
}

#[test]
fn the_captures_are_what_the_scripts_print_today() {
    for (script, lack) in captures::skipped(&checkout()).expect("the captures") {
        let line = format!("{}: {lack}", script.display());
        match lack {
            Lack::Tool(_) => skip(&line),
            // Nothing that could be installed.
            Lack::Namespaces | Lack::FullJail => tell(&line),
        }
    }
    none(&captures::stale(&checkout(), &[]).expect("the captures"));
}

/// A program that the tests do not bring along: its version, or why the test is skipped.
fn installed(program: &str, version: &str) -> bool {
    let found = Command::new(program).arg("--version").output();
    let found = found.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    if found.as_ref().is_ok_and(|found| found.contains(version)) {
        return true;
    }
    let what = found.map_or_else(|_| "it is not installed".to_owned(), |found| format!("this is {found}"));
    let line = format!("{program} {version}: {what}: cargo install --locked {program}@{version}");
    skip(&line);
    false
}

#[track_caller]
fn skip(line: &str) {
    let required = std::env::var_os("BOOK_GATES").is_some_and(|gates| gates == "required");
    assert!(!required, "{line}");
    tell(line);
}

fn tell(line: &str) {
    // Not `eprintln`, which is shown only when a test fails.
    let _ = writeln!(io::stderr(), "skipped: {line}");
}

fn mdbook(arguments: &[&str]) -> Output {
    Command::new("mdbook")
        .args(arguments)
        .current_dir(checkout().join("book"))
        .env("MDBOOK_LOG", "info")
        .output()
        .expect("mdbook runs")
}

/// mdBook says `ERROR` of a file that it can't include, `WARN` of much else, and succeeds all the same.
fn complaints(output: &Output) -> Vec<String> {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    said.lines()
        .filter(|line| line.contains("ERROR") || line.contains("WARN"))
        .map(str::to_owned)
        .collect()
}

/// The folder of the built book, made once for all tests of this run; `None` where there is no mdBook.
fn built() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<tempfile::TempDir>> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        installed("mdbook", "0.5.4").then(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().to_str().expect("UTF-8");
            let output = mdbook(&["build", "--dest-dir", path]);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(complaints(&output), [] as [&str; 0]);
            folder
        })
    });
    folder.as_ref().map(tempfile::TempDir::path)
}

fn pages_below(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            pages_below(&path, pages);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            pages.push(path);
        }
    }
}

#[test]
fn nothing_is_left_to_include_and_nothing_is_fetched() {
    let Some(folder) = built() else { return };
    let mut pages = Vec::new();
    pages_below(folder, &mut pages);
    assert!(pages.len() > 2);
    for path in pages {
        let page = fs::read_to_string(&path).expect("a page");
        assert!(!page.contains("{{#"), "{}: an include was left over", path.display());
        for element in html::elements(&page, 0) {
            assert_eq!(element.fetched_from_elsewhere(), None, "{}", path.display());
        }
    }
}

/// Also those of the page to be printed, which mdBook rewrites.
#[test]
fn each_link_of_the_built_book_leads_somewhere() {
    let Some(folder) = built() else { return };
    if !installed("hyperlink", "0.3.2") {
        return;
    }
    let output = Command::new("hyperlink")
        .arg("--check-anchors")
        .arg(folder)
        .output()
        .expect("hyperlink runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        said.contains("Found 0 bad links") && said.contains("Found 0 bad anchors"),
        "{said}"
    );
}

/// The README's `mdbook serve book --open`, but for the browser.
#[test]
fn the_book_is_served() {
    if !installed("mdbook", "0.5.4") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let mut server = Command::new("mdbook")
        .args(["serve", "book", "--hostname", "127.0.0.1"])
        .args(["--port", &address.port().to_string()])
        .arg("--dest-dir")
        .arg(folder.path())
        .current_dir(checkout())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("mdbook runs");
    let page = (0..600).find_map(|_| {
        thread::sleep(Duration::from_millis(100));
        front_page(address).ok()
    });
    server.kill().expect("mdbook is ended");
    server.wait().expect("mdbook is waited for");
    let page = page.expect("an answer within a minute");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Handshake"), "{page}");
}

fn front_page(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut page = String::new();
    stream.read_to_string(&mut page).map(|_| page)
}

#[test]
fn the_rust_that_is_written_in_pages_compiles() {
    if !installed("mdbook", "0.5.4") {
        return;
    }
    let output = mdbook(&["test"]);
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    let told: Vec<&str> = said.lines().filter(|line| !line.contains(" INFO ")).collect();
    assert!(output.status.success(), "{}", told.join("\n"));
}
