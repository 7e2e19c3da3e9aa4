//! Where a program runs: the only code that starts a program under test, signals it, or reaps it; and the only code that knows a namespace.
//!
//! A jail holds the programs of one check. Everything in it ends when it is dropped, however well it hid. Never called from here: anything of
//! `bench`.

#[cfg(target_os = "linux")]
mod cgroup;
mod child;
#[cfg(target_os = "linux")]
mod choice;
mod command;
#[cfg(target_os = "linux")]
mod duty;
// Tested where the checker is tested: on Linux.
#[cfg(any(not(target_os = "linux"), test))]
pub mod elsewhere;
#[cfg(target_os = "linux")]
pub mod errand;
mod folder;
#[cfg(target_os = "linux")]
mod link;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod message;
#[cfg(target_os = "linux")]
pub mod offers;
#[cfg(target_os = "linux")]
mod packets;
mod peek;
#[cfg(target_os = "linux")]
mod scratch;
mod signals;
mod sockets;
mod walls;
#[cfg(target_os = "linux")]
mod warden;
mod watchdog;

use std::ffi::OsString;
use std::path::Path;

#[cfg(target_os = "linux")]
pub use cgroup::{Delegated, NotDelegated};
pub use child::{Child, Exit};
#[cfg(target_os = "linux")]
pub use choice::{Attempt, attempts, remedy, tried};
pub use command::{interpreter, is_of_the_jail, is_shown_as_a_whole, needs};
#[cfg(target_os = "linux")]
pub use duty::{Duty, off_duty};
#[cfg(not(target_os = "linux"))]
pub use elsewhere::{Jail, Scratch};
#[cfg(target_os = "linux")]
pub use errand::Errand;
pub use folder::Folder;
#[cfg(target_os = "linux")]
pub use link::NotBuilt;
#[cfg(target_os = "linux")]
pub use linux::Jail;
#[cfg(target_os = "linux")]
pub use packets::{Cut, Frame, Packets};
pub use peek::not_told;
#[cfg(target_os = "linux")]
pub use peek::{copy_of_descriptor, protocol, unread};
#[cfg(target_os = "linux")]
pub use scratch::Scratch;
pub use sockets::connect_without_waiting;
pub use walls::{Level, Limits, Walls};
#[cfg(target_os = "linux")]
pub use warden::run as run_warden;
pub use watchdog::Call;

/// The variable by which the processes of a program can be told from those of another, whoever their parent is by now.
pub const MARK: &str = "HANDSHAKE_PROGRAM";

/// What is to be started in a jail.
#[derive(Debug)]
pub enum Play<'a> {
    /// A command line: the executable, as a shell would find it, and its arguments.
    Command(&'a [OsString]),
    /// Our own client process, which connects to this path: see [`crate::relay`].
    Relay(&'a Path),
}

/// The command line of [`Play::Relay`], where no warden stands in for it.
fn relay(checker: &Path, path: &Path) -> [OsString; 3] {
    [checker.into(), "__relay".into(), path.into()]
}
