//! The table of all specimens: what each does wrong, and the checks that must notice.
//!
//! `fails` holds every check that the program cannot pass. A check that is skipped because one that
//! it needs has failed counts as not passed.

mod common;
mod lesson01;
mod lesson02;
mod lesson03;
mod lesson04;
mod lesson05;
mod lesson06;
mod lesson07;
mod lesson08;

use std::fmt;
use std::sync::LazyLock;

use crate::RIGHT;
use crate::flaw::Flaw;

/// A program that is right but for one mistake.
#[derive(Clone, Copy, Debug)]
pub struct Specimen {
    /// `lesson01`, …
    pub lesson: &'static str,
    /// The mistake's name, in kebab-case, unique in its lesson.
    pub flaw: &'static str,
    /// The mistake in one sentence.
    pub what: &'static str,
    /// Exactly the checks that the program does not pass.
    pub fails: &'static [&'static str],
    pub mistake: Flaw,
}

/// Every specimen, lesson by lesson.
pub static SPECIMENS: LazyLock<Vec<Specimen>> = LazyLock::new(|| {
    let lessons = [
        ("lesson01", lesson01::SPECIMENS),
        ("lesson02", lesson02::SPECIMENS),
        ("lesson03", lesson03::SPECIMENS),
        ("lesson04", lesson04::SPECIMENS),
        ("lesson05", lesson05::SPECIMENS),
        ("lesson06", lesson06::SPECIMENS),
        ("lesson07", lesson07::SPECIMENS),
        ("lesson08", lesson08::SPECIMENS),
    ];
    lessons
        .into_iter()
        .flat_map(|(lesson, own)| own.iter().copied().chain(common::of(lesson)))
        .collect()
});

/// The lessons that have a right program here.
const LESSONS: &[&str] = &[
    "lesson01", "lesson02", "lesson03", "lesson04", "lesson05", "lesson06", "lesson07", "lesson08",
];

pub fn find(lesson: &str, flaw: &str) -> Option<Flaw> {
    if flaw == RIGHT {
        return LESSONS.contains(&lesson).then_some(Flaw::Right);
    }
    let mut all = SPECIMENS.iter();
    all.find(|specimen| specimen.lesson == lesson && specimen.flaw == flaw)
        .map(|specimen| specimen.mistake)
}

impl fmt::Display for Specimen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.lesson, self.flaw, self.fails.join(","))
    }
}

#[cfg(test)]
mod tests;
