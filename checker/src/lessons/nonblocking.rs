//! Lesson 7: its checks.

use crate::course::Lesson;

pub const LESSON: Lesson = Lesson {
    id: "lesson07",
    folder: "07-nonblocking",
    title: "non-blocking IO: many at once, one thread",
    checks: &[],
};
