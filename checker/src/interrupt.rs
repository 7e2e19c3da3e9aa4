//! Ctrl-C: every wait of every check ends, the programs are killed by their drops, and what is known so far is reported.

use std::io::{PipeReader, PipeWriter};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{SigSet, Signal};

static REQUESTED: AtomicBool = AtomicBool::new(false);
static PIPE: OnceLock<(PipeReader, PipeWriter)> = OnceLock::new();

/// Whether the person at the keyboard (or a supervisor) asked us to end.
pub fn was_requested() -> bool {
    REQUESTED.load(Ordering::Relaxed)
}

/// Becomes readable, and stays so, once that happened.
///
/// # Panics
/// If the system has no two descriptors left for the checker's first pipe: [`watch`] reports that before any check runs.
pub fn announced() -> &'static PipeReader {
    &PIPE.get_or_init(|| std::io::pipe().expect("a pipe")).0
}

/// From now on SIGINT, SIGTERM and SIGHUP are taken by a thread. Call it before any other thread is started, so that all inherit the mask.
///
/// # Errors
/// What `pipe`, `pthread_sigmask` or starting a thread say.
pub fn watch() -> std::io::Result<()> {
    let pipe = std::io::pipe()?;
    let (_, announce) = PIPE.get_or_init(|| pipe);
    let signals: SigSet = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP].into_iter().collect();
    signals.thread_block()?;
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(move || {
            while signals.wait().is_err() {}
            REQUESTED.store(true, Ordering::Relaxed);
            // One byte that nobody reads: the pipe stays readable for every wait.
            let _ = std::io::Write::write(&mut &*announce, b"!");
        })
        .map(drop)
}
