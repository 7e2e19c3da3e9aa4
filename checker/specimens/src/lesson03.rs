//! Lesson 3, serial: one client after another, for ever. The client is in `chat`.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::args::{Addr, Role};
use crate::chat::send;
use crate::lines::Lines;
use crate::parting::{self, broken};
use crate::screen::Screen;
use crate::tcp;
use crate::words::{is_quit, shout};
use specimens::Flaw;

/// How a client ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Quit,
    EndOfFile,
    Broken,
}

pub(crate) fn server(addr: &Addr, flaw: Flaw) -> Result<()> {
    if flaw == Flaw::SigpipeKills {
        parting::let_sigpipe_kill();
    }
    let mut screen = Screen::new(Role::Server, flaw);
    let listener = tcp::listen(addr, &mut screen, flaw)?;
    let mut half_line = Vec::new();
    loop {
        let (stream, peer) = listener.accept().context("cannot accept")?;
        let name = parting::name(&stream, peer, flaw)?;
        screen.line(format!("connected {name}").as_bytes())?;
        let ending = serve(&stream, &mut half_line, &mut screen, flaw)?;

        let name = match flaw {
            Flaw::AsksTheAddressTooLate => stream.peer_addr()?.to_string(),
            _ => name,
        };
        close(stream, ending, flaw);
        match flaw {
            Flaw::DisconnectNotPrinted => {}
            Flaw::LogLostAfterReset if ending == Ending::Broken => {}
            _ => screen.line(format!("disconnected {name}").as_bytes())?,
        }
        match flaw {
            Flaw::OneClientOnly => return Ok(()),
            Flaw::QuitEndsTheServer if ending == Ending::Quit => return Ok(()),
            _ => {}
        }
    }
}

/// One client, until it quits or goes away. An error here ends the server.
fn serve(stream: &TcpStream, half_line: &mut Vec<u8>, screen: &mut Screen, flaw: Flaw) -> Result<Ending> {
    if flaw == Flaw::DropsSilentClients {
        stream.set_read_timeout(Some(Duration::from_millis(900)))?;
    }
    let mut lines = Lines::new(stream, flaw);
    loop {
        if flaw != Flaw::KeepsTheHalfLine {
            half_line.clear();
        }
        if let Err(error) = lines.read_into(half_line) {
            return broken(error, Ending::Broken, flaw);
        }
        let line = match lines.finish(std::mem::take(half_line))? {
            Some(line) => line,
            None if flaw == Flaw::SpinsAtEndOfFile => continue,
            None => return Ok(Ending::EndOfFile),
        };
        if is_quit(&line, flaw) {
            match flaw {
                Flaw::AnswersTheQuitWord => drop(send(stream, &shout(&line, flaw))),
                Flaw::WaitsForTheClose => drop(io::copy(&mut &*stream, &mut io::sink())),
                _ => {}
            }
            return Ok(Ending::Quit);
        }
        if flaw == Flaw::SkipsEmptyLines && line.is_empty() {
            continue;
        }
        if flaw != Flaw::DoesNotPrintLines {
            screen.line(&line)?;
        }
        let answer = shout(&line, flaw);
        if flaw == Flaw::SigpipeKills {
            parting::write_as_in_c(stream, &[&answer[..], b"\n"].concat());
        } else if let Err(error) = send(stream, &answer) {
            if flaw == Flaw::DiesOnWriteError {
                bail!("cannot answer: {error}");
            }
            return broken(error, Ending::Broken, flaw);
        }
    }
}

fn close(stream: TcpStream, ending: Ending, flaw: Flaw) {
    let leaks = match ending {
        Ending::Quit => flaw == Flaw::LeaksOnQuit,
        Ending::EndOfFile => flaw == Flaw::LeaksOnEndOfFile,
        Ending::Broken => flaw == Flaw::LeaksOnReset,
    };
    if leaks {
        parting::leak(stream);
    }
}
