//! What was on the wire: packets as the kernel hands them over -> segments and datagrams, numbered from the start of their connection, with the
//! state of both ends at each step -> words, a diagram, a pcap file.
//!
//! Knows nothing of programs, jails or checks, and opens no socket. What it keeps is bounded.

mod conversation;
mod diagram;
mod fact;
mod names;
mod packet;
mod pcap;
mod record;
mod state;
mod story;
mod words;

pub use conversation::Conversation;
pub use diagram::draw;
pub use fact::{Fact, Reset};
pub use names::{Names, Part};
pub use packet::{Carries, Flags, Packet, Segment};
pub use pcap::write as write_pcap;
pub use record::{Captured, Record};
pub use state::{Event, State, after};
pub use story::{Relative, Side, Step, Story, What};
