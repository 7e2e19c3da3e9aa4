//! A jail as Linux lets us build it: a warden builds the walls and starts the programs; without walls we start them ourselves.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::child::Child;
use super::link::{Link, NotBuilt};
use super::packets::{self, Cut, Packets};
use super::sockets::{self, connect_without_waiting};
use super::walls::{Level, Walls};
use super::{Folder, Play, command, message, relay};

/// Where the programs of one check run.
#[derive(Debug)]
pub struct Jail {
    walls: Walls,
    /// The checker's own executable.
    checker: PathBuf,
    link: Option<Link>,
}

impl Jail {
    /// No walls.
    pub fn none() -> Self {
        Jail {
            walls: Walls::none(),
            checker: PathBuf::new(),
            link: None,
        }
    }

    pub fn level(&self) -> Level {
        self.walls.level
    }

    /// Builds the walls; `checker` is the checker's own executable.
    ///
    /// # Errors
    /// The wall that this system does not let us build.
    pub fn build(checker: &Path, walls: Walls) -> Result<Self, NotBuilt> {
        let link = match walls.level {
            Level::None => None,
            Level::Reduced | Level::Full => Some(Link::build(checker, &walls)?),
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
        let Some(link) = self.link.as_ref().filter(|_| self.walls.level == Level::Full) else {
            return match &self.walls.scratch {
                Some(scratch) => Folder::in_reach(scratch, self.user()),
                None => Folder::of_the_host(self.user()),
            };
        };
        let path = Path::new("/tmp").join(name);
        let folder = descriptor(link.ask(&message::Request::MakeFolder { path: path.clone() }, &[])?)?;
        Ok(Folder::known_by(folder, path))
    }

    /// Starts a program whose environment holds `environment` besides what every program gets.
    ///
    /// # Errors
    /// No such executable, or what the system says.
    pub fn start(self: &Rc<Self>, play: &Play<'_>, environment: &[(&'static str, OsString)]) -> io::Result<Child> {
        match (&self.link, play) {
            (None, Play::Command(argv)) => Child::start(argv, environment),
            (None, Play::Relay(path)) => Child::start(&relay(&self.checker, path), environment),
            (Some(_), _) => Child::start_in(self, self.start_of(play, environment)?),
        }
    }

    /// A descriptor that names the warden.
    pub(super) fn warden(&self) -> io::Result<OwnedFd> {
        match &self.link {
            Some(link) => link.warden(),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    pub(super) fn ask(
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
        let mut path = OsString::from("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        let play = match play {
            Play::Relay(path) => message::Play::Relay {
                path: path.to_path_buf(),
            },
            Play::Command(argv) => {
                let name = argv.first().ok_or(io::ErrorKind::InvalidInput)?;
                let executable = command::executable(name)?;
                if let Some(folder) = command::searched(name, &executable) {
                    path = [folder.as_os_str(), &path].join(OsStr::new(":"));
                }
                message::Play::Program {
                    path: executable,
                    arguments: argv.iter().map(|word| word.as_bytes().to_vec()).collect(),
                }
            }
        };
        let scratch = self.walls.writable();
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

fn descriptor((_, mut came): (message::Reply, Vec<OwnedFd>)) -> io::Result<OwnedFd> {
    came.pop().ok_or_else(|| io::ErrorKind::InvalidData.into())
}
