//! What each animal is to come to, and what no wall holds.

use super::cage::Cage;

pub struct Animal {
    pub name: &'static str,
    pub check: &'static str,
    /// Seconds.
    pub timeout: &'static str,
    pub verdict: Verdict,
    /// It tells of so many at least.
    pub attempts: usize,
}

#[derive(Clone, Copy)]
pub enum Verdict {
    Passes,
    /// With a finding of one of these kinds.
    Fails(&'static [&'static str]),
    /// What is seen is a matter of luck.
    PassesOrFails(&'static [&'static str]),
}

const fn harmless(name: &'static str, attempts: usize) -> Animal {
    Animal {
        name,
        check: "server/prints-the-reply",
        // What is right is not waited for; on a busy machine some harm takes a while.
        timeout: "20",
        verdict: Verdict::Passes,
        attempts,
    }
}

const fn fails(name: &'static str, check: &'static str, kinds: &'static [&'static str]) -> Animal {
    Animal {
        name,
        check,
        timeout: "0.3",
        verdict: Verdict::Fails(kinds),
        attempts: 0,
    }
}

/// Those first that take longest.
pub const ANIMALS: &[Animal] = &[
    fails(
        "locks-stderr",
        "server/listens",
        &["not-ready", "crash", "ended-early", "still-running"],
    ),
    Animal {
        timeout: "2",
        ..fails("lingers", "server/listens", &["not-ready", "crash", "ended-early"])
    },
    Animal {
        attempts: 1,
        timeout: "5",
        ..fails("fork-bomb", "server/prints-the-reply", &["left-behind"])
    },
    // Each of its processes lives for so short a time that a look around may find none.
    Animal {
        verdict: Verdict::PassesOrFails(&["left-behind"]),
        ..harmless("fork-storm", 0)
    },
    harmless("thread-bomb", 1),
    Animal {
        attempts: 2,
        timeout: "5",
        ..fails("daemon", "server/prints-the-reply", &["left-behind"])
    },
    fails("deaf", "server/prints-the-reply", &["still-running", "missing-output"]),
    harmless("kills-all", 0),
    fails("stops-itself", "server/listens", &["not-ready"]),
    fails("stops-its-group", "server/listens", &["not-ready"]),
    harmless("memory-hog", 8),
    Animal {
        timeout: "5",
        ..fails("floods-stdout", "server/greets", &["too-much-output"])
    },
    Animal {
        timeout: "5",
        ..fails("floods-stderr", "server/greets", &["too-much-output"])
    },
    Animal {
        timeout: "2",
        ..fails(
            "floods-socket",
            "server/greets",
            &["wrong-bytes", "extra-bytes", "not-closed"],
        )
    },
    fails("closes-streams", "server/listens", &["not-ready", "missing-output"]),
    Animal {
        timeout: "5",
        ..fails(
            "forger",
            "server/prints-the-reply",
            &["not-ready", "ended-early", "wrong-output"],
        )
    },
    harmless("reader", 10),
    harmless("writer", 20),
    harmless("fills-disk", 4),
    harmless("fills-inodes", 2),
    harmless("deep-folders", 0),
    harmless("snoop", 15),
    harmless("meddler", 30),
    harmless("caller", 4),
    harmless("families", 15),
    harmless("namespaces", 20),
    harmless("kernel", 20),
    harmless("climber", 6),
    harmless("descriptors", 1),
    harmless("heir", 1),
];

/// An attempt that succeeds.
pub struct Exception {
    level: &'static str,
    /// Only where the checker is not root.
    only_by_ordinary_users: bool,
    pub attempt: &'static str,
    pub reason: &'static str,
}

impl Exception {
    pub fn is_for(&self, cage: Cage, what: &str) -> bool {
        self.level == cage.level && self.attempt == what && !(self.only_by_ordinary_users && cage.by_root())
    }
}

const fn full(attempt: &'static str, reason: &'static str) -> Exception {
    Exception {
        level: "full",
        only_by_ordinary_users: false,
        attempt,
        reason,
    }
}

const fn reduced(attempt: &'static str, reason: &'static str) -> Exception {
    Exception {
        level: "reduced",
        only_by_ordinary_users: false,
        attempt,
        reason,
    }
}

const fn reduced_by_users(attempt: &'static str, reason: &'static str) -> Exception {
    Exception {
        level: "reduced",
        only_by_ordinary_users: true,
        attempt,
        reason,
    }
}

const SHARED_MEMORY: &str = "the limit holds for private memory of each process; without a cgroup nobody counts the rest, \
     and the kernel ends the program before anybody else when memory runs out";
const NO_NETWORK: &str = "without a network of its own it reaches what the checker reaches";
const NO_COUNT: &str =
    "without a user of its own or a namespace its processes are counted with all others of this user";
const NO_FILE_SYSTEM: &str = "its folder lies on a disk of the host: each file is bounded, their number is not";

/// What a level does not stop. The instructor's page says the same.
pub const CANNOT_STOP: &[Exception] = &[
    full("memory/shared", SHARED_MEMORY),
    full(
        "session/own",
        "its processes end with the namespace of processes all the same",
    ),
    full(
        "group/own",
        "its processes end with the namespace of processes all the same",
    ),
    reduced("memory/shared", SHARED_MEMORY),
    reduced("call/loopback", NO_NETWORK),
    reduced("call/loopback6", NO_NETWORK),
    reduced(
        "call/path",
        "no version of Landlock yet keeps a program from AF_UNIX sockets that have a path",
    ),
    reduced(
        "read/accounts",
        "the settings of the system are readable for every runtime's sake",
    ),
    reduced("fill/tmp", NO_FILE_SYSTEM),
    reduced("inodes/tmp", NO_FILE_SYSTEM),
    reduced_by_users("processes/1500", NO_COUNT),
    reduced_by_users("threads/1500", NO_COUNT),
    reduced_by_users(
        "change/canary/mode",
        "Landlock does not know chmod(2), and the file is the user's own",
    ),
];
