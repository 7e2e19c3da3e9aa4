//! The jails that are tried: which level, and who runs the checker.

use std::fmt;
use std::os::unix::process::CommandExt;
use std::process::Command;

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
    cages.retain(|cage| {
        let can_be_had = cage.can_be_had();
        if !can_be_had {
            eprintln!("{cage}: not tried, for it can't be built on this machine");
        }
        can_be_had
    });
    assert!(
        !cages.is_empty(),
        "no jail can be built here: `checker doctor` says why"
    );
    cages
}

impl Cage {
    fn can_be_had(self) -> bool {
        let mut doctor = Command::new(env!("CARGO_BIN_EXE_checker"));
        doctor.arg("doctor").current_dir("/");
        if let Some(user) = self.user {
            doctor.uid(user).gid(user);
        }
        let said = doctor.output().expect("the checker runs").stdout;
        let said = String::from_utf8_lossy(&said);
        said.lines()
            .any(|line| line.split_whitespace().eq(["jail", self.level, "works"]))
    }

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
