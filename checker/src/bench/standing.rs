//! What stands at a path: put there for a server to meet, looked at, and found again untouched.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use super::Bench;
use super::stage::Stage;
use super::unix;
use crate::verdict::{Finding, Kind, OrTrouble, Step};

/// What stands at a path, remembered: no link is followed.
#[derive(Debug)]
pub struct Standing {
    stage: Rc<Stage>,
    path: PathBuf,
    then: Metadata,
}

/// A look at the mode of what stands at a path, again and again until it ends. A mode that it sees was there; one that was there for a moment
/// it may miss.
#[derive(Debug)]
pub struct ModeWatch {
    path: PathBuf,
    mode: u32,
    over: Arc<AtomicBool>,
    other: Arc<AtomicU32>,
}

impl Drop for ModeWatch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl ModeWatch {
    /// Between two looks: a program starts up meanwhile, which is not to be slowed down.
    const PAUSE: Duration = Duration::from_micros(200);

    /// `outside` is the way to `path` from here.
    fn new(path: &Path, outside: PathBuf, mode: u32) -> Step<Self> {
        let (over, other) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(mode)));
        let watch = ModeWatch {
            path: path.to_path_buf(),
            mode,
            over: Arc::clone(&over),
            other: Arc::clone(&other),
        };
        thread::Builder::new()
            .spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    match fs::symlink_metadata(&outside) {
                        Ok(found) if found.mode() & 0o777 != mode => {
                            other.store(found.mode() & 0o777, Ordering::Relaxed);
                            return;
                        }
                        _ => thread::park_timeout(ModeWatch::PAUSE),
                    }
                }
            })
            .or_trouble("watching what stands at a path")?;
        Ok(watch)
    }

    /// So far, nothing has stood there with another mode.
    pub fn has_seen_no_other(self) -> Step {
        let (mode, seen) = (self.mode, self.other.load(Ordering::Relaxed));
        if seen == mode {
            return Ok(());
        }
        Finding::new(
            Kind::WrongFile,
            format!(
                "the mode of `{}` was {seen:04o} before the server said that it listens",
                self.path.display()
            ),
        )
        .expected(format!("{mode:04o} from the first moment on"))
        .actual(format!("{seen:04o}"))
        .stop()
    }
}

impl Bench {
    /// Watches from now on with which modes anything stands at `path`.
    pub fn watches_the_mode_at(&self, path: &Path, mode: u32) -> Step<ModeWatch> {
        ModeWatch::new(path, self.stage.outside(path)?, mode)
    }

    /// Leaves a socket file behind on which no one listens.
    pub fn dead_socket_at(&mut self, path: &Path) -> Step {
        unix::leave_dead(&self.stage.outside(path)?).or_trouble("leaving a socket file behind")?;
        self.puts("a socket file that no one listens on", path)
    }

    pub fn regular_file_at(&mut self, path: &Path, content: &str) -> Step {
        // New, or not at all: what a program has put there might be a link to anywhere.
        let file = File::create_new(self.stage.outside(path)?);
        file.and_then(|mut file| file.write_all(content.as_bytes()))
            .or_trouble("writing a file")?;
        self.puts("a regular file", path)
    }

    pub fn folder_at(&mut self, path: &Path) -> Step {
        fs::create_dir(self.stage.outside(path)?).or_trouble("making a folder")?;
        self.puts("a folder", path)
    }

    pub fn link_at(&mut self, path: &Path, target: &Path) -> Step {
        symlink(target, self.stage.outside(path)?).or_trouble("making a link")?;
        self.puts(&format!("a link to {}", target.display()), path)
    }

    fn puts(&self, what: &str, path: &Path) -> Step {
        self.stage.hands_over(path)?;
        self.stage
            .record("checker", format!("puts {what} at {}", path.display()));
        Ok(())
    }

    /// Remembers what stands at `path`.
    pub fn remembers(&self, path: &Path) -> Step<Standing> {
        Ok(Standing {
            stage: Rc::clone(&self.stage),
            path: path.to_path_buf(),
            then: fs::symlink_metadata(self.stage.outside(path)?).or_trouble("looking at what stands at a path")?,
        })
    }

    /// A socket stands at `path`.
    pub fn finds_a_socket_at(&self, path: &Path) -> Step {
        let now = self.look(path)?;
        match &now {
            Some(found) if found.file_type().is_socket() => Ok(()),
            _ => Finding::new(
                Kind::WrongFile,
                format!("what stands at `{}` is no socket", path.display()),
            )
            .expected("a socket")
            .actual(kind(now.as_ref()))
            .stop(),
        }
    }

    /// The permissions of what stands at `path` are `mode`.
    pub fn finds_mode_at(&self, path: &Path, mode: u32) -> Step {
        let now = self.look(path)?;
        match &now {
            Some(found) if found.mode() & 0o777 == mode => Ok(()),
            Some(found) => {
                let is = found.mode() & 0o777;
                let wrong = match is & !mode & 0o077 {
                    0 => format!("is not {mode:04o}"),
                    _ => "lets others in".to_owned(),
                };
                Finding::new(Kind::WrongFile, format!("the mode of `{}` {wrong}", path.display()))
                    .expected(format!("{mode:04o}"))
                    .actual(format!("{is:04o}"))
                    .stop()
            }
            None => Finding::new(Kind::WrongFile, format!("nothing stands at `{}`", path.display()))
                .expected(format!("a socket of mode {mode:04o}"))
                .stop(),
        }
    }

    /// Nothing stands at `path` any more.
    pub fn finds_nothing_at(&self, path: &Path) -> Step {
        let now = self.look(path)?;
        match now {
            None => Ok(()),
            Some(_) => Finding::new(
                Kind::WrongFile,
                format!("the server has ended, but `{}` still stands", path.display()),
            )
            .expected("nothing at this path")
            .actual(kind(now.as_ref()))
            .stop(),
        }
    }

    fn look(&self, path: &Path) -> Step<Option<Metadata>> {
        let found = look(&self.stage.outside(path)?)?;
        self.stage.record(
            "checker",
            format!("finds {} at {}", kind(found.as_ref()), path.display()),
        );
        Ok(found)
    }
}

impl Standing {
    /// The same still stands there, untouched.
    pub fn is_untouched(&self) -> Step {
        let now = look(&self.stage.outside(&self.path)?)?;
        // The time of change (ctime) tells the same file from another that was given its number, and sees every `chmod` and every write.
        let identity = |of: &Metadata| (of.dev(), of.ino(), of.mode(), of.size(), of.ctime(), of.ctime_nsec());
        let (was, is) = (kind(Some(&self.then)), kind(now.as_ref()));
        let actual = match &now {
            Some(now) if identity(now) == identity(&self.then) => {
                self.stage
                    .record("checker", format!("finds {is} at {}, untouched", self.path.display()));
                return Ok(());
            }
            _ if is == was => format!("{is}, but not the one that stood there, or changed"),
            _ => is,
        };
        Finding::new(
            Kind::WrongFile,
            format!("what stood at `{}` was not left as it was", self.path.display()),
        )
        .expected(format!("{was}, untouched"))
        .actual(actual)
        .stop()
    }
}

fn look(path: &Path) -> Step<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).or_trouble("looking at what stands at a path"),
    }
}

/// What stands there, in a few words.
fn kind(of: Option<&Metadata>) -> String {
    let Some(of) = of else { return "nothing".to_owned() };
    let kind = of.file_type();
    if kind.is_socket() {
        return format!("a socket of mode {:04o}", of.mode() & 0o777);
    }
    let kind = match () {
        () if kind.is_dir() => "a folder",
        () if kind.is_symlink() => "a link",
        () if kind.is_file() => "a regular file",
        () => "a special file",
    };
    kind.to_owned()
}
