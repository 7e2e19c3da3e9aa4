//! One packet, read: who sent what to whom.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use etherparse::icmpv4::DestUnreachableHeader;
use etherparse::icmpv6::DestUnreachableCode;
use etherparse::{Icmpv4Type, Icmpv6Type, LaxNetSlice, LaxSlicedPacket, TransportSlice};

use super::record::Captured;

/// The length of its header.
const ETHERNET: usize = 14;

/// A packet of TCP or UDP, or the refusal of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Since the check began.
    pub at: Duration,
    pub from: SocketAddr,
    pub to: SocketAddr,
    pub carries: Carries,
    /// So many packets before it were not kept.
    pub missing: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carries {
    Segment(Segment),
    Datagram {
        length: usize,
        /// The beginning of its content.
        begin: Vec<u8>,
    },
    /// ICMP port unreachable: `from` is where nobody was, `to` is who had sent something there.
    Refusal,
}

/// A TCP segment, its numbers as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub flags: Flags,
    pub seq: u32,
    pub ack: u32,
    /// As it stands there: what it is scaled by was said with the SYN.
    pub window: u16,
    pub length: usize,
    /// The beginning of its content.
    pub begin: Vec<u8>,
}

/// The control bits that tell a segment's part in a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    pub syn: bool,
    pub ack: bool,
    pub fin: bool,
    pub rst: bool,
    pub psh: bool,
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [
            (self.syn, "SYN"),
            (self.fin, "FIN"),
            (self.rst, "RST"),
            (self.psh, "PSH"),
            (self.ack, "ACK"),
        ];
        let set: Vec<&str> = named.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect();
        f.write_str(&set.join(", "))
    }
}

impl Packet {
    /// `None` for whatever else is on a wire.
    pub fn read(captured: &Captured) -> Option<Packet> {
        let sliced = LaxSlicedPacket::from_ethernet(&captured.bytes).ok()?;
        let net = sliced.net.as_ref()?;
        let (source, destination) = addresses(net)?;
        // What was cut off belongs to the content, which comes last.
        let cut_off = (ETHERNET + length(net)).saturating_sub(captured.bytes.len());
        let (from, to, carries) = match sliced.transport? {
            TransportSlice::Tcp(tcp) => (
                SocketAddr::new(source, tcp.source_port()),
                SocketAddr::new(destination, tcp.destination_port()),
                Carries::Segment(Segment {
                    flags: Flags {
                        syn: tcp.syn(),
                        ack: tcp.ack(),
                        fin: tcp.fin(),
                        rst: tcp.rst(),
                        psh: tcp.psh(),
                    },
                    seq: tcp.sequence_number(),
                    ack: tcp.acknowledgment_number(),
                    window: tcp.window_size(),
                    length: tcp.payload().len() + cut_off,
                    begin: tcp.payload().to_vec(),
                }),
            ),
            TransportSlice::Udp(udp) => (
                SocketAddr::new(source, udp.source_port()),
                SocketAddr::new(destination, udp.destination_port()),
                Carries::Datagram {
                    length: udp.payload().len() + cut_off,
                    begin: udp.payload().to_vec(),
                },
            ),
            TransportSlice::Icmpv4(icmp) => match icmp.icmp_type() {
                Icmpv4Type::DestinationUnreachable(DestUnreachableHeader::Port) => refusal(icmp.payload())?,
                _ => return None,
            },
            TransportSlice::Icmpv6(icmp) => match icmp.icmp_type() {
                Icmpv6Type::DestinationUnreachable(DestUnreachableCode::Port) => refusal(icmp.payload())?,
                _ => return None,
            },
            TransportSlice::Igmp(_) => return None,
        };
        Some(Packet {
            at: captured.at,
            from,
            to,
            carries,
            missing: captured.missing,
        })
    }
}

/// How long the whole of it was, by its own word.
fn length(net: &LaxNetSlice<'_>) -> usize {
    match net {
        LaxNetSlice::Ipv4(ip) => ip.header().total_len().into(),
        LaxNetSlice::Ipv6(ip) => ip.header().slice().len() + usize::from(ip.header().payload_length()),
        LaxNetSlice::Arp(_) => 0,
    }
}

fn addresses(net: &LaxNetSlice<'_>) -> Option<(IpAddr, IpAddr)> {
    match net {
        LaxNetSlice::Ipv4(ip) => Some((ip.header().source_addr().into(), ip.header().destination_addr().into())),
        LaxNetSlice::Ipv6(ip) => Some((ip.header().source_addr().into(), ip.header().destination_addr().into())),
        LaxNetSlice::Arp(_) => None,
    }
}

/// A refusal holds the beginning of the datagram that it refuses.
fn refusal(refused: &[u8]) -> Option<(SocketAddr, SocketAddr, Carries)> {
    let sliced = LaxSlicedPacket::from_ip(refused).ok()?;
    let (source, destination) = addresses(sliced.net.as_ref()?)?;
    match sliced.transport? {
        TransportSlice::Udp(udp) => Some((
            SocketAddr::new(destination, udp.destination_port()),
            SocketAddr::new(source, udp.source_port()),
            Carries::Refusal,
        )),
        TransportSlice::Tcp(_) | TransportSlice::Icmpv4(_) | TransportSlice::Icmpv6(_) | TransportSlice::Igmp(_) => {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::PacketBuilder;

    /// The first `kept` bytes of a packet.
    fn captured(bytes: &[u8], kept: usize) -> Captured {
        Captured {
            at: Duration::ZERO,
            bytes: bytes[..kept.min(bytes.len())].to_vec(),
            missing: 0,
        }
    }

    #[test]
    fn a_segment_that_was_cut_off_has_its_length() {
        let mut bytes = Vec::new();
        PacketBuilder::ethernet2([0; 6], [0; 6])
            .ipv4([127, 0, 0, 1], [127, 0, 0, 2], 64)
            .tcp(40001, 9000, 7, 1000)
            .psh()
            .ack(3)
            .write(&mut bytes, &[b'x'; 900])
            .expect("memory");
        let packet = Packet::read(&captured(&bytes, 100)).expect("TCP");
        assert_eq!(packet.from, "127.0.0.1:40001".parse().expect("an address"));
        assert_eq!(packet.to, "127.0.0.2:9000".parse().expect("an address"));
        let Carries::Segment(segment) = packet.carries else {
            panic!("no segment");
        };
        assert_eq!((segment.seq, segment.ack, segment.length), (7, 3, 900));
        assert_eq!(segment.window, 1000);
        assert_eq!(segment.begin.len(), 100 - 54);
        assert_eq!(segment.flags.to_string(), "PSH, ACK");
    }

    #[test]
    fn a_datagram_on_ipv6() {
        let mut bytes = Vec::new();
        PacketBuilder::ethernet2([0; 6], [0; 6])
            .ipv6([0; 16], [1; 16], 64)
            .udp(5, 6)
            .write(&mut bytes, b"hello")
            .expect("memory");
        let packet = Packet::read(&captured(&bytes, 512)).expect("UDP");
        let begin = b"hello".to_vec();
        assert_eq!(packet.carries, Carries::Datagram { length: 5, begin });
    }

    #[test]
    fn a_refusal_names_whom_it_refuses() {
        let mut refused = Vec::new();
        PacketBuilder::ipv4([127, 0, 0, 1], [127, 0, 0, 2], 64)
            .udp(40001, 9)
            .write(&mut refused, b"hello")
            .expect("memory");
        let mut bytes = Vec::new();
        PacketBuilder::ethernet2([0; 6], [0; 6])
            .ipv4([127, 0, 0, 2], [127, 0, 0, 1], 64)
            .icmpv4(Icmpv4Type::DestinationUnreachable(DestUnreachableHeader::Port))
            .write(&mut bytes, &refused)
            .expect("memory");
        let packet = Packet::read(&captured(&bytes, 512)).expect("ICMP");
        assert_eq!(packet.carries, Carries::Refusal);
        assert_eq!(packet.from, "127.0.0.2:9".parse().expect("an address"));
        assert_eq!(packet.to, "127.0.0.1:40001".parse().expect("an address"));
    }

    #[test]
    fn what_is_no_packet_is_passed_over() {
        for bytes in [&b""[..], &[0; 14], &[0xff; 60], &[8; 60]] {
            assert_eq!(Packet::read(&captured(bytes, 60)), None);
        }
    }
}
