//! quit
use crate::course::Lesson;
pub const LESSON: Lesson = Lesson {
    id: "lesson02",
    folder: "02-quit",
    title: "quit",
    checks: &[],
};
