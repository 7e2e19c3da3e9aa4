//! What is taken of a submission: regular files `src/**/*.rs`, opened without following a link, bounded in number and size.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use anyhow::{Context, Result, bail};
use nix::dir::Dir;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{Mode, SFlag, fstatat};

const MOST_FILES: usize = 200;
const MOST_FOLDERS: usize = 200;
const MOST_BYTES: u64 = 2 << 20;
const DEEPEST: usize = 8;

/// Copies them into the new folder `to`.
///
/// # Errors
/// What is wrong with the submission, for the student to read.
pub(super) fn copy(submission: &Path, to: &Path) -> Result<()> {
    let source = submission.join("src");
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let folder = nix::fcntl::open(&source, flags, Mode::empty())
        .with_context(|| format!("`{}` is no folder with a lesson's sources", source.display()))?;
    let mut taken = Taken::default();
    taken.folder(folder, to, Path::new("src"), 0)?;
    if !to.join("main.rs").is_file() {
        bail!("`{}` is missing", source.join("main.rs").display());
    }
    Ok(())
}

#[derive(Default)]
struct Taken {
    folders: usize,
    files: usize,
    bytes: u64,
}

impl Taken {
    /// `named` is how the student knows this folder.
    fn folder(&mut self, folder: OwnedFd, to: &Path, named: &Path, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            bail!("`{}` lies too deep", named.display());
        }
        self.folders += 1;
        if self.folders > MOST_FOLDERS {
            bail!("there are more than {MOST_FOLDERS} folders with sources");
        }
        fs::create_dir(to)?;
        let copy = folder.try_clone()?;
        for entry in Dir::from_fd(folder)?.iter() {
            let entry = entry?;
            let name = entry.file_name();
            let Ok(text) = name.to_str() else { continue };
            if text == "." || text == ".." {
                continue;
            }
            let named = named.join(text);
            let about = fstatat(&copy, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
            let kind = SFlag::from_bits_truncate(about.st_mode) & SFlag::S_IFMT;
            let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
            if kind == SFlag::S_IFDIR {
                let below = openat(&copy, name, flags | OFlag::O_DIRECTORY, Mode::empty())
                    .with_context(|| format!("`{}` can't be opened", named.display()))?;
                self.folder(below, &to.join(text), &named, depth + 1)?;
            } else if text.ends_with(".rs") {
                if kind != SFlag::S_IFREG {
                    bail!("`{}` is no regular file", named.display());
                }
                let file = openat(&copy, name, flags, Mode::empty())
                    .with_context(|| format!("`{}` can't be opened", named.display()))?;
                self.file(File::from(file), &to.join(text), &named)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, file: File, to: &Path, named: &Path) -> Result<()> {
        self.files += 1;
        if self.files > MOST_FILES {
            bail!("there are more than {MOST_FILES} source files");
        }
        // Looked at again: what was opened need not be what was looked at.
        if !file.metadata()?.is_file() {
            bail!("`{}` is no regular file", named.display());
        }
        let mut text = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut text)?;
        self.bytes += text.len() as u64;
        if self.bytes > MOST_BYTES {
            bail!("the source files are larger than {} MiB in all", MOST_BYTES >> 20);
        }
        File::create(to)?.write_all(&text)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn submission() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("src/deep")).expect("folders");
        fs::write(folder.path().join("src/main.rs"), "fn main() {}").expect("a file");
        fs::write(folder.path().join("src/deep/mod.rs"), "//").expect("a file");
        fs::write(folder.path().join("src/notes.txt"), "no Rust").expect("a file");
        fs::write(folder.path().join("build.rs"), "fn main() {}").expect("a file");
        folder
    }

    fn refused(submission: &Path) -> String {
        let to = tempfile::tempdir().expect("a folder");
        format!("{:#}", copy(submission, &to.path().join("src")).expect_err("refused"))
    }

    #[test]
    fn only_sources_are_taken() {
        let (from, to) = (submission(), tempfile::tempdir().expect("a folder"));
        copy(from.path(), &to.path().join("src")).expect("a right submission");
        let src = to.path().join("src");
        assert!(src.join("main.rs").is_file() && src.join("deep/mod.rs").is_file());
        assert!(!src.join("notes.txt").exists() && !to.path().join("build.rs").exists());
    }

    #[test]
    fn links_and_special_files_are_refused() {
        let folder = submission();
        symlink("/etc/passwd", folder.path().join("src/server.rs")).expect("a link");
        assert_eq!(refused(folder.path()), "`src/server.rs` is no regular file");

        let folder = submission();
        nix::unistd::mkfifo(&folder.path().join("src/pipe.rs"), Mode::S_IRWXU).expect("a pipe");
        assert_eq!(refused(folder.path()), "`src/pipe.rs` is no regular file");

        let folder = submission();
        fs::rename(folder.path().join("src"), folder.path().join("elsewhere")).expect("renamed");
        symlink("elsewhere", folder.path().join("src")).expect("a link");
        assert!(refused(folder.path()).contains("is no folder with a lesson's sources"));
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let folder = submission();
        fs::write(folder.path().join("src/large.rs"), vec![b'/'; MOST_BYTES as usize]).expect("a file");
        assert!(refused(folder.path()).contains("larger than 2 MiB"));

        let folder = submission();
        for number in 0..=MOST_FILES {
            fs::write(folder.path().join(format!("src/m{number}.rs")), "//").expect("a file");
        }
        assert!(refused(folder.path()).contains("more than 200 source files"));

        let folder = submission();
        for number in 0..=MOST_FOLDERS {
            fs::create_dir(folder.path().join(format!("src/d{number}"))).expect("a folder");
        }
        assert!(refused(folder.path()).contains("more than 200 folders"));

        let folder = submission();
        fs::remove_file(folder.path().join("src/main.rs")).expect("removed");
        let missing = folder.path().join("src/main.rs");
        assert_eq!(refused(folder.path()), format!("`{}` is missing", missing.display()));
    }
}
