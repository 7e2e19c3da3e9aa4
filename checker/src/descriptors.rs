//! Descriptors of our own: a check may hold hundreds of connections, and several checks run at once.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Enough for all checks at once, and not so many that a program that inherits the limit and closes every number below it takes long.
const WANTED: u64 = 16_384;

/// Raises the soft limit as far as it goes without a privilege. Where it stays too low, the step that lacks a descriptor says so.
pub fn allow_many() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < WANTED
    {
        // A refusal leaves the limit as it was.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, WANTED.min(hard), hard);
    }
}
