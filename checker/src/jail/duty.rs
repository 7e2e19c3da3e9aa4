//! Gets a thread of ours out of a system call that a program holds it in.
//!
//! A program can send descriptors over any AF_UNIX socket that we read, its stdout among them. We take none, so the kernel closes them, in our
//! thread; and to close a socket that lingers (SO_LINGER) takes as long as its maker wished, whoever has been killed meanwhile. Only a signal ends
//! that.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nix::libc;
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::gettid;

use super::watchdog::now;

/// Nobody else uses it, and programs find it as it was.
const SIGNAL: Signal = Signal::SIGUSR1;

/// A thread that is to come back to a wait of its own ever and again.
#[derive(Debug)]
struct Thread {
    number: libc::pid_t,
    /// Since when it has not waited; 0 while it waits.
    since: AtomicU64,
}

static THREADS: Mutex<Vec<Arc<Thread>>> = Mutex::new(Vec::new());

thread_local! {
    static OWN: RefCell<Option<Arc<Thread>>> = const { RefCell::new(None) };
}

/// The calling thread is looked after as long as this value lives.
#[derive(Debug)]
pub struct Duty(Arc<Thread>);

impl Duty {
    pub fn begin() -> Self {
        extern "C" fn nothing(_: libc::c_int) {}
        let action = SigAction::new(SigHandler::Handler(nothing), SaFlags::SA_RESTART, SigSet::empty());
        // SAFETY: the handler does nothing.
        #[expect(unsafe_code, reason = "actions of signals are set by an unsafe call")]
        let _ = unsafe { sigaction(SIGNAL, &action) };
        let thread = Arc::new(Thread {
            number: gettid().as_raw(),
            since: AtomicU64::new(now()),
        });
        threads(|all| all.push(Arc::clone(&thread)));
        OWN.set(Some(Arc::clone(&thread)));
        Duty(thread)
    }
}

impl Drop for Duty {
    fn drop(&mut self) {
        OWN.set(None);
        threads(|all| all.retain(|thread| !Arc::ptr_eq(thread, &self.0)));
    }
}

/// Runs `wait`, which may take as long as it likes.
pub fn off_duty<T>(wait: impl FnOnce() -> T) -> T {
    let set = |since| {
        OWN.with_borrow(|own| {
            own.iter()
                .for_each(|thread| thread.since.store(since, Ordering::Relaxed))
        });
    };
    set(0);
    let outcome = wait();
    set(now());
    outcome
}

/// Signals to every thread that has not waited for so many milliseconds.
pub(super) fn wake_up(longest: u64) {
    // As long as the list is locked none of them ends.
    threads(|all| {
        for thread in all.iter() {
            let since = thread.since.load(Ordering::Relaxed);
            if since != 0 && now().saturating_sub(since) > longest {
                #[expect(unsafe_code, reason = "no safe wrapper for tgkill(2)")]
                // SAFETY: the call takes numbers only.
                unsafe {
                    libc::syscall(
                        libc::SYS_tgkill,
                        std::process::id(),
                        thread.number,
                        SIGNAL as libc::c_int,
                    );
                }
            }
        }
    });
}

fn threads<T>(with: impl FnOnce(&mut Vec<Arc<Thread>>) -> T) -> T {
    with(&mut THREADS.lock().unwrap_or_else(PoisonError::into_inner))
}
