//! Lesson 6: the stream of lesson 3 on one machine, where a file is the address and the kernel
//! knows who calls.

pub mod client;
pub mod credentials;
pub mod server;
pub mod socket_file;
