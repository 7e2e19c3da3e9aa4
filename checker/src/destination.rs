//! Where a report, a page or packets go that a flag names a path for: a file that is there whole or not at all, or a device.

use std::fs::{File, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// Open for writing; what was there before is replaced by [`Destination::finish`], and left as it was without it.
#[derive(Debug)]
pub(crate) struct Destination {
    /// As it was typed.
    named: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// A file is replaced as a whole.
    Replaced { temporary: NamedTempFile, path: PathBuf },
    /// A device or a FIFO (`/dev/null`, `>(gzip)`) stays what it is: what is written goes into it at once.
    WrittenInto(File),
}

impl Destination {
    /// To be opened before anything runs: a file that can't be written is known then, not when the work is done. Links are followed: what they lead to
    /// is written, and they stay.
    ///
    /// # Errors
    /// Why nothing can be written there, for the person who typed `flag`.
    pub(crate) fn open(flag: &str, named: &Path) -> Result<Self, String> {
        match Kind::found_at(named) {
            Ok(kind) => Ok(Destination {
                named: named.to_path_buf(),
                kind,
            }),
            Err(why) => Err(format!("`{flag} {}` can't be written: {why}", named.display())),
        }
    }

    /// Whether the later one would replace what the earlier one wrote.
    pub(crate) fn is_the_file_of(&self, other: &Destination) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Replaced { path, .. }, Kind::Replaced { path: other, .. }) => path == other,
            (Kind::Replaced { .. } | Kind::WrittenInto(_), Kind::Replaced { .. } | Kind::WrittenInto(_)) => false,
        }
    }

    /// As it was typed.
    pub(crate) fn named(&self) -> &Path {
        &self.named
    }

    /// Writes all there is, and finishes.
    pub(crate) fn holds(mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes)
            .with_context(|| format!("failed to write to `{}`", self.named.display()))?;
        self.finish()
    }

    /// What was written takes its place.
    pub(crate) fn finish(self) -> Result<()> {
        match self.kind {
            Kind::Replaced { temporary, path } => replace(temporary, &path),
            Kind::WrittenInto(mut file) => file.flush(),
        }
        .with_context(|| format!("failed to write to `{}`", self.named.display()))
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Replaced { temporary, .. } => temporary.as_file_mut().write(bytes),
            Kind::WrittenInto(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::Replaced { temporary, .. } => temporary.as_file_mut().flush(),
            Kind::WrittenInto(file) => file.flush(),
        }
    }
}

impl Kind {
    fn found_at(named: &Path) -> Result<Self, String> {
        let found = named.canonicalize().unwrap_or_else(|_| named.to_path_buf());
        match found.metadata() {
            Ok(about) if about.is_dir() => Err("it is a folder".to_owned()),
            Ok(about) if !about.is_file() => match File::options().write(true).open(&found) {
                Ok(file) => Ok(Kind::WrittenInto(file)),
                Err(error) => Err(error.to_string()),
            },
            Ok(_) | Err(_) => Self::beside(&found),
        }
    }

    /// A temporary in the folder in which it is to stand.
    fn beside(found: &Path) -> Result<Self, String> {
        // `Path` itself makes no difference between `sub/` and `sub`.
        let ends_in_a_slash = found.as_os_str().as_bytes().ends_with(b"/");
        let Some(name) = found.file_name().filter(|_| !ends_in_a_slash) else {
            return Err("it names a folder: name a file in it".to_owned());
        };
        let folder = found
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        // So that two ways to a file that is not there yet are seen to be the same.
        let resolved = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        match NamedTempFile::new_in(&resolved) {
            Ok(temporary) => Ok(Kind::Replaced {
                temporary,
                path: resolved.join(name),
            }),
            // The error itself names the temporary, which nobody has typed.
            Err(error) => Err(match error.kind() {
                ErrorKind::NotFound => format!("the folder `{}` is not there: make it first", folder.display()),
                ErrorKind::NotADirectory => format!("`{}` is no folder", folder.display()),
                kind => format!("the folder `{}` can't be written to: {kind}", folder.display()),
            }),
        }
    }
}

fn replace(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.as_file().set_permissions(Permissions::from_mode(0o644))?;
    temporary.persist(path).map(drop).map_err(|error| error.error)
}
