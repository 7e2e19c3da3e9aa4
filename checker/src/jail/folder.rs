//! A private folder that the programs of a jail share with us.

use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Programs may write to it.
#[derive(Debug)]
pub struct Folder {
    /// Its path, as the programs see it.
    pub path: PathBuf,
    /// The way to it from outside, which no program can turn elsewhere.
    outside: PathBuf,
    _keeps: Keeps,
}

#[derive(Debug)]
enum Keeps {
    Ours {
        _folder: tempfile::TempDir,
    },
    #[cfg(target_os = "linux")]
    OfTheJail {
        _folder: OwnedFd,
    },
}

impl Folder {
    /// A new one, where programs see the files of the host.
    ///
    /// # Errors
    /// It can't be made, or not be given away.
    pub(super) fn of_the_host(user: u32) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("handshake-").tempdir()?;
        std::os::unix::fs::chown(folder.path(), Some(user), None)?;
        Ok(Folder {
            path: folder.path().to_path_buf(),
            outside: folder.path().to_path_buf(),
            _keeps: Keeps::Ours { _folder: folder },
        })
    }

    /// A new one in a folder that programs may write to: what stands at its path from now on is up to them, so it is known by a descriptor.
    ///
    /// # Errors
    /// It can't be made, or not be given away.
    #[cfg(target_os = "linux")]
    pub(super) fn in_reach(scratch: &Path, user: u32) -> io::Result<Self> {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
        let path = tempfile::Builder::new()
            .prefix("handshake-")
            .tempdir_in(scratch)?
            .keep();
        let folder = std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(nix::libc::O_PATH | nix::libc::O_DIRECTORY | nix::libc::O_NOFOLLOW)
            .open(&path)?;
        // Another may stand there already; what is given away must be ours.
        if folder.metadata()?.uid() != nix::unistd::geteuid().as_raw() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let flags = nix::fcntl::AtFlags::AT_EMPTY_PATH;
        nix::unistd::fchownat(&folder, "", Some(user.into()), None, flags)?;
        Ok(Folder::known_by(folder.into(), path))
    }

    /// One that is there already, at `path` as the programs see it.
    #[cfg(target_os = "linux")]
    pub(super) fn known_by(folder: OwnedFd, path: PathBuf) -> Self {
        Folder {
            path,
            outside: PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())),
            _keeps: Keeps::OfTheJail { _folder: folder },
        }
    }

    /// The way to `name` in this folder, from outside. What lies there may be a link that a program has made: look before you follow it.
    pub fn outside(&self, name: impl AsRef<Path>) -> PathBuf {
        self.outside.join(name)
    }
}
