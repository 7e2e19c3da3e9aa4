//! Lesson 8: its checks.

use crate::course::Lesson;

pub const LESSON: Lesson = Lesson {
    id: "lesson08",
    folder: "08-auth",
    title: "client auth: who may come in",
    checks: &[],
};
