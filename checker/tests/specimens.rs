//! The whole matrix: every known-wrong program fails exactly the checks that its mistake breaks, and every check catches one.

use std::path::Path;
use std::time::Duration;

use checker::cli::Jail;
use checker::course::LESSONS;
use checker::runner::Settings;
use checker::{level, selftest};

#[test]
fn every_specimen_fails_exactly_its_checks_and_every_check_has_a_specimen() {
    let checker = Path::new(env!("CARGO_BIN_EXE_checker"));
    let level = level::asked_for(Jail::Auto, checker).expect("a jail").expect("a level");
    let settings = Settings {
        seed: u64::from(fastrand::u32(..)),
        timeout: Duration::from_secs(4),
        at_once: 24,
        checker: checker.to_path_buf(),
        walls: selftest::walls(level),
    };
    let matrix = selftest::matrix(LESSONS, &settings).expect("the specimens build");
    for row in matrix.rows.iter().filter(|row| row.is_exact() && row.tries > 1) {
        println!(
            "{} {}: exact only at try {}",
            row.specimen.lesson, row.specimen.flaw, row.tries
        );
    }
    assert!(
        matrix.is_exact(),
        "seed {}\n{}",
        settings.seed,
        selftest::render_faults(&matrix).expect("text")
    );
}
