//! The whole matrix: every known-wrong program fails exactly the checks that its mistake breaks, and every check catches one.

use std::time::Duration;

use checker::course::LESSONS;
use checker::jail::Walls;
use checker::runner::Settings;
use checker::selftest;

#[test]
fn every_specimen_fails_exactly_its_checks_and_every_check_has_a_specimen() {
    let settings = Settings {
        seed: u64::from(fastrand::u32(..)),
        timeout: Duration::from_secs(4),
        at_once: 24,
        checker: env!("CARGO_BIN_EXE_checker").into(),
        walls: Walls::none(),
    };
    let matrix = selftest::matrix(LESSONS, &settings).expect("the specimens build");
    assert!(
        matrix.is_exact(),
        "seed {}\n{}",
        settings.seed,
        selftest::render(&matrix).expect("text")
    );
}
