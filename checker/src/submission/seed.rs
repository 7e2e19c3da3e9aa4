//! What a lesson's build begins with: the course's own manifests, and everything that the lesson depends on, compiled.
//!
//! Only packages of the course and of its lock file are in it, and no submission can write to it: each build gets a copy. A target folder that
//! two submissions share could run one student's program for the other's, since cargo tells sources apart by their times alone.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Workshop, lesson_folder, quoted};
use crate::compile::workspace;
use crate::course::Lesson;
use crate::jail::{Exit, Level};

/// A folder with `course/` (manifests and the sources of the lesson's dependencies), `vendor/` (crates) and `target/` (all of that, compiled).
#[derive(Debug)]
pub(super) struct Seed {
    folder: PathBuf,
}

impl Seed {
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the seed of this lesson, if that has not been done yet.
    pub(super) fn of(lesson: &Lesson, checker: &Path, level: Level) -> Result<Self> {
        let metadata = metadata()?;
        let parts = Parts::of(lesson, &metadata)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo names no target folder")?;
        let seeds = Path::new(target).join("seeds");
        fs::create_dir_all(&seeds).with_context(|| format!("failed to make `{}`", seeds.display()))?;
        let folder = seeds.join(format!("{}-{:016x}", lesson.id, parts.fingerprint(level)?));
        // Whoever comes second waits for the first.
        let lock = File::create(seeds.join(format!("{}.lock", lesson.id)))?;
        lock.lock().context("failed to lock a seed")?;
        let seed = Seed { folder };
        if !seed.folder.join("target").is_dir() {
            let unfinished = tempfile::tempdir_in(&seeds)?;
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(unfinished.path(), fs::Permissions::from_mode(0o755))?;
            parts.lay_out(lesson, unfinished.path())?;
            compile(lesson, unfinished.path(), checker, level)?;
            let _ = fs::remove_dir_all(&seed.folder);
            fs::rename(unfinished.keep(), &seed.folder).context("failed to keep a seed")?;
        }
        Ok(seed)
    }
}

/// Crates come from `vendor/` in the folder that is built in, not from a registry. (Cargo compiles them again if they are in another place.)
pub(super) fn source_replacement(workshop: &Path) -> Vec<String> {
    let vendor = workshop.join("vendor");
    vec![
        "--locked".to_owned(),
        "--config".to_owned(),
        "source.crates-io.replace-with='vendored'".to_owned(),
        "--config".to_owned(),
        format!("source.vendored.directory='{}'", vendor.display()),
    ]
}

/// What the course is made of, of which a lesson needs a part.
struct Parts {
    /// Folders below the checkout: the lesson's, and those of the packages of the course that it depends on.
    folders: BTreeSet<String>,
}

impl Parts {
    fn of(lesson: &Lesson, metadata: &Value) -> Result<Self> {
        let packages = metadata["packages"].as_array().context("cargo names no packages")?;
        let mut folders = BTreeSet::new();
        let mut wanted = vec![lesson.id.to_owned()];
        while let Some(name) = wanted.pop() {
            // Packages of the course have no source: they lie in the checkout.
            let Some(package) = packages
                .iter()
                .find(|package| package["name"] == name.as_str() && package["source"].is_null())
            else {
                continue;
            };
            let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
            let folder = manifest
                .parent()
                .and_then(|folder| folder.strip_prefix(workspace()).ok());
            let Some(folder) = folder.and_then(Path::to_str) else {
                bail!("the package `{name}` lies outside of the checkout");
            };
            if folders.insert(folder.to_owned()) {
                let dependencies = package["dependencies"].as_array().into_iter().flatten();
                wanted.extend(
                    dependencies
                        .filter(|dependency| dependency["path"].is_string())
                        .filter_map(|dependency| dependency["name"].as_str().map(str::to_owned)),
                );
            }
        }
        match folders.contains(&lesson_folder(lesson)) {
            true => Ok(Parts { folders }),
            false => bail!("`{}` is no package of this checkout", lesson.id),
        }
    }

    /// Changes with everything that is in the seed.
    fn fingerprint(&self, level: Level) -> Result<u64> {
        let mut hasher = DefaultHasher::new();
        level.as_str().hash(&mut hasher);
        super::toolchain()?.hash(&mut hasher);
        for file in ["Cargo.toml", "Cargo.lock"] {
            fs::read(workspace().join(file))?.hash(&mut hasher);
        }
        for folder in &self.folders {
            for path in files(&workspace().join(folder))? {
                path.hash(&mut hasher);
                fs::read(&path)?.hash(&mut hasher);
            }
        }
        Ok(hasher.finish())
    }

    /// Lays the course's part out, with the crates of its lock file.
    fn lay_out(&self, lesson: &Lesson, seed: &Path) -> Result<()> {
        let course = seed.join("course");
        for folder in &self.folders {
            let from = workspace().join(folder);
            for path in files(&from)? {
                let to = course.join(path.strip_prefix(workspace())?);
                fs::create_dir_all(to.parent().unwrap_or(&course))?;
                fs::copy(&path, &to)?;
            }
        }
        let src = course.join(lesson_folder(lesson)).join("src");
        fs::remove_dir_all(&src)?;
        fs::create_dir(&src)?;
        fs::write(src.join("main.rs"), "fn main() {}\n")?;
        let manifest = fs::read_to_string(workspace().join("Cargo.toml"))?;
        fs::write(course.join("Cargo.toml"), with_members(&manifest, &self.folders)?)?;
        fs::copy(workspace().join("Cargo.lock"), course.join("Cargo.lock"))?;
        // Also takes out of the lock file what is no longer needed.
        cargo(&course, &["vendor", "--offline", "--quiet", "../vendor"])
    }
}

/// The same manifest for a workspace of these members.
fn with_members(manifest: &str, folders: &BTreeSet<String>) -> Result<String> {
    let mut text = manifest.to_owned();
    for (name, members) in [("default-members", None), ("members", Some(folders))] {
        let begin = text
            .find(&format!("\n{name} = ["))
            .with_context(|| format!("`Cargo.toml` has no `{name}`"))?;
        let end = begin + text[begin..].find(']').context("`Cargo.toml` has an open list")? + 1;
        let members = members
            .map(|folders| format!("\n{name} = {:?}", Vec::from_iter(folders)))
            .unwrap_or_default();
        text.replace_range(begin..end, &members);
    }
    Ok(text)
}

/// Compiles everything but the lesson itself, in the place where submissions are compiled.
fn compile(lesson: &Lesson, seed: &Path, checker: &Path, level: Level) -> Result<()> {
    let workshop = Workshop::open(checker, level, &[seed])?;
    let path = quoted(&workshop.folder.path)?;
    let from = quoted(seed)?;
    workshop.must_do(&format!("cp -a {from}/course {from}/vendor {path}/"))?;
    let more = source_replacement(&workshop.folder.path);
    for arguments in [["build", "--package", lesson.id], ["clean", "--package", lesson.id]] {
        let errand = workshop.cargo(&arguments, &more, super::LONGEST_BUILD)?;
        if errand.exit != Some(Exit::Code(0)) {
            bail!(
                "failed to compile what {} depends on:\n{}",
                lesson.id,
                String::from_utf8_lossy(&errand.stderr)
            );
        }
    }
    // Nothing of a submission has run in there: it may be copied as it is.
    let target = workshop.folder.outside("target");
    let target = match target.strip_prefix("/proc/self") {
        Ok(rest) => Path::new("/proc").join(std::process::id().to_string()).join(rest),
        Err(_) => target,
    };
    #[expect(clippy::disallowed_methods, reason = "`cp` is ours, not a program under test")]
    let status = std::process::Command::new("cp")
        .args(["-a", "--no-preserve=ownership"])
        .args([target.as_path(), &seed.join("target")])
        .status()
        .context("failed to run `cp`")?;
    match status.success() {
        true => Ok(()),
        false => bail!("failed to copy what was compiled for {}", lesson.id),
    }
}

fn metadata() -> Result<Value> {
    #[expect(clippy::disallowed_methods, reason = "cargo is ours, not a program under test")]
    let said = std::process::Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(workspace())
        .stderr(Stdio::inherit())
        .output()
        .context("failed to run `cargo metadata`")?;
    serde_json::from_slice(&said.stdout).context("failed to read what `cargo metadata` says")
}

fn cargo(folder: &Path, arguments: &[&str]) -> Result<()> {
    #[expect(clippy::disallowed_methods, reason = "cargo is ours, not a program under test")]
    let status = std::process::Command::new("cargo")
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .context("failed to run cargo")?;
    match status.success() {
        true => Ok(()),
        false => bail!("`cargo {}` failed: its words are above", arguments.join(" ")),
    }
}

/// All regular files below `folder`, in a stable order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("failed to read `{}`", folder.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}
