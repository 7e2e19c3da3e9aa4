//! Sources that nobody trusts are compiled behind walls, or refused.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "what is started here is the checker, and what a test needs"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin_cmd;
use checker::compile::workspace;
use checker::course::{LESSONS, Lesson};
use checker::jail::Level;
use checker::submission::{self, Submission};
use tempfile::TempDir;

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");

fn hello() -> &'static Lesson {
    LESSONS[0]
}

fn build(source: &Path, level: Level) -> Submission {
    submission::build(hello(), source, Path::new(CHECKER), level).expect("a jail")
}

/// In the reduced jail programs are another user than root, and compile with a toolchain only if that user gets there.
fn levels() -> Vec<Level> {
    let said = std::process::Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .expect("a compiler");
    let toolchain = String::from_utf8(said.stdout).expect("UTF-8");
    let is_open = |folder: &Path| fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o001 != 0);
    match !nix::unistd::geteuid().is_root() || Path::new(toolchain.trim()).ancestors().all(is_open) {
        true => vec![Level::Full, Level::Reduced],
        false => vec![Level::Full],
    }
}

/// A lesson folder whose `src/main.rs` is this.
fn lesson(main: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(folder.path().join("src/main.rs"), main).expect("written");
    folder
}

fn words(built: Submission) -> String {
    match built {
        Submission::DoesNotBuild(words) => words,
        Submission::Built(built) => panic!("it builds: {built:?}"),
    }
}

#[test]
fn a_lesson_folder_becomes_a_program() {
    for level in levels() {
        let built = build(&workspace().join("lessons/01-hello"), level);
        let Submission::Built(built) = built else {
            panic!("{built:?}");
        };
        assert!(built.executable.is_file());
    }
}

/// The compiler reads what a source names, and shows what it does not understand.
#[test]
fn the_compiler_reads_no_file_of_the_host() {
    let host = tempfile::tempdir().expect("a folder");
    open_to_all(host.path());
    let canary = host.path().join("canary.rs");
    fs::write(&canary, "the canary sings\n").expect("written");
    let canary = canary.display();
    let solution = workspace().join("solutions/01-hello/src/server.rs");
    let solution = solution.display();
    let up = "../".repeat(20);
    let refused = |main: &str, error: &str, errors: usize| {
        let folder = lesson(main);
        for level in levels() {
            let words = words(build(folder.path(), level));
            assert!(!words.contains("sings") && !words.contains("TcpListener"), "{words}");
            assert_eq!(words.matches(error).count(), errors, "{words}");
        }
    };
    // The first that is missing ends the compiler.
    for path in [canary.to_string(), format!("{up}{canary}"), solution.to_string()] {
        refused(
            &format!("#[path = \"{path}\"] mod other;\nfn main() {{}}\n"),
            "error: couldn't read",
            1,
        );
    }
    let include = format!("include!(\"{canary}\");\nfn main() {{}}\n");
    refused(&include, "error: couldn't read", 1);
    let includes = format!(
        r#"
        const A: &str = include_str!("{canary}");
        const B: &[u8; 1] = include_bytes!("{canary}");
        const C: &str = include_str!("{up}{canary}");
        const D: &str = include_str!("/proc/self/root/{canary}");
        const E: &str = include_str!("/proc/1/cwd/{canary}");
        const F: &str = include_str!("{solution}");
        const G: &str = include_str!("/root/.ssh/authorized_keys");
        const H: &str = include_str!("/etc/shadow");
        fn main() {{}}
        "#
    );
    refused(&includes, "error: couldn't read", 8);
    refused(
        "fn main() { let _ = env!(\"SSH_AUTH_SOCK\"); }\n",
        "error: environment variable",
        1,
    );
}

/// Cargo would run or obey each of them, if it saw it.
#[test]
fn of_a_folder_nothing_but_sources_counts() {
    let folder = lesson(
        "fn main() { println!(\"{}\", lesson_kit_is_not_named()); }\nfn lesson_kit_is_not_named() -> u8 { 1 }\n",
    );
    let effect = tempfile::tempdir().expect("a folder");
    fs::set_permissions(effect.path(), PermissionsExt::from_mode(0o777)).expect("permissions");
    let touched = effect.path().join("touched");
    let script = format!(
        "fn main() {{ std::fs::write({:?}, \"x\").unwrap(); panic!() }}",
        touched.display().to_string()
    );
    let wrapper = format!(
        "[build]\nrustc-wrapper = \"/bin/false\"\nrustflags = [\"--cfg\", \"owned\"]\n[env]\nX = \"{}\"\n",
        touched.display()
    );
    for (name, text) in [
        ("build.rs", script.as_str()),
        ("src/build.rs", &script),
        (
            "Cargo.toml",
            "[package]\nname = \"lesson01\"\nversion = \"0.1.0\"\nbuild = \"build.rs\"\n[dependencies]\nnowhere = \"1\"\n",
        ),
        ("Cargo.lock", "no lock file\n"),
        (".cargo/config.toml", &wrapper),
        ("src/.cargo/config.toml", &wrapper),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"nightly-1999-12-31\"\n"),
        ("src/Cargo.toml", "[workspace]\n"),
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    for level in levels() {
        let built = build(folder.path(), level);
        assert!(matches!(built, Submission::Built(_)), "{built:?}");
        assert!(!touched.exists());
    }
}

#[test]
fn a_compiler_that_never_ends_is_ended() {
    let folder = lesson("#![allow(long_running_const_eval)]\nconst FOR_EVER: () = loop {};\nfn main() { FOR_EVER }\n");
    // What the lesson depends on is compiled in another time.
    build(&workspace().join("lessons/01-hello"), Level::Full);
    let begun = Instant::now();
    let built = submission::build_within(
        hello(),
        folder.path(),
        Path::new(CHECKER),
        Level::Full,
        Duration::from_secs(5),
    );
    let words = words(built.expect("a jail"));
    assert!(words.contains("still at work after 5 seconds"), "{words}");
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

/// Words and more words, some of them for a terminal.
#[test]
fn what_the_compiler_says_is_bounded_and_shown_escaped() {
    let many = "compile_error!(\"\u{1b}]0;owned\u{7}\u{1b}[2J\");\n".repeat(20_000);
    let folder = lesson(&format!("{many}\nfn main() {{}}\n"));
    let mut command = cargo_bin_cmd!("checker");
    command
        .args(["grade", "1", "--check", "server/listens", "--source"])
        .arg(folder.path());
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let said = [output.stdout, output.stderr].concat();
    assert!(said.len() < 1 << 20, "{} bytes", said.len());
    let said = String::from_utf8(said).expect("UTF-8");
    assert!(said.contains("owned") && said.contains("does not build"), "{said}");
    assert_eq!(said.chars().find(|&c| c.is_control() && c != '\n'), None);
}

/// No compiler ran, and nobody says that one did.
#[test]
fn a_main_that_is_missing_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    let mut command = cargo_bin_cmd!("checker");
    let output = command.args(["grade", "1", "--source"]).arg(folder.path()).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let missing = format!("`{}` is missing\n", folder.path().join("src/main.rs").display());
    assert_eq!(String::from_utf8_lossy(&output.stderr), missing);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        shown.contains("does not build") && !shown.contains("compiler"),
        "{shown}"
    );
}

#[test]
fn a_program_that_is_too_large_is_none() {
    let folder = lesson(
        "static ZEROS: [u8; 300 << 20] = [1; 300 << 20];\nfn main() { println!(\"{}\", ZEROS[std::process::id() as usize]); }\n",
    );
    let words = words(build(folder.path(), Level::Full));
    assert!(words.contains("no program of at most 256 MiB"), "{words}");
}

fn open_to_all(folder: &Path) {
    fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).expect("permissions");
}
