//! From words to what is asked for. Knows words only: nothing is run, nothing is printed.

use std::ffi::{OsStr, OsString};
use std::fmt;

use lexopt::Arg;

/// A flag that takes a value. Which flags there are is data, so that a lesson can have its own.
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    pub(crate) whose: Whose,
    pub(crate) value_name: &'static str,
    pub(crate) default: &'static str,
    /// says what is malformed about a value
    pub(crate) check: fn(&str) -> Result<(), String>,
}

/// Which role knows a flag. To the other it is unknown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    OfBoth,
    OfTheServer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    ForTheBrief,
    /// one value for each flag, in the flags' order, those of the other role included
    ToRun {
        role: Role,
        values: Vec<String>,
    },
}

/// Why these words cannot be understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misuse {
    what: String,
    did_you_mean: Option<String>,
}

/// `args` begin behind the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>, flags: &[Flag]) -> Result<Asked, Misuse> {
    let mut words = lexopt::Parser::from_args(args);

    let role = match words.next()? {
        None | Some(Arg::Long("help") | Arg::Short('h')) => return Ok(Asked::ForTheBrief),
        Some(Arg::Value(word)) => role(&word)?,
        Some(flag) => {
            let typed = as_typed(&flag);
            known(&typed, flags, |_| true)?;
            return Err(Misuse::new(format!(
                "`{typed}` follows the role: `server` or `client` comes first"
            )));
        }
    };

    let mut values: Vec<String> = flags.iter().map(|flag| flag.default.to_owned()).collect();
    while let Some(arg) = words.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(Asked::ForTheBrief),
            Arg::Value(word) => {
                let word = word.to_string_lossy();
                return Err(Misuse::new(format!("`{word}` is one word too many")));
            }
            Arg::Long(_) | Arg::Short(_) => {
                let which = known(&as_typed(&arg), flags, |flag| flag.whose.includes(role))?;
                values[which] = checked(&words.value()?, &flags[which])?;
            }
        }
    }
    Ok(Asked::ToRun { role, values })
}

pub(crate) fn usage(program: &str, flags: &[Flag]) -> String {
    let mut usage = format!("usage: {program} server|client");
    for flag in flags {
        usage += &format!(" [--{} {}]", flag.name, flag.value_name);
    }
    for flag in flags {
        let whose = match flag.whose {
            Whose::OfBoth => "",
            Whose::OfTheServer => ", and the server's alone",
        };
        usage += &format!("\n  --{} is {} by default{whose}", flag.name, flag.default);
    }
    usage + &format!("\n  `{program}` alone prints the lesson's brief")
}

fn role(word: &OsStr) -> Result<Role, Misuse> {
    match word.to_str() {
        Some("server") => Ok(Role::Server),
        Some("client") => Ok(Role::Client),
        Some(_) | None => {
            let word = word.to_string_lossy();
            Err(Misuse {
                what: format!("there is no role `{word}`"),
                did_you_mean: nearest(&word, ["server", "client"]),
            })
        }
    }
}

/// Which of `flags` was typed, if it is one of those that count.
fn known(typed: &str, flags: &[Flag], counts: impl Fn(&Flag) -> bool) -> Result<usize, Misuse> {
    let names: Vec<(usize, String)> = flags
        .iter()
        .enumerate()
        .filter(|(_, flag)| counts(flag))
        .map(|(which, flag)| (which, format!("--{}", flag.name)))
        .collect();
    match names.iter().find(|(_, name)| name == typed) {
        Some((which, _)) => Ok(*which),
        None => Err(Misuse {
            what: format!("there is no flag `{typed}`"),
            did_you_mean: nearest(typed, names.iter().map(|(_, name)| name.as_str())),
        }),
    }
}

fn as_typed(flag: &Arg<'_>) -> String {
    match flag {
        Arg::Long(name) => format!("--{name}"),
        Arg::Short(letter) => format!("-{letter}"),
        Arg::Value(word) => word.to_string_lossy().into_owned(),
    }
}

fn checked(value: &OsStr, flag: &Flag) -> Result<String, Misuse> {
    let shown = value.to_string_lossy();
    let why = match value.to_str().map(flag.check) {
        Some(Ok(())) => return Ok(shown.into_owned()),
        Some(Err(why)) => why,
        None => "it is not UTF-8".to_owned(),
    };
    Err(Misuse::new(format!(
        "`--{} {shown}` is not {}: {why}",
        flag.name, flag.value_name
    )))
}

/// The word that was probably meant: at most two letters are wrong, missing or too many.
fn nearest<'a>(typed: &str, words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    words
        .into_iter()
        .map(|word| (distance(typed, word), word))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, word)| word.to_owned())
}

/// Levenshtein's: how many letters to change, insert or remove.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

impl Whose {
    fn includes(self, role: Role) -> bool {
        match (self, role) {
            (Whose::OfBoth, Role::Server | Role::Client) | (Whose::OfTheServer, Role::Server) => true,
            (Whose::OfTheServer, Role::Client) => false,
        }
    }
}

impl Misuse {
    fn new(what: String) -> Self {
        Misuse {
            what,
            did_you_mean: None,
        }
    }
}

impl From<lexopt::Error> for Misuse {
    fn from(error: lexopt::Error) -> Self {
        Misuse::new(error.to_string())
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        if let Some(word) = &self.did_you_mean {
            write!(f, "\nhint: did you mean `{word}`?")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        Flag {
            name: "addr",
            whose: Whose::OfBoth,
            value_name: "HOST:PORT",
            default: "127.0.0.1:9000",
            check: crate::address::check,
        },
        Flag {
            name: "room",
            whose: Whose::OfTheServer,
            value_name: "NAME",
            default: "hall",
            check: |_| Ok(()),
        },
    ];

    fn parsed(words: &[&str]) -> Result<Asked, String> {
        parse(words.iter().map(OsString::from), FLAGS).map_err(|misuse| misuse.to_string())
    }

    fn misuse(words: &[&str]) -> String {
        parsed(words).expect_err("misuse")
    }

    fn to_run(role: Role, addr: &str, room: &str) -> Result<Asked, String> {
        let values = vec![addr.to_owned(), room.to_owned()];
        Ok(Asked::ToRun { role, values })
    }

    #[test]
    fn no_role_asks_for_the_brief() {
        assert_eq!(parsed(&[]), Ok(Asked::ForTheBrief));
        assert_eq!(parsed(&["--help"]), Ok(Asked::ForTheBrief));
        assert_eq!(parsed(&["server", "-h"]), Ok(Asked::ForTheBrief));
    }

    #[test]
    fn a_role_alone_has_the_defaults() {
        let hall = "127.0.0.1:9000";
        assert_eq!(parsed(&["server"]), to_run(Role::Server, hall, "hall"));
        assert_eq!(parsed(&["client"]), to_run(Role::Client, hall, "hall"));
    }

    #[test]
    fn a_flag_is_followed_by_its_value() {
        let expected = to_run(Role::Server, "[::1]:0", "hall");
        assert_eq!(parsed(&["server", "--addr", "[::1]:0"]), expected);
        assert_eq!(parsed(&["server", "--addr=[::1]:0"]), expected);
        assert_eq!(
            parsed(&["server", "--room", "attic", "--addr", "localhost:80"]),
            to_run(Role::Server, "localhost:80", "attic")
        );
    }

    #[test]
    fn the_servers_flag_is_unknown_to_the_client() {
        assert_eq!(misuse(&["client", "--room", "attic"]), "there is no flag `--room`");
        assert_eq!(
            misuse(&["server", "--rom", "attic"]),
            "there is no flag `--rom`\nhint: did you mean `--room`?"
        );
        assert_eq!(misuse(&["client", "--rom", "attic"]), "there is no flag `--rom`");
    }

    #[test]
    fn unknown_words_are_misuse() {
        assert_eq!(
            misuse(&["sever"]),
            "there is no role `sever`\nhint: did you mean `server`?"
        );
        assert_eq!(misuse(&["teapot"]), "there is no role `teapot`");
        assert_eq!(misuse(&[""]), "there is no role ``");
        assert_eq!(
            misuse(&["server", "--adr", "x"]),
            "there is no flag `--adr`\nhint: did you mean `--addr`?"
        );
        assert_eq!(misuse(&["server", "--loud"]), "there is no flag `--loud`");
        assert_eq!(misuse(&["server", "-x"]), "there is no flag `-x`");
        assert_eq!(misuse(&["--frobnicate"]), "there is no flag `--frobnicate`");
        assert_eq!(misuse(&["server", "now"]), "`now` is one word too many");
        assert_eq!(misuse(&["server", "client"]), "`client` is one word too many");
    }

    #[test]
    fn a_flag_before_its_role_is_misuse() {
        assert_eq!(
            misuse(&["--addr", "[::1]:0", "server"]),
            "`--addr` follows the role: `server` or `client` comes first"
        );
    }

    #[test]
    fn a_missing_or_malformed_value_is_misuse() {
        assert!(misuse(&["server", "--addr"]).contains("--addr"));
        assert!(misuse(&["server", "--addr="]).contains("HOST:PORT"));
        assert_eq!(
            misuse(&["server", "--addr", "here"]),
            "`--addr here` is not HOST:PORT: it has no port"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_utf8_is_misuse() {
        use std::os::unix::ffi::OsStringExt;

        let odd = OsString::from_vec(b"\xff:80".to_vec());
        assert!(parse([odd.clone()], FLAGS).is_err());
        assert!(parse(["server".into(), "--addr".into(), odd], FLAGS).is_err());
    }

    #[test]
    fn usage_names_every_flag() {
        let usage = usage("lesson04", FLAGS);
        assert!(usage.starts_with("usage: lesson04 server|client [--addr HOST:PORT] [--room NAME]\n"));
        assert!(usage.contains("--addr is 127.0.0.1:9000 by default\n"));
        assert!(usage.contains("--room is hall by default, and the server's alone\n"));
    }
}
