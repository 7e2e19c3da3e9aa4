//! Lesson 2, quit: the server's side of a chat in turns. The client's is in `chat`.

use std::net::{Shutdown, TcpStream};
use std::process;
use std::thread;

use anyhow::{Context, Result};

use crate::args::{Addr, Role};
use crate::chat::{end_of_file, gone, send};
use crate::flaw::Flaw;
use crate::lines::Lines;
use crate::screen::Screen;
use crate::tcp;
use crate::typed::Typed;
use crate::words::{is_quit, trim};

pub(crate) fn server(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Server, flaw);
    let listener = tcp::listen(addr, &mut screen, flaw)?;
    let (stream, _) = listener.accept().context("cannot accept")?;
    let mut lines = Lines::new(&stream, flaw);
    let mut typed = Typed::new(flaw)?;

    if flaw == Flaw::FullDuplex {
        let stream = stream.try_clone()?;
        thread::spawn(move || talk(&stream, Typed::new(flaw)?, flaw));
    }
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => return end_of_file(flaw),
            Err(error) => return gone(error, flaw),
        };
        let quits = is_quit(&line, flaw);
        if quits && flaw != Flaw::QuitsAfterItsTurn {
            return Ok(());
        }
        match flaw {
            Flaw::Trims => screen.line(trim(&line))?,
            _ if quits => {}
            _ => screen.line(&line)?,
        }

        if flaw == Flaw::FullDuplex {
            continue;
        }
        let answer = match typed.next()? {
            Some(answer) if flaw == Flaw::QuitsWithoutAWord && is_quit(&answer, flaw) => return Ok(()),
            Some(answer) => answer,
            None if flaw == Flaw::ForgetsTheQ => return Ok(()),
            None => b"Q".to_vec(),
        };
        let answer_quits = is_quit(&answer, flaw);
        if let Err(error) = send(&stream, &answer) {
            return gone(error, flaw);
        }
        if answer_quits || quits {
            return Ok(());
        }
    }
}

/// The half of `full-duplex` that waits for nobody's turn.
fn talk(stream: &TcpStream, mut typed: Typed, flaw: Flaw) -> Result<()> {
    loop {
        let line = typed.next()?.unwrap_or(b"Q".to_vec());
        let sent = send(stream, &line);
        if is_quit(&line, flaw) || sent.is_err() {
            let _ = stream.shutdown(Shutdown::Both);
            process::exit(0);
        }
    }
}
