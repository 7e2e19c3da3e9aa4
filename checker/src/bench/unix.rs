//! AF_UNIX: connections at a path in a private folder, and a listening socket of ours there.

use std::io::ErrorKind;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::poll::PollFlags;

use super::peer::{Link, Peer};
use super::queues;
use super::running::{Running, seconds};
use super::stage::Stage;
use crate::verdict::{Finding, Kind, OrTrouble, Step};

/// What carries an AF_UNIX connection: our socket, by its inode.
#[derive(Debug)]
pub struct UnixLink {
    inode: u32,
}

impl Link for UnixLink {
    fn unread(&self) -> std::io::Result<Option<usize>> {
        queues::unread_unix(self.inode)
    }
}

/// A peer on AF_UNIX.
pub type UnixPeer = Peer<UnixLink>;

impl Peer<UnixLink> {
    pub(super) fn at_path(stage: Rc<Stage>, who: String, stream: UnixStream) -> Step<Self> {
        stream
            .set_nonblocking(true)
            .or_trouble("making a socket non-blocking")?;
        let socket = std::fs::File::from(OwnedFd::from(stream));
        let inode = socket.metadata().or_trouble("asking for a socket's inode")?.ino();
        let link = UnixLink {
            inode: u32::try_from(inode).unwrap_or(u32::MAX),
        };
        Ok(Peer::of(stage, who, OwnedFd::from(socket), link))
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
        let listener = UnixListener::bind(path).or_trouble(&doing)?;
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
                self.stage
                    .record("client", format!("connects to {}", self.path.display()));
                Peer::at_path(Rc::clone(&self.stage), "peer".to_owned(), stream)
            }
            Some(None) => client.ended_before("it connected"),
            None => Finding::new(
                Kind::NeverConnected,
                format!("the client did not connect within {}", seconds(limit)),
            )
            .stop(),
        }
    }
}
