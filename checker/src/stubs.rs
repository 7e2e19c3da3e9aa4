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

/// Whether every file of `src/` in this lesson folder is as it was shipped, and none was added or taken away.
///
/// # Errors
/// A file that can't be read, by its path.
pub fn is_untouched(folder: &Path, lesson: &Lesson) -> Result<bool> {
    let shipped_in = format!("lessons/{}/src/", lesson.folder);
    let shipped: BTreeSet<(String, PathBuf)> = SHIPPED
        .lines()
        .filter_map(|line| line.split_once("  "))
        .filter_map(|(hash, path)| Some((hash.to_owned(), path.strip_prefix(&shipped_in)?.into())))
        .collect();
    let src = folder.join("src");
    let mut found = BTreeSet::new();
    let entries = fs::read_dir(&src).with_context(|| format!("failed to read the folder `{}`", src.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("failed to read the folder `{}`", src.display()))?;
        // A folder, a link, a pipe: nothing like it was shipped.
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            return Ok(false);
        }
        let path = entry.path();
        let bytes = fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        found.insert((hash, PathBuf::from(entry.file_name())));
    }
    Ok(found == shipped)
}
