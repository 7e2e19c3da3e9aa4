//! Mistakes that are the same in every lesson: what is typed, a taken port, nobody there.

use super::Specimen;
use crate::flaw::Flaw;

struct Common {
    lessons: &'static [&'static str],
    specimen: Specimen,
}

pub(super) fn of(lesson: &'static str) -> impl Iterator<Item = Specimen> {
    COMMON
        .iter()
        .filter(move |common| common.lessons.contains(&lesson))
        .map(move |common| Specimen {
            lesson,
            ..common.specimen
        })
}

const fn row(
    mistake: Flaw,
    lessons: &'static [&'static str],
    what: &'static str,
    fails: &'static [&'static str],
) -> Common {
    Common {
        lessons,
        specimen: Specimen {
            lesson: "",
            flaw: mistake.name(),
            what,
            fails,
            mistake,
        },
    }
}

const COMMON: &[Common] = &[
    row(
        Flaw::UsageExits1,
        &[
            "lesson01", "lesson02", "lesson03", "lesson04", "lesson05", "lesson06", "lesson07", "lesson08",
        ],
        "a usage error exits 1, as any other failure",
        &["usage"],
    ),
    row(
        Flaw::NoBrief,
        &["lesson01", "lesson03", "lesson06", "lesson07"],
        "a missing role is a usage error instead of a wish for the brief",
        &["usage"],
    ),
    row(
        Flaw::UsagePanics,
        &["lesson01", "lesson05", "lesson08"],
        "the first argument is taken without a look whether there is one",
        &["usage"],
    ),
    row(
        Flaw::UsageOnStdout,
        &["lesson01", "lesson06", "lesson08"],
        "the usage goes to stdout",
        &["usage"],
    ),
    row(
        Flaw::IgnoresUnknownFlags,
        &["lesson01", "lesson04", "lesson05", "lesson06", "lesson07", "lesson08"],
        "a flag that it does not know is passed over",
        &["usage"],
    ),
    row(
        Flaw::BadAddressExits1,
        &["lesson01", "lesson02", "lesson05", "lesson07", "lesson08"],
        "the address is not looked at before `bind` or `connect` fails on it, with exit code 1",
        &["usage"],
    ),
    row(
        Flaw::TakenPortPanics,
        &["lesson01", "lesson03", "lesson04", "lesson05", "lesson07", "lesson08"],
        "`bind` is unwrapped: a taken port is a panic",
        &["server/port-in-use"],
    ),
    row(
        Flaw::TakenPortExits0,
        &["lesson01", "lesson02", "lesson05", "lesson07"],
        "a taken port is reported, and then it exits 0",
        &["server/port-in-use"],
    ),
    row(
        Flaw::TakenPortWithoutAddress,
        &["lesson01", "lesson04", "lesson05", "lesson07", "lesson08"],
        "a taken port is reported without the address that is taken",
        &["server/port-in-use"],
    ),
    row(
        Flaw::TakesAnotherPort,
        &["lesson01", "lesson03", "lesson07"],
        "if the port is taken it listens on another",
        &["server/port-in-use"],
    ),
    row(
        Flaw::WaitsForThePort,
        &["lesson01", "lesson02", "lesson08"],
        "if the port is taken it tries again until it is free",
        &["server/port-in-use"],
    ),
    row(
        Flaw::SharesThePort,
        &["lesson01", "lesson03", "lesson04", "lesson05", "lesson07", "lesson08"],
        "an option (SO_REUSEPORT; for UDP SO_REUSEADDR) lets a second server have the same port",
        &["server/port-in-use"],
    ),
    row(
        Flaw::NoReuseaddr,
        &["lesson01", "lesson03", "lesson05", "lesson07", "lesson08"],
        "SO_REUSEADDR is not set, so connections in TIME_WAIT keep the port taken",
        &["server/starts-again"],
    ),
    row(
        Flaw::NoServerPanics,
        &["lesson01", "lesson03", "lesson05", "lesson06", "lesson07", "lesson08"],
        "`connect` is unwrapped: no server is a panic",
        &["client/no-server"],
    ),
    row(
        Flaw::NoServerExits0,
        &["lesson01", "lesson02", "lesson05", "lesson06", "lesson07"],
        "no server is reported, and then it exits 0",
        &["client/no-server"],
    ),
    row(
        Flaw::NoServerWithoutAddress,
        &["lesson01", "lesson03", "lesson05", "lesson06", "lesson07", "lesson08"],
        "no server is reported without the address that it was looked for at",
        &["client/no-server"],
    ),
    row(
        Flaw::WaitsForAServer,
        &["lesson01", "lesson02", "lesson06", "lesson08"],
        "it tries to connect again and again until there is a server",
        &["client/no-server"],
    ),
];
