//! The jails that are tried: which level, and who runs the checker.

use std::fmt;

use nix::unistd::geteuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cage {
    pub level: &'static str,
    /// `None` is whoever runs the tests.
    pub user: Option<u32>,
}

/// The number of `nobody`.
const NOBODY: u32 = 65_534;

pub fn cages() -> Vec<Cage> {
    let mut cages: Vec<Cage> = ["full", "reduced"].map(|level| Cage { level, user: None }).into();
    if geteuid().is_root() {
        cages.extend(["full", "reduced"].map(|level| Cage {
            level,
            user: Some(NOBODY),
        }));
    }
    cages
}

impl Cage {
    /// Whether the checker is root, and programs are somebody else.
    pub fn by_root(self) -> bool {
        self.user.is_none() && geteuid().is_root()
    }
}

impl fmt::Display for Cage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.by_root() { "root" } else { "an ordinary user" };
        write!(f, "{} by {who}", self.level)
    }
}
