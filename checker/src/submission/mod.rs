//! A student's lesson folder -> a program, built behind walls: the only thing of a submission that reaches the compiler are its `src/**/*.rs`.
//!
//! They are laid over the course's own manifest, so that there is no build script, no cargo configuration and no dependency but the course's.
//! What the lesson depends on comes ready from a seed that no submission can change.

mod seed;
mod sources;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::course::Lesson;
use crate::jail::{Errand, Exit, Jail, Level, Limits, Scratch, Walls, errand};
use seed::{Seed, source_replacement};

/// Rust compiles a lesson in about a second; endless const evaluation ends here.
const LONGEST_BUILD: Duration = Duration::from_secs(120);
/// No lesson comes near it.
const LARGEST_PROGRAM: u64 = 256 << 20;

/// What a compiler may use up.
const LIMITS: Limits = Limits {
    memory: 4 << 30,
    processor_time: 240,
    processes: 1024,
    descriptors: 1024,
    disk: 2 << 30,
};

/// What became of the sources.
#[derive(Debug)]
pub enum Submission {
    /// A program, which is there as long as this value.
    Built(Built),
    /// The compiler's words, or what is wrong with the folder.
    DoesNotBuild(String),
}

#[derive(Debug)]
pub struct Built {
    _folder: TempDir,
    pub executable: PathBuf,
}

/// Builds the lesson folder `source` as this lesson; `checker` is the checker's own executable.
///
/// # Errors
/// Our own trouble: no seed, no jail.
pub fn build(lesson: &Lesson, source: &Path, checker: &Path, level: Level) -> Result<Submission> {
    build_within(lesson, source, checker, level, LONGEST_BUILD)
}

/// The same, but the compiler may take no longer than `limit`.
///
/// # Errors
/// Our own trouble: no seed, no jail.
pub fn build_within(
    lesson: &Lesson,
    source: &Path,
    checker: &Path,
    level: Level,
    limit: Duration,
) -> Result<Submission> {
    let folder = tempfile::Builder::new()
        .prefix("handshake-")
        .tempdir()
        .context("failed to make a folder for the submission")?;
    // The user of a jail has to read it, and is another than root.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    if let Err(refused) = sources::copy(source, &folder.path().join("src")) {
        return Ok(Submission::DoesNotBuild(format!("{refused:#}")));
    }
    let seed = Seed::of(lesson, checker, level)?;
    let workshop = Workshop::open(checker, level, &[seed.folder(), folder.path()])?;
    let path = quoted(&workshop.folder.path)?;
    workshop.must_do(&format!(
        "cp -a {seed}/course {seed}/vendor {seed}/target {path}/ && rm -rf {path}/course/{lesson}/src && cp -r {mine}/src {path}/course/{lesson}/src",
        seed = quoted(seed.folder())?,
        lesson = lesson_folder(lesson),
        mine = quoted(folder.path())?,
    ))?;
    let errand = workshop.cargo(
        &["build", "--package", lesson.id],
        &source_replacement(&workshop.folder.path),
        limit,
    )?;
    match errand.exit {
        Some(Exit::Code(0)) => {}
        None => {
            return Ok(Submission::DoesNotBuild(format!(
                "the compiler was still at work after {} seconds",
                limit.as_secs()
            )));
        }
        Some(Exit::Code(_) | Exit::Signal(_)) => {
            return Ok(Submission::DoesNotBuild(readable(&errand.stderr)));
        }
    }
    let executable = folder.path().join(lesson.id);
    if !workshop.fetch(Path::new("target/debug").join(lesson.id).as_path(), &executable)? {
        return Ok(Submission::DoesNotBuild(format!(
            "what comes of it is no program of at most {} MiB",
            LARGEST_PROGRAM >> 20
        )));
    }
    Ok(Submission::Built(Built {
        _folder: folder,
        executable,
    }))
}

/// The beginning and the end of what the compiler said: nobody reads more.
fn readable(words: &[u8]) -> String {
    const END: usize = 64 << 10;
    match words.len().checked_sub(2 * END) {
        None | Some(0) => String::from_utf8_lossy(words).into_owned(),
        Some(more) => format!(
            "{}\n… {more} more bytes …\n{}",
            String::from_utf8_lossy(&words[..END]),
            String::from_utf8_lossy(&words[words.len() - END..])
        ),
    }
}

/// `lessons/04-udp`
fn lesson_folder(lesson: &Lesson) -> String {
    format!("lessons/{}", lesson.folder)
}

/// A jail with the toolchain in it, and a folder to build in.
#[derive(Debug)]
struct Workshop {
    jail: Rc<Jail>,
    folder: crate::jail::Folder,
    toolchain: PathBuf,
    _scratch: Option<Scratch>,
}

impl Workshop {
    fn open(checker: &Path, level: Level, shown: &[&Path]) -> Result<Self> {
        let toolchain = toolchain()?;
        let mut walls = Walls::new(level, LIMITS);
        walls.shown = shown.iter().map(|path| path.to_path_buf()).collect();
        walls.shown.push(toolchain.clone());
        let scratch = match level {
            Level::Reduced => Some(Scratch::new(walls.user).context("failed to make a folder to build in")?),
            Level::Full | Level::None => None,
        };
        walls.scratch = scratch.as_ref().map(|scratch| scratch.path().to_path_buf());
        let jail = Jail::build(checker, walls).context("failed to build the jail in which submissions are compiled")?;
        let folder = jail
            .make_folder("build")
            .context("failed to make a folder to build in")?;
        Ok(Workshop {
            jail: Rc::new(jail),
            folder,
            toolchain,
            _scratch: scratch,
        })
    }

    /// Runs a shell command of ours, in which nothing of a submission is run.
    fn must_do(&self, command: &str) -> Result<()> {
        let argv = ["/bin/sh", "-c", command].map(OsString::from);
        let errand = errand::run(&self.jail, &argv, &[], LONGEST_BUILD).context("failed to run a shell")?;
        match errand.exit {
            Some(Exit::Code(0)) => Ok(()),
            _ => bail!("failed to prepare a build: {}", String::from_utf8_lossy(&errand.stderr)),
        }
    }

    /// Runs cargo on the course in this workshop: offline, and from a folder in which no configuration lies.
    fn cargo(&self, arguments: &[&str], more: &[String], limit: Duration) -> Result<Errand> {
        let bin = self.toolchain.join("bin");
        let folder = &self.folder.path;
        let argv: Vec<OsString> = [bin.join("cargo").into_os_string()]
            .into_iter()
            .chain(arguments.iter().map(OsString::from))
            .chain(["--offline".into(), "--manifest-path".into()])
            .chain([folder.join("course/Cargo.toml").into_os_string()])
            .chain(more.iter().map(OsString::from))
            .collect();
        let environment = [
            ("CARGO_HOME", folder.join("cargo-home").into_os_string()),
            // A compiler that compiles once gains nothing by it.
            ("CARGO_INCREMENTAL", "0".into()),
            ("CARGO_TARGET_DIR", folder.join("target").into_os_string()),
            ("CARGO_TERM_COLOR", "never".into()),
            ("RUSTC", bin.join("rustc").into_os_string()),
        ];
        errand::run(&self.jail, &argv, &environment, limit)
            .with_context(|| format!("failed to run `{}` in the jail", bin.join("cargo").display()))
    }

    /// Copies a file out of the jail, if it is one, of a size that can be graded.
    fn fetch(&self, from: &Path, to: &Path) -> Result<bool> {
        let path = self.folder.outside(from);
        let built = fs::OpenOptions::new()
            .read(true)
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(&path)
            .with_context(|| format!("failed to open what was built, `{}`", from.display()))?;
        let about = built.metadata()?;
        if !about.is_file() || about.len() > LARGEST_PROGRAM {
            return Ok(false);
        }
        let mut bytes = Vec::new();
        built.take(LARGEST_PROGRAM).read_to_end(&mut bytes)?;
        let mut copy = File::create(to)?;
        copy.write_all(&bytes)?;
        copy.set_permissions(fs::Permissions::from_mode(0o755))?;
        Ok(true)
    }
}

/// Where rustc and cargo lie, and nothing else of whoever installed them.
fn toolchain() -> Result<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the compiler is ours, not a program under test"
    )]
    let said = std::process::Command::new("rustc")
        .args(["--print", "sysroot"])
        .current_dir(crate::compile::workspace())
        .output()
        .context("failed to run `rustc`, which says where the toolchain lies")?;
    let path = PathBuf::from(String::from_utf8_lossy(&said.stdout).trim());
    match path.join("bin/cargo").is_file() {
        true => Ok(path),
        false => bail!("there is no toolchain with cargo in `{}`", path.display()),
    }
}

/// For a shell.
fn quoted(path: &Path) -> Result<String> {
    let text = path
        .to_str()
        .with_context(|| format!("`{}` is no UTF-8", path.display()))?;
    Ok(shlex::try_quote(text)?.into_owned())
}
