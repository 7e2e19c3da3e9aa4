//! Lesson 5: its checks.

use crate::course::Lesson;

pub const LESSON: Lesson = Lesson {
    id: "lesson05",
    folder: "05-framing",
    title: "framing: sticky packets",
    checks: &[],
};
