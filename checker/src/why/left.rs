//! What lies in a program's sockets, on its stdin and in its accept queue, while it waits for something else.

use super::descriptor::{Descriptor, Is};
use super::seen::Seen;
use crate::quote::count;

impl Seen<'_> {
    /// `while 12 bytes from peer lie unread: who reads them?`
    pub(super) fn left_by_others(&self) -> Option<String> {
        let mut left = self.left();
        let with_bytes = left
            .clone()
            .find(|of| of.unread > 0 && matches!(of.is, Is::Stream(_) | Is::Datagrams(_)));
        if let Some(of) = with_bytes {
            let bytes = count(of.unread, "byte");
            let from = self.from(of);
            return Some(match of.unread {
                1 => format!("while {bytes} from {from} lies unread: who reads it?"),
                _ => format!("while {bytes} from {from} lie unread: who reads them?"),
            });
        }
        left.find_map(|of| match &of.is {
            Is::Listener(_) => Some("while a client waits to be accepted".to_owned()),
            // The end can be read again and again: whether it was, nobody can tell.
            Is::Stream(_) if of.fd > 2 && of.holds_only_the_end() => {
                Some(format!("though {} has closed its side", self.from(of)))
            }
            _ => None,
        })
    }

    /// `while 12 bytes lie unread on its stdin`
    pub(super) fn left_on_stdin(&self) -> Option<String> {
        let of = self.left().find(|of| of.is_stdin)?;
        let bytes = count(of.unread, "byte");
        Some(match of.unread {
            0 => "though its stdin has ended".to_owned(),
            1 => format!("while {bytes} lies unread on its stdin"),
            _ => format!("while {bytes} lie unread on its stdin"),
        })
    }

    fn left(&self) -> impl Iterator<Item = &Descriptor> + Clone {
        self.descriptors
            .iter()
            .filter(|of| of.ready_in && !self.is_waited_for(of))
    }
}
