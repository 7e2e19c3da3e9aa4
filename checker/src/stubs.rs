//! Whether a lesson has been started: its sources are compared with what was shipped.
//!
//! What the stubs were is known by their SHA-256, compiled into the checker: not read from git, and not from the lessons, which the student
//! has changed by then. After a change of a stub: `sha256sum lessons/0*/src/*.rs > checker/stubs.sha256`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::course::Lesson;

const SHIPPED: &str = include_str!("../stubs.sha256");

/// Whether every file of the lesson's `src/` is as it was shipped, and none was added or taken away.
///
/// # Errors
/// A file that can't be read, by its path.
pub fn is_untouched(workspace: &Path, lesson: &Lesson) -> Result<bool> {
    let folder = format!("lessons/{}/src", lesson.folder);
    let shipped: BTreeSet<(String, PathBuf)> = SHIPPED
        .lines()
        .filter_map(|line| line.split_once("  "))
        .filter(|(_, path)| path.starts_with(&folder))
        .map(|(hash, path)| (hash.to_owned(), PathBuf::from(path)))
        .collect();
    let mut found = BTreeSet::new();
    let entries =
        fs::read_dir(workspace.join(&folder)).with_context(|| format!("failed to read the folder `{folder}`"))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("failed to read the folder `{folder}`"))?
            .path();
        if path.is_dir() {
            return Ok(false);
        }
        let bytes = fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let path = path.strip_prefix(workspace).map(Path::to_path_buf).unwrap_or(path);
        found.insert((hash, path));
    }
    Ok(found == shipped)
}
