//! udp
use crate::course::Lesson;
pub const LESSON: Lesson = Lesson {
    id: "lesson04",
    folder: "04-udp",
    title: "udp",
    checks: &[],
};
