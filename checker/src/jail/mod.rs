//! Where a program runs: the only code that starts a program under test, signals it, or reaps it; and the only code that knows a namespace.
//!
//! A jail holds the programs of one check. Everything in it ends when it is dropped, however well it hid. Never called from here: anything of
//! `bench`.

#[cfg(target_os = "linux")]
mod cgroup;
mod child;
#[cfg(target_os = "linux")]
mod choice;
mod command;
#[cfg(target_os = "linux")]
mod duty;
#[cfg(target_os = "linux")]
pub mod errand;
#[cfg(target_os = "linux")]
mod link;
#[cfg(target_os = "linux")]
mod message;
#[cfg(target_os = "linux")]
pub mod offers;
#[cfg(target_os = "linux")]
mod packets;
mod peek;
#[cfg(target_os = "linux")]
mod scratch;
mod signals;
mod sockets;
mod walls;
#[cfg(target_os = "linux")]
mod warden;
mod watchdog;

use std::ffi::OsString;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::rc::Rc;

#[cfg(target_os = "linux")]
pub use cgroup::{Delegated, NotDelegated};
pub use child::{Child, Exit};
#[cfg(target_os = "linux")]
pub use choice::{Attempt, attempts, remedy, tried};
pub use command::{is_of_the_jail, is_shown_as_a_whole, needs};
#[cfg(target_os = "linux")]
pub use duty::{Duty, off_duty};
#[cfg(target_os = "linux")]
pub use errand::Errand;
#[cfg(target_os = "linux")]
pub use link::NotBuilt;
#[cfg(target_os = "linux")]
pub use packets::{Cut, Frame, Packets};
pub use peek::not_told;
#[cfg(target_os = "linux")]
pub use peek::{copy_of_descriptor, protocol, unread};
#[cfg(target_os = "linux")]
pub use scratch::Scratch;
pub use sockets::connect_without_waiting;
pub use walls::{Level, Limits, Walls};
#[cfg(target_os = "linux")]
pub use warden::run as run_warden;
pub use watchdog::Call;

/// The variable by which the processes of a program can be told from those of another, whoever their parent is by now.
pub const MARK: &str = "HANDSHAKE_PROGRAM";

/// Where the programs of one check run.
#[derive(Debug)]
pub struct Jail {
    walls: Walls,
    /// The checker's own executable.
    checker: PathBuf,
    #[cfg(target_os = "linux")]
    link: Option<link::Link>,
}

/// What is to be started in a jail.
#[derive(Debug)]
pub enum Play<'a> {
    /// A command line: the executable, as a shell would find it, and its arguments.
    Command(&'a [OsString]),
    /// Our own client process, which connects to this path: see [`crate::relay`].
    Relay(&'a Path),
}

/// A private folder that the programs of a jail share with us.
#[derive(Debug)]
pub struct Folder {
    /// Its path, as the programs see it.
    pub path: PathBuf,
    /// The way to it from outside, which no program can turn elsewhere.
    outside: PathBuf,
    _keeps: Keeps,
}

#[derive(Debug)]
enum Keeps {
    Ours {
        _folder: tempfile::TempDir,
    },
    #[cfg(target_os = "linux")]
    OfTheJail {
        _folder: OwnedFd,
    },
}

impl Folder {
    /// The way to `name` in this folder, from outside. What lies there may be a link that a program has made: look before you follow it.
    pub fn outside(&self, name: impl AsRef<Path>) -> PathBuf {
        self.outside.join(name)
    }
}

#[cfg(target_os = "linux")]
impl Jail {
    /// Builds the walls; `checker` is the checker's own executable.
    ///
    /// # Errors
    /// The wall that this system does not let us build.
    pub fn build(checker: &Path, walls: Walls) -> Result<Self, NotBuilt> {
        let link = match walls.level {
            Level::None => None,
            Level::Reduced | Level::Full => Some(link::Link::build(checker, &walls)?),
        };
        Ok(Jail {
            walls,
            checker: checker.to_path_buf(),
            link,
        })
    }

    /// A socket of the jail's network.
    ///
    /// # Errors
    /// What `socket(2)` says.
    pub fn socket(&self, family: i32, kind: i32, protocol: i32) -> io::Result<OwnedFd> {
        let Some(link) = &self.link else {
            return sockets::new(family, kind, protocol);
        };
        let request = message::Request::Socket { family, kind, protocol };
        descriptor(link.ask(&request, &[])?)
    }

    /// The packets of the jail's network, from now on; `None` where the programs share the host's.
    ///
    /// # Errors
    /// What the kernel lacks for it.
    pub fn packets(&self, cut: Cut) -> io::Result<Option<Packets>> {
        if self.walls.level != Level::Full {
            return Ok(None);
        }
        let (family, kind, protocol) = packets::SOCKET;
        Packets::of(self.socket(family, kind, protocol)?, cut).map(Some)
    }

    /// A stream connected to the AF_UNIX socket at `path`, as the programs see it. A queue that is full is an error, not a wait.
    ///
    /// # Errors
    /// What `connect(2)` says.
    pub fn connect_to(&self, path: &Path) -> io::Result<OwnedFd> {
        let Some(link) = &self.link else {
            return connect_without_waiting(path);
        };
        let path = path.to_path_buf();
        descriptor(link.ask(&message::Request::ConnectTo { path }, &[])?)
    }

    /// A new folder that belongs to the programs.
    ///
    /// # Errors
    /// It can't be made.
    pub fn make_folder(&self, name: &str) -> io::Result<Folder> {
        use std::os::fd::AsRawFd;
        let Some(link) = self.link.as_ref().filter(|_| self.walls.level == Level::Full) else {
            return match &self.walls.scratch {
                Some(scratch) => folder_in(scratch, self.user()),
                None => host_folder(self.user()),
            };
        };
        let path = Path::new("/tmp").join(name);
        let folder = descriptor(link.ask(&message::Request::MakeFolder { path: path.clone() }, &[])?)?;
        Ok(Folder {
            path,
            outside: PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())),
            _keeps: Keeps::OfTheJail { _folder: folder },
        })
    }

    /// Starts a program whose environment holds `environment` besides what every program gets.
    ///
    /// # Errors
    /// No such executable, or what the system says.
    pub fn start(self: &Rc<Self>, play: &Play<'_>, environment: &[(&'static str, OsString)]) -> io::Result<Child> {
        match (&self.link, play) {
            (None, Play::Command(argv)) => Child::start(argv, environment),
            (None, Play::Relay(path)) => {
                let argv = [
                    self.checker.clone().into_os_string(),
                    "__relay".into(),
                    path.as_os_str().to_owned(),
                ];
                Child::start(&argv, environment)
            }
            (Some(_), _) => Child::start_in(self, self.start_of(play, environment)?),
        }
    }

    /// A descriptor that names the warden.
    fn warden(&self) -> io::Result<OwnedFd> {
        match &self.link {
            Some(link) => link.warden(),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn ask(
        &self,
        request: &message::Request,
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<(message::Reply, Vec<OwnedFd>)> {
        match &self.link {
            Some(link) => link.ask(request, descriptors),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    fn start_of(&self, play: &Play<'_>, extra: &[(&'static str, OsString)]) -> io::Result<message::Start> {
        use std::os::unix::ffi::OsStrExt;
        let play = match play {
            Play::Relay(path) => message::Play::Relay {
                path: path.to_path_buf(),
            },
            Play::Command(argv) => {
                let name = argv.first().ok_or(io::ErrorKind::InvalidInput)?;
                message::Play::Program {
                    path: command::executable(name)?,
                    arguments: argv.iter().map(|word| word.as_bytes().to_vec()).collect(),
                }
            }
        };
        let scratch = self.walls.writable();
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let own: [(&str, &[u8]); 6] = [
            ("HOME", scratch.as_os_str().as_bytes()),
            ("LANG", b"C.UTF-8"),
            ("LOGNAME", b"student"),
            ("PATH", path.as_bytes()),
            ("TMPDIR", scratch.as_os_str().as_bytes()),
            ("USER", b"student"),
        ];
        let own = own.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec()));
        let extra = extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()));
        Ok(message::Start {
            play,
            environment: own.chain(extra).collect(),
        })
    }

    /// The number of the warden among our processes: all that runs in the jail descends from it. `None` where there is no warden.
    pub fn warden_number(&self) -> Option<i32> {
        self.link.as_ref()?.warden_number().ok()
    }

    /// `/proc/PID/net` of a process in the jail's network.
    pub fn proc_net(&self) -> PathBuf {
        match self.warden_number() {
            Some(pid) => PathBuf::from(format!("/proc/{pid}/net")),
            None => PathBuf::from("/proc/self/net"),
        }
    }

    /// The bytes of memory that its programs may have together, if the kernel has killed one because they wanted more.
    pub fn exceeded_memory(&self) -> Option<u64> {
        self.link.as_ref()?.exceeded_memory()
    }

    /// Whom programs run as.
    pub fn user(&self) -> u32 {
        self.walls.user.unwrap_or_else(|| nix::unistd::geteuid().as_raw())
    }
}

#[cfg(target_os = "linux")]
fn descriptor((_, mut came): (message::Reply, Vec<OwnedFd>)) -> io::Result<OwnedFd> {
    came.pop().ok_or_else(|| io::ErrorKind::InvalidData.into())
}

impl Jail {
    /// No walls.
    pub fn none() -> Self {
        Jail {
            walls: Walls::none(),
            checker: PathBuf::new(),
            #[cfg(target_os = "linux")]
            link: None,
        }
    }

    pub fn level(&self) -> Level {
        self.walls.level
    }
}

/// A folder in one that programs may write to: what stands at its path from now on is up to them, so it is known by a descriptor.
#[cfg(target_os = "linux")]
fn folder_in(scratch: &Path, user: u32) -> io::Result<Folder> {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
    let path = tempfile::Builder::new()
        .prefix("handshake-")
        .tempdir_in(scratch)?
        .keep();
    let folder = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_PATH | nix::libc::O_DIRECTORY | nix::libc::O_NOFOLLOW)
        .open(&path)?;
    // Another may stand there already; what is given away must be ours.
    if folder.metadata()?.uid() != nix::unistd::geteuid().as_raw() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let flags = nix::fcntl::AtFlags::AT_EMPTY_PATH;
    nix::unistd::fchownat(&folder, "", Some(user.into()), None, flags)?;
    Ok(Folder {
        path,
        outside: PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())),
        _keeps: Keeps::OfTheJail { _folder: folder.into() },
    })
}

fn host_folder(user: u32) -> io::Result<Folder> {
    let folder = tempfile::Builder::new().prefix("handshake-").tempdir()?;
    std::os::unix::fs::chown(folder.path(), Some(user), None)?;
    Ok(Folder {
        path: folder.path().to_path_buf(),
        outside: folder.path().to_path_buf(),
        _keeps: Keeps::Ours { _folder: folder },
    })
}
