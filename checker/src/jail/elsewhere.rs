//! Where the programs of one check run on a system that is not Linux: nothing walls them in, and they are ordinary children of ours.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::child::Child;
use super::sockets::{self, connect_without_waiting};
use super::walls::{Level, Walls};
use super::{Folder, Play, relay};

/// Where the programs of one check run.
#[derive(Debug)]
pub struct Jail {
    /// The checker's own executable.
    checker: PathBuf,
}

impl Jail {
    /// `checker` is the checker's own executable.
    ///
    /// # Errors
    /// Walls were asked for.
    pub fn build(checker: &Path, walls: Walls) -> io::Result<Self> {
        match walls.level {
            Level::None => Ok(Jail {
                checker: checker.to_path_buf(),
            }),
            Level::Reduced | Level::Full => Err(no_walls()),
        }
    }

    pub fn level(&self) -> Level {
        Level::None
    }

    /// A socket of the network that the programs share with us.
    ///
    /// # Errors
    /// What `socket(2)` says.
    pub fn socket(&self, family: i32, kind: i32, protocol: i32) -> io::Result<OwnedFd> {
        sockets::new(family, kind, protocol)
    }

    /// A stream connected to the AF_UNIX socket at `path`. A queue that is full is an error, not a wait.
    ///
    /// # Errors
    /// What `connect(2)` says.
    pub fn connect_to(&self, path: &Path) -> io::Result<OwnedFd> {
        connect_without_waiting(path)
    }

    /// A new folder that programs may write to.
    ///
    /// # Errors
    /// It can't be made.
    pub fn make_folder(&self, _: &str) -> io::Result<Folder> {
        Folder::of_the_host(self.user())
    }

    /// Starts a program whose environment holds `environment` besides ours.
    ///
    /// # Errors
    /// No such executable, or what the system says.
    pub fn start(self: &Rc<Self>, play: &Play<'_>, environment: &[(&'static str, OsString)]) -> io::Result<Child> {
        match play {
            Play::Command(argv) => Child::start(argv, environment),
            Play::Relay(path) => Child::start(&relay(&self.checker, path), environment),
        }
    }

    /// Where Linux would list the sockets of this network: there is no such folder.
    pub fn proc_net(&self) -> PathBuf {
        "/proc/self/net".into()
    }

    /// Nobody limits what programs have together.
    pub fn exceeded_memory(&self) -> Option<u64> {
        None
    }

    /// Whom programs run as.
    pub fn user(&self) -> u32 {
        nix::unistd::geteuid().as_raw()
    }
}

/// A folder on the host for programs that see nothing else of it: there are none.
#[derive(Debug)]
pub struct Scratch(Infallible);

impl Scratch {
    /// # Errors
    /// Always.
    pub fn new(_: Option<u32>) -> io::Result<Self> {
        Err(no_walls())
    }

    pub fn path(&self) -> &Path {
        match self.0 {}
    }
}

fn no_walls() -> io::Error {
    let why = "a jail is made of what Linux has: here there is only `--jail none`";
    io::Error::new(io::ErrorKind::Unsupported, why)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::{AsFd, AsRawFd};

    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sys::signal::Signal;
    use nix::sys::socket::{AddressFamily, SockType};

    use super::*;
    use crate::jail::{Exit, Limits};

    fn jail() -> Rc<Jail> {
        Rc::new(Jail::build(Path::new("/no/checker"), Walls::none()).expect("no walls"))
    }

    fn shell(script: &str) -> Child {
        let argv = ["sh", "-c", script].map(OsString::from);
        let environment = [("WORD", OsString::from("hello"))];
        jail().start(&Play::Command(&argv), &environment).expect("a shell")
    }

    fn exit(child: &Child) -> Exit {
        poll(&mut [PollFd::new(child.ended(), PollFlags::POLLIN)], PollTimeout::NONE).expect("an end");
        child.exit().expect("it has ended")
    }

    #[test]
    fn walls_can_not_be_had() {
        for level in [Level::Reduced, Level::Full] {
            let walls = Walls::new(level, Limits::default());
            let refusal = Jail::build(Path::new("/no/checker"), walls).expect_err("no walls");
            assert_eq!(refusal.kind(), io::ErrorKind::Unsupported);
        }
        assert!(Scratch::new(None).is_err());
        assert_eq!(jail().level(), Level::None);
    }

    /// All that comes until nobody has the other end any more.
    fn heard(stream: Option<File>) -> String {
        let mut stream = stream.expect("open");
        fcntl(&stream, FcntlArg::F_SETFL(OFlag::empty())).expect("a read that waits");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("the end");
        text
    }

    #[test]
    fn a_program_reads_prints_and_ends() {
        let mut child = shell("read line; echo $line $WORD; echo oh >&2; exit 3");
        let mut stdin = child.stdin.take().expect("open");
        stdin.write_all(b"well\n").expect("room in the pipe");
        assert_eq!(exit(&child), Exit::Code(3));
        assert_eq!(heard(child.stdout.take()), "well hello\n");
        assert_eq!(heard(child.stderr.take()), "oh\n");
    }

    #[test]
    fn a_signal_goes_to_all_processes_of_a_program() {
        let mut child = shell("sleep 1000 & echo begun; wait");
        let stdout = child.stdout.take().expect("open");
        poll(&mut [PollFd::new(stdout.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE).expect("a word");
        child.signal(Signal::SIGKILL);
        assert_eq!(exit(&child), Exit::Signal(Signal::SIGKILL as i32));
        assert_eq!(heard(Some(stdout)), "begun\n");
    }

    #[test]
    fn all_processes_of_a_program_that_is_dropped_are_killed() {
        let mut child = shell("sleep 1000 & sleep 1000");
        let stdout = child.stdout.take();
        drop(child);
        assert_eq!(heard(stdout), "");
    }

    #[test]
    fn what_is_no_program_can_not_be_started() {
        let argv = ["/no/such/program".into()];
        let refusal = jail().start(&Play::Command(&argv), &[]).expect_err("no such file");
        assert_eq!(refusal.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn programs_share_folders_and_sockets_with_us() {
        let jail = jail();
        let folder = jail.make_folder("mine").expect("a folder");
        let path = folder.path.join("socket");
        let file = folder.outside("socket");
        assert_eq!(file, path);
        assert_eq!(
            jail.connect_to(&path).expect_err("nobody is there").kind(),
            io::ErrorKind::NotFound
        );
        let _listener = std::os::unix::net::UnixListener::bind(&path).expect("a private folder");
        jail.connect_to(&path).expect("somebody is there");
        let socket = jail.socket(AddressFamily::Inet as i32, SockType::Datagram as i32, 0);
        assert!(socket.expect("a socket").as_raw_fd() > 2);
    }
}
