//! Our end of UDP: datagrams out, datagrams in, each with the address it came from.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;
use nix::sys::socket::{setsockopt, sockopt};

use super::running::Running;
use super::stage::Stage;
use crate::quote::{difference, quoted};
use crate::transcript::Event;
use crate::verdict::{Finding, Kind, OrTrouble, Step};
use crate::wire::Part;

/// A UDP socket of ours.
#[derive(Debug)]
pub struct UdpPeer {
    stage: Rc<Stage>,
    who: String,
    socket: UdpSocket,
    pub addr: SocketAddr,
}

/// One datagram that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    pub from: SocketAddr,
    pub bytes: Vec<u8>,
    /// When we took it; a machine that is busy makes that later than it came.
    pub at: Instant,
}

impl UdpPeer {
    /// Binds `addr`; port 0 asks the system for a free one.
    pub(super) fn bind(stage: Rc<Stage>, who: String, addr: SocketAddr) -> Step<Self> {
        let socket = bound_socket(&stage, addr, Sharing::Alone)?;
        UdpPeer::new(stage, who, socket)
    }

    fn new(stage: Rc<Stage>, who: String, socket: UdpSocket) -> Step<Self> {
        socket
            .set_nonblocking(true)
            .or_trouble("making a socket non-blocking")?;
        let addr = socket.local_addr().or_trouble("asking for an address")?;
        stage.record(&who, format!("has the address {addr}"));
        stage.introduces(addr, &who, Part::Ours);
        Ok(UdpPeer {
            stage,
            who,
            socket,
            addr,
        })
    }

    /// Sends one datagram.
    pub fn sends(&self, bytes: impl AsRef<[u8]>, to: SocketAddr) -> Step {
        let bytes = bytes.as_ref();
        self.stage.record(
            &self.who,
            Event::Sends(format!("the datagram {} to {to}", quoted(bytes))),
        );
        loop {
            match self.socket.send_to(bytes, to) {
                Ok(_) => return Ok(()),
                // An ICMP error that an earlier datagram earned; this one has not left yet.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) => {
                    return Err(error).or_trouble(&format!("sending a datagram of {} bytes", bytes.len()));
                }
            }
        }
    }

    /// Receives the next datagram, which is `expected` and comes from `from`.
    pub fn receives(&self, expected: impl AsRef<[u8]>, from: SocketAddr, program: &Running) -> Step {
        let expected = expected.as_ref();
        let datagram = self.receives_any(&quoted(expected), program)?;
        self.is(expected, &datagram)?;
        self.comes_from(from, &datagram)
    }

    /// Receives the next datagram, whatever it is; `wanted` is what the message says is missing.
    pub fn receives_any(&self, wanted: &str, program: &Running) -> Step<Datagram> {
        self.receives_within(wanted, program, self.stage.timeout)
    }

    /// Like [`UdpPeer::receives_any`], as the first act of a program that may still be starting up.
    pub fn receives_first(&self, wanted: &str, program: &Running) -> Step<Datagram> {
        self.receives_within(wanted, program, self.stage.timeout * super::STARTUP)
    }

    fn receives_within(&self, wanted: &str, program: &Running, limit: Duration) -> Step<Datagram> {
        match self.datagram_or_end_within(program, limit)? {
            Some(Some(datagram)) => Ok(datagram),
            Some(None) => program.ended_before(&format!("it sent the datagram {wanted}")),
            None => self.nothing_came(wanted, limit),
        }
    }

    /// Receives the next datagram; `meanwhile` is done now, and again after every `interval` until the datagram comes.
    pub fn receives_while(
        &self,
        interval: Duration,
        wanted: &str,
        program: &Running,
        meanwhile: impl Fn() -> Step,
    ) -> Step<Datagram> {
        let begun = Instant::now();
        while begun.elapsed() < self.stage.timeout {
            meanwhile()?;
            let interest = [(self.socket.as_fd(), PollFlags::POLLIN)];
            let came = self
                .stage
                .wait_it_out(&interest, interval, || self.takes_or_sees_the_end_of(program))?;
            match came {
                Some(Some(datagram)) => return Ok(datagram),
                Some(None) => return program.ended_before(&format!("it sent the datagram {wanted}")),
                None => {}
            }
        }
        self.nothing_came(wanted, self.stage.timeout)
    }

    /// Waits for the end of the program; a datagram that comes before it is returned, whatever it is.
    pub fn datagram_before_the_end(&self, program: &Running) -> Step<Option<Datagram>> {
        let limit = self.stage.timeout;
        match self.datagram_or_end_within(program, limit)? {
            Some(outcome) => Ok(outcome),
            None => Finding::new(
                Kind::StillRunning,
                format!(
                    "the program did not end {}: it still runs",
                    self.stage.how_long("it", limit)
                ),
            )
            .stop(),
        }
    }

    /// What comes first: a datagram, the end of the program (`Some(None)`), or the end of the time (`None`).
    fn datagram_or_end_within(&self, program: &Running, limit: Duration) -> Step<Option<Option<Datagram>>> {
        let interest = [(self.socket.as_fd(), PollFlags::POLLIN)];
        self.stage
            .wait(&interest, limit, || self.takes_or_sees_the_end_of(program))
    }

    fn takes_or_sees_the_end_of(&self, program: &Running) -> Step<Option<Option<Datagram>>> {
        let ended = program.exit().is_some();
        match self.take()? {
            Some(datagram) => Ok(Some(Some(datagram))),
            None => Ok(ended.then_some(None)),
        }
    }

    fn nothing_came<T>(&self, wanted: &str, limit: Duration) -> Step<T> {
        Finding::new(
            Kind::MissingBytes,
            format!(
                "no datagram came to {} {}",
                self.addr,
                self.stage.how_long("the program", limit)
            ),
        )
        .expected(wanted)
        .actual("nothing")
        .stop()
    }

    /// A datagram that has come already, without waiting.
    pub fn take(&self) -> Step<Option<Datagram>> {
        let mut buffer = vec![0; 65_536];
        loop {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    buffer.truncate(length);
                    self.stage.record(
                        &self.who,
                        Event::Receives(format!("the datagram {} from {from}", quoted(&buffer))),
                    );
                    return Ok(Some(Datagram {
                        from,
                        bytes: buffer,
                        at: Instant::now(),
                    }));
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return Ok(None),
                    // ICMP answers to what we sent are no datagrams.
                    ErrorKind::ConnectionRefused | ErrorKind::Interrupted => {}
                    _ => return Err(error).or_trouble("receiving a datagram"),
                },
            }
        }
    }

    /// The datagram holds these bytes.
    pub fn is(&self, expected: &[u8], datagram: &Datagram) -> Step {
        if datagram.bytes == expected {
            return Ok(());
        }
        let (expected, actual, at) = difference(expected, &datagram.bytes);
        let place = at
            .map(|at| format!(", different from byte {at} on"))
            .unwrap_or_default();
        Finding::new(Kind::WrongBytes, format!("the program sent another datagram{place}"))
            .expected(expected)
            .actual(actual)
            .stop()
    }

    /// The datagram left from this address.
    pub fn comes_from(&self, from: SocketAddr, datagram: &Datagram) -> Step {
        if datagram.from == from {
            return Ok(());
        }
        Finding::new(Kind::WrongSource, "the datagram came from another address")
            .expected(from.to_string())
            .actual(datagram.from.to_string())
            .stop()
    }

    /// Nothing has come so far that no step asked for. Call it behind a step that proves that the program went on.
    pub fn hears_nothing_yet(&self) -> Step {
        match self.take()? {
            None => Ok(()),
            Some(datagram) => Finding::new(
                Kind::ExtraBytes,
                "the program sent a datagram that the contract does not name",
            )
            .expected("nothing")
            .actual(quoted(&datagram.bytes))
            .stop(),
        }
    }

    /// Goes away: what is still sent to it is refused. The port stays ours, or somebody else would get what was meant for it.
    pub fn leaves(self) -> Step<RefusedUdpPort> {
        // Connected to itself: of all senders, only this socket is listened to.
        self.socket.connect(self.addr).or_trouble("connecting a UDP socket")?;
        self.stage.record(&self.who, "closes its port");
        Ok(RefusedUdpPort {
            stage: self.stage,
            _holder: self.socket,
            addr: self.addr,
        })
    }
}

/// A UDP port that is ours, and where nobody answers: datagrams to it are refused (ICMP port unreachable).
///
/// It is bound, so that nobody else gets it, and connected to another address, so that the kernel delivers nothing to it.
#[derive(Debug)]
pub struct RefusedUdpPort {
    stage: Rc<Stage>,
    _holder: UdpSocket,
    pub addr: SocketAddr,
}

impl RefusedUdpPort {
    pub(super) fn new(stage: Rc<Stage>) -> Step<Self> {
        let holder = bound_socket(&stage, SocketAddr::from(([127, 0, 0, 1], 0)), Sharing::WithOurs)?;
        let addr = holder.local_addr().or_trouble("asking for an address")?;
        // Connected to itself: of all senders, only this socket is listened to.
        holder.connect(addr).or_trouble("connecting a UDP socket")?;
        stage.record("checker", format!("keeps the port {addr} closed"));
        Ok(RefusedUdpPort {
            stage,
            _holder: holder,
            addr,
        })
    }

    /// From now on the port answers.
    pub fn opens(self) -> Step<UdpPeer> {
        let socket = bound_socket(&self.stage, self.addr, Sharing::WithOurs)?;
        self.stage.record("peer", "opens its port");
        UdpPeer::new(Rc::clone(&self.stage), "peer".to_owned(), socket)
    }
}

/// Who may have the same port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Alone,
    /// Other sockets of ours (`SO_REUSEPORT`).
    WithOurs,
}

fn bound_socket(stage: &Stage, addr: SocketAddr, sharing: Sharing) -> Step<UdpSocket> {
    use nix::sys::socket::{AddressFamily, SockType, SockaddrStorage, bind};
    let doing = format!("binding UDP {addr}");
    let family = match addr {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let fd = stage.socket(family, SockType::Datagram)?;
    if sharing == Sharing::WithOurs {
        setsockopt(&fd, sockopt::ReusePort, &true).or_trouble(&doing)?;
    }
    bind(std::os::fd::AsRawFd::as_raw_fd(&fd), &SockaddrStorage::from(addr)).or_trouble(&doing)?;
    Ok(UdpSocket::from(fd))
}
