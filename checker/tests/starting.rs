//! How programs are started (found, allowed, with what they need at hand), and what may be left of them.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use assert_cmd::assert::Assert;
use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use checker::compile;
use checker::jail::{Level, tried};
use predicates::str::contains;
use tempfile::{TempDir, tempdir};

/// An interpreter as it is installed in a folder of its own: `python/bin/snake`, which needs `python/lib/right` beside it.
struct Installation {
    folder: TempDir,
}

impl Installation {
    /// It finds its library from where `PATH` has the name by which it was called, as Python does.
    fn new() -> Self {
        let folder = tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let it = Installation { folder };
        let built = compile::build(&["specimens".to_owned()]).expect("cargo runs");
        fs::create_dir_all(it.bin()).expect("a folder");
        fs::create_dir_all(it.path("python/lib")).expect("a folder");
        fs::copy(&built["specimens"], it.path("python/lib/right")).expect("copied");
        let text = r#"#!/bin/sh
snake=$(command -v snake)
flaw=$1
shift
# Behind a script whose first line names this one.
if [ -f "$1" ]; then snake=$0; shift; fi
bin=$(dirname "$snake")
exec "$bin/../lib/right" lesson01 "$flaw" "$@"
"#;
        it.write("python/bin/snake", text, 0o755);
        it
    }

    fn bin(&self) -> PathBuf {
        self.path("python/bin")
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn write(&self, below: &str, text: &str, mode: u32) -> String {
        let path = self.path(below);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        path.display().to_string()
    }
}

fn grade(program: &str, more_of_path: &Path) -> Assert {
    let path = std::env::var("PATH").expect("a PATH");
    cargo_bin_cmd!("checker")
        .args(["grade", "1", "--program", program, "--check", "server/reads-to-the-end"])
        .env("PATH", format!("{}:{path}", more_of_path.display()))
        .assert()
}

#[test]
fn an_interpreter_that_is_found_in_path_finds_its_library() {
    let it = Installation::new();
    grade("snake right", &it.bin()).code(0);
}

#[test]
fn a_script_is_run_by_whom_its_first_line_names() {
    let it = Installation::new();
    let snake = it.path("python/bin/snake").display().to_string();
    let script = it.write("mine", &format!("#!{snake} right\n"), 0o755);
    // Nobody vouches for the first line: what it names is not shown for its sake, but where the command line names it too.
    if tried(cargo_bin!("checker"), Level::Full).outcome.is_ok() {
        let said = format!("`{snake}` runs it, which the jail does not show");
        grade(&script, Path::new("/")).code(1).stdout(contains(said));
    }
    grade(&format!("{snake} right {script}"), Path::new("/")).code(0);
    for (first_line, said) in [
        (
            "#!/no/such/python",
            "`/no/such/python` runs it, and there is no such file",
        ),
        ("#!/bin/sh\r", "end as on Windows"),
        (
            "print('hello')",
            "it is text without a first line that says what runs it",
        ),
    ] {
        fs::write(&script, format!("{first_line}\n")).expect("written");
        grade(&script, Path::new("/")).code(1).stdout(contains(said));
    }
}

/// The jail of root runs programs as somebody else: that its files are closed to others is no fault of the program.
#[test]
fn a_program_that_only_its_owner_may_run_is_no_failure() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let it = Installation::new();
    let script = it.write("mine", "#!/bin/sh\n", 0o700);
    let said = format!("`chmod a+rx {script}`");
    grade(&script, Path::new("/")).code(3).stdout(contains(said));
}

/// A helper that ends by itself, because its parent has, needs a moment for it.
#[test]
fn what_outlives_a_program_for_long_is_left_behind() {
    let it = Installation::new();
    let right = it.path("python/lib/right").display().to_string();
    for (helper, code) in [("sleep 0.3", 0), ("sleep 600", 1)] {
        let text = format!("#!/bin/sh\n{helper} < /dev/null > /dev/null 2>&1 &\n'{right}' lesson01 right \"$@\"\n");
        let script = it.write("python/bin/snake", &text, 0o755);
        let graded = grade(&script, Path::new("/")).code(code);
        let said = String::from_utf8_lossy(&graded.get_output().stdout).into_owned();
        assert_eq!(said.contains("left 1 process behind"), code == 1, "{helper}: {said}");
    }
}
