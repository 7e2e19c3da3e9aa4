//! The binary as it is typed: what it refuses, what it writes and where, and how it ends.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use assert_cmd::Command;
use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use checker::compile;
use checker::course::LESSONS;
use checker::stubs;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use serde_json::Value;
use tempfile::tempdir;

/// The command line of lesson 1's right program.
static RIGHT: LazyLock<String> = LazyLock::new(|| program("right"));

fn program(flaw: &str) -> String {
    let built = compile::build(&["specimens".to_owned()]).expect("cargo runs");
    let path = built["specimens"].to_str().expect("a path in UTF-8").to_owned();
    format!("'{path}' lesson01 {flaw}")
}

/// `checker`, with nothing of the surroundings that changes what it prints.
fn checker() -> Command {
    let mut command = cargo_bin_cmd!("checker");
    command.env_remove("NO_COLOR").env_remove("CARGO");
    command
}

/// `checker ARGUMENTS` is wrong usage: exit code 2, nothing on stdout, and `message` on stderr.
fn refuses(arguments: &[&str], message: &str) {
    checker()
        .args(arguments)
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(contains(message));
}

/// What `grade 1 --program … ARGUMENTS` prints.
fn graded(program: &str, arguments: &[&str]) -> String {
    let output = checker()
        .args(["grade", "1", "--program", program])
        .args(arguments)
        .output()
        .expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON document")
}

#[test]
fn an_unknown_lesson_suggests_the_nearest() {
    refuses(&["grade", "lesson10"], "did you mean `lesson01`?");
    refuses(&["list", "sereal"], "did you mean `serial`?");
    refuses(&["selftest", "qiut"], "did you mean `quit`?");
}

#[test]
fn an_unknown_check_suggests_the_nearest_and_names_the_list() {
    refuses(
        &["grade", "1", "--check", "server/greet"],
        "did you mean `server/greets`?",
    );
    refuses(&["grade", "1", "--check", "zzz"], " list 1` names them all");
}

#[test]
fn a_malformed_pattern_is_wrong_usage() {
    refuses(
        &["grade", "1", "--check", "server/[a"],
        "`--check server/[a` is no pattern: its `[` is not closed by a `]`",
    );
    refuses(&["grade", "1", "--check", "server**"], "one `*` stands for anything");
}

#[test]
fn a_command_that_is_named_can_be_typed() {
    let said = |cargo: Option<&str>, arguments: &[&str]| {
        let mut command = checker();
        if let Some(cargo) = cargo {
            command.env("CARGO", cargo);
        }
        let output = command.args(arguments).output().expect("it runs");
        String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8")
    };
    let grade = ["grade", "1", "--check", "zzz"];
    let list = "`cargo run -p checker -- list 1` names them all";
    assert!(said(Some("cargo"), &grade).contains(list));
    assert!(said(Some("cargo"), &["grade", "--program", "cat"]).contains("`cargo grade 4 --program"));
    assert!(said(Some("cargo"), &["grade", "--help"]).contains("Usage: cargo grade [OPTIONS]"));
    assert!(said(Some("cargo"), &["list", "--help"]).contains("Usage: cargo run -p checker -- list [OPTIONS]"));
    let typed = cargo_bin!("checker").display();
    assert!(said(None, &grade).contains(&format!("`{typed} list 1` names them all")));
    assert!(said(None, &["grade", "--help"]).contains(&format!("Usage: {typed} grade [OPTIONS]")));
}

/// The checker starts itself with such commands; nobody else has a use for them.
#[test]
fn an_internal_command_is_never_offered() {
    for command in ["jail", "relay", "_jail"] {
        let assert = checker().arg(command).assert().code(2);
        assert.stderr(contains("__").not());
    }
}

#[test]
fn unknown_commands_flags_formats_and_numbers_are_wrong_usage() {
    refuses(&["grad"], "'grade'");
    refuses(&["grade", "--formt", "json"], "'--format'");
    refuses(&["grade", "--format", "yaml"], "json");
    refuses(&["grade", "--timeout", "soon"], "a number of seconds");
    refuses(&["grade", "--timeout", "nan"], "between 0.1 and 3600");
    refuses(&["grade", "--jobs", "0"], "1..=512");
    refuses(
        &["grade", "--seed", "abc"],
        "a whole number is wanted, as a report printed it",
    );
}

#[test]
fn a_limit_out_of_bounds_is_told_in_its_unit() {
    for (flag, least, unit) in [
        ("--limit-memory", 16, "MiB"),
        ("--limit-processor-time", 1, "seconds"),
        ("--limit-processes", 8, "processes and threads"),
        ("--limit-descriptors", 16, "descriptors"),
        ("--limit-disk", 1, "MiB"),
    ] {
        refuses(
            &["grade", "1", flag, "0"],
            &format!("at least {least} {unit} are wanted"),
        );
        for many in ["18446744073709551614", "99999999999999999999999"] {
            refuses(&["grade", "1", flag, many], &format!("{unit} can be had"));
        }
        for word in ["512M", "0.5", "+5", ""] {
            refuses(
                &["grade", "1", flag, word],
                &format!("a whole number of {unit} is wanted, such as "),
            );
        }
    }
}

#[test]
fn nobody_is_advised_to_pass_a_flag_as_a_value() {
    for arguments in [
        &["grade", "1", "-v"][..],
        &["trace", "1", "--output", "x"],
        &["list", "--all"],
    ] {
        checker()
            .args(arguments)
            .assert()
            .code(2)
            .stderr(contains("unexpected argument").and(contains("as a value").not()));
    }
    // What is near is still named.
    refuses(&["grade", "--formt", "json"], "'--format'");
}

#[test]
fn a_submission_that_may_not_be_read_is_called_that() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o0)).expect("permissions");
    // Root may read everything.
    if !nix::unistd::geteuid().is_root() {
        let path = folder.path().display().to_string();
        refuses(&["grade", "1", "--source", &path], "can't be read: permission denied");
    }
}

#[test]
fn what_a_jail_has_of_its_own_cannot_be_shown() {
    refuses(
        &["grade", "1", "--program", "sh", "--bind", "/proc"],
        "`--bind /proc` can't be shown: a jail has its own",
    );
    refuses(
        &["grade", "1", "--program", "sh", "--bind", "/"],
        "`--bind /`: the whole machine is not shown; name the folders that the program needs",
    );
}

#[test]
fn who_shows_the_solutions_is_warned() {
    let warned = |shown: &Path| {
        let grade = [
            "grade",
            "1",
            "--program",
            "false",
            "--check",
            "server/listens",
            "--bind",
        ];
        let assert = checker().args(grade).arg(shown).assert().code(1);
        String::from_utf8_lossy(&assert.get_output().stderr).contains("lets programs read the reference solutions")
    };
    assert!(warned(compile::workspace()));
    assert!(warned(&compile::workspace().join("solutions/01-hello")));
    assert!(!warned(&compile::workspace().join("lessons")));
}

#[test]
fn a_source_that_is_not_this_lessons_is_wrong_usage() {
    let refuses_source = |source: &Path, message: &str| {
        refuses(&["grade", "1", "--source", source.to_str().expect("UTF-8")], message);
    };
    let course = compile::workspace();
    refuses_source(&course.join("lessons/02-quit"), "is lesson 2's, `lesson02`: `");
    refuses_source(&course.join("solutions/03-serial"), " grade 3 --source ");
    refuses_source(&course.join("README.md"), "is no folder");
    refuses_source(Path::new("nowhere"), "there is no folder `nowhere`");
    let empty = tempdir().expect("a folder");
    refuses_source(empty.path(), "is no lesson folder: it has no `src`");
}

#[test]
fn a_program_takes_exactly_one_lesson() {
    for lessons in [&["grade"][..], &["grade", "1", "2"], &["grade", "all"]] {
        refuses(&[lessons, &["--program", "cat"]].concat(), "exactly one LESSON");
    }
    refuses(
        &["grade", "1", "--solutions", "--program", "cat"],
        "cannot be used with",
    );
}

#[test]
fn a_command_line_must_have_words_and_close_its_quotes() {
    refuses(&["grade", "1", "--program", "cat 'x"], "a quote is not closed");
    refuses(&["grade", "1", "--program", ""], "`--program` is empty");
    refuses(&["grade", "1", "--program", "  "], "`--program` is empty");
}

#[test]
fn a_program_that_is_not_there_is_wrong_usage() {
    refuses(
        &["grade", "1", "--program", "/nowhere/mine"],
        "`/nowhere/mine` can't be run",
    );
    refuses(
        &["grade", "1", "--program", "no-such-program-here"],
        "not found in PATH",
    );
    refuses(&["grade", "1", "--program", "/"], "it is no file");
}

#[test]
fn a_relative_path_that_leads_nowhere_is_shown_with_where_it_begins() {
    let here = tempdir().expect("a folder");
    let here = here.path().canonicalize().expect("a path");
    checker()
        .current_dir(&here)
        .args(["grade", "1", "--program", "./target/debug/mine"])
        .assert()
        .code(2)
        .stderr(contains(format!("in `{}`, where you are", here.display())));
}

#[test]
fn a_program_that_may_not_be_executed_is_wrong_usage() {
    let folder = tempdir().expect("a folder");
    let text = folder.path().join("mine.py");
    fs::write(&text, "print('hello')\n").expect("written");
    let text = text.display().to_string();
    refuses(&["grade", "1", "--program", &text], &format!("chmod +x {text}"));
}

#[test]
fn a_report_that_cannot_be_written_is_known_before_anything_runs() {
    let folder = tempdir().expect("a folder");
    let ran = folder.path().join("ran");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    let touch = format!("touch '{}'", ran.display());
    let here = folder.path().display();
    for (output, why) in [
        (
            "none/report.json",
            format!("the folder `{here}/none` is not there: make it first"),
        ),
        ("none/", "it names a folder: name a file in it".to_owned()),
        ("", "it is a folder".to_owned()),
        ("file/report.json", format!("`{here}/file` is no folder")),
    ] {
        let output = format!("{here}/{output}");
        refuses(
            &["grade", "1", "--program", &touch, "--output", &output],
            &format!("error: `--output {output}` can't be written: {why}\n"),
        );
    }
    assert!(!ran.exists(), "the program ran");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn a_folder_that_may_not_be_written_to_is_called_that() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).expect("permissions");
    // Root may write everywhere.
    if !nix::unistd::geteuid().is_root() {
        let path = folder.path().join("report.json").display().to_string();
        refuses(
            &["grade", "1", "--program", "sh", "--output", &path],
            "can't be written to: permission denied",
        );
    }
}

#[test]
fn an_output_file_is_left_as_it_was_where_the_usage_is_wrong() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    fs::write(&file, "kept").expect("written");
    let file = file.to_str().expect("UTF-8");
    refuses(
        &["grade", "1", "--program", "/nowhere/mine", "--output", file],
        "can't be run",
    );
    refuses(&["grade", "1", "--check", "zzz", "--output", file], "no check is named");
    assert_eq!(fs::read_to_string(file).expect("read"), "kept");
    assert_eq!(files(folder.path()), 1, "something was left beside the report");
}

#[test]
fn an_output_file_is_replaced_by_the_whole_report() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    fs::write(&file, "old, and longer than nothing").expect("written");
    let path = file.to_str().expect("UTF-8");
    checker()
        .args(["grade", "1", "--program", &RIGHT, "--check", "usage"])
        .args(["--format", "json", "--output", path])
        .assert()
        .code(0)
        .stdout(is_empty());
    assert_eq!(json(&fs::read_to_string(&file).expect("read"))["passed"], 1);
    assert_eq!(files(folder.path()), 1, "something was left beside the report");
}

#[test]
fn an_output_that_is_a_link_leads_to_the_report() {
    let folder = tempdir().expect("a folder");
    let [file, link] = ["monday.json", "latest.json"].map(|name| folder.path().join(name));
    fs::write(&file, "old").expect("written");
    std::os::unix::fs::symlink("monday.json", &link).expect("a link");
    let path = link.to_str().expect("UTF-8");
    checker()
        .args(["grade", "1", "--program", &RIGHT, "--check", "usage"])
        .args(["--format", "json", "--output", path])
        .assert()
        .code(0);
    assert!(link.is_symlink());
    assert_eq!(json(&fs::read_to_string(&file).expect("read"))["passed"], 1);
}

/// Such as `/dev/null`: what is no file must not become one.
#[test]
fn an_output_that_is_no_file_is_written_into() {
    let folder = tempdir().expect("a folder");
    let fifo = folder.path().join("fifo");
    Command::new("mkfifo").arg(&fifo).assert().success();
    let read = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read_to_string(fifo).expect("read")
    });
    checker()
        .args(["grade", "1", "--program", &RIGHT, "--check", "usage"])
        .args(["--format", "json", "--output"])
        .arg(&fifo)
        .assert()
        .code(0);
    assert!(!fifo.is_file());
    assert_eq!(json(&read.join().expect("a reader"))["passed"], 1);
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).expect("a folder").count()
}

#[test]
fn a_full_disk_is_trouble_and_not_a_pass() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    Command::new("sh")
        .args(["-c", "exec \"$0\" \"$@\" > /dev/full"])
        .arg(cargo_bin!("checker"))
        .args(["grade", "1", "--program", &RIGHT, "--check", "usage"])
        .assert()
        .code(3)
        .stderr(contains("failed to write the report to stdout"));
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    for arguments in ["", "list", "--help", "grade 1 --check server/listens --program false"] {
        let output = Command::new("sh")
            .args(["-c", &format!("\"$0\" {arguments} | head -n 1")])
            .arg(cargo_bin!("checker"))
            .assert()
            .success()
            .get_output()
            .clone();
        assert!(!output.stdout.is_empty(), "{arguments}");
        assert!(output.stderr.is_empty(), "{arguments}: {output:?}");
    }
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let check = ["--check", "usage", "--color"];
    let escape = '\x1b';
    assert!(!graded(&RIGHT, &[&check[..], &["auto"]].concat()).contains(escape));
    assert!(!graded(&RIGHT, &[&check[..], &["never"]].concat()).contains(escape));
    assert!(graded(&RIGHT, &[&check[..], &["always"]].concat()).contains(escape));
    assert!(!graded(&RIGHT, &[&check[..], &["always", "--format", "json"]].concat()).contains(escape));
}

/// What `checker grade 1 --check usage …` shows on a terminal, which `script` gives it; nothing where there is no `script`.
fn on_a_terminal(more: &str, surroundings: [(&str, &str); 2]) -> Option<String> {
    let command = format!(
        "'{}' grade 1 --check usage {more} --program \"{}\"",
        cargo_bin!("checker").display(),
        *RIGHT
    );
    let mut script = Command::new("script");
    script.args(["-qec", &command, "/dev/null"]).envs(surroundings);
    Some(String::from_utf8_lossy(&script.output().ok()?.stdout).into_owned())
}

#[test]
fn a_terminal_without_colours_and_who_wants_none_are_heeded() {
    let escape = '\x1b';
    let coloured = |no_color, terminal| {
        on_a_terminal("", [("NO_COLOR", no_color), ("TERM", terminal)]).map(|shown| shown.contains(escape))
    };
    let Some(usually) = coloured("", "xterm") else { return };
    assert!(usually);
    assert_eq!(coloured("1", "xterm"), Some(false));
    assert_eq!(coloured("", "dumb"), Some(false));
}

#[test]
fn who_has_a_terminal_sees_the_score_of_a_report_that_goes_into_a_file() {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let more = format!("--format json --output '{}'", file.display());
    let Some(shown) = on_a_terminal(&more, [("NO_COLOR", "1"), ("TERM", "dumb")]) else {
        return;
    };
    let said = format!("{}: 1 of 1 check passed", file.display());
    assert!(shown.contains(&said), "{shown}");
    assert!(file.is_file());
    let arguments = ["--check", "usage", "--format", "json", "--output", "/dev/null"];
    let assert = checker()
        .args(["grade", "1", "--program", &RIGHT])
        .args(arguments)
        .assert();
    assert.code(0).stdout(is_empty()).stderr(is_empty());
}

#[test]
fn the_same_seed_puts_the_same_bytes_on_the_wire() {
    let sent = |seed: &str| -> Vec<String> {
        let arguments = ["--check", "server/reads-to-the-end", "--format", "json", "--seed", seed];
        let report = json(&graded(&RIGHT, &arguments));
        assert_eq!(report["seed"].to_string(), seed);
        let transcript = report["lessons"][0]["checks"][0]["transcript"]
            .as_array()
            .expect("entries");
        let by_peer = transcript.iter().filter(|entry| entry["who"] == "peer");
        let sent = by_peer.filter_map(|entry| entry["what"].as_str());
        sent.filter(|what| what.starts_with("sends "))
            .map(str::to_owned)
            .collect()
    };
    let first = sent("7");
    assert!(!first.is_empty());
    assert_eq!(first, sent("7"));
    assert_ne!(first, sent("8"));
}

#[test]
fn the_json_report_has_the_fields_of_schema_1() {
    let arguments = [
        "--check",
        "usage",
        "--check",
        "server/prints-the-reply",
        "--format",
        "json",
    ];
    let report = json(&graded(&program("server-prints-nothing"), &arguments));
    let failing = json(&graded("false", &["--check", "server/*", "--format", "json"]));
    for document in [&report, &failing] {
        has(
            document,
            &["schema", "checker", "seed", "jail", "passed", "total", "lessons"],
        );
        assert_eq!(document["schema"], 1);
        let lesson = &document["lessons"][0];
        has(
            lesson,
            &["lesson", "title", "status", "passed", "total", "millis", "checks"],
        );
        assert_eq!(lesson["lesson"], "lesson01");
        for check in lesson["checks"].as_array().expect("checks") {
            has(check, &["id", "claim", "status", "millis", "finding", "transcript"]);
        }
    }
    let checks = failing["lessons"][0]["checks"].as_array().expect("checks");
    let (failed, skipped) = (&checks[0], &checks[1]);
    has(
        &failed["finding"],
        &["kind", "summary", "expected", "actual", "hint", "chapter"],
    );
    has(&failed["transcript"][0], &["micros", "who", "what"]);
    assert_eq!(failed["finding"]["chapter"], "01-hello");
    assert_eq!(
        (&skipped["status"], &skipped["needs"]),
        (&Value::from("skipped"), &failed["id"])
    );
    assert!(skipped["finding"].is_null());
}

fn has(object: &Value, fields: &[&str]) {
    for field in fields {
        assert!(object.get(field).is_some(), "`{field}` is missing from {object:#}");
    }
}

#[test]
fn the_junit_report_counts_and_nests_as_xml_does() {
    let arguments = [
        "--check",
        "server/listens",
        "--check",
        "server/greets",
        "--format",
        "junit",
    ];
    let text = graded("false", &arguments);
    assert!(text.starts_with("<?xml "), "{text}");
    assert!(
        text.contains(r#"tests="2""#) && text.contains(r#"failures="1""#),
        "{text}"
    );
    assert!(text.contains("<skipped"), "{text}");
    let mut open = Vec::new();
    for tag in text.split('<').skip(1).filter(|tag| !tag.starts_with('?')) {
        let (tag, _) = tag.split_once('>').expect("a tag that ends");
        let name = tag.trim_start_matches('/').split([' ', '/']).next();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name), "{text}"),
            (false, true) => {}
            (false, false) => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_list_names_every_lesson_and_check() {
    let output = checker()
        .args(["list", "--format", "json"])
        .assert()
        .code(0)
        .get_output()
        .clone();
    let course = json(std::str::from_utf8(&output.stdout).expect("UTF-8"));
    assert_eq!(course["schema"], 1);
    for (lesson, listed) in LESSONS.iter().zip(course["lessons"].as_array().expect("lessons")) {
        assert_eq!(listed["lesson"], lesson.id);
        let checks = listed["checks"].as_array().expect("checks");
        assert!(
            checks
                .iter()
                .map(|check| &check["id"])
                .eq(lesson.checks.iter().map(|check| check.id))
        );
    }
    let human = checker().args(["list", "udp"]).assert().code(0);
    human.stdout(contains("Lesson 4").and(contains("Lesson 1").not()));
}

#[test]
fn a_glance_exits_with_0_and_names_the_next_command() {
    checker()
        .assert()
        .code(0)
        .stdout(contains("next: ").or(contains("all lessons pass")))
        .stderr(is_empty());
}

#[test]
fn a_lesson_as_it_was_shipped_is_not_started() {
    let untouched =
        |lesson: &&&checker::course::Lesson| stubs::is_untouched(&compile::folder(lesson), lesson).expect("read");
    // In a student's checkout all may have been started.
    let Some(lesson) = LESSONS.iter().find(untouched) else {
        return;
    };
    let grade = ["grade", lesson.id, "--check", "usage"];
    checker().args(grade).assert().code(1).stdout(contains("not started"));
    let output = checker()
        .args(grade)
        .args(["--format", "json"])
        .assert()
        .code(1)
        .get_output()
        .clone();
    let report = json(std::str::from_utf8(&output.stdout).expect("UTF-8"));
    assert_eq!(report["lessons"][0]["status"], "not-started");
    checker()
        .args(grade)
        .args(["--format", "junit"])
        .assert()
        .code(1)
        .stdout(contains("not-started"));
}
