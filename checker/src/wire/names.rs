//! Who has which address.

use std::net::SocketAddr;

use super::conversation::Conversation;
use super::story::{Side, Step};

/// Where programs look up names and addresses.
const NAME_SERVICE: u16 = 53;

/// Addresses by name, as the check came to know them.
#[derive(Debug, Default, Clone)]
pub struct Names(Vec<Named>);

#[derive(Debug, Clone)]
struct Named {
    addr: SocketAddr,
    who: String,
    part: Part,
}

/// What somebody is to the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// One that is graded.
    Program,
    /// The checker itself.
    Ours,
}

impl Names {
    pub fn learn(&mut self, addr: SocketAddr, who: &str, part: Part) {
        // A port may get another owner.
        self.0.retain(|named| named.addr != addr);
        self.0.push(Named {
            addr,
            who: who.to_owned(),
            part,
        });
    }

    pub fn knows(&self, addr: SocketAddr) -> bool {
        self.0.iter().any(|named| named.addr == addr)
    }

    pub fn part(&self, addr: SocketAddr) -> Option<Part> {
        let named = self.0.iter().find(|named| named.addr == addr)?;
        Some(named.part)
    }

    /// The name, or the address of whom nobody has introduced.
    pub fn of(&self, addr: SocketAddr) -> String {
        let named = self.0.iter().find(|named| named.addr == addr);
        named.map_or_else(|| addr.to_string(), |named| named.who.clone())
    }

    /// With the address.
    pub(super) fn introduced(&self, addr: SocketAddr) -> String {
        match self.knows(addr) {
            true => format!("{} {addr}", self.of(addr)),
            false if addr.port() == NAME_SERVICE => format!("{addr} (DNS)"),
            false => addr.to_string(),
        }
    }

    /// Gives all who open one of these conversations, and whom nobody has introduced, this name: `client`, `client 2` …
    pub fn learn_openers<'a>(&mut self, conversations: impl Iterator<Item = &'a Conversation>, who: &str) {
        let mut met = 0;
        for conversation in conversations {
            let addr = conversation.opener;
            if self.knows(addr) {
                continue;
            }
            met += 1;
            let who = if met == 1 {
                who.to_owned()
            } else {
                format!("{who} {met}")
            };
            self.learn(addr, &who, Part::Program);
        }
    }

    /// Whose states a step has changed, and to which.
    pub(super) fn changes(&self, step: &Step, conversation: &Conversation) -> Vec<(String, String)> {
        [Side::Opener, Side::Acceptor]
            .into_iter()
            .filter(|side| step.before[side.place()] != step.behind[side.place()])
            .filter_map(|side| {
                let state = step.behind[side.place()]?;
                Some((self.of(conversation.address(side)), state.to_string()))
            })
            .collect()
    }
}
