//! Sources that nobody trusts are compiled behind walls, or refused.
#![cfg(target_os = "linux")]

use std::path::Path;

use checker::compile::workspace;
use checker::course::{LESSONS, Lesson};
use checker::jail::Level;
use checker::submission::{self, Submission};

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");

fn hello() -> &'static Lesson {
    LESSONS[0]
}

fn build(source: &Path) -> Submission {
    submission::build(hello(), source, Path::new(CHECKER), Level::Full).expect("a jail")
}

#[test]
fn a_lesson_folder_becomes_a_program() {
    let begin = std::time::Instant::now();
    let built = build(&workspace().join("lessons/01-hello"));
    let Submission::Built(built) = built else {
        panic!("{built:?}");
    };
    assert!(built.executable.is_file());
    println!("took {:?}", begin.elapsed());
    let begin = std::time::Instant::now();
    build(&workspace().join("lessons/01-hello"));
    println!("took {:?}", begin.elapsed());
}
