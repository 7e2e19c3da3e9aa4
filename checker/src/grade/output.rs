//! Where a report goes: stdout, a file that is there whole or not at all, a device.

use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

/// The report goes to stdout; a reader that went away (`| head`) is no trouble of ours.
pub(super) fn say(text: &str) -> Result<()> {
    say_bytes(text.as_bytes())
}

pub(super) fn say_bytes(text: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("failed to write the report to stdout")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The file of `--output`.
pub(super) enum Destination {
    /// A file is replaced by the whole report, or left as it was.
    Replaced { temporary: NamedTempFile, path: PathBuf },
    /// A device or a FIFO (`/dev/null`, `>(gzip)`) stays what it is: the report is written into it.
    WrittenInto { file: File, path: PathBuf },
}

impl Destination {
    /// Links are followed: what they lead to is written, and they stay.
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::found_at(path.canonicalize().unwrap_or_else(|_| path.to_path_buf()))
            .with_context(|| format!("the report can't be written to `{}`", path.display()))
    }

    fn found_at(path: PathBuf) -> Result<Self> {
        match path.metadata() {
            Ok(about) if about.is_dir() => anyhow::bail!("it is a folder"),
            Ok(about) if !about.is_file() => {
                let file = File::options().write(true).open(&path)?;
                Ok(Destination::WrittenInto { file, path })
            }
            Ok(_) | Err(_) => {
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty())
                    .unwrap_or(Path::new("."));
                let temporary = NamedTempFile::new_in(folder)?;
                Ok(Destination::Replaced { temporary, path })
            }
        }
    }

    pub(super) fn write(self, text: &str) -> Result<()> {
        let (path, written) = match self {
            Destination::Replaced { temporary, path } => {
                let written = replace(temporary, &path, text);
                (path, written)
            }
            Destination::WrittenInto { mut file, path } => {
                let written = file.write_all(text.as_bytes()).map_err(anyhow::Error::from);
                (path, written)
            }
        };
        written
            .with_context(|| format!("failed to write the report to `{}`", path.display()))
            .inspect_err(|_| {
                // The work is not lost: what could not be kept is at least shown.
                let _ = say(text);
            })
    }
}

fn replace(mut temporary: NamedTempFile, path: &Path, text: &str) -> Result<()> {
    temporary.write_all(text.as_bytes())?;
    temporary.as_file().set_permissions(Permissions::from_mode(0o644))?;
    temporary.persist(path)?;
    Ok(())
}
