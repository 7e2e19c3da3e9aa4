//! What a lesson prints when it is started without a role.
//!
//! They live here, and not beside the lessons, because a lesson and its solution print the same
//! one, and so that a lesson's `src` is whole when it is handed in by itself.

pub const HELLO: &str = include_str!("briefs/01-hello.txt");
pub const QUIT: &str = include_str!("briefs/02-quit.txt");
pub const SERIAL: &str = include_str!("briefs/03-serial.txt");
pub const UDP: &str = include_str!("briefs/04-udp.txt");
