//! What a piece of work costs.

use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};

/// Wall time, and processor time of this process and of all that it started.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    pub processor: Duration,
}

impl Cost {
    pub const MOST: Cost = Cost {
        wall: Duration::MAX,
        processor: Duration::MAX,
    };

    pub fn of<T>(work: impl FnOnce() -> Result<T>) -> Result<(Cost, T)> {
        let (begun, before) = (Instant::now(), processor_time()?);
        let outcome = work()?;
        let cost = Cost {
            wall: begun.elapsed(),
            processor: processor_time()?.saturating_sub(before),
        };
        Ok((cost, outcome))
    }

    pub fn least(self, other: Cost) -> Cost {
        Cost {
            wall: self.wall.min(other.wall),
            processor: self.processor.min(other.processor),
        }
    }
}

fn processor_time() -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        for time in [usage.user_time(), usage.system_time()] {
            sum += Duration::from_micros((time.tv_sec() * 1_000_000 + time.tv_usec()).cast_unsigned());
        }
    }
    Ok(sum)
}

pub fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
