//! Packets in a file that Wireshark and tcpdump read.

use std::io::{self, Write};
use std::time::Duration;

use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{DataLink, PcapError, TsResolution};

use super::record::Record;

/// `begun` is when the check began, since 1970.
///
/// # Errors
/// What writing says.
pub fn write(out: impl Write, record: &Record, begun: Duration) -> io::Result<()> {
    written(out, record, begun).map_err(|error| match error {
        // Its own words are of reading, whatever was done.
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    })
}

fn written(out: impl Write, record: &Record, begun: Duration) -> Result<(), PcapError> {
    let header = PcapHeader {
        // Longer than any packet on loopback.
        snaplen: 1 << 18,
        datalink: DataLink::ETHERNET,
        ts_resolution: TsResolution::NanoSecond,
        ..PcapHeader::default()
    };
    let mut file = PcapWriter::with_header(out, header)?;
    for packet in record.packets() {
        let length = u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX);
        file.write_packet(&PcapPacket::new(begun + packet.at, length, &packet.bytes))?;
    }
    // What a buffer still holds may be what a full disk has no room for.
    file.into_writer().flush().map_err(PcapError::IoError)
}
