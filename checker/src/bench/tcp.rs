//! TCP: what carries a peer's bytes there, and a listening socket of ours.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use nix::errno::Errno;
use nix::libc::linger;
use nix::poll::PollFlags;
use nix::sys::socket::{AddressFamily, Backlog, SockType, SockaddrStorage, bind, connect, listen, setsockopt, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};

use super::peer::{Link, Peer};
use super::queues::Kernel;
use super::running::{Running, Server, seconds};
use super::stage::Stage;
use crate::transcript::Event;
use crate::verdict::{Finding, Hint, Kind, OrTrouble, Step};
use crate::wire::Part;

/// The two ends of a TCP connection.
#[derive(Debug)]
pub struct TcpLink {
    pub(super) kernel: Rc<Kernel>,
    /// The address of the checker's end, as the program sees it.
    pub local: SocketAddr,
    /// The address of the program's end.
    pub remote: SocketAddr,
}

impl Link for TcpLink {
    fn unread(&self) -> std::io::Result<Option<usize>> {
        self.kernel.unread(self.remote, self.local)
    }
}

/// A peer on TCP.
pub type TcpPeer = Peer<TcpLink>;

impl Peer<TcpLink> {
    pub(super) fn new(stage: Rc<Stage>, who: String, stream: TcpStream) -> Step<Self> {
        let local = stream.local_addr().or_trouble("asking for an address")?;
        // A connection that was reset at once has no peer any more; what it sent can still be read.
        let remote = stream.peer_addr().unwrap_or(local);
        stream.set_nodelay(true).or_trouble("setting TCP_NODELAY")?;
        stream
            .set_nonblocking(true)
            .or_trouble("making a socket non-blocking")?;
        stage.introduces(local, &who, Part::Ours);
        let kernel = stage.kernel()?;
        let link = TcpLink { kernel, local, remote };
        Ok(Peer::of(stage, who, OwnedFd::from(stream), link))
    }

    /// Bytes that have come, and that we have not read.
    pub(super) fn waiting(&self) -> Step<usize> {
        let link = &self.link;
        let queues = link.kernel.queues(link.local, link.remote);
        let queues = queues.or_trouble("asking for our receive queue")?;
        Ok(queues.map_or(0, |queues| queues.unread))
    }

    /// Resets the connection (linger 0: RST), and goes on once the reset has reached the program's socket; where the system does not tell, it had
    /// the time to.
    pub fn resets(self) -> Step {
        let zero = linger {
            l_onoff: 1,
            l_linger: 0,
        };
        setsockopt(&self.socket, sockopt::Linger, &zero).or_trouble("setting SO_LINGER")?;
        self.stage.record(&self.who, Event::Resets);
        let Peer {
            stage, link, socket, ..
        } = self;
        drop(socket);
        stage
            .watch_it_out(Duration::from_millis(200), || match link.unread() {
                Ok(unread) => Ok(unread.is_none().then_some(())),
                Err(error) if error.kind() == ErrorKind::Unsupported => Ok(None),
                Err(error) => Err(error).or_trouble("asking for the program's receive queue"),
            })
            .map(drop)
    }
}

/// A listening socket of ours, for a client to come to.
#[derive(Debug)]
pub struct TcpHost {
    stage: Rc<Stage>,
    listener: TcpListener,
    pub addr: SocketAddr,
}

/// How much the kernel holds of what is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Buffers {
    /// As the system has them: an unread peer on loopback swallows 4 MiB.
    Usual,
    /// A receive buffer of 32 KiB and segments of 1,400 bytes.
    Narrow,
}

/// Connects to the server, at once.
pub(super) fn connect_to(stage: Rc<Stage>, who: String, server: &Server, buffers: Buffers) -> Step<TcpPeer> {
    let doing = format!("connecting to {}", server.addr);
    let fd = socket(&stage, server.addr, buffers)?;
    // The deadline of `connect` too.
    let limit = TimeVal::milliseconds(i64::try_from(stage.timeout.as_millis()).unwrap_or(i64::MAX));
    setsockopt(&fd, sockopt::SendTimeout, &limit).or_trouble(&doing)?;
    let connected = loop {
        match connect(fd.as_raw_fd(), &SockaddrStorage::from(server.addr)) {
            Err(Errno::EINTR) => {}
            connected => break connected,
        }
    };
    match connected {
        Ok(()) | Err(Errno::EISCONN) => {}
        Err(Errno::EINPROGRESS | Errno::EALREADY | Errno::ETIMEDOUT) => {
            return not_taken_in(server.addr, stage.timeout);
        }
        Err(Errno::ECONNREFUSED | Errno::ECONNRESET) => {
            server.still_runs()?;
            return Finding::new(
                Kind::NotReachable,
                format!(
                    "the server printed its ready line, but a connection to {} is refused",
                    server.addr
                ),
            )
            .stop();
        }
        Err(errno) => return Err(errno).or_trouble(&doing),
    }
    let never = TimeVal::milliseconds(0);
    setsockopt(&fd, sockopt::SendTimeout, &never).or_trouble(&doing)?;
    let peer = TcpPeer::new(Rc::clone(&stage), who.clone(), TcpStream::from(fd))?;
    stage.record(
        &who,
        Event::Connects {
            with: server.who.clone(),
            how: format!("from {}", peer.link.local),
        },
    );
    Ok(peer)
}

/// A connection that waits in vain for its handshake.
pub(super) fn not_taken_in<T>(addr: SocketAddr, limit: Duration) -> Step<T> {
    Finding::new(
        Kind::NotReachable,
        format!("a connection to {addr} was not taken in within {}", seconds(limit)),
    )
    .actual("the accept queue is full: its length is the backlog given to `listen`")
    .stop()
}

/// A TCP socket for this address; buffers and segments must be set before `connect` and `listen`.
///
/// A receive buffer of 4 KiB holds two segments: the window then stays below one at times, and the kernel's probes bring the rest in steps of
/// 200, 400 … ms, for which no program can be blamed.
fn socket(stage: &Stage, addr: SocketAddr, buffers: Buffers) -> Step<OwnedFd> {
    let family = match addr {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let fd = stage.socket(family, SockType::Stream)?;
    if buffers == Buffers::Narrow {
        let doing = "making a socket with small buffers";
        setsockopt(&fd, sockopt::RcvBuf, &32_768).or_trouble(doing)?;
        setsockopt(&fd, sockopt::SndBuf, &16_384).or_trouble(doing)?;
        #[cfg(target_os = "linux")]
        setsockopt(&fd, sockopt::TcpMaxSeg, &1400).or_trouble(doing)?;
    }
    Ok(fd)
}

impl TcpHost {
    /// On a free port of 127.0.0.1.
    pub(super) fn new(stage: Rc<Stage>, buffers: Buffers) -> Step<Self> {
        let doing = "binding a listener";
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let fd = socket(&stage, any, buffers)?;
        bind(fd.as_raw_fd(), &SockaddrStorage::from(any)).or_trouble(doing)?;
        listen(&fd, Backlog::new(16).or_trouble(doing)?).or_trouble(doing)?;
        let listener = TcpListener::from(fd);
        listener
            .set_nonblocking(true)
            .or_trouble("making a listener non-blocking")?;
        let addr = listener.local_addr().or_trouble("asking for a listener's address")?;
        stage.record("checker", format!("listens on {addr}"));
        stage.introduces(addr, "peer", Part::Ours);
        Ok(TcpHost { stage, listener, addr })
    }

    /// The client connects.
    pub fn accept(&self, client: &Running) -> Step<TcpPeer> {
        match self.accept_before_the_end(client)? {
            Some(peer) => Ok(peer),
            None => client
                .ended_before("it connected")
                .hint("is it the address of `--addr` that it connects to?"),
        }
    }

    /// The client connects, or ends without it (`None`).
    pub fn accept_before_the_end(&self, client: &Running) -> Step<Option<TcpPeer>> {
        // A client that has not connected may still be starting up: a runtime needs seconds for that on a busy machine.
        let limit = self.stage.timeout * super::STARTUP;
        let interest = [(self.listener.as_fd(), PollFlags::POLLIN)];
        let outcome = self.stage.wait(&interest, limit, || {
            let ended = client.exit().is_some();
            match self.listener.accept() {
                Ok((stream, from)) => Ok(Some(Some((stream, from)))),
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(ended.then_some(None)),
                Err(error) => Err(error).or_trouble("accepting a connection"),
            }
        })?;
        match outcome {
            Some(Some((stream, from))) => {
                self.stage.record(
                    &client.who,
                    Event::Connects {
                        with: "peer".to_owned(),
                        how: format!("from {from}"),
                    },
                );
                self.stage.introduces(from, "client", Part::Program);
                TcpPeer::new(Rc::clone(&self.stage), "peer".to_owned(), stream).map(Some)
            }
            Some(None) => Ok(None),
            None => Finding::new(
                Kind::NeverConnected,
                format!("the client did not connect {}", self.stage.how_long("it", limit)),
            )
            .stop(),
        }
    }
}
