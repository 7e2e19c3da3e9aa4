//! From an address to a listener, and to a connection: what every TCP lesson begins with.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::socket::{self, AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, setsockopt, sockopt};

use crate::args::Addr;
use crate::screen::Screen;
use specimens::Flaw;

/// Binds, listens, and then says so.
pub(crate) fn listen(addr: &Addr, screen: &mut Screen, flaw: Flaw) -> Result<TcpListener> {
    let attempt = |addr: &str| match flaw {
        Flaw::NoReuseaddr | Flaw::SharesThePort | Flaw::ReadyBeforeListen | Flaw::BacklogOfZero => {
            by_hand(addr, screen, flaw)
        }
        _ => TcpListener::bind(addr),
    };
    let listener = claim(addr, flaw, attempt)?;
    if flaw != Flaw::ReadyBeforeListen {
        ready(listener.local_addr()?, addr, screen, flaw)?;
    }
    Ok(listener)
}

/// Binds with `attempt`, of TCP or UDP, and fails as a server should if the address is taken.
pub(crate) fn claim<T>(addr: &Addr, flaw: Flaw, mut attempt: impl FnMut(&str) -> io::Result<T>) -> Result<T> {
    let error = match attempt(addr.as_str()) {
        Ok(socket) => return Ok(socket),
        Err(error) => error,
    };
    match flaw {
        Flaw::TakenPortPanics => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        Flaw::TakenPortExits0 => {
            eprintln!("cannot listen on {addr}: {error}");
            process::exit(0)
        }
        Flaw::TakenPortWithoutAddress => Err(error.into()),
        Flaw::TakesAnotherPort => Ok(attempt("127.0.0.1:0")?),
        Flaw::WaitsForThePort => loop {
            thread::sleep(Duration::from_millis(100));
            if let Ok(socket) = attempt(addr.as_str()) {
                return Ok(socket);
            }
        },
        _ => Err(error).with_context(|| format!("cannot listen on {addr}")),
    }
}

pub(crate) fn ready(real: SocketAddr, given: &Addr, screen: &mut Screen, flaw: Flaw) -> io::Result<()> {
    match flaw {
        Flaw::PrintsTheGivenPort => screen.line(format!("listening on {given}").as_bytes()),
        Flaw::ReadyLineOnStderr => {
            eprintln!("listening on {real}");
            Ok(())
        }
        Flaw::NoBrackets => screen.line(format!("listening on {}:{}", real.ip(), real.port()).as_bytes()),
        _ => screen.line(format!("listening on {real}").as_bytes()),
    }
}

/// A listener made call by call, as in C: `std`'s own always sets `SO_REUSEADDR`.
fn by_hand(addr: &str, screen: &mut Screen, flaw: Flaw) -> io::Result<TcpListener> {
    let addr: SocketAddr = addr.parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let family = if addr.is_ipv4() {
        AddressFamily::Inet
    } else {
        AddressFamily::Inet6
    };
    let fd: OwnedFd = socket::socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    if flaw != Flaw::NoReuseaddr {
        setsockopt(&fd, sockopt::ReuseAddr, &true)?;
    }
    if flaw == Flaw::SharesThePort {
        setsockopt(&fd, sockopt::ReusePort, &true)?;
    }
    socket::bind(fd.as_raw_fd(), &SockaddrStorage::from(addr))?;
    if flaw == Flaw::ReadyBeforeListen {
        let real = TcpListener::from(fd.try_clone()?).local_addr()?;
        screen.line(format!("listening on {real}").as_bytes())?;
        // Whatever the program still has to set up before it listens.
        thread::sleep(Duration::from_millis(500));
    }
    let backlog = match flaw {
        Flaw::BacklogOfZero => Backlog::new(0)?,
        _ => Backlog::new(128)?,
    };
    socket::listen(&fd, backlog)?;
    Ok(TcpListener::from(fd))
}

pub(crate) fn connect(addr: &Addr, flaw: Flaw) -> Result<TcpStream> {
    let error = match TcpStream::connect(addr.as_str()) {
        Ok(stream) => return Ok(stream),
        Err(error) => error,
    };
    match flaw {
        Flaw::NoServerPanics => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        Flaw::NoServerExits0 => {
            eprintln!("cannot connect to {addr}: {error}");
            process::exit(0)
        }
        Flaw::NoServerWithoutAddress => Err(error.into()),
        Flaw::WaitsForAServer => loop {
            thread::sleep(Duration::from_millis(100));
            if let Ok(stream) = TcpStream::connect(addr.as_str()) {
                return Ok(stream);
            }
        },
        _ => Err(error).with_context(|| format!("cannot connect to {addr}")),
    }
}
