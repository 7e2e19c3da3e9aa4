//! SIGTERM and SIGINT. Right: both are blocked before there is anything to tidy up, and a thread of their own waits for them, so
//! that nothing the server does can hold them up.

use std::fs;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{SigSet, Signal};

use crate::args::Addr;
use specimens::Flaw;

/// Whether a client is being served.
pub(super) type Serving = Arc<AtomicBool>;

/// The signals that end the server, from now on only asked for.
pub(super) fn block(flaw: Flaw) -> Result<SigSet> {
    let mut signals = SigSet::empty();
    if !matches!(flaw, Flaw::SignalsKill | Flaw::InterruptKills) {
        signals.add(Signal::SIGINT);
    }
    if !matches!(flaw, Flaw::SignalsKill | Flaw::TermKills) {
        signals.add(Signal::SIGTERM);
    }
    signals.thread_block().context("cannot block the signals")?;
    Ok(signals)
}

/// Removes the path and ends the process at the first of the signals.
pub(super) fn tidy_up_at(signals: SigSet, path: &Addr, serving: &Serving, flaw: Flaw) {
    if flaw == Flaw::SignalsKill {
        return;
    }
    let path = path.as_str().to_owned();
    let serving = Arc::clone(serving);
    thread::spawn(move || {
        let Ok(signal) = signals.wait() else { return };
        let held_up = || match flaw {
            Flaw::SignalWaitsForTheClient => serving.load(Ordering::SeqCst),
            Flaw::SignalWaitsForAClient => !serving.load(Ordering::SeqCst),
            _ => false,
        };
        while held_up() {
            thread::sleep(Duration::from_millis(20));
        }
        if flaw != Flaw::SignalLeavesTheFile {
            // Who removed it before has done this part.
            let _ = fs::remove_file(path);
        }
        if flaw == Flaw::SignalPrintsBye {
            println!("bye");
        }
        process::exit(match flaw {
            Flaw::SignalExits1 => 1,
            Flaw::SignalExitsAsKilled => 128 + signal as i32,
            _ => 0,
        })
    });
}
