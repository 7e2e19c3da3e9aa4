//! The kernel's side: where the own cgroup is mounted, and the files by which it is ruled.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsFd;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::jail::duty::off_duty;

/// Processes that were killed are gone at once; so long they are waited for on a machine that stalls.
const PATIENCE: Duration = Duration::from_secs(10);

/// The files by which the kernel is told what to do. Tests play it on a folder of their own.
pub(super) trait Kernel: std::fmt::Debug + Send + Sync {
    fn read(&self, file: &Path) -> io::Result<String>;
    fn write(&self, file: &Path, text: &str) -> io::Result<()>;
    fn make(&self, cgroup: &Path) -> io::Result<()>;
    fn remove(&self, cgroup: &Path) -> io::Result<()>;
    /// Returns when no process is left in there, or when that takes too long.
    fn wait_until_empty(&self, cgroup: &Path);
}

/// The folder of the own cgroup, by what `/proc/self/cgroup` and `/proc/self/mountinfo` say.
pub(super) fn own_cgroup(cgroups: &str, mounts: &str) -> Option<PathBuf> {
    let path = Path::new(cgroups.lines().find_map(|line| line.strip_prefix("0::"))?);
    mounts.lines().find_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(3);
        let (root, at) = (unescaped(fields.next()?), unescaped(fields.next()?));
        let below = path.strip_prefix(root).ok()?;
        // A cgroup outside of our namespace is told as `/../…`, and can't be reached.
        let is_below = below.components().all(|part| matches!(part, Component::Normal(_)));
        (file_system.starts_with("cgroup2 ") && is_below).then(|| Path::new(&at).join(below))
    })
}

/// As the kernel writes paths into tables.
fn unescaped(path: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .into_iter()
        .fold(path.to_owned(), |path, (code, character)| path.replace(code, character))
}

/// The kernel itself, by its mounted file system.
#[derive(Debug)]
pub(super) struct Mounted;

impl Kernel for Mounted {
    fn read(&self, file: &Path) -> io::Result<String> {
        fs::read_to_string(file)
    }

    fn write(&self, file: &Path, text: &str) -> io::Result<()> {
        OpenOptions::new().write(true).open(file)?.write_all(text.as_bytes())
    }

    fn make(&self, cgroup: &Path) -> io::Result<()> {
        fs::create_dir(cgroup)
    }

    fn remove(&self, cgroup: &Path) -> io::Result<()> {
        fs::remove_dir(cgroup)
    }

    fn wait_until_empty(&self, cgroup: &Path) {
        let deadline = Instant::now() + PATIENCE;
        let Ok(mut events) = File::open(cgroup.join("cgroup.events")) else {
            return;
        };
        loop {
            let mut told = String::new();
            let is_told = events.rewind().and_then(|()| events.read_to_string(&mut told)).is_ok();
            let left = deadline.saturating_duration_since(Instant::now());
            if !is_told || told.contains("populated 0") || left.is_zero() {
                return;
            }
            // The kernel announces what has changed since the file was read.
            let changed = PollFd::new(events.as_fd(), PollFlags::POLLPRI);
            let limit = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            let _ = off_duty(|| poll(&mut [changed], limit));
        }
    }
}
