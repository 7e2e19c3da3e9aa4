//! What a lesson prints when it is started without a role.
//!
//! They live here, and not beside the lessons, because a lesson and its solution print the same
//! one, and so that a lesson's `src` is whole when it is handed in by itself.

pub const HELLO: &str = include_str!("briefs/01-hello.txt");
pub const QUIT: &str = include_str!("briefs/02-quit.txt");
pub const SERIAL: &str = include_str!("briefs/03-serial.txt");
pub const UDP: &str = include_str!("briefs/04-udp.txt");
pub const FRAMING: &str = include_str!("briefs/05-framing.txt");
pub const UNIX: &str = include_str!("briefs/06-unix.txt");
pub const NONBLOCKING: &str = include_str!("briefs/07-nonblocking.txt");
pub const AUTH: &str = include_str!("briefs/08-auth.txt");
