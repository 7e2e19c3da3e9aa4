//! The same conversation with sockets that block: one client after another, a thread for each, a process for each.
//! Each client alone is served as it should be.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process;
use std::thread;

use anyhow::{Context, Result};
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{ForkResult, fork};

use super::incoming::{Incoming, text};
use super::{CHUNK, LONGEST_LINE};
use crate::words::{is_quit, shout};
use specimens::Flaw;

pub(super) fn one_after_another(listener: &TcpListener, flaw: Flaw) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().context("cannot accept")?;
        let _ = converse(&stream, flaw);
    }
}

pub(super) fn thread_per_client(listener: &TcpListener, flaw: Flaw) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().context("cannot accept")?;
        thread::spawn(move || converse(&stream, flaw));
    }
}

#[expect(
    unsafe_code,
    reason = "a process for each client is a C program's way, and `fork` is how it goes"
)]
pub(super) fn process_per_client(listener: &TcpListener, flaw: Flaw) -> Result<()> {
    // SAFETY: no handler is installed: children are reaped by the system.
    unsafe { signal(Signal::SIGCHLD, SigHandler::SigIgn) }?;
    loop {
        let (stream, _) = listener.accept().context("cannot accept")?;
        // SAFETY: there is one thread, so the child may do all that its parent may.
        if let ForkResult::Child = unsafe { fork() }? {
            let _ = converse(&stream, flaw);
            process::exit(0);
        }
    }
}

/// One client, until it quits or goes away.
fn converse(mut stream: &TcpStream, flaw: Flaw) -> io::Result<()> {
    let mut incoming = Incoming::default();
    let mut chunk = [0; CHUNK];
    loop {
        let got = stream.read(&mut chunk)?;
        if got == 0 {
            let last = incoming.last(flaw).map(|last| text(last, flaw));
            return match last.filter(|last| !is_quit(last, flaw)) {
                Some(last) => stream.write_all(&[&shout(&last, flaw)[..], b"\n"].concat()),
                None => Ok(()),
            };
        }
        incoming.push(&chunk[..got], flaw);
        while let Some(line) = incoming.next(flaw) {
            if line.len() > LONGEST_LINE {
                return Ok(());
            }
            let line = text(line, flaw);
            if is_quit(&line, flaw) {
                stream.shutdown(Shutdown::Write)?;
                io::copy(&mut stream, &mut io::sink())?;
                return Ok(());
            }
            stream.write_all(&[&shout(&line, flaw)[..], b"\n"].concat())?;
        }
        if incoming.half_line() > LONGEST_LINE {
            return Ok(());
        }
    }
}
