//! Two sides in one `poll`: what is typed goes out as it comes, what the server says is printed as it comes.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use anyhow::{Context, Result, bail};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};

use super::CHUNK;
use super::incoming::{Incoming, text};
use crate::args::{Addr, Role};
use crate::chat;
use crate::screen::Screen;
use crate::tcp;
use crate::words::{is_blank, is_quit, trim};
use specimens::Flaw;

/// Beyond this nothing more is read from stdin until the server has taken some.
const ROOM: usize = 64 * 1024;

pub(crate) fn client(addr: &Addr, flaw: Flaw) -> Result<()> {
    if flaw == Flaw::TakesTurns {
        return chat::client(addr, flaw);
    }
    let screen = Screen::new(Role::Client, flaw);
    let stream = tcp::connect(addr, flaw)?;
    // One that does not grow: so a mistake shows whatever the kernel would have taken.
    setsockopt(&stream, sockopt::SndBuf, &ROOM)?;
    stream.set_nonblocking(true)?;
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    Client {
        stream,
        stdin,
        screen,
        typed: Incoming::default(),
        incoming: Incoming::default(),
        unsent: VecDeque::new(),
        typing: true,
        flaw,
    }
    .run()
}

struct Client {
    stream: TcpStream,
    stdin: File,
    screen: Screen,
    typed: Incoming,
    incoming: Incoming,
    unsent: VecDeque<u8>,
    /// Until the quit word, or the end of stdin.
    typing: bool,
    flaw: Flaw,
}

/// Whether there is a server left to talk to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    Stays,
    Gone,
}

impl Client {
    fn run(&mut self) -> Result<()> {
        if self.flaw == Flaw::ReadsAllStdinFirst {
            let mut all = Vec::new();
            self.stdin.read_to_end(&mut all)?;
            self.take_typed(&all)?;
            self.quit(b"Q");
        }
        loop {
            if self.flaw == Flaw::PromptsOnStdout {
                print!("> ");
                io::stdout().flush()?;
            }
            let (typed, heard) = self.wait()?;
            if typed {
                self.read_stdin()?;
            }
            if heard && self.read_socket()? == Server::Gone {
                if self.flaw == Flaw::WaitsForStdinAtTheEnd && self.typing {
                    let _ = self.stdin.read(&mut [0])?;
                }
                return Ok(());
            }
            self.send()?;
            if self.flaw == Flaw::ExitsAtQuit && !self.typing && self.unsent.is_empty() {
                return Ok(());
            }
        }
    }

    /// Sleeps until something can be done: is there something to read, on stdin and from the server?
    fn wait(&self) -> Result<(bool, bool)> {
        let has_room = self.unsent.len() < ROOM;
        let listens_to_stdin = match self.flaw {
            Flaw::SpinsAtTheEndOfInput => has_room,
            Flaw::WaitsForTheServerFirst => false,
            Flaw::WaitsForStdinFirst => self.typing,
            _ => self.typing && has_room,
        };
        let listens_to_server = match self.flaw {
            Flaw::WaitsForStdinFirst => !self.typing,
            Flaw::WritesBeforeItReads => self.unsent.is_empty(),
            _ => true,
        };
        let mut wanted = PollFlags::empty();
        wanted.set(PollFlags::POLLIN, listens_to_server);
        wanted.set(
            PollFlags::POLLOUT,
            !self.unsent.is_empty() || self.flaw == Flaw::AsksToWriteAlways,
        );
        let mut watched = vec![PollFd::new(self.stream.as_fd(), wanted)];
        if listens_to_stdin {
            watched.push(PollFd::new(self.stdin.as_fd(), PollFlags::POLLIN));
        }
        let timeout = match self.flaw {
            Flaw::BusyLoop => PollTimeout::ZERO,
            _ => PollTimeout::NONE,
        };
        poll(&mut watched, timeout).context("cannot poll")?;
        let ready = |watched: &PollFd| {
            let seen = watched.revents().unwrap_or(PollFlags::empty());
            seen.intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR)
        };
        let heard = ready(&watched[0]);
        let typed = watched.get(1).is_some_and(ready);
        match self.flaw {
            Flaw::WaitsForTheServerFirst => Ok((heard && self.typing, heard)),
            // When it does look, it finds what came meanwhile.
            Flaw::WaitsForStdinFirst => Ok((typed, heard || typed)),
            _ => Ok((typed, heard)),
        }
    }

    fn read_stdin(&mut self) -> Result<()> {
        let mut chunk = [0; CHUNK];
        let got = self.stdin.read(&mut chunk).context("cannot read stdin")?;
        if got > 0 {
            return self.take_typed(&chunk[..got]);
        }
        if let Some(last) = self.typed.last(Flaw::Right) {
            self.take_line(&last)?;
        }
        if self.typing {
            match self.flaw {
                Flaw::ForgetsTheQ => self.typing = false,
                _ => self.quit(b"Q"),
            }
        }
        Ok(())
    }

    fn take_typed(&mut self, chunk: &[u8]) -> Result<()> {
        self.typed.push(chunk, Flaw::Right);
        while self.typing
            && let Some(line) = self.typed.next(Flaw::Right)
        {
            self.take_line(&line)?;
            if self.flaw == Flaw::NewStdinReaderALine {
                self.typed = Incoming::default();
            }
        }
        Ok(())
    }

    fn take_line(&mut self, line: &[u8]) -> Result<()> {
        let skipped = match self.flaw {
            Flaw::SendsBlankLines => false,
            Flaw::SendsWhiteSpace => line.is_empty(),
            _ => is_blank(line),
        };
        let quits = match self.flaw {
            Flaw::TypedQuitIsUpperCaseOnly => trim(line) == b"Q",
            Flaw::TypedQuitUntrimmed => line.eq_ignore_ascii_case(b"q"),
            _ => is_quit(line, self.flaw),
        };
        if quits {
            match self.flaw {
                Flaw::QuitsWithoutAWord => self.typing = false,
                _ => self.quit(line),
            }
        } else if !skipped {
            self.unsent.extend(line);
            self.unsent.push_back(b'\n');
        }
        if self.flaw == Flaw::WritesEachLineOnce {
            // What the server does not take at once is lost.
            self.send()?;
            self.unsent.clear();
        }
        Ok(())
    }

    fn quit(&mut self, word: &[u8]) {
        self.typing = false;
        if self.flaw == Flaw::LosesWhatIsUnsentAtQuit {
            self.unsent.clear();
        }
        self.unsent.extend(word);
        self.unsent.push_back(b'\n');
    }

    fn read_socket(&mut self) -> Result<Server> {
        let mut chunk = [0; CHUNK];
        let got = match self.stream.read(&mut chunk) {
            Ok(got) => got,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Server::Stays),
            Err(error) => return chat::gone(error, self.flaw).map(|()| Server::Gone),
        };
        if got == 0 && self.flaw == Flaw::SpinsAtEndOfFile {
            return Ok(Server::Stays);
        }
        if got == 0 {
            if let Some(last) = self.incoming.last(self.flaw) {
                self.print(last)?;
            }
            return chat::end_of_file(self.flaw).map(|()| Server::Gone);
        }
        self.incoming.push(&chunk[..got], self.flaw);
        while let Some(line) = self.incoming.next(self.flaw) {
            if self.flaw == Flaw::ServersQEnds && is_quit(&line, self.flaw) {
                return Ok(Server::Gone);
            }
            self.print(line)?;
        }
        Ok(Server::Stays)
    }

    fn print(&mut self, line: Vec<u8>) -> Result<()> {
        let line = text(line, self.flaw);
        match self.flaw {
            Flaw::DropsEmptyReplies if line.is_empty() => {}
            Flaw::StopsPrintingAtQuit if !self.typing => {}
            _ => self.screen.line(&line)?,
        }
        Ok(())
    }

    /// Sends what was typed, as much as the server takes now.
    fn send(&mut self) -> Result<()> {
        while !self.unsent.is_empty() {
            let (next, _) = self.unsent.as_slices();
            match self.stream.write(next) {
                Ok(_) if self.flaw == Flaw::DropsWhatIsLeft => self.unsent.clear(),
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if self.flaw == Flaw::FullBufferIsAnError {
                        bail!("cannot send: {error}");
                    }
                    return Ok(());
                }
                // The server is gone, as the next read will say; what it said before is still to be printed.
                Err(_) => {
                    self.unsent.clear();
                    self.typing = false;
                }
            }
        }
        Ok(())
    }
}
