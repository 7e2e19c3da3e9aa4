//! Who has a lane of the diagram, and between which lanes an event goes.

use std::collections::HashMap;

use crate::transcript::{Entry, Event};

/// More would be too wide to be read; who comes later shares the last lane.
const MOST: usize = 4;

/// What of the diagram an event is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Course {
    /// From one to the other.
    Between { from: String, to: String, how: How },
    /// A program begins to live.
    Start(String),
    /// Something that happens to one alone.
    At(String),
    /// The last thing that happens to one.
    End(String),
    /// The checker's own doing.
    Across,
}

/// How an arrow is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Connection,
    Bytes,
    /// The end of a direction.
    End,
    /// The end of the connection: whoever sends it is gone.
    Close,
    /// A reset.
    Reset,
    /// A packet, as it was recorded.
    Packet,
}

/// The course of each entry.
pub(super) fn courses(entries: &[Entry]) -> Vec<Course> {
    let mut talk = Talk::default();
    entries.iter().map(|entry| talk.course(entry)).collect()
}

/// Who talks with whom, as far as the transcript has been read.
#[derive(Debug, Default)]
struct Talk {
    connected: HashMap<String, String>,
    programs: Vec<String>,
}

impl Talk {
    fn course(&mut self, entry: &Entry) -> Course {
        let who = entry.who.clone();
        match &entry.what {
            Event::Starts { program, .. } => {
                self.programs.push(program.clone());
                Course::Start(program.clone())
            }
            Event::Types { program, .. } | Event::EndsInput { program } => Course::At(program.clone()),
            Event::Connects { with, .. } => {
                self.connected.insert(who.clone(), with.clone());
                self.connected.insert(with.clone(), who.clone());
                Course::Between {
                    from: who,
                    to: with.clone(),
                    how: How::Connection,
                }
            }
            Event::Sends(_) | Event::SendsPart { .. } => self.leaves(who, How::Bytes),
            Event::ShutsDown => self.leaves(who, How::End),
            Event::Closes | Event::ClosesUnread => self.leaves(who, How::Close),
            Event::Resets => self.leaves(who, How::Reset),
            Event::Receives(_) => self.comes(who, How::Bytes),
            Event::ReceivesEnd => self.comes(who, How::End),
            Event::ReceivesReset => self.comes(who, How::Reset),
            Event::Ends(_) => Course::End(who),
            Event::Prints(_) | Event::SaysOnStderr(_) => Course::At(who),
            Event::LetsPass(_) => Course::Across,
            Event::Carries { from, to, .. } => Course::Between {
                from: from.clone(),
                to: to.clone(),
                how: How::Packet,
            },
            Event::Notes(_) if who == "checker" => Course::Across,
            Event::Notes(_) => Course::At(who),
        }
    }

    fn leaves(&self, who: String, how: How) -> Course {
        match self.other_end(&who) {
            Some(to) => Course::Between { from: who, to, how },
            None => Course::At(who),
        }
    }

    fn comes(&self, who: String, how: How) -> Course {
        match self.other_end(&who) {
            Some(from) => Course::Between { from, to: who, how },
            None => Course::At(who),
        }
    }

    /// Whom a connection leads to; where there is none (UDP), the program that was started last.
    fn other_end(&self, who: &str) -> Option<String> {
        let connected = self.connected.get(who);
        connected
            .or_else(|| self.programs.last())
            .filter(|&to| to != who)
            .cloned()
    }
}

/// The lanes, from left to right: the programs, then the peers, each in the order in which they are first seen.
#[derive(Debug)]
pub(super) struct Lanes {
    names: Vec<String>,
    pub(super) is_shared: bool,
}

impl Lanes {
    pub(super) fn of(courses: &[&Course]) -> Self {
        let mut names: Vec<&String> = Vec::new();
        for course in courses {
            let seen: &[&String] = match course {
                Course::Between { from, to, .. } => &[from, to],
                Course::Start(who) | Course::At(who) | Course::End(who) => &[who],
                Course::Across => &[],
            };
            for who in seen {
                if !names.contains(who) {
                    names.push(who);
                }
            }
        }
        let is_program = |who: &String| {
            let mut starts = courses.iter();
            starts.any(|course| matches!(course, Course::Start(program) if program == who))
        };
        names.sort_by_key(|who| !is_program(who));
        let is_shared = names.len() > MOST;
        if is_shared {
            names.truncate(MOST - 1);
        }
        let names = names.into_iter().cloned().collect();
        Lanes { names, is_shared }
    }

    pub(super) fn count(&self) -> usize {
        self.names.len() + usize::from(self.is_shared)
    }

    /// The number of the lane; the last for who shares it.
    pub(super) fn place(&self, who: &str) -> usize {
        self.names
            .iter()
            .position(|name| name == who)
            .unwrap_or(self.names.len())
    }

    pub(super) fn headings(&self) -> impl Iterator<Item = &str> {
        let shared = self.is_shared.then_some("all others");
        self.names.iter().map(String::as_str).chain(shared)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn entry(who: &str, what: Event) -> Entry {
        Entry {
            at: Duration::ZERO,
            who: who.to_owned(),
            what,
        }
    }

    fn starts(program: &str) -> Entry {
        let (program, arguments) = (program.to_owned(), String::new());
        entry("checker", Event::Starts { program, arguments })
    }

    fn between(from: &str, to: &str, how: How) -> Course {
        let (from, to) = (from.to_owned(), to.to_owned());
        Course::Between { from, to, how }
    }

    #[test]
    fn bytes_go_where_the_connection_leads() {
        let with = |with: &str| Event::Connects {
            with: with.to_owned(),
            how: String::new(),
        };
        let courses = courses(&[
            starts("server"),
            starts("second server"),
            entry("peer", with("server")),
            entry("peer", Event::ReceivesEnd),
            entry("peer", Event::Resets),
        ]);
        assert_eq!(courses[3], between("server", "peer", How::End));
        assert_eq!(courses[4], between("peer", "server", How::Reset));
    }

    #[test]
    fn datagrams_go_to_the_program() {
        let courses = courses(&[starts("client"), entry("peer", Event::Receives("\"1 a\"".to_owned()))]);
        assert_eq!(courses[1], between("client", "peer", How::Bytes));
    }

    #[test]
    fn a_crowd_shares_the_last_lane() {
        let mut crowd: Vec<Course> = (0..9).map(|n| Course::At(format!("peer {n}"))).collect();
        crowd.push(Course::Start("client".to_owned()));
        let lanes = Lanes::of(&crowd.iter().collect::<Vec<_>>());
        assert_eq!(lanes.count(), MOST);
        assert_eq!(
            ["client", "peer 1", "peer 2", "peer 8"].map(|who| lanes.place(who)),
            [0, 2, 3, 3]
        );
        assert_eq!(lanes.headings().last(), Some("all others"));
    }
}
