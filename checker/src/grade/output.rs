//! Where a report goes: stdout, or a file that is there whole or not at all.

use std::io::{self, Write};
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

pub(super) fn temporary_beside(path: &Path) -> Result<(NamedTempFile, PathBuf)> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if path.is_dir() {
        anyhow::bail!("the report can't be written to `{}`: it is a folder", path.display());
    }
    let temporary = NamedTempFile::new_in(folder)
        .with_context(|| format!("the report can't be written to `{}`", path.display()))?;
    Ok((temporary, path.to_path_buf()))
}

/// Writes all of it, or leaves what was there.
pub(super) fn write_whole(mut temporary: NamedTempFile, path: &Path, text: &str) -> Result<()> {
    let written = temporary
        .write_all(text.as_bytes())
        .map_err(anyhow::Error::from)
        .and_then(|()| {
            use std::os::unix::fs::PermissionsExt;
            temporary
                .as_file()
                .set_permissions(std::fs::Permissions::from_mode(0o644))?;
            temporary.persist(path)?;
            Ok(())
        });
    written
        .with_context(|| format!("failed to write the report to `{}`", path.display()))
        .inspect_err(|_| {
            // The work is not lost: what could not be kept is at least shown.
            let _ = say(text);
        })
}
