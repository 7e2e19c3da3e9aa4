//! One client after another, each greeted by what the kernel says of it.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::socket::{UnixCredentials, getsockopt, sockopt};

use super::path;
use super::signals::{self, Serving};
use crate::args::{Addr, Role};
use crate::chat::send;
use crate::lines::Lines;
use crate::parting::{self, broken};
use crate::screen::Screen;
use crate::words::{is_quit, shout};
use specimens::Flaw;

/// How a client ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Quit,
    EndOfFile,
    Broken,
}

pub(crate) fn server(path: &Addr, flaw: Flaw) -> Result<()> {
    if flaw == Flaw::SigpipeKills {
        parting::let_sigpipe_kill();
    }
    let mut screen = Screen::new(Role::Server, flaw);
    let signals = signals::block(flaw)?;
    let listener = path::listen(path, &mut screen, flaw)?;
    let serving = Serving::default();
    signals::tidy_up_at(signals, path, &serving, flaw);

    let mut half_line = Vec::new();
    let mut first = None;
    loop {
        let (stream, _) = listener.accept().context("cannot accept")?;
        serving.store(true, Ordering::SeqCst);
        if flaw == Flaw::ChangesTheModeTooLate && first.is_none() {
            fs::set_permissions(path.as_str(), Permissions::from_mode(0o600))?;
        }
        let peer = match flaw {
            Flaw::AsksAboutTheListener => getsockopt(&listener, sockopt::PeerCredentials)?,
            _ => getsockopt(&stream, sockopt::PeerCredentials)?,
        };
        let first = *first.get_or_insert(peer);
        let peer = match flaw {
            Flaw::RemembersTheFirstPeer => first,
            _ => peer,
        };
        let name = name(peer, flaw);
        match flaw {
            Flaw::LogsThePidAlone => screen.line(format!("connected pid={}", peer.pid()).as_bytes())?,
            Flaw::ConnectNotPrinted => {}
            _ => screen.line(format!("connected {name}").as_bytes())?,
        }
        let ending = serve(&stream, &name, &mut half_line, &mut screen, flaw)?;

        close(stream, ending, flaw);
        serving.store(false, Ordering::SeqCst);
        if flaw != Flaw::DisconnectNotPrinted {
            screen.line(format!("disconnected {name}").as_bytes())?;
        }
        match flaw {
            Flaw::OneClientOnly => return Ok(()),
            Flaw::QuitEndsTheServer if ending == Ending::Quit => return Ok(()),
            _ => {}
        }
    }
}

fn name(peer: UnixCredentials, flaw: Flaw) -> String {
    let (pid, uid) = (peer.pid(), peer.uid());
    match flaw {
        Flaw::NamesItself => format!("pid={} uid={uid}", process::id()),
        Flaw::SwapsPidAndUid => format!("pid={uid} uid={pid}"),
        Flaw::NamesNoUid => format!("pid={pid}"),
        _ => format!("pid={pid} uid={uid}"),
    }
}

/// One client, until it quits or goes away. An error here ends the server.
fn serve(stream: &UnixStream, name: &str, half_line: &mut Vec<u8>, screen: &mut Screen, flaw: Flaw) -> Result<Ending> {
    if flaw == Flaw::DropsSilentClients {
        stream.set_read_timeout(Some(Duration::from_millis(900)))?;
    }
    let mut lines = Lines::new(stream, flaw);
    let greeting = match flaw {
        Flaw::GreetsWithoutAName => "hello".to_owned(),
        _ => format!("hello {name}"),
    };
    let mut greets = flaw != Flaw::NeverGreets;
    if flaw == Flaw::GreetsWithoutANewline {
        greets = false;
        if let Err(error) = (&*stream).write_all(greeting.as_bytes()) {
            return unanswered(error, flaw);
        }
    }
    if greets && flaw != Flaw::GreetsAfterTheFirstLine {
        greets = false;
        if let Err(error) = say(stream, greeting.as_bytes(), flaw) {
            return unanswered(error, flaw);
        }
    }
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
        if greets {
            greets = false;
            if let Err(error) = say(stream, greeting.as_bytes(), flaw) {
                return unanswered(error, flaw);
            }
        }
        if is_quit(&line, flaw) {
            match flaw {
                Flaw::AnswersTheQuitWord => drop(say(stream, &shout(&line, flaw), flaw)),
                Flaw::PrintsTheQuitWord => screen.line(&line)?,
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
        if let Err(error) = say(stream, &shout(&line, flaw), flaw) {
            return unanswered(error, flaw);
        }
    }
}

fn say(stream: &UnixStream, line: &[u8], flaw: Flaw) -> io::Result<()> {
    if flaw == Flaw::SigpipeKills {
        parting::write_as_in_c(stream, &[line, b"\n"].concat());
        return Ok(());
    }
    send(stream, line)
}

fn unanswered(error: io::Error, flaw: Flaw) -> Result<Ending> {
    match flaw {
        Flaw::DiesOnWriteError => bail!("cannot answer: {error}"),
        _ => broken(error, Ending::Broken, flaw),
    }
}

fn close(stream: UnixStream, ending: Ending, flaw: Flaw) {
    let leaks = match ending {
        Ending::Quit => flaw == Flaw::LeaksOnQuit,
        Ending::EndOfFile => flaw == Flaw::LeaksOnEndOfFile,
        Ending::Broken => flaw == Flaw::LeaksOnReset,
    };
    if leaks {
        parting::leak(stream);
    }
}
