//! Sockets of ours, by which a check meets a program: peers that connect, hosts that listen, ports that nobody listens on.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use nix::sys::socket::{AddressFamily, SockType, SockaddrStorage, bind, getsockname};

use super::Bench;
use super::running::{PathServer, Server};
use super::tcp::{self, Buffers, TcpHost, TcpPeer};
use super::udp::{RefusedUdpPort, UdpPeer};
use super::unix::{BusyUnixHost, UnixHost, UnixPeer};
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, OrTrouble, Step, Trouble};

impl Bench {
    /// Connects to the server, at once.
    pub fn connect(&mut self, server: &Server) -> Step<TcpPeer> {
        let who = self.next_peer();
        tcp::connect_to(Rc::clone(&self.stage), who, server, Buffers::Usual)
    }

    /// Connects to the server with small buffers and small segments, so that limits that are measured are the program's and not the kernel's.
    pub fn connect_narrow(&mut self, server: &Server) -> Step<TcpPeer> {
        let who = self.next_peer();
        tcp::connect_to(Rc::clone(&self.stage), who, server, Buffers::Narrow)
    }

    /// Like [`Bench::listen`], with small buffers and small segments.
    pub fn listen_narrow(&mut self) -> Step<TcpHost> {
        TcpHost::new(Rc::clone(&self.stage), Buffers::Narrow)
    }

    /// Connects to the server at its path.
    pub fn connect_at(&mut self, server: &PathServer) -> Step<UnixPeer> {
        let who = self.next_peer();
        let jail = self.stage.jail()?;
        let outcome = self
            .stage
            .watch(self.stage.timeout, || match jail.connect_to(&server.path) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
                outcome => Ok(Some(outcome)),
            })?;
        match outcome {
            Some(Ok(stream)) => {
                self.stage.record(
                    &who,
                    Event::Connects {
                        with: server.who.clone(),
                        how: format!("to {}", server.path.display()),
                    },
                );
                UnixPeer::at_path(Rc::clone(&self.stage), who, stream)
            }
            None => Finding::new(
                Kind::NotReachable,
                format!(
                    "a connection to `{}` was not taken in {}",
                    server.path.display(),
                    self.stage.how_long("the program", self.stage.timeout)
                ),
            )
            .actual("the accept queue is full: its length is the backlog given to `listen`")
            .stop(),
            Some(Err(error)) => {
                server.still_runs()?;
                Finding::new(
                    Kind::NotReachable,
                    format!(
                        "the server printed its ready line, but `{}` can't be connected to: {error}",
                        server.path.display()
                    ),
                )
                .stop()
            }
        }
    }

    /// A listening AF_UNIX socket of ours whose accept queue is full.
    pub fn listen_busily_at(&mut self, path: &Path) -> Step<BusyUnixHost> {
        BusyUnixHost::new(&self.stage, path)
    }

    /// A listening AF_UNIX socket of ours.
    pub fn listen_at(&mut self, path: &Path) -> Step<UnixHost> {
        UnixHost::new(Rc::clone(&self.stage), path)
    }

    /// A path in a private folder of this check at which nothing stands; short enough for a socket.
    pub fn free_path(&mut self) -> Step<PathBuf> {
        let name = self.words.word();
        let folder = &self.stage.folder()?.path;
        let path = folder.join(name);
        // The name of a socket holds 107 bytes, and a check appends a few.
        if path.as_os_str().len() > 100 {
            let doing = format!("choosing a path for a socket below `{}`", folder.display());
            return Err(Trouble::while_doing(&doing, "it is too long: set TMPDIR to a shorter one").into());
        }
        Ok(path)
    }

    /// A listening socket of ours on 127.0.0.1.
    pub fn listen(&mut self) -> Step<TcpHost> {
        TcpHost::new(Rc::clone(&self.stage), Buffers::Usual)
    }

    /// A TCP address on which nobody listens, and which stays ours (bound, not listening) as long as the value lives.
    pub fn nobody(&mut self) -> Step<Nobody> {
        let doing = "keeping a port closed";
        let fd = self.stage.socket(AddressFamily::Inet, SockType::Stream)?;
        let raw = std::os::fd::AsRawFd::as_raw_fd(&fd);
        bind(raw, &SockaddrStorage::from(SocketAddr::from(([127, 0, 0, 1], 0)))).or_trouble(doing)?;
        let bound: nix::sys::socket::SockaddrIn = getsockname(raw).or_trouble(doing)?;
        let addr = SocketAddr::from((bound.ip(), bound.port()));
        self.stage.record("checker", format!("keeps the port {addr} closed"));
        Ok(Nobody { _socket: fd, addr })
    }

    /// A UDP socket of ours on 127.0.0.1.
    pub fn udp_peer(&mut self) -> Step<UdpPeer> {
        self.udp_peer_on(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// A UDP socket of ours on the address given.
    pub fn udp_peer_on(&mut self, addr: SocketAddr) -> Step<UdpPeer> {
        let who = self.next_peer();
        UdpPeer::bind(Rc::clone(&self.stage), who, addr)
    }

    /// A UDP address on which nobody listens, until it is opened.
    pub fn refused_udp_port(&mut self) -> Step<RefusedUdpPort> {
        RefusedUdpPort::new(Rc::clone(&self.stage))
    }

    fn next_peer(&mut self) -> String {
        self.peers += 1;
        match self.peers {
            1 => "peer".to_owned(),
            n => format!("peer {n}"),
        }
    }
}

/// See [`Bench::nobody`].
#[derive(Debug)]
pub struct Nobody {
    _socket: std::os::fd::OwnedFd,
    pub addr: SocketAddr,
}
