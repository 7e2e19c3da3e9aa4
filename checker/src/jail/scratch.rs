//! A folder on the host that programs may write to, where the jail can't have a `/tmp` of its own; and its removal, whatever they have made of it.

use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, openat, renameat};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat};
use nix::unistd::{UnlinkatFlags, unlinkat};

/// Dropped when no program is left that could write to it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// A new folder, which belongs to `user` if there is one.
    ///
    /// # Errors
    /// It can't be made, or not be given away.
    pub fn new(user: Option<u32>) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("handshake-").tempdir()?;
        chown(folder.path(), user, user)?;
        // No link is in it: who goes there may refuse to follow any.
        let path = folder.path().canonicalize()?;
        let _ = folder.keep();
        Ok(Scratch { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if empty(&self.path).is_ok() {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// Folders may lie in folders ten thousand deep: a way down that remembers the way up would run out of descriptors or of stack. So what lies
/// deeper is moved up, until all is flat.
fn empty(path: &Path) -> nix::Result<()> {
    let top = open(AT_FDCWD, path)?;
    let mut moved = 0;
    loop {
        let (mut found, mut gone) = (0, 0);
        for entry in Dir::from_fd(open(&top, Path::new("."))?)?.iter() {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            found += 1;
            match unlinkat(&top, name, UnlinkatFlags::NoRemoveDir) {
                Ok(()) => gone += 1,
                Err(Errno::EISDIR) => {
                    flatten(&top, name, &mut moved)?;
                    gone += usize::from(unlinkat(&top, name, UnlinkatFlags::RemoveDir).is_ok());
                }
                Err(_) => {}
            }
        }
        match (found, gone) {
            (0, _) => return Ok(()),
            (_, 0) => return Err(Errno::ENOTEMPTY),
            _ => {}
        }
    }
}

/// Leaves nothing in the folder `name`: files are removed, folders are moved to `top`.
fn flatten(top: &OwnedFd, name: &std::ffi::CStr, moved: &mut usize) -> nix::Result<()> {
    // No link: it was a folder a moment ago, and nobody is left who could have changed that.
    let _ = fchmodat(top, name, Mode::S_IRWXU, FchmodatFlags::FollowSymlink);
    let folder = open(top, name)?;
    for entry in Dir::from_fd(folder.try_clone().map_err(|_| Errno::EMFILE)?)?.iter() {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        if unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir) == Err(Errno::EISDIR) {
            // Whoever has no right to write to a folder can't move it.
            let _ = fchmodat(&folder, name, Mode::S_IRWXU, FchmodatFlags::FollowSymlink);
            *moved += 1;
            let _ = renameat(&folder, name, top, format!(".handshake-{moved}").as_str());
        }
    }
    Ok(())
}

fn open<P: ?Sized + nix::NixPath>(at: impl AsFd, path: &P) -> nix::Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(at, path, flags, Mode::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_it_however_deep_it_is() {
        let scratch = Scratch::new(None).expect("a folder");
        let path = scratch.path().to_path_buf();
        let mut here = open(AT_FDCWD, &path).expect("opened");
        for depth in 0..5_000 {
            fs::write(
                format!("/proc/self/fd/{}/file", std::os::fd::AsRawFd::as_raw_fd(&here)),
                "x",
            )
            .expect("written");
            nix::sys::stat::mkdirat(&here, "d", Mode::S_IRWXU).expect("made");
            let below = open(&here, "d").expect("opened");
            if depth == 3_000 {
                fchmodat(&here, "d", Mode::empty(), FchmodatFlags::FollowSymlink).expect("closed to all");
            }
            here = below;
        }
        std::os::unix::fs::symlink("/", path.join("link")).expect("a link");
        drop(here);
        drop(scratch);
        assert!(!path.exists());
    }
}
