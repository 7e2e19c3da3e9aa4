//! What the walls of a jail add to a check: the same check with them and without, one after the other, again and again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use checker::course::{Check, Pace};
use checker::jail::{Level, Limits, Walls, tried};
use checker::runner::{Job, Settings};

use crate::cost::{Cost, millis};
use crate::grade;

const LEVELS: [Level; 3] = [Level::None, Level::Reduced, Level::Full];

/// The quickest way to be graded that a lesson has: nothing hides what the walls cost.
fn quick(job: &Job) -> Option<&'static Check> {
    let mut checks = job.checks.iter().copied();
    checks
        .find(|check| check.pace == Pace::Quick && check.id == "server/starts-again")
        .or_else(|| {
            job.checks
                .iter()
                .copied()
                .find(|check| check.pace == Pace::Quick && check.id.starts_with("server/"))
        })
}

/// Prints the median of each check's wall time at each level, and the wall time of all checks at once.
pub fn compare(jobs: &[Job], settings: &Settings, rounds: usize) -> Result<()> {
    let levels: Vec<Level> = LEVELS
        .into_iter()
        .filter(|&level| level == Level::None || tried(&settings.checker, level).outcome.is_ok())
        .collect();
    let at = |level, at_once| Settings {
        walls: Walls::new(level, Limits::default()),
        at_once,
        ..settings.clone()
    };
    let names: String = levels.iter().map(|level| format!("{:>10}", level.as_str())).collect();
    println!("\na check alone, ms, in the jail   {names}");
    for job in jobs {
        let check = quick(job).context("each lesson has a quick check of its server")?;
        let mut took: Vec<Vec<Duration>> = vec![Vec::new(); levels.len()];
        for _ in 0..rounds * 10 {
            for (level, took) in levels.iter().zip(&mut took) {
                let alone = Job {
                    lesson: job.lesson,
                    program: job.program.clone(),
                    checks: vec![check],
                };
                let settings = at(*level, 1);
                let begun = Instant::now();
                grade(&[alone], &settings);
                took.push(begun.elapsed());
            }
        }
        let medians: String = took
            .iter_mut()
            .map(|took| format!("{:>10.1}", millis(median(took))))
            .collect();
        println!("{:<32} {medians}", format!("{} {}", job.lesson.id, check.id));
    }
    let mut all = String::new();
    for level in levels {
        let (cost, _) = Cost::of(|| Ok(grade(jobs, &at(level, settings.at_once))))?;
        all.push_str(&format!("{:>10.0}", millis(cost.wall)));
    }
    println!("{:<32} {all}", "all checks of all lessons at once");
    Ok(())
}

fn median(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took[took.len() / 2]
}
