//! Who has which address.

use std::net::SocketAddr;

use super::story::{Conversation, Side, Step};

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

    /// `server CLOSE-WAIT, peer FIN-WAIT-2`: whose states a step has changed.
    pub(super) fn changes(&self, step: &Step, conversation: &Conversation) -> Option<String> {
        let changed: Vec<String> = [(0, Side::Opener), (1, Side::Acceptor)]
            .into_iter()
            .filter(|&(end, _)| step.before[end] != step.behind[end])
            .filter_map(|(end, side)| {
                let state = step.behind[end]?;
                Some(format!("{} {state}", self.of(conversation.address(side))))
            })
            .collect();
        (!changed.is_empty()).then(|| changed.join(", "))
    }
}
