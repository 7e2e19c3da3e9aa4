//! A signal ends the server at any time, and its file with it.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use nix::sys::signal::Signal;
use tempfile::tempdir;

use crate::started::Started;

#[test]
fn while_it_waits_for_a_client_however_soon_it_comes() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    for signal in [Signal::SIGTERM, Signal::SIGINT].repeat(25) {
        let mut server = Started::at(&path);
        server.is_ready();
        server.gets(signal);
        server.ends_tidily();
    }
}

#[test]
fn while_it_serves_a_client() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut server = Started::at(&path);
        server.is_ready();
        let mut client = UnixStream::connect(&path).expect("a connection");
        assert!(server.prints().starts_with("connected"));
        server.gets(signal);
        server.ends_tidily();

        let mut greeting = Vec::new();
        client.read_to_end(&mut greeting).expect("the greeting");
    }
}

#[test]
fn when_it_was_started_with_signals_ignored() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut server = Started::by_a_careless_shell(&path);
        server.is_ready();
        server.gets(signal);
        server.ends_tidily();
    }
}

/// The client does not read what it is owed, nor does anybody read the server's stdout: it gets
/// stuck in writing to one of them.
#[cfg(target_os = "linux")]
#[test]
fn while_it_cannot_write() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("socket");
    let mut server = Started::at(&path);
    server.is_ready();
    let mut client = UnixStream::connect(&path).expect("a connection");
    client.set_nonblocking(true).expect("an option");
    assert!(server.prints().starts_with("connected"));

    // It slept, and afterwards there is still no room for more: so it had something to read and did not.
    let mut slept = false;
    loop {
        match client.write(b"hello\n") {
            Ok(_) => slept = false,
            Err(error) if error.kind() == ErrorKind::WouldBlock && slept => break,
            Err(error) if error.kind() == ErrorKind::WouldBlock => slept = server.sleeps(),
            Err(error) => panic!("{error}"),
        }
    }
    server.gets(Signal::SIGTERM);
    server.ends_tidily();
}
