//! From a path to a listening socket there, and to a connection: who may stand in the way, and who must not be removed.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::socket::{self, AddressFamily, Backlog, SockFlag, SockType, UnixAddr};
use nix::sys::stat::{self, Mode};

use crate::args::Addr;
use crate::screen::Screen;
use specimens::Flaw;

/// Binds, listens, and then says so.
pub(super) fn listen(path: &Addr, screen: &mut Screen, flaw: Flaw) -> Result<UnixListener> {
    let listener = match claim(path.as_str(), screen, flaw) {
        Ok(listener) => listener,
        Err(error) => return fail(error, path, flaw),
    };
    match flaw {
        Flaw::ReadyBeforeListen => {}
        Flaw::ReadyLineOnStderr => eprintln!("listening on {path}"),
        Flaw::PrintsTheFileNameAlone => {
            let name = path.as_str().rsplit('/').next().unwrap_or_default();
            screen.line(format!("listening on {name}").as_bytes())?;
        }
        _ => screen.line(format!("listening on {path}").as_bytes())?,
    }
    Ok(listener)
}

fn claim(path: &str, screen: &mut Screen, flaw: Flaw) -> Result<UnixListener> {
    let stands = fs::symlink_metadata(path).is_ok();
    match flaw {
        Flaw::UnlinksBeforeBind if stands => fs::remove_file(path)?,
        Flaw::RemovesAFolderToo if stands => fs::remove_file(path).or_else(|_| fs::remove_dir(path))?,
        _ => {}
    }
    match bind(path, screen, flaw) {
        Err(error) if error.kind() == ErrorKind::AddrInUse && is_left_over(path, flaw)? => {
            fs::remove_file(path)?;
            Ok(bind(path, screen, flaw)?)
        }
        bound => Ok(bound?),
    }
}

fn fail(error: anyhow::Error, path: &Addr, flaw: Flaw) -> Result<UnixListener> {
    let taken = error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::AddrInUse);
    match flaw {
        Flaw::TakenPathPanics if taken => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        Flaw::LongPathPanics if !taken => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        Flaw::TakenPathExits0 if taken => {
            eprintln!("cannot listen on {path}: {error}");
            process::exit(0)
        }
        Flaw::LongPathExits0 if !taken => {
            eprintln!("cannot listen on {path}: {error}");
            process::exit(0)
        }
        Flaw::TakenPathIsNotNamed if taken => Err(error),
        Flaw::LongPathIsNotNamed if !taken => Err(error),
        Flaw::RemovesThePathWhenItFails => {
            let _ = fs::remove_file(path.as_str());
            Err(error).with_context(|| format!("cannot listen on {path}"))
        }
        _ => Err(error).with_context(|| format!("cannot listen on {path}")),
    }
}

/// A socket file with its mode from its first moment. The mask is the process's, so it is put back.
fn bind(path: &str, screen: &mut Screen, flaw: Flaw) -> io::Result<UnixListener> {
    let mask = match flaw {
        Flaw::ModeOfTheUmask
        | Flaw::ChangesTheModeBehindBind
        | Flaw::ChangesTheModeTooLate
        | Flaw::ChangesTheSocketsMode => None,
        Flaw::Umask077 => Some(0o077),
        Flaw::LetsTheGroupIn => Some(0o117),
        _ => Some(0o177),
    };
    let before = mask.map(|mask| stat::umask(Mode::from_bits_truncate(mask)));
    let bound = match flaw {
        Flaw::ReadyBeforeListen => by_hand(path, screen),
        Flaw::AbstractName => SocketAddr::from_abstract_name(path).and_then(|name| UnixListener::bind_addr(&name)),
        Flaw::CutsALongPath => UnixListener::bind(OsStr::new(&path[..path.len().min(107)])),
        Flaw::BacklogOfZero => UnixListener::bind(path).and_then(|listener| {
            socket::listen(&listener, Backlog::new(0)?)?;
            Ok(listener)
        }),
        _ => UnixListener::bind(path),
    };
    if let Some(before) = before {
        stat::umask(before);
    }
    if flaw == Flaw::ChangesTheModeBehindBind && bound.is_ok() {
        // Whatever else the program does before it gets there.
        thread::sleep(Duration::from_millis(300));
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
    }
    if let (Flaw::ChangesTheSocketsMode, Ok(listener)) = (flaw, &bound) {
        stat::fchmod(listener, Mode::S_IRUSR | Mode::S_IWUSR)?;
    }
    bound
}

/// A listener made call by call, as in C.
fn by_hand(path: &str, screen: &mut Screen) -> io::Result<UnixListener> {
    let fd: OwnedFd = socket::socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    socket::bind(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
    screen.line(format!("listening on {path}").as_bytes())?;
    // Whatever the program still has to set up before it listens.
    thread::sleep(Duration::from_secs(2));
    socket::listen(&fd, Backlog::new(128)?)?;
    Ok(UnixListener::from(fd))
}

/// Whether what stands at the path is a socket that no one listens on.
fn is_left_over(path: &str, flaw: Flaw) -> Result<bool> {
    let found = match flaw {
        Flaw::LooksBehindLinks => fs::metadata(path)?,
        _ => fs::symlink_metadata(path)?,
    };
    match flaw {
        Flaw::NeverReplaces => return Ok(false),
        Flaw::NeverAsksWhoListens => return Ok(found.file_type().is_socket()),
        // To connect to what is no socket is refused just as a dead socket's connection is.
        Flaw::NeverLooksAtTheType => {}
        _ if !found.file_type().is_socket() => return Ok(false),
        _ => {}
    }
    if flaw == Flaw::ProbeWaits {
        return Ok(UnixStream::connect(path).is_err());
    }
    // Connecting to a full accept queue would wait.
    let probe = socket::socket(
        AddressFamily::Unix,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        None,
    )?;
    match socket::connect(probe.as_raw_fd(), &UnixAddr::new(path)?) {
        Err(Errno::ECONNREFUSED) => Ok(true),
        Err(_) => Ok(flaw == Flaw::BusyIsLeftOver),
        Ok(()) if flaw == Flaw::ProbeAwaitsAGreeting => {
            let probe = UnixStream::from(probe);
            probe.set_nonblocking(false)?;
            probe.set_read_timeout(Some(Duration::from_millis(500)))?;
            Ok((&probe).read(&mut [0]).is_err())
        }
        Ok(()) => Ok(false),
    }
}

pub(super) fn connect(path: &Addr, flaw: Flaw) -> Result<UnixStream> {
    let error = match UnixStream::connect(path.as_str()) {
        Ok(stream) => return Ok(stream),
        Err(error) => error,
    };
    match flaw {
        Flaw::NoServerPanics => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        Flaw::NoServerExits0 => {
            eprintln!("cannot connect to {path}: {error}");
            process::exit(0)
        }
        Flaw::NoServerWithoutAddress => Err(error.into()),
        Flaw::WaitsForAServer => loop {
            thread::sleep(Duration::from_millis(100));
            if let Ok(stream) = UnixStream::connect(path.as_str()) {
                return Ok(stream);
            }
        },
        Flaw::ClientTidiesUp if error.kind() == ErrorKind::ConnectionRefused => {
            fs::remove_file(path.as_str())?;
            bail!("nobody listens on {path}: removed it")
        }
        _ => Err(error).with_context(|| format!("cannot connect to {path}")),
    }
}
