//! cgroup v2, where one is delegated to us: memory and processes are limited for a jail as a whole, and the kernel itself says who ran out of memory.
//!
//! Without it each limit is one of each process, as far as the kernel counts. So nothing in here is ever a failure: what can't be had is left out.
//! Processes that are not ours are never moved.

mod kernel;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::walls::{Level, Limits};
use kernel::{Kernel, Mounted, own_cgroup};

const CONTROLLERS: [&str; 2] = ["memory", "pids"];
/// On top of what the programs may have: the warden's own memory, and what the kernel keeps for the sockets that it makes for us.
const MEMORY_OF_THE_WARDEN: u64 = 16 << 20;
/// Likewise: the warden, and the next program, which it is to start even where another has taken all that it can get.
const PROCESSES_OF_THE_WARDEN: u64 = 16;

/// The cgroup that the checker was started in, in which it may now make others. Dropping it leaves things as they were.
#[derive(Debug)]
pub struct Delegated {
    own: PathBuf,
    /// Where the checker is meanwhile: a cgroup that has others in it may hold no process itself.
    aside: PathBuf,
    checker: u32,
    made: AtomicU32,
    kernel: Box<dyn Kernel>,
}

/// Why there is nothing that we could limit a jail with.
#[derive(Debug)]
pub enum NotDelegated {
    NotMounted,
    Lacks(Vec<&'static str>),
    Root,
    Shared,
    NotWritable(io::Error),
}

impl Delegated {
    /// Makes ready what all jails get their cgroups from, for as long as the value lives.
    ///
    /// # Errors
    /// Why jails are built without.
    pub fn find() -> Result<Arc<Self>, NotDelegated> {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(delegated) = held.upgrade() {
            return Ok(delegated);
        }
        let told = |file| fs::read_to_string(file).unwrap_or_default();
        let own = own_cgroup(&told("/proc/self/cgroup"), &told("/proc/self/mountinfo"));
        let own = own.ok_or(NotDelegated::NotMounted)?;
        let delegated = Arc::new(Delegated::take(own, std::process::id(), Box::new(Mounted))?);
        *held = Arc::downgrade(&delegated);
        Ok(delegated)
    }

    /// The same, where programs run in jails, and where it can be had.
    pub fn find_for(level: Level) -> Option<Arc<Self>> {
        match level {
            Level::None => None,
            Level::Reduced | Level::Full => Delegated::find().ok(),
        }
    }

    fn take(own: PathBuf, checker: u32, kernel: Box<dyn Kernel>) -> Result<Self, NotDelegated> {
        let told = kernel.read(&own.join("cgroup.controllers"));
        let told = told.map_err(|_| NotDelegated::NotMounted)?;
        let mut lacks = CONTROLLERS.to_vec();
        lacks.retain(|controller| told.split_ascii_whitespace().all(|word| word != *controller));
        if !lacks.is_empty() {
            return Err(NotDelegated::Lacks(lacks));
        }
        // Every cgroup has a type but the root, which is the whole system's.
        if kernel.read(&own.join("cgroup.type")).is_err() {
            return Err(NotDelegated::Root);
        }
        let inside = kernel.read(&own.join("cgroup.procs"));
        let inside = inside.map_err(NotDelegated::NotWritable)?;
        if inside.lines().any(|pid| pid != checker.to_string()) {
            return Err(NotDelegated::Shared);
        }
        let aside = own.join(format!("checker-{checker}"));
        kernel.make(&aside).map_err(NotDelegated::NotWritable)?;
        // From here on dropping it undoes what was done.
        let delegated = Delegated {
            own,
            aside,
            checker,
            made: AtomicU32::new(0),
            kernel,
        };
        let enabled = delegated
            .moves_to(&delegated.aside)
            .and_then(|()| delegated.switches('+'));
        match enabled {
            Ok(()) => Ok(delegated),
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => Err(NotDelegated::Shared),
            Err(error) => Err(NotDelegated::NotWritable(error)),
        }
    }

    fn moves_to(&self, cgroup: &Path) -> io::Result<()> {
        self.kernel
            .write(&cgroup.join("cgroup.procs"), &self.checker.to_string())
    }

    /// `+` or `-`: whether the cgroups in there have limits.
    fn switches(&self, sign: char) -> io::Result<()> {
        let words = CONTROLLERS.map(|controller| format!("{sign}{controller}"));
        self.kernel
            .write(&self.own.join("cgroup.subtree_control"), &words.join(" "))
    }
}

impl Drop for Delegated {
    fn drop(&mut self) {
        // In this order: as long as there are limits nobody may go back.
        let _ = self.switches('-');
        let _ = self.moves_to(&self.own);
        let _ = self.kernel.remove(&self.aside);
    }
}

/// A process is in one cgroup, whoever of its threads asks.
static HELD: Mutex<Weak<Delegated>> = Mutex::new(Weak::new());

/// The cgroup of one jail. Dropping it ends whoever is still in it.
#[derive(Debug)]
pub(super) struct Leaf {
    cgroup: PathBuf,
    memory: u64,
    of: Arc<Delegated>,
}

impl Leaf {
    /// For the next jail, whose warden `pid` is, and who has started nobody yet; where nothing was delegated there is none.
    pub(super) fn around(pid: u32, limits: &Limits) -> Option<Self> {
        let delegated = HELD.lock().unwrap_or_else(PoisonError::into_inner).upgrade()?;
        Leaf::made_in(&delegated, pid, limits).ok()
    }

    fn made_in(of: &Arc<Delegated>, pid: u32, limits: &Limits) -> io::Result<Self> {
        let number = of.made.fetch_add(1, Ordering::Relaxed);
        let cgroup = of.own.join(format!("jail-{}-{number}", of.checker));
        of.kernel.make(&cgroup)?;
        let leaf = Leaf {
            cgroup,
            memory: limits.memory,
            of: Arc::clone(of),
        };
        let memory = limits.memory.saturating_add(MEMORY_OF_THE_WARDEN);
        leaf.sets("memory.max", &memory.to_string())?;
        // Where swap is not accounted there is no such file.
        let _ = leaf.sets("memory.swap.max", "0");
        let processes = limits.processes.saturating_add(PROCESSES_OF_THE_WARDEN);
        leaf.sets("pids.max", &processes.to_string())?;
        leaf.sets("cgroup.procs", &pid.to_string())?;
        Ok(leaf)
    }

    /// The bytes that the programs may have together, if the kernel has killed one because they wanted more. That the whole machine ran out of
    /// memory is another matter, and not theirs.
    pub(super) fn exceeded(&self) -> Option<u64> {
        let told = self.of.kernel.read(&self.cgroup.join("memory.events")).ok()?;
        let counts = |name| {
            told.lines()
                .filter_map(|line| line.split_once(' '))
                .any(|(of, count)| of == name && count != "0")
        };
        (counts("oom") && counts("oom_kill")).then_some(self.memory)
    }

    fn sets(&self, file: &str, value: &str) -> io::Result<()> {
        self.of.kernel.write(&self.cgroup.join(file), value)
    }
}

impl Drop for Leaf {
    fn drop(&mut self) {
        // Since Linux 5.14; before that the warden has ended all that it knows of.
        let _ = self.sets("cgroup.kill", "1");
        self.of.kernel.wait_until_empty(&self.cgroup);
        let _ = self.of.kernel.remove(&self.cgroup);
    }
}

impl std::fmt::Display for NotDelegated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotDelegated::NotMounted => f.write_str("none is mounted that holds the checker"),
            NotDelegated::Lacks(controllers) => write!(f, "it lacks the controllers for {}", controllers.join(" and ")),
            NotDelegated::Root => f.write_str("the checker is in the root cgroup, which is the whole system's"),
            NotDelegated::Shared => f.write_str("other processes are in the same cgroup"),
            NotDelegated::NotWritable(error) => write!(f, "the checker may not write there: {error}"),
        }
    }
}

impl NotDelegated {
    /// What would give it, where systemd is there to do so.
    pub fn remedy(&self) -> Option<String> {
        let by_systemd = match self {
            NotDelegated::NotMounted | NotDelegated::Lacks(_) => false,
            NotDelegated::Root | NotDelegated::Shared | NotDelegated::NotWritable(_) => true,
        };
        (by_systemd && Path::new("/run/systemd/system").exists()).then(|| {
            let whose = if nix::unistd::geteuid().is_root() {
                ""
            } else {
                " --user"
            };
            format!(
                "systemd-run{whose} --scope -p Delegate=yes {} …",
                crate::invocation::of("grade")
            )
        })
    }
}
