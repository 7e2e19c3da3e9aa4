//! Every animal of the zoo, in every jail: grading ends in time, the verdict is right, what is tried is refused, and nothing is left.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "what is started here is the checker, and what a test needs"
)]

mod zoo {
    pub mod cage;
    pub mod ground;
    pub mod leftovers;
    pub mod table;
}

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use zoo::cage::{Cage, cages};
use zoo::ground::{Graded, Ground};
use zoo::table::{ANIMALS, Animal, CANNOT_STOP, Verdict};

/// On an idle machine most take a tenth of a second; those that lock up the checker are killed after six.
const LONGEST: Duration = Duration::from_secs(60);

#[test]
fn no_animal_gets_out_of_its_cage() {
    let pairs = cages()
        .into_iter()
        .flat_map(|cage| ANIMALS.iter().map(move |animal| (cage, animal)));
    let only = std::env::var("ZOO").unwrap_or_default();
    let queue: Mutex<VecDeque<(Cage, &Animal)>> = Mutex::new(
        pairs
            .filter(|(cage, animal)| format!("{cage} {}", animal.name).contains(&only))
            .collect(),
    );
    let complaints: Mutex<Vec<String>> = Mutex::default();
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((cage, animal)) = next() {
                    let found = try_it(cage, animal);
                    let mut complaints = complaints.lock().unwrap_or_else(PoisonError::into_inner);
                    complaints.extend(found.into_iter().map(|what| format!("{cage} {}: {what}", animal.name)));
                }
            });
        }
    });
    let complaints = complaints.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// What is wrong with the jail.
fn try_it(cage: Cage, animal: &Animal) -> Vec<String> {
    let ground = Ground::new(cage);
    let graded = ground.grade(animal);
    let mut wrong = judged(animal, &graded);
    wrong.extend(attempts(cage, animal, &graded));
    wrong.extend(ground.leftovers());
    if graded.took > LONGEST {
        wrong.push(format!("it took {:?}", graded.took));
    }
    if std::env::var_os("ZOO").is_some() {
        println!("{cage} {}: {:?}\n{:#}", animal.name, graded.took, graded.check);
    }
    wrong
}

fn judged(animal: &Animal, graded: &Graded) -> Vec<String> {
    let (status, kind) = (
        &graded.check["status"],
        graded.check["finding"]["kind"].as_str().unwrap_or_default(),
    );
    let passes = graded.code == Some(0) && status == "passed";
    let fails = |kinds: &[&str]| graded.code == Some(1) && status == "failed" && kinds.contains(&kind);
    let is_right = match animal.verdict {
        Verdict::Passes => passes,
        Verdict::Fails(kinds) => fails(kinds),
        Verdict::PassesOrFails(kinds) => passes || fails(kinds),
    };
    match is_right {
        true => Vec::new(),
        false => vec![format!(
            "exit code {:?}, {:#}\n{}",
            graded.code, graded.check, graded.stderr
        )],
    }
}

/// Whether each attempt went as the table says.
fn attempts(cage: Cage, animal: &Animal, graded: &Graded) -> Vec<String> {
    let told: Vec<(bool, &str)> = graded.check["transcript"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| said(entry["what"].as_str()?))
        .collect();
    let mut wrong = Vec::new();
    if told.len() < animal.attempts {
        wrong.push(format!(
            "it told of {} attempts: {:#}",
            told.len(),
            graded.check["transcript"]
        ));
    }
    for (got, what) in told {
        let exception = CANNOT_STOP.iter().find(|exception| exception.is_for(cage, what));
        match (got, exception) {
            (true, None) => wrong.push(format!("got {what}")),
            (false, Some(exception)) => {
                wrong.push(format!("{what} is stopped, but the table says: {}", exception.reason))
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    wrong
}

/// `says on stderr "refused: WHAT (WHY)\n"`
fn said(event: &str) -> Option<(bool, &str)> {
    let line = event.strip_prefix("says on stderr \"")?;
    let (got, rest) = match line.strip_prefix("got: ") {
        Some(rest) => (true, rest),
        None => (false, line.strip_prefix("refused: ")?),
    };
    Some((got, rest.split([' ', '\\', '"']).next()?))
}

/// Its checks share the machine with a bomb, and nothing else.
#[test]
fn a_right_program_passes_beside_a_fork_bomb() {
    for cage in cages() {
        let (bomb, tame) = (Ground::new(cage), Ground::new(cage));
        let (bombed, passed) = std::thread::scope(|scope| {
            let bombed = scope.spawn(|| bomb.grade_all("fork-bomb", "server/*"));
            let passed = scope.spawn(|| tame.grade_all("tame", "server/*"));
            (bombed.join().expect("graded"), passed.join().expect("graded"))
        });
        assert_eq!(passed.code, Some(0), "{cage}: {:#}", passed.report);
        // Each of its checks ends with processes left behind, or can't start another program.
        assert_eq!(bombed.code, Some(1), "{cage}: {:#}", bombed.report);
        for ground in [bomb, tame] {
            assert_eq!(ground.leftovers(), Vec::<String>::new(), "{cage}");
        }
    }
}

/// The checker's own hands in the folder that it shares with a program of lesson 6.
#[test]
fn a_link_in_place_of_the_socket_leads_nowhere() {
    for cage in cages() {
        for how in ["file", "folder"] {
            let ground = Ground::new(cage);
            let graded = ground.grade_lesson_6(how);
            assert_eq!(graded.code, Some(1), "{cage} {how}: {:#}", graded.report);
            let checks = graded.report["lessons"][0]["checks"].as_array().expect("checks");
            assert!(
                checks.iter().all(|check| check["status"] != "broken"),
                "{cage} {how}: {:#}",
                graded.report
            );
            assert!(!ground.socket_was_called(), "{cage} {how}");
            assert_eq!(ground.leftovers(), Vec::<String>::new(), "{cage} {how}");
        }
    }
}

#[test]
fn the_instructors_page_names_all_that_a_level_does_not_stop() {
    let page = include_str!("../JAIL.md");
    for exception in CANNOT_STOP {
        let (attempt, reason) = (exception.attempt, exception.reason);
        assert!(page.contains(&format!("`{attempt}`")), "{attempt}: {reason}");
    }
}

/// Nothing that a program says reaches a terminal as it is.
#[test]
fn words_for_a_terminal_are_shown_and_not_obeyed() {
    for cage in cages() {
        for format in ["human", "json", "junit"] {
            let ground = Ground::new(cage);
            let text = ground.report("escapes", format);
            let raw = text.chars().find(|&c| c.is_control() && c != '\n');
            assert_eq!(raw, None, "{cage} {format}: {text}");
            assert!(text.contains("owned"), "{cage} {format}: {text}");
        }
    }
}
