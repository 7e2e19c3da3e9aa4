//! The folder of `--source`: whether it can be this lesson's at all.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};

use crate::course::{LESSONS, Lesson};
use crate::invocation;

/// Bytes; no manifest of ours comes near it.
const LARGEST_MANIFEST: u64 = 64 << 10;

/// Why this folder is not graded, where it is not.
pub(super) fn refused(folder: &Path, lesson: &Lesson) -> Option<String> {
    let shown = folder.display();
    match folder.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Some(format!("`--source {shown}`: there is no folder `{shown}`"));
        }
        Ok(about) if !about.is_dir() => return Some(format!("`--source {shown}` is no folder")),
        Ok(_) | Err(_) => {}
    }
    match folder.join("src").metadata() {
        Ok(about) if about.is_dir() => {}
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Some(format!("`--source {shown}` can't be read: permission denied"));
        }
        Ok(_) | Err(_) => return Some(format!("`--source {shown}` is no lesson folder: it has no `src`")),
    }
    let package = package(&folder.join("Cargo.toml"))?;
    let other = LESSONS
        .iter()
        .find(|other| other.id == package || other.solution() == package)
        .filter(|other| other.id != lesson.id)?;
    let number = other.number();
    let folder = folder.to_string_lossy();
    Some(format!(
        "`--source {shown}` is lesson {number}'s, `{package}`: `{} {number} --source {}`",
        invocation::of("grade"),
        shlex::try_quote(&folder).unwrap_or_default()
    ))
}

/// The name that a manifest gives its package. Nobody vouches for the file: of anything but a short regular one there is none.
fn package(manifest: &Path) -> Option<String> {
    let file = File::options()
        .read(true)
        .custom_flags(O_NOFOLLOW | O_NONBLOCK)
        .open(manifest)
        .ok()?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return None;
    }
    let mut text = String::new();
    file.take(LARGEST_MANIFEST).read_to_string(&mut text).ok()?;
    text.lines()
        .map(str::trim)
        .skip_while(|line| *line != "[package]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == "name")
        .map(|(_, name)| name.trim().trim_matches('"').to_owned())
}
