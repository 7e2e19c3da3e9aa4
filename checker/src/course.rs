//! The course as data: which lessons there are, and what is checked in each.

use crate::{bench::Bench, lessons, verdict::Step};

/// One lesson of the course.
#[derive(Debug)]
pub struct Lesson {
    /// The package of the student's program, `lesson04`.
    pub id: &'static str,
    /// Its folder below `lessons/` and `solutions/`, and its chapter, `04-udp`.
    pub folder: &'static str,
    pub title: &'static str,
    pub checks: &'static [Check],
}

/// One thing that a program must do.
pub struct Check {
    /// `server/…`, `client/…`, `usage` or `together`, as in the contract.
    pub id: &'static str,
    /// Completes "the program …"; the line in the report.
    pub claim: &'static str,
    pub run: fn(&mut Bench) -> Step,
    /// A check without which this one is skipped.
    pub needs: Option<&'static str>,
    pub pace: Pace,
}

/// Whether the contract itself makes a check take its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Ends as soon as the program has done its part.
    Quick,
    /// Holds a wait that the contract names; begun first, so that it runs beside the others.
    Waits,
}

impl Check {
    pub const fn new(id: &'static str, claim: &'static str, run: fn(&mut Bench) -> Step) -> Self {
        Check {
            id,
            claim,
            run,
            needs: None,
            pace: Pace::Quick,
        }
    }

    pub const fn needs(mut self, id: &'static str) -> Self {
        self.needs = Some(id);
        self
    }

    pub const fn waits(mut self) -> Self {
        self.pace = Pace::Waits;
        self
    }
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl Lesson {
    /// 4 of `lesson04`.
    pub fn number(&self) -> &'static str {
        self.id.trim_start_matches("lesson").trim_start_matches('0')
    }

    /// `udp` of `04-udp`.
    pub fn topic(&self) -> &'static str {
        self.folder.split_once('-').map_or(self.folder, |(_, topic)| topic)
    }

    /// The package of the reference solution, `solution04`.
    pub fn solution(&self) -> String {
        self.id.replace("lesson", "solution")
    }

    /// Whether `name` is one of the ways to name this lesson: `4`, `04`, `udp`, `lesson04`, `04-udp`.
    pub fn is_named(&self, name: &str) -> bool {
        [self.number(), &self.folder[..2], self.topic(), self.id, self.folder].contains(&name)
    }
}

/// Every lesson, in the order of the course.
pub const LESSONS: &[&Lesson] = &[
    &lessons::hello::LESSON,
    &lessons::quit::LESSON,
    &lessons::serial::LESSON,
    &lessons::udp::LESSON,
    &lessons::framing::LESSON,
    &lessons::unix::LESSON,
    &lessons::nonblocking::LESSON,
    &lessons::auth::LESSON,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_are_unique_and_kebab_case() {
        for lesson in LESSONS {
            let ids: HashSet<_> = lesson.checks.iter().map(|check| check.id).collect();
            assert_eq!(ids.len(), lesson.checks.len(), "{}", lesson.id);
            for id in ids {
                assert!(
                    id.chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c)),
                    "{id}"
                );
            }
        }
    }

    #[test]
    fn claims_complete_a_sentence() {
        for check in LESSONS.iter().flat_map(|lesson| lesson.checks) {
            assert!(
                check.claim.starts_with(|c: char| c.is_ascii_lowercase()),
                "{}",
                check.claim
            );
            assert!(!check.claim.ends_with('.'), "{}", check.claim);
        }
    }

    #[test]
    fn what_a_check_needs_exists() {
        for lesson in LESSONS {
            for needed in lesson.checks.iter().filter_map(|check| check.needs) {
                assert!(
                    lesson
                        .checks
                        .iter()
                        .any(|check| check.id == needed && check.needs.is_none()),
                    "{needed}"
                );
            }
        }
    }
}
