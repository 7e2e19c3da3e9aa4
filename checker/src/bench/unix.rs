//! AF_UNIX: connections at a path in a private folder, and a listening socket of ours there.

use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::poll::PollFlags;
use nix::sys::socket::{self, AddressFamily, Backlog, SockType, UnixAddr};

use super::peer::{Link, Peer};
use super::queues::Kernel;
use super::running::Running;
use super::stage::Stage;
use crate::jail::connect_without_waiting;
use crate::quote::count;
use crate::transcript::Event;
use crate::verdict::{Finding, Hint, Kind, OrTrouble, Step, Trouble};

/// What carries an AF_UNIX connection: our socket, by its inode.
#[derive(Debug)]
pub struct UnixLink {
    kernel: Rc<Kernel>,
    inode: u32,
}

impl Link for UnixLink {
    fn unread(&self) -> std::io::Result<Option<usize>> {
        self.kernel.unread_unix(self.inode)
    }
}

/// A peer on AF_UNIX.
pub type UnixPeer = Peer<UnixLink>;

impl Peer<UnixLink> {
    pub(super) fn at_path(stage: Rc<Stage>, who: String, stream: OwnedFd) -> Step<Self> {
        let stream = UnixStream::from(stream);
        stream
            .set_nonblocking(true)
            .or_trouble("making a socket non-blocking")?;
        let socket = std::fs::File::from(OwnedFd::from(stream));
        let inode = socket.metadata().or_trouble("asking for a socket's inode")?.ino();
        let link = UnixLink {
            kernel: stage.kernel()?,
            inode: u32::try_from(inode).unwrap_or(u32::MAX),
        };
        Ok(Peer::of(stage, who, OwnedFd::from(socket), link))
    }
}

fn unconnected() -> nix::Result<OwnedFd> {
    socket::socket(AddressFamily::Unix, SockType::Stream, super::CLOEXEC, None)
}

/// Makes a socket file and closes the socket, which leaves the file where it is.
///
/// The socket never listened: one that did would still take connections in as long as a program that is just being started has a copy of it,
/// from its `fork` to its `exec`.
pub(super) fn leave_dead(path: &Path) -> nix::Result<()> {
    socket::bind(unconnected()?.as_raw_fd(), &UnixAddr::new(path)?)
}

/// A listening socket of ours that accepts nobody, with as many clients waiting as its queue holds.
#[derive(Debug)]
pub struct BusyUnixHost {
    _listener: OwnedFd,
    _waiting: Vec<OwnedFd>,
}

impl BusyUnixHost {
    pub(super) fn new(stage: &Stage, path: &Path) -> Step<Self> {
        let doing = format!("filling the accept queue at {}", path.display());
        let listener = unconnected().or_trouble(&doing)?;
        let outside = stage.outside(path)?;
        let address = UnixAddr::new(&outside).or_trouble(&doing)?;
        socket::bind(listener.as_raw_fd(), &address).or_trouble(&doing)?;
        socket::listen(&listener, Backlog::new(0).or_trouble(&doing)?).or_trouble(&doing)?;
        stage.hands_over(path)?;
        let mut waiting = Vec::new();
        // A queue of length 0 holds one on Linux, and a few elsewhere.
        while waiting.len() < 64 {
            match connect_without_waiting(&outside) {
                Ok(stream) => waiting.push(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    stage.record(
                        "checker",
                        format!(
                            "listens on {} and lets {} wait: its accept queue is full",
                            path.display(),
                            count(waiting.len(), "client")
                        ),
                    );
                    return Ok(BusyUnixHost {
                        _listener: listener,
                        _waiting: waiting,
                    });
                }
                Err(error) => return Err(error).or_trouble(&doing),
            }
        }
        Err(Trouble::while_doing(&doing, "it is never full").into())
    }
}

/// A listening AF_UNIX socket of ours, for a client to come to.
#[derive(Debug)]
pub struct UnixHost {
    stage: Rc<Stage>,
    listener: UnixListener,
    pub path: PathBuf,
}

impl UnixHost {
    pub(super) fn new(stage: Rc<Stage>, path: &Path) -> Step<Self> {
        let doing = format!("listening on {}", path.display());
        let listener = UnixListener::bind(stage.outside(path)?).or_trouble(&doing)?;
        stage.hands_over(path)?;
        listener.set_nonblocking(true).or_trouble(&doing)?;
        stage.record("checker", format!("listens on {}", path.display()));
        Ok(UnixHost {
            stage,
            listener,
            path: path.to_path_buf(),
        })
    }

    /// The client connects.
    pub fn accept(&self, client: &Running) -> Step<UnixPeer> {
        let limit = self.stage.timeout * super::STARTUP;
        let interest = [(self.listener.as_fd(), PollFlags::POLLIN)];
        let outcome = self.stage.wait(&interest, limit, || {
            let ended = client.exit().is_some();
            match self.listener.accept() {
                Ok((stream, _)) => Ok(Some(Some(stream))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(ended.then_some(None)),
                Err(error) => Err(error).or_trouble("accepting a connection"),
            }
        })?;
        match outcome {
            Some(Some(stream)) => {
                self.stage.record(
                    &client.who,
                    Event::Connects {
                        with: "peer".to_owned(),
                        how: format!("to {}", self.path.display()),
                    },
                );
                Peer::at_path(Rc::clone(&self.stage), "peer".to_owned(), stream.into())
            }
            Some(None) => client
                .ended_before("it connected")
                .hint("is it the path of `--path` that it connects to?"),
            None => Finding::new(
                Kind::NeverConnected,
                format!("the client did not connect {}", self.stage.how_long("it", limit)),
            )
            .stop(),
        }
    }
}
