//! Lesson 6: its checks.

use crate::course::Lesson;

pub const LESSON: Lesson = Lesson {
    id: "lesson06",
    folder: "06-unix",
    title: "AF UNIX: talking on one machine",
    checks: &[],
};
