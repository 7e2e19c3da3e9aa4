//! Ends programs that hold us up inside a system call of our own.
//!
//! A pipe is locked while one end moves bytes with splice(2): if that call waits for a socket, a `read` or `write` at our end of the pipe waits with
//! it, non-blocking or not, and no `poll` tells before. A program can do that to us on purpose, so somebody else has to have an eye on us.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Moving bytes that are there takes microseconds.
const LONGEST: Duration = Duration::from_secs(5);
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// One program, as the watchdog knows it.
pub(super) struct Watched {
    /// When the call began, in milliseconds since the watchdog did; 0 while there is none.
    since: AtomicU64,
    kill: Box<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

/// A call that may be held up lasts as long as this value.
#[derive(Debug)]
pub struct Call(Arc<Watched>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.since.store(0, Ordering::Relaxed);
    }
}

impl Watched {
    /// `kill` ends all processes that could hold us up.
    pub(super) fn new(kill: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        let watched = Arc::new(Watched {
            since: AtomicU64::new(0),
            kill: Box::new(kill),
        });
        let watchdog = Watchdog::get();
        let mut all = watchdog.watched.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|one| one.strong_count() > 0);
        all.push(Arc::downgrade(&watched));
        watched
    }

    pub(super) fn call(self: &Arc<Self>) -> Call {
        self.since.store(Watchdog::get().now(), Ordering::Relaxed);
        Call(Arc::clone(self))
    }
}

struct Watchdog {
    begun: Instant,
    watched: Mutex<Vec<Weak<Watched>>>,
    /// Nobody rings it: its time runs out.
    bell: Condvar,
}

/// Milliseconds since the watchdog has been there; never 0.
#[cfg(target_os = "linux")]
pub(super) fn now() -> u64 {
    Watchdog::get().now()
}

impl Watchdog {
    fn get() -> &'static Watchdog {
        static WATCHDOG: OnceLock<Watchdog> = OnceLock::new();
        static STARTED: OnceLock<()> = OnceLock::new();
        let watchdog = WATCHDOG.get_or_init(|| Watchdog {
            begun: Instant::now(),
            watched: Mutex::default(),
            bell: Condvar::new(),
        });
        STARTED.get_or_init(|| {
            // Without it a hostile program could hold the checker up; a right one is graded all the same.
            let _ = std::thread::Builder::new()
                .stack_size(64 * 1024)
                .spawn(|| watchdog.watch());
        });
        watchdog
    }

    /// Never 0.
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    fn watch(&self) -> ! {
        let mut all = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let rung = self.bell.wait_timeout(all, BETWEEN_LOOKS);
            all = rung
                .map(|(all, _)| all)
                .unwrap_or_else(|poisoned| poisoned.into_inner().0);
            for watched in all.iter().filter_map(Weak::upgrade) {
                let since = watched.since.load(Ordering::Relaxed);
                if since != 0 && self.now().saturating_sub(since) > LONGEST.as_millis() as u64 {
                    (watched.kill)();
                }
            }
            #[cfg(target_os = "linux")]
            super::duty::wake_up(LONGEST.as_millis() as u64);
        }
    }
}
