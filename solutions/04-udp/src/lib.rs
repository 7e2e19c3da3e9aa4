//! Lesson 4: datagrams keep their boundaries and promise nothing else.

pub mod client;
pub mod server;

// ANCHOR: buffer
/// No datagram is longer: its header counts the length in 16 bits. (Over IPv4 a datagram has
/// room for 65,507 bytes.) What does not fit the buffer of a receive call is thrown away by the
/// kernel, without a word.
pub const LARGEST_DATAGRAM: usize = 65_535;
// ANCHOR_END: buffer
