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
/// Bytes; no stub comes near it. A submission may hold anything, and nobody else has looked at it yet.
const LARGEST: u64 = 1 << 20;

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
        let is_named_like_one = shipped.iter().any(|(_, name)| *name == entry.file_name());
        if !is_named_like_one || entry.metadata().is_ok_and(|about| about.len() > LARGEST) {
            return Ok(false);
        }
        let bytes = fs::read(&path).with_context(|| format!("failed to read `{}`", path.display()))?;
        let hash: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        found.insert((hash, PathBuf::from(entry.file_name())));
    }
    Ok(found == shipped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It would be read for hours, or fill the memory.
    #[test]
    fn a_file_that_is_no_stub_is_not_read() {
        let lesson = crate::course::LESSONS[0];
        for name in ["server.rs", "large.rs"] {
            let folder = tempfile::tempdir().expect("a folder");
            fs::create_dir(folder.path().join("src")).expect("a folder");
            let file = fs::File::create(folder.path().join("src").join(name)).expect("a file");
            file.set_len(1 << 40).expect("a sparse file");
            assert!(!is_untouched(folder.path(), lesson).expect("readable"), "{name}");
        }
    }
}
