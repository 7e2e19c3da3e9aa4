//! Each datagram is printed, and its shout goes to where it came from.

use std::collections::HashSet;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::socket::{self, AddressFamily, SockFlag, SockType, SockaddrStorage, setsockopt, sockopt};

use super::room;
use crate::args::{Addr, Role};
use crate::screen::Screen;
use crate::tcp;
use crate::words::{is_quit, shout};
use specimens::Flaw;

pub(crate) fn server(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Server, flaw);
    let socket = tcp::claim(addr, flaw, |addr| bind(addr, flaw))?;
    tcp::ready(socket.local_addr()?, addr, &mut screen, flaw)?;
    if flaw == Flaw::StopsAtIcmpError {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
    }

    let mut inbox = Inbox::new(socket.try_clone()?, flaw);
    let mut first_sender = None;
    let mut seen = HashSet::new();
    loop {
        let (datagram, from) = match inbox.next() {
            Ok(received) => received,
            Err(error) if flaw == Flaw::StopsAtIcmpError => {
                return Err(error).context("cannot receive");
            }
            Err(error) => {
                eprintln!("cannot receive: {error}");
                continue;
            }
        };
        match flaw {
            Flaw::EmptyDatagramIsTheEnd if datagram.is_empty() => return Ok(()),
            Flaw::IgnoresEmptyDatagrams if datagram.is_empty() => continue,
            Flaw::QEndsTheServer if is_quit(&datagram, flaw) => return Ok(()),
            Flaw::AnswersRepeatsOnce if !seen.insert((from, datagram.clone())) => continue,
            Flaw::PanicsAtBadUtf8 => drop(str::from_utf8(&datagram).unwrap()),
            Flaw::SkipsBadUtf8 if str::from_utf8(&datagram).is_err() => continue,
            _ => {}
        }
        match flaw {
            Flaw::PrintsTheSender => {
                screen.line(&[format!("{from}: ").as_bytes(), &datagram].concat())?;
            }
            Flaw::PrintsTheAnswer => screen.line(&shout(&datagram, flaw))?,
            _ => screen.line(&datagram)?,
        }
        let first = *first_sender.get_or_insert(from);
        let to = match flaw {
            Flaw::AnswersTheFirstSender => first,
            Flaw::ConnectsToTheFirstSender => {
                socket.connect(first)?;
                first
            }
            _ => from,
        };
        if let Err(error) = socket.send_to(&shout(&datagram, flaw), to) {
            eprintln!("cannot answer {to}: {error}");
        }
    }
}

fn bind(addr: &str, flaw: Flaw) -> io::Result<UdpSocket> {
    if flaw != Flaw::SharesThePort {
        return UdpSocket::bind(addr);
    }
    // A habit from TCP. For UDP the option lets two servers have one port.
    let addr: SocketAddr = addr.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let family = if addr.is_ipv4() {
        AddressFamily::Inet
    } else {
        AddressFamily::Inet6
    };
    let fd: OwnedFd = socket::socket(family, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&fd, sockopt::ReuseAddr, &true)?;
    socket::bind(fd.as_raw_fd(), &SockaddrStorage::from(addr))?;
    Ok(UdpSocket::from(fd))
}

/// Datagrams one at a time, or, with `joins-datagrams`, as if they were a stream.
struct Inbox {
    socket: UdpSocket,
    pending: Option<(Vec<u8>, SocketAddr)>,
    flaw: Flaw,
}

impl Inbox {
    fn new(socket: UdpSocket, flaw: Flaw) -> Inbox {
        Inbox {
            socket,
            pending: None,
            flaw,
        }
    }

    fn next(&mut self) -> io::Result<(Vec<u8>, SocketAddr)> {
        if self.flaw != Flaw::JoinsDatagrams {
            return self.receive();
        }
        let (mut joined, sender) = match self.pending.take() {
            Some(pending) => pending,
            None => self.receive()?,
        };
        self.socket.set_read_timeout(Some(Duration::from_millis(30)))?;
        while let Ok((more, from)) = self.receive() {
            if from != sender {
                self.pending = Some((more, from));
                break;
            }
            joined.extend(more);
        }
        self.socket.set_read_timeout(None)?;
        Ok((joined, sender))
    }

    fn receive(&self) -> io::Result<(Vec<u8>, SocketAddr)> {
        let mut buffer = room(self.flaw);
        let (got, from) = self.socket.recv_from(&mut buffer)?;
        buffer.truncate(got);
        Ok((buffer, from))
    }
}
