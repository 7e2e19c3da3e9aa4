//! Lesson 2, quit: the server's side of a chat in turns. The client's is in `chat`.

use std::net::{Shutdown, TcpStream};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result};

use crate::args::{Addr, Role};
use crate::chat::{end_of_file, gone, send};
use crate::lines::Lines;
use crate::screen::Screen;
use crate::tcp;
use crate::typed::Typed;
use crate::words::{is_quit, trim};
use specimens::Flaw;

pub(crate) fn server(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Server, flaw);
    let listener = tcp::listen(addr, &mut screen, flaw)?;
    let (stream, _) = listener.accept().context("cannot accept")?;
    let mut lines = Lines::new(&stream, flaw);
    let mut typed = Typed::new(flaw)?;

    let turns = Arc::new(Turns::default());
    if flaw == Flaw::FullDuplex {
        let (stream, turns) = (stream.try_clone()?, Arc::clone(&turns));
        thread::spawn(move || talk(&stream, Typed::new(flaw)?, &turns, flaw));
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
        let is_behind = turns.hears_a_line();
        match flaw {
            Flaw::Trims => screen.line(trim(&line))?,
            _ if quits => {}
            _ => screen.line(&line)?,
        }

        if flaw == Flaw::FullDuplex {
            if is_behind && turns.stdin_has_ended.load(Ordering::SeqCst) {
                let _ = send(&stream, b"Q");
                return Ok(());
            }
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

/// The half of `full-duplex` that waits for nobody's turn, but with its goodbye at the end of stdin.
fn talk(stream: &TcpStream, mut typed: Typed, turns: &Turns, flaw: Flaw) -> Result<()> {
    loop {
        let Some(line) = typed.next()? else {
            turns.stdin_has_ended.store(true, Ordering::SeqCst);
            if !turns.is_behind() {
                return Ok(());
            }
            say_the_last(stream, b"Q")
        };
        if is_quit(&line, flaw) {
            say_the_last(stream, &line)
        }
        turns.said.fetch_add(1, Ordering::SeqCst);
        if send(stream, &line).is_err() {
            process::exit(0)
        }
    }
}

fn say_the_last(stream: &TcpStream, line: &[u8]) -> ! {
    let _ = send(stream, line);
    let _ = stream.shutdown(Shutdown::Both);
    process::exit(0)
}

/// Who has said how much.
#[derive(Default)]
struct Turns {
    heard: AtomicUsize,
    said: AtomicUsize,
    stdin_has_ended: AtomicBool,
}

impl Turns {
    fn hears_a_line(&self) -> bool {
        self.heard.fetch_add(1, Ordering::SeqCst);
        self.is_behind()
    }

    fn is_behind(&self) -> bool {
        self.heard.load(Ordering::SeqCst) > self.said.load(Ordering::SeqCst)
    }
}
