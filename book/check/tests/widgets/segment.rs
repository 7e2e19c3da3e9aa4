//! A segment as it is on the wire.

use book_check::widgets::stepper::Segment;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wire {
    pub(crate) seq: u32,
    pub(crate) ack: Option<u32>,
    pub(crate) len: u32,
    pub(crate) syn: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
}

impl Wire {
    pub(crate) fn of(segment: &Segment) -> Wire {
        let flags: Vec<&str> = segment.ctl.split(',').collect();
        for flag in &flags {
            assert!(["SYN", "ACK", "FIN", "RST"].contains(flag), "{segment:?}");
        }
        assert_eq!(
            flags.contains(&"ACK"),
            segment.ack.is_some(),
            "an ACK number goes with the ACK flag: {segment:?}"
        );
        Wire {
            seq: segment.seq,
            ack: segment.ack,
            len: segment.len,
            syn: flags.contains(&"SYN"),
            fin: flags.contains(&"FIN"),
            rst: flags.contains(&"RST"),
        }
    }

    /// What it takes of the number space: its bytes, and one each for SYN and FIN.
    pub(crate) fn space(&self) -> u32 {
        self.len + u32::from(self.syn) + u32::from(self.fin)
    }

    pub(crate) fn end(&self) -> u32 {
        self.seq + self.space()
    }

    pub(crate) fn rst(seq: u32, ack: Option<u32>) -> Wire {
        Wire {
            seq,
            ack,
            len: 0,
            syn: false,
            fin: false,
            rst: true,
        }
    }
}
