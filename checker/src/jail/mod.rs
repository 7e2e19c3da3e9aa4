//! Where a program runs: the only code that starts a program under test, signals it, or reaps it.
//!
//! A program is a process group of its own, killed as a whole when its `Child` is dropped: killing the leader alone would leave
//! grandchildren that hold its pipes. Never called from here: anything of `bench`.

mod child;
mod watchdog;

pub use child::{Child, Exit};
pub use watchdog::Call;

/// How well a program was walled in; every report says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The program ran as an ordinary process of the user who runs the checker.
    None,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Level::None => "none",
        }
    }
}
