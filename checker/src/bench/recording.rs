//! The packets of one check: taken out of the jail's ring whenever the check looks around, and kept, bounded, until somebody asks for them.
//!
//! What comes behind the last look is not kept: it is the check being taken down.

use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::time::{Instant, SystemTime};

use crate::jail::Jail;
#[cfg(target_os = "linux")]
use crate::jail::{Cut, Packets};
use crate::wire::{Conversation, Names, Part, Record, Story};

/// How much of each packet is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// Enough to tell what it was.
    Headers,
    /// All of it, for a pcap file; a wait wakes up for each packet, so that hardly any is missed.
    Content,
}

/// What was on the wire of a check, and who was who.
#[derive(Debug)]
pub struct Wire {
    pub record: Record,
    pub names: Names,
    /// When the check began.
    pub begun: SystemTime,
}

#[derive(Debug)]
pub(super) struct Recording {
    begun: (Instant, SystemTime),
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "packets are those of a jail"))]
    keeps: Keeps,
    #[cfg(target_os = "linux")]
    packets: Option<Packets>,
    wire: Option<Record>,
    names: Names,
}

impl Recording {
    /// A recording that has not begun, of a check that has.
    pub(super) fn new(begun: Instant, keeps: Keeps) -> Self {
        Recording {
            begun: (begun, SystemTime::now()),
            keeps,
            #[cfg(target_os = "linux")]
            packets: None,
            wire: None,
            names: Names::default(),
        }
    }

    /// Begins, if this jail has a network of its own.
    ///
    /// # Errors
    /// What the kernel lacks for it; this is said once.
    #[cfg(target_os = "linux")]
    pub(super) fn begin(&mut self, jail: &Jail) -> std::io::Result<()> {
        let cut = match self.keeps {
            Keeps::Headers => Cut::BehindHeaders,
            Keeps::Content => Cut::Nowhere,
        };
        self.packets = jail.packets(cut)?;
        self.wire = self.packets.is_some().then(Record::default);
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn begin(&mut self, _: &Jail) -> std::io::Result<()> {
        Ok(())
    }

    /// Keeps what has come.
    #[cfg(target_os = "linux")]
    pub(super) fn look(&mut self) {
        let (Some(packets), Some(record)) = (&mut self.packets, &mut self.wire) else {
            return;
        };
        let (begun, then) = self.begun;
        let missed = packets.take(|frame| {
            let since = frame.at.duration_since(then).unwrap_or_default();
            // The clock on the wall may have been set meanwhile.
            record.push(since.min(begun.elapsed()), frame.bytes);
        });
        record.misses(missed);
    }

    /// What a wait should wake up for.
    #[cfg(target_os = "linux")]
    pub(super) fn interest(&self) -> Option<BorrowedFd<'_>> {
        self.packets
            .as_ref()
            .filter(|_| self.keeps == Keeps::Content)
            .and_then(Packets::came)
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn interest(&self) -> Option<BorrowedFd<'_>> {
        None
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn look(&mut self) {}

    pub(super) fn introduce(&mut self, addr: SocketAddr, who: &str, part: Part) {
        self.names.learn(addr, who, part);
    }

    #[cfg(target_os = "linux")]
    pub(super) fn introduced(&self) -> Names {
        self.names.clone()
    }

    /// What was on the wire so far; `None` where nothing could be recorded. `programs` are all that were started.
    pub(super) fn story(&self, programs: &[String]) -> Option<(Story, Names)> {
        let story = Story::of(self.wire.as_ref()?);
        let mut names = self.names.clone();
        if programs.iter().any(|who| who == "client") {
            let is_alone = programs.iter().all(|who| who == "client");
            let known = self.names.clone();
            // Whom nobody knows, a name server perhaps, any of several programs may have asked.
            let its = |conversation: &&Conversation| is_alone || known.knows(conversation.acceptor);
            names.learn_openers(story.conversations.iter().filter(its), "client");
        }
        Some((story, names))
    }

    pub(super) fn taken(&mut self, programs: &[String]) -> Option<Wire> {
        let (_, names) = self.story(programs)?;
        Some(Wire {
            record: self.wire.take()?,
            names,
            begun: self.begun.1,
        })
    }
}
