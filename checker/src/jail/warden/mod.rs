//! The warden of one jail: the checker's own executable, started again as a process of one thread, which builds the walls from inside and then
//! does what it is asked to over its stdin, a socket.
//!
//! The checker has many threads and must not fork a jail from itself. The warden is the first process in there: when it ends, the kernel ends
//! all others; and it ends as soon as the checker's end of the socket is closed, whatever the reason.

mod confine;
mod namespaces;
mod program;
mod programs;
mod root;

use std::fmt::Display;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{ForkResult, fork, getpid, seteuid};
use serde::{Deserialize, Serialize};

use super::message::{self, Reply, Request};
use super::peek::pidfd;
use super::sockets::{self, connect_without_waiting};
use super::walls::{Level, Walls};
use confine::Confinement;
use program::{Ground, Program};
use programs::Programs;

/// Where a system keeps programs and libraries.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/gnu/store",
];
/// Devices that every program may use.
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// What could not be done, to be told to the checker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failure {
    /// completes "failed while"
    doing: String,
    what: String,
    errno: i32,
}

impl Failure {
    fn new(doing: &str, what: String) -> Self {
        Failure {
            doing: doing.to_owned(),
            what,
            errno: 0,
        }
    }

    fn system(doing: &str, errno: Errno) -> Self {
        Failure {
            doing: doing.to_owned(),
            what: errno.desc().to_owned(),
            errno: errno as i32,
        }
    }

    fn about(mut self, path: &str) -> Self {
        self.doing = format!("{} (`{path}`)", self.doing);
        self
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        Reply::Failed {
            doing: match failure.errno {
                0 => format!("{}: {}", failure.doing, failure.what),
                _ => failure.doing,
            },
            errno: failure.errno,
        }
    }
}

/// `unshare(flags).doing("leaving the host")?`
trait Doing<T> {
    fn doing(self, doing: &str) -> Result<T, Failure>;
}

impl<T> Doing<T> for nix::Result<T> {
    fn doing(self, doing: &str) -> Result<T, Failure> {
        self.map_err(|errno| Failure::system(doing, errno))
    }
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: &str) -> Result<T, Failure> {
        self.map_err(|error| match error.raw_os_error() {
            Some(errno) => Failure::system(doing, Errno::from_raw(errno)),
            None => Failure::new(doing, error.to_string()),
        })
    }
}

/// The hidden command `__jail`: our stdin is the socket.
///
/// # Errors
/// Nobody is there to be told: the checker has gone, or is none.
pub fn run() -> anyhow::Result<()> {
    // What whoever started the checker left open to be inherited is not for programs.
    program::close_all_but_the_streams();
    let stdin = io::stdin();
    let socket = stdin.as_fd().try_clone_to_owned()?;
    let Some((walls, _)) = message::receive::<Walls>(socket.as_fd())? else {
        return Ok(());
    };
    if walls.level == Level::Full {
        if let Err(failure) = namespaces::leave_the_host() {
            return Ok(message::send(socket.as_fd(), &Reply::from(failure), &[])?);
        }
        #[expect(unsafe_code, reason = "the first process of a new namespace can only be forked")]
        // SAFETY: this process has one thread.
        if let ForkResult::Parent { .. } = unsafe { fork() }? {
            return Ok(());
        }
    }
    match Warden::settle(walls, &socket) {
        Ok(warden) => warden.serve(&socket),
        Err(failure) => message::send(socket.as_fd(), &Reply::from(failure), &[])?,
    }
    // Also where destructors could still wait for something: the end of this process is the end of the jail.
    program::exit_at_once(0)
}

struct Warden {
    walls: Walls,
    confinement: Confinement,
    programs: Programs,
    started: usize,
}

impl Warden {
    /// Builds the walls around itself.
    fn settle(walls: Walls, socket: &OwnedFd) -> Result<Self, Failure> {
        // Away from the terminal, and from the group that Ctrl-C is for.
        let _ = nix::unistd::setsid();
        leave_the_streams().doing("leaving the checker's streams")?;
        match walls.level {
            Level::Full => {
                namespaces::furnish()?;
                root::move_in(&walls)?;
            }
            Level::Reduced => nix::sys::prctl::set_child_subreaper(true).doing("adopting orphans")?,
            Level::None => {}
        }
        nix::sys::prctl::set_dumpable(false).doing("hiding its memory")?;
        let confinement = Confinement::new(&walls)?;
        let own = pidfd(getpid()).doing("naming the warden")?;
        message::send(socket.as_fd(), &Reply::Built, &[own.as_fd()]).doing("answering the checker")?;
        Ok(Warden {
            walls,
            confinement,
            programs: Programs::default(),
            started: 0,
        })
    }

    /// Does what it is asked to, until nobody is left to ask.
    fn serve(mut self, socket: &OwnedFd) {
        let mut children = SigSet::empty();
        children.add(Signal::SIGCHLD);
        let Ok(()) = children.thread_block() else { return };
        let Ok(ended) = SignalFd::with_flags(&children, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK) else {
            return;
        };
        loop {
            let mut fds = [
                PollFd::new(socket.as_fd(), PollFlags::POLLIN),
                PollFd::new(ended.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut fds, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
            let [asked, died] = fds.map(|fd| fd.any().unwrap_or_default());
            if died {
                while let Ok(Some(_)) = ended.read_signal() {}
                self.programs.look();
            }
            if asked {
                let Ok(Some((request, descriptors))) = message::receive(socket.as_fd()) else {
                    return self.close();
                };
                let sent = match self.answer(request, descriptors) {
                    Ok((reply, None)) => message::send(socket.as_fd(), &reply, &[]),
                    Ok((reply, Some(fd))) => message::send(socket.as_fd(), &reply, &[fd.as_fd()]),
                    Err(failure) => message::send(socket.as_fd(), &Reply::from(failure), &[]),
                };
                if sent.is_err() {
                    return self.close();
                }
            }
        }
    }

    fn answer(&mut self, request: Request, descriptors: Vec<OwnedFd>) -> Result<(Reply, Option<OwnedFd>), Failure> {
        match request {
            Request::Start(start) => {
                self.started += 1;
                let ground = Ground {
                    confinement: &self.confinement,
                    working_directory: &self.walls.start_in(),
                };
                let program = Program::start(&start, descriptors, self.started, &ground)?;
                let pidfd = pidfd(program.pid).doing("naming the program")?;
                let reply = Reply::Started {
                    program: program.pid.as_raw(),
                };
                self.programs.add(program);
                Ok((reply, Some(pidfd)))
            }
            Request::Signal { program, signal } => {
                let signal = Signal::try_from(signal).doing("sending a signal")?;
                self.programs.signal(program, signal);
                Ok((Reply::Done, None))
            }
            Request::CountLeftovers { program } => Ok((Reply::Count(self.programs.leftovers(program)), None)),
            Request::Forget { program } => {
                self.programs.forget(program);
                Ok((Reply::Done, None))
            }
            Request::Socket { family, kind, protocol } => {
                let made = sockets::new(family, kind, protocol).doing("making a socket")?;
                Ok((Reply::Here, Some(made)))
            }
            Request::ConnectTo { path } => {
                let connected = self
                    .as_programs(|| connect_without_waiting(&socket_at(&path)?.1))
                    .doing("connecting")?;
                Ok((Reply::Here, Some(connected)))
            }
            Request::MakeFolder { path } => {
                let folder = self.make_folder(&path).doing("making a folder")?;
                Ok((Reply::Here, Some(folder)))
            }
        }
    }

    /// What is done here, is done by the user whom programs run as.
    fn as_programs<T>(&self, act: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let Some(user) = self.walls.user else { return act() };
        seteuid(user.into())?;
        let outcome = act();
        seteuid(0.into())?;
        outcome
    }

    fn make_folder(&self, path: &Path) -> io::Result<OwnedFd> {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        self.as_programs(|| std::fs::DirBuilder::new().mode(0o700).create(path))?;
        let folder = std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(nix::libc::O_PATH | nix::libc::O_DIRECTORY | nix::libc::O_NOFOLLOW)
            .open(path)?;
        Ok(folder.into())
    }

    /// Where no namespace of processes ends with us, what was started has to be swept up.
    fn close(mut self) {
        if self.walls.level != Level::Full {
            self.programs.end();
        }
    }
}

/// The socket file at `path`, and a way to it that nobody can turn elsewhere meanwhile. A link is followed nowhere: on the host it could lead to
/// somebody else's socket.
fn socket_at(path: &Path) -> io::Result<(OwnedFd, PathBuf)> {
    use std::os::fd::AsRawFd;
    let how = OpenHow::new()
        .flags(OFlag::O_PATH | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS);
    let file = openat2(AT_FDCWD, path, how)?;
    let way = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    Ok((file, way))
}

/// The checker's terminal is nobody's business in here.
fn leave_the_streams() -> io::Result<()> {
    let null = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    nix::unistd::dup2_stdin(&null)?;
    nix::unistd::dup2_stdout(&null)?;
    nix::unistd::dup2_stderr(&null)?;
    Ok(())
}

impl Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "failed while {}: {}", self.doing, self.what)
    }
}
