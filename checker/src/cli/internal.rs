//! The commands that the checker starts itself with. They are no part of what can be typed: whoever mistypes is never offered one.

use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, PartialEq, Eq)]
pub enum Internal {
    /// Connect to a path and carry stdin there.
    Relay { path: PathBuf },
    /// Keep a jail.
    #[cfg(target_os = "linux")]
    Jail,
}

impl Internal {
    /// Of these arguments of ours.
    pub fn of(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let arguments: Vec<OsString> = arguments.into_iter().skip(1).take(3).collect();
        match arguments.as_slice() {
            [command, path] if command == "__relay" => Some(Internal::Relay { path: path.into() }),
            #[cfg(target_os = "linux")]
            [command] if command == "__jail" => Some(Internal::Jail),
            _ => None,
        }
    }
}
