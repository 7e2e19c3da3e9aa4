//! Closing a pipe for good. A program that is being started, by whichever check, has a copy of every descriptor of ours from its `fork` to its
//! `exec`: a pipe that is closed meanwhile stays open behind our back, and its end-of-file comes late. (A socket is shut down instead.)

use std::fs::File;
use std::sync::{PoisonError, RwLock};

/// Shared by the starts, which may overlap; a close is alone.
static STARTS: RwLock<()> = RwLock::new(());

/// Runs `start`, which forks.
pub(super) fn while_starting<T>(start: impl FnOnce() -> T) -> T {
    let _shared = STARTS.read().unwrap_or_else(PoisonError::into_inner);
    start()
}

/// Runs `act`, which has what no program is to inherit.
#[cfg(target_os = "linux")]
pub(super) fn while_nobody_starts<T>(act: impl FnOnce() -> T) -> T {
    let _alone = STARTS.write().unwrap_or_else(PoisonError::into_inner);
    act()
}

/// The same, but now or not at all.
#[cfg(target_os = "linux")]
pub(super) fn if_nobody_starts<T>(act: impl FnOnce() -> T) -> Option<T> {
    let _alone = STARTS.try_write().ok()?;
    Some(act())
}

/// Closes a pipe of which no program has a copy.
pub(super) fn close(pipe: File) {
    let _alone = STARTS.write().unwrap_or_else(PoisonError::into_inner);
    drop(pipe);
}
