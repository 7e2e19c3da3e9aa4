//! The client of lessons 2, 3 and 6: a line out, a line back, in turns. And what these lessons'
//! programs do when the other side goes away.

use std::io::{self, Read, Write};

use anyhow::{Context, Result, bail};

use crate::args::{Addr, Role};
use crate::lines::Lines;
use crate::screen::Screen;
use crate::tcp;
use crate::typed::Typed;
use crate::words::is_quit;
use specimens::Flaw;

pub(crate) fn client(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Client, flaw);
    let stream = tcp::connect(addr, flaw)?;
    converse(&stream, &mut Lines::new(&stream, flaw), &mut screen, flaw)
}

/// The conversation on a connection, over which `replies` come.
pub(crate) fn converse<S: Copy + Read + Write>(
    stream: S,
    replies: &mut Lines<S>,
    screen: &mut Screen,
    flaw: Flaw,
) -> Result<()> {
    let mut typed = Typed::new(flaw)?;
    if flaw == Flaw::ReadsAllStdinFirst {
        typed.read_to_the_end()?;
    }

    loop {
        if flaw == Flaw::PromptsOnStdout {
            print!("> ");
            io::stdout().flush()?;
        }
        let line = match typed.next()? {
            Some(line) if flaw == Flaw::QuitsWithoutAWord && is_quit(&line, flaw) => return Ok(()),
            Some(line) => line,
            None if flaw == Flaw::ForgetsTheQ => return Ok(()),
            None => b"Q".to_vec(),
        };
        if let Err(error) = send(stream, &line) {
            return gone(error, flaw);
        }
        let quits = is_quit(&line, flaw);
        if quits && flaw != Flaw::WaitsAfterQuit {
            return Ok(());
        }

        let reply = match replies.next() {
            Ok(Some(reply)) => reply,
            Ok(None) => return end_of_file(flaw),
            Err(error) => return gone(error, flaw),
        };
        let quits = is_quit(&reply, flaw) && flaw != Flaw::IgnoresTheServersQ;
        if quits && flaw != Flaw::PrintsTheQuitWord {
            return Ok(());
        }
        match flaw {
            Flaw::EmptyReplyIsTheEnd if reply.is_empty() => return Ok(()),
            Flaw::DropsEmptyReplies if reply.is_empty() => {}
            _ => screen.line(&reply)?,
        }
        if quits {
            return Ok(());
        }
    }
}

pub(crate) fn send(mut stream: impl Write, line: &[u8]) -> io::Result<()> {
    stream.write_all(&[line, b"\n"].concat())
}

/// End-of-file in place of a line.
pub(crate) fn end_of_file(flaw: Flaw) -> Result<()> {
    match flaw {
        Flaw::Exits1OnEndOfFile => bail!("the other side closed the connection"),
        _ => Ok(()),
    }
}

/// A reset in place of a line, or of the room for one.
pub(crate) fn gone(error: io::Error, flaw: Flaw) -> Result<()> {
    match flaw {
        Flaw::Exits1OnReset => Err(error).context("the connection broke"),
        Flaw::PanicsOnReset => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        _ => Ok(()),
    }
}
