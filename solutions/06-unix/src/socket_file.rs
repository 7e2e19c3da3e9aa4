//! The file of a listening socket: how it comes to be, what may stand in its place, and how it is
//! taken away.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};

use anyhow::{Context, Result, bail};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect, socket};
use nix::sys::stat::{Mode, umask};

/// The file of a socket of ours, told from every other that may ever have its name.
#[derive(Debug, Clone)]
pub struct SocketFile {
    path: String,
    device: u64,
    inode: u64,
}

// ANCHOR: listen
/// Listens at `path`. A left-over socket file that stands there is replaced.
///
/// Call it before the first thread starts: see `bind`.
pub fn listen(path: &str) -> Result<(UnixListener, SocketFile)> {
    let bound = match bind(path) {
        // The system never replaces what stands there, not even a socket file that is of no use
        // to anybody: it outlives its server, unless that removes it.
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            make_way(path)?;
            bind(path)
        }
        bound => bound,
    };
    let listener = bound.with_context(|| format!("cannot listen on {path}"))?;
    let file = SocketFile::standing_at(path).with_context(|| format!("the socket file {path} is gone"))?;
    Ok((listener, file))
}
// ANCHOR_END: listen

// ANCHOR: bind
/// Makes the socket file with mode 0600, so that there is no moment at which somebody else could
/// connect. A `chmod` afterwards would leave one.
///
/// The mode of a new file is what its maker asked for (0777, for a socket) without the bits of
/// the umask. The umask is the whole process's: another thread that made a file meanwhile would
/// be surprised.
fn bind(path: &str) -> io::Result<UnixListener> {
    let usual = umask(Mode::S_IXUSR | Mode::S_IRWXG | Mode::S_IRWXO);
    let bound = UnixListener::bind(path);
    umask(usual);
    bound
}
// ANCHOR_END: bind

// ANCHOR: make_way
/// Removes a socket file that nobody listens on. Anything else is not ours to remove.
fn make_way(path: &str) -> Result<()> {
    match what_stands_at(path).with_context(|| format!("cannot tell what stands at {path}"))? {
        Standing::Nothing => Ok(()),
        Standing::LeftOverSocket => fs::remove_file(path).with_context(|| format!("cannot remove {path}")),
        Standing::LiveSocket => bail!("somebody listens on {path} already"),
        Standing::NoSocket => bail!("{path} exists and is no socket"),
    }
}

enum Standing {
    /// not any more, that is: whoever was in our way has just ended
    Nothing,
    LeftOverSocket,
    LiveSocket,
    NoSocket,
}

fn what_stands_at(path: &str) -> io::Result<Standing> {
    // It looks at a link itself, where `fs::metadata` would look at what the link points to.
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {}
        Ok(_) => return Ok(Standing::NoSocket),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Standing::Nothing),
        Err(error) => return Err(error),
    }
    // The file looks the same with and without a listener. To know, one must knock.
    match knock(path) {
        Ok(()) => Ok(Standing::LiveSocket),
        Err(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Ok(Standing::LeftOverSocket),
            // There is a listener, and its accept queue is full.
            ErrorKind::WouldBlock => Ok(Standing::LiveSocket),
            ErrorKind::NotFound => Ok(Standing::Nothing),
            _ => Err(error),
        },
    }
}

/// Connects, and hangs up at once. `UnixStream::connect` would wait as long as the accept queue
/// is full, maybe for ever; so this socket is made non-blocking before it connects.
fn knock(path: &str) -> io::Result<()> {
    let visitor = socket(AddressFamily::Unix, SockType::Stream, SockFlag::empty(), None)?;
    let visitor = UnixStream::from(visitor);
    visitor.set_nonblocking(true)?;
    connect(visitor.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(())
}
// ANCHOR_END: make_way

// ANCHOR: remove
impl SocketFile {
    fn standing_at(path: &str) -> io::Result<Self> {
        let found = fs::symlink_metadata(path)?;
        Ok(SocketFile {
            path: path.to_owned(),
            device: found.dev(),
            inode: found.ino(),
        })
    }

    /// Removes the file, unless another one stands there by now.
    pub fn remove(&self) {
        let still_ours = SocketFile::standing_at(&self.path)
            .is_ok_and(|found| (found.device, found.inode) == (self.device, self.inode));
        if still_ours {
            // If it cannot be removed, it is left over: the next server makes way for itself.
            let _ = fs::remove_file(&self.path);
        }
    }
}
// ANCHOR_END: remove
