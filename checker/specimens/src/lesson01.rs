//! Lesson 1, hello: each direction carries one message, ended by end-of-file.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::args::{Addr, Role};
use crate::screen::Screen;
use crate::tcp;
use specimens::Flaw;

/// Longer than any pause between two pieces, shorter than the second that a patient program waits.
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) fn server(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Server, flaw);
    let listener = tcp::listen(addr, &mut screen, flaw)?;
    let (mut peer, _) = listener.accept().context("cannot accept")?;

    let conversation = if flaw == Flaw::GreetsAfterReading {
        let reply = receive(&mut peer, Role::Server, flaw);
        greet(&mut peer, flaw).and(reply)
    } else {
        greet(&mut peer, flaw).and_then(|()| receive(&mut peer, Role::Server, flaw))
    };
    let reply = match conversation {
        Err(error) if flaw == Flaw::PanicsOnReset => {
            panic!("called `Result::unwrap()` on an `Err` value: {error:?}")
        }
        other => other.context("the conversation broke off")?,
    };

    // ANCHOR: empty-reply
    if reply.iter().all(|piece| piece.is_empty()) {
        match flaw {
            Flaw::EmptyReplyFails => bail!("the peer did not reply"),
            Flaw::EmptyReplyIsNotPrinted => return Ok(()),
            _ => {}
        }
    }
    // ANCHOR_END: empty-reply
    for text in reply {
        match flaw {
            Flaw::Trims => screen.line(text.trim().as_bytes())?,
            Flaw::PrintsAPrefix => screen.line(format!("received: {text}").as_bytes())?,
            _ => screen.line(text.as_bytes())?,
        }
    }
    Ok(())
}

fn greet(peer: &mut TcpStream, flaw: Flaw) -> io::Result<()> {
    match flaw {
        Flaw::EndsWithANewline => peer.write_all(b"hello\n")?,
        _ => peer.write_all(b"hello")?,
    }
    if flaw == Flaw::NoShutdown {
        return Ok(());
    }
    match peer.shutdown(Shutdown::Write) {
        // Who was greeted so late may have closed already.
        Err(_) if flaw == Flaw::GreetsAfterReading => Ok(()),
        shut => shut,
    }
}

pub(crate) fn client(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Client, flaw);
    let mut peer = tcp::connect(addr, flaw)?;

    if flaw == Flaw::SpeaksFirst {
        peer.write_all(b"byebye")?;
    }
    let greeting = receive(&mut peer, Role::Client, flaw);
    for text in greeting.with_context(|| format!("no greeting from {addr}"))? {
        screen.line(text.as_bytes())?;
    }
    match flaw {
        Flaw::SpeaksFirst => {}
        Flaw::EndsWithANewline => peer.write_all(b"byebye\n")?,
        _ => peer.write_all(b"byebye")?,
    }
    Ok(())
}

/// Reads to end-of-file: what is to be printed, one text a line.
fn receive(peer: &mut TcpStream, role: Role, flaw: Flaw) -> io::Result<Vec<String>> {
    let mut bytes = Vec::new();
    match flaw {
        Flaw::ReadsOnce => {
            let mut buffer = [0; 1024];
            let got = peer.read(&mut buffer)?;
            bytes.extend_from_slice(&buffer[..got]);
        }
        Flaw::StopsAt4k => {
            peer.take(4 * 1024).read_to_end(&mut bytes)?;
        }
        Flaw::StopsAt64k => {
            peer.take(64 * 1024).read_to_end(&mut bytes)?;
        }
        Flaw::DecodesEachChunk if role == Role::Server => return Ok(vec![pieces(peer)?.concat()]),
        Flaw::PrintsEachPiece => return pieces(peer),
        Flaw::PauseIsTheEnd if role == Role::Server => {
            peer.set_read_timeout(Some(PAUSE))?;
            match peer.read_to_end(&mut bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                other => drop(other?),
            }
        }
        Flaw::ClientTimesOut if role == Role::Client => {
            peer.set_read_timeout(Some(PAUSE))?;
            peer.read_to_end(&mut bytes)?;
        }
        Flaw::ReadToString => {
            let mut text = String::new();
            peer.read_to_string(&mut text)?;
            return Ok(vec![text]);
        }
        _ => {
            peer.read_to_end(&mut bytes)?;
        }
    }
    Ok(vec![match flaw {
        Flaw::PanicsAtBadUtf8 => String::from_utf8(bytes).unwrap(),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }])
}

/// One text for each read, as if a read were a message.
fn pieces(peer: &mut TcpStream) -> io::Result<Vec<String>> {
    let mut pieces = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match peer.read(&mut buffer)? {
            0 => return Ok(pieces),
            got => pieces.push(String::from_utf8_lossy(&buffer[..got]).into_owned()),
        }
    }
}
