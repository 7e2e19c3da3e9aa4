//! What stands at the path before the server starts, and while it runs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, connect, listen, socket};
use tempfile::tempdir;

use crate::started::{Started, failure_at};

fn new_socket() -> OwnedFd {
    socket(AddressFamily::Unix, SockType::Stream, SockFlag::empty(), None).expect("a socket")
}

fn bound(path: &Path) -> OwnedFd {
    let socket = new_socket();
    bind(socket.as_raw_fd(), &UnixAddr::new(path).expect("a short path")).expect("a free path");
    socket
}

/// It never listened: a process that another test is just starting may hold a copy of the socket for a
/// moment, and one that listens would be alive as long.
fn a_left_over_socket(path: &Path) {
    drop(bound(path));
    assert!(path.exists());
}

fn is_greeted(server: &mut Started, path: &Path) {
    let stream = UnixStream::connect(path).expect("the ready line was printed");
    let mut greeting = String::new();
    BufReader::new(&stream).read_line(&mut greeting).expect("a greeting");
    assert!(greeting.starts_with("hello pid="), "{greeting:?}");
    drop(stream);
    assert!(server.prints().starts_with("connected pid="));
    assert!(server.prints().starts_with("disconnected pid="));
}

#[cfg(target_os = "linux")]
#[test]
fn its_mode_is_0600_from_its_first_moment() {
    use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};

    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let watch = Inotify::init(InitFlags::empty()).expect("a watch");
    let events = AddWatchFlags::IN_CREATE | AddWatchFlags::IN_ATTRIB | AddWatchFlags::IN_MOVED_TO;
    watch.add_watch(folder.path(), events).expect("a watch");

    let mut server = Started::by_a_careless_shell(&path);
    server.is_ready();
    assert_eq!(fs::metadata(&path).expect("the file").mode() & 0o7777, 0o600);

    // It was made once, and never changed: a `chmod` would show as IN_ATTRIB.
    let seen: Vec<_> = watch
        .read_events()
        .expect("events")
        .iter()
        .map(|event| event.mask)
        .collect();
    assert_eq!(seen, [AddWatchFlags::IN_CREATE]);
}

#[test]
fn a_left_over_socket_is_replaced() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    a_left_over_socket(&path);

    let mut server = Started::at(&path);
    server.is_ready();
    is_greeted(&mut server, &path);
}

#[test]
fn a_socket_that_does_not_listen_is_left_over() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let _deaf = bound(&path);

    let mut server = Started::at(&path);
    server.is_ready();
    is_greeted(&mut server, &path);
}

#[test]
fn a_live_socket_is_left_alone() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let mut first = Started::at(&path);
    first.is_ready();

    failure_at(&path);
    // It was knocked at.
    assert!(first.prints().starts_with("connected pid="));
    assert!(first.prints().starts_with("disconnected pid="));
    is_greeted(&mut first, &path);
}

#[test]
fn a_busy_socket_is_left_alone_at_once() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let busy = bound(&path);
    listen(&busy, Backlog::new(1).expect("a backlog")).expect("it listens");
    let mut waiting = Vec::new();
    let full = loop {
        let visitor = UnixStream::from(new_socket());
        visitor.set_nonblocking(true).expect("an option");
        match connect(visitor.as_raw_fd(), &UnixAddr::new(&path).expect("a short path")) {
            Ok(()) => waiting.push(visitor),
            Err(error) => break error,
        }
    };
    // Systems other than Linux refuse.
    assert!(full == Errno::EAGAIN || cfg!(not(target_os = "linux")), "{full}");

    failure_at(&path);
    assert!(path.exists());
}

#[test]
fn what_is_no_socket_is_left_alone() {
    let folder = tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);

    fs::write(at("file"), "precious").expect("a file");
    failure_at(&at("file"));
    assert_eq!(fs::read_to_string(at("file")).expect("the file"), "precious");

    fs::create_dir(at("folder")).expect("a folder");
    failure_at(&at("folder"));
    assert!(at("folder").is_dir());

    a_left_over_socket(&at("socket"));
    symlink(at("socket"), at("link")).expect("a link");
    failure_at(&at("link"));
    assert!(at("link").is_symlink() && at("socket").exists());

    symlink(at("nowhere"), at("dangling")).expect("a link");
    failure_at(&at("dangling"));
    assert!(at("dangling").is_symlink() && !at("nowhere").exists());
}

#[test]
fn a_socket_of_another_kind_is_left_alone() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let _log = UnixDatagram::bind(&path).expect("a socket file");

    failure_at(&path);
    assert!(fs::symlink_metadata(&path).expect("the file").file_type().is_socket());
}

#[test]
fn a_path_where_no_socket_can_be_is_a_failure_that_names_it() {
    let folder = tempdir().expect("a folder");
    failure_at(&folder.path().join("x".repeat(200)));
    failure_at(&folder.path().join("nowhere").join("socket"));
    fs::write(folder.path().join("file"), "").expect("a file");
    failure_at(&folder.path().join("file").join("socket"));
}

#[test]
fn a_file_that_took_its_place_is_not_removed() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let mut server = Started::at(&path);
    server.is_ready();
    fs::remove_file(&path).expect("its file");
    fs::write(&path, "precious").expect("a file");

    server.gets(Signal::SIGTERM);
    assert_eq!(server.ends().code(), Some(0));
    assert_eq!(fs::read_to_string(&path).expect("the file"), "precious");
}

#[test]
fn a_client_that_left_before_it_was_greeted_harms_nobody() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let mut server = Started::at(&path);
    server.is_ready();

    let first = UnixStream::connect(&path).expect("a connection");
    drop(UnixStream::connect(&path).expect("a place in the queue"));
    drop(first);
    for _ in 0..2 {
        assert!(server.prints().starts_with("connected pid="));
        assert!(server.prints().starts_with("disconnected pid="));
    }
    is_greeted(&mut server, &path);
}
