//! serial
use crate::course::Lesson;
pub const LESSON: Lesson = Lesson {
    id: "lesson03",
    folder: "03-serial",
    title: "serial",
    checks: &[],
};
