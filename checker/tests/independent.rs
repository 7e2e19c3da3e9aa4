//! Right programs that were written from the contract alone, in other languages and other designs, pass every check.

use std::path::{Path, PathBuf};
use std::process::Command;

use assert_cmd::cargo::cargo_bin_cmd;
use checker::course::LESSONS;

fn folder(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/independent")
        .join(language)
}

fn passes_every_check(lesson: &str, program: &str) {
    cargo_bin_cmd!("checker")
        .args(["grade", lesson, "--program", program])
        .assert()
        .success();
}

#[test]
fn python_programs_pass_every_check() {
    for lesson in LESSONS {
        let source = folder("python").join(format!("{}.py", lesson.id));
        passes_every_check(lesson.id, &format!("python3 {}", source.display()));
    }
}

#[test]
fn c_programs_pass_every_check() {
    let built = tempfile::tempdir().expect("a temporary folder");
    for lesson in LESSONS {
        let program = built.path().join(lesson.id);
        #[expect(clippy::disallowed_methods, reason = "the C compiler is no program under test")]
        let compiled = Command::new("cc")
            .args(["-O2", "-pthread", "-Wall", "-Wextra", "-Werror", "-o"])
            .arg(&program)
            .arg(folder("c").join(format!("{}.c", lesson.id)))
            .status()
            .expect("a C compiler, `cc`");
        assert!(compiled.success(), "{} does not compile", lesson.id);
        passes_every_check(lesson.id, &program.display().to_string());
    }
}
