//! One thread, one `poll`: whoever can be read from or written to gets its turn.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::mem;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::incoming::{Incoming, text};
use super::{CHUNK, LONGEST_LINE, blocking};
use crate::args::{Addr, Role};
use crate::parting;
use crate::screen::Screen;
use crate::tcp;
use crate::words::{is_quit, shout};
use specimens::Flaw;

/// What a server does for a client that it knows at last, in [`Flaw::UnboundedAfterAPause`].
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) fn server(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Server, flaw);
    let listener = tcp::listen(addr, &mut screen, flaw)?;
    match flaw {
        Flaw::OneAfterAnother => return blocking::one_after_another(&listener, flaw),
        Flaw::ThreadPerClient => return blocking::thread_per_client(&listener, flaw),
        Flaw::ProcessPerClient => return blocking::process_per_client(&listener, flaw),
        _ => {}
    }
    listener.set_nonblocking(true)?;
    let mut clients: Vec<Client> = Vec::new();
    let mut common = Incoming::default();
    loop {
        let seen = wait(&listener, &clients, flaw)?;
        for (client, &seen) in clients.iter_mut().zip(&seen[1..]) {
            if flaw == Flaw::OneBufferForAll {
                mem::swap(&mut client.incoming, &mut common);
            }
            client.turn(seen)?;
            if flaw == Flaw::OneBufferForAll {
                mem::swap(&mut client.incoming, &mut common);
            }
        }
        for client in clients.extract_if(.., |client| matches!(client.stage, Stage::Gone(_))) {
            if flaw == Flaw::QuitEndsTheServer && client.stage == Stage::Gone(Ending::Quit) {
                return Ok(());
            }
            client.close();
        }
        if seen[0].contains(PollFlags::POLLIN) {
            while let Ok((stream, peer)) = listener.accept() {
                if flaw == Flaw::LogsItsClients {
                    screen.line(format!("connected {peer}").as_bytes())?;
                }
                if flaw == Flaw::RoomFor100 && clients.len() == 100 {
                    continue;
                }
                clients.push(Client::new(stream, flaw)?);
            }
        }
    }
}

/// Sleeps until something can be done: what was seen of the listener, then of each client.
fn wait(listener: &TcpListener, clients: &[Client], flaw: Flaw) -> Result<Vec<PollFlags>> {
    let mut watched = vec![PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
    watched.extend(
        clients
            .iter()
            .map(|client| PollFd::new(client.stream.as_fd(), client.wants())),
    );
    let timeout = match flaw {
        Flaw::BusyLoop => PollTimeout::ZERO,
        _ if clients.iter().any(Client::is_paused) => PollTimeout::from(20_u8),
        _ => PollTimeout::NONE,
    };
    poll(&mut watched, timeout).context("cannot poll")?;
    let seen = |watched: &PollFd| watched.revents().unwrap_or(PollFlags::empty());
    Ok(watched.iter().map(seen).collect())
}

/// How a client ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Quit,
    EndOfFile,
    Broken,
    TooLong,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Talking,
    /// It says no more that counts; what it is owed is still sent.
    Finishing(Ending),
    /// All is sent and our direction shut down. Closing with bytes unread would be a reset, so they are read first.
    Draining,
    Gone(Ending),
}

struct Client {
    stream: TcpStream,
    incoming: Incoming,
    owed: VecDeque<u8>,
    stage: Stage,
    /// Its buffer was full once.
    was_full: bool,
    first_read: Option<Instant>,
    flaw: Flaw,
}

impl Client {
    fn new(stream: TcpStream, flaw: Flaw) -> io::Result<Client> {
        stream.set_nonblocking(true)?;
        Ok(Client {
            stream,
            incoming: Incoming::default(),
            owed: VecDeque::new(),
            stage: Stage::Talking,
            was_full: false,
            first_read: None,
            flaw,
        })
    }

    /// From here on it is not read from until it reads.
    fn is_full(&self) -> bool {
        let room = match self.flaw {
            Flaw::UnboundedBuffer | Flaw::UnboundedAfterAPause => usize::MAX,
            Flaw::BufferOf48Mib => 48 << 20,
            _ => 1 << 20,
        };
        self.owed.len() >= room
    }

    fn is_paused(&self) -> bool {
        self.flaw == Flaw::UnboundedAfterAPause && self.first_read.is_some_and(|then| then.elapsed() < PAUSE)
    }

    fn is_read_from(&self) -> bool {
        match self.stage {
            Stage::Talking if self.is_paused() => false,
            Stage::Talking if self.flaw == Flaw::NeverReadsAgain => !self.was_full,
            Stage::Talking => !self.is_full(),
            Stage::Finishing(Ending::Quit) if self.flaw == Flaw::ResetsAtQuit => false,
            Stage::Finishing(Ending::Quit) | Stage::Draining => true,
            Stage::Finishing(_) | Stage::Gone(_) => false,
        }
    }

    fn wants(&self) -> PollFlags {
        let reads = match self.flaw {
            Flaw::SpinsOnAFullBuffer => self.is_read_from() || self.stage == Stage::Talking,
            Flaw::SpinsOnAHalfClosedClient => self.is_read_from() || self.stage == Stage::Finishing(Ending::EndOfFile),
            _ => self.is_read_from(),
        };
        let writes = match self.flaw {
            Flaw::AsksToWriteAlways => true,
            Flaw::AsksToWriteEverAfter => self.was_full || !self.owed.is_empty(),
            Flaw::HangsAtEndOfFile if self.stage == Stage::Finishing(Ending::EndOfFile) => false,
            _ => !self.owed.is_empty(),
        };
        let mut wanted = PollFlags::empty();
        wanted.set(PollFlags::POLLIN, reads);
        wanted.set(PollFlags::POLLOUT, writes);
        wanted
    }

    /// An error here ends the server.
    fn turn(&mut self, seen: PollFlags) -> Result<()> {
        let readable = seen.intersects(PollFlags::POLLIN | PollFlags::POLLHUP | PollFlags::POLLERR);
        if readable && self.is_read_from() {
            while self.read()? {
                self.write()?;
            }
        }
        self.was_full |= self.is_full();
        if self.flaw == Flaw::ClosesSlowReaders && self.is_full() {
            self.stage = Stage::Gone(Ending::Broken);
        }
        if !seen.is_empty() {
            self.write()?;
        }
        Ok(())
    }

    /// Reads one chunk and answers its lines. True: a mistake wants more of it before the others get their turn.
    fn read(&mut self) -> Result<bool> {
        let mut chunk = [0; CHUNK];
        self.first_read.get_or_insert_with(Instant::now);
        let got = match self.stream.read(&mut chunk) {
            Ok(got) => got,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => {
                self.broken(error)?;
                return Ok(false);
            }
        };
        match self.stage {
            Stage::Talking if got == 0 => self.end_of_file(),
            Stage::Talking => self.lines(&chunk[..got])?,
            // Behind the quit word: nothing counts but the end.
            Stage::Finishing(_) if got == 0 => self.stage = Stage::Finishing(Ending::EndOfFile),
            Stage::Draining if got == 0 => self.stage = Stage::Gone(Ending::Quit),
            Stage::Finishing(_) | Stage::Draining | Stage::Gone(_) => {}
        }
        match self.flaw {
            Flaw::ReadsUntilEmpty => Ok(got > 0 && self.stage == Stage::Talking && !self.is_full()),
            Flaw::FirstLineBlocks if self.stage == Stage::Talking && self.incoming.is_inside_the_first_line() => {
                self.wait_for_more()?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// What a blocking `read_line` does.
    fn wait_for_more(&self) -> Result<()> {
        let mut watched = [PollFd::new(self.stream.as_fd(), PollFlags::POLLIN)];
        poll(&mut watched, PollTimeout::NONE).context("cannot poll")?;
        Ok(())
    }

    fn lines(&mut self, chunk: &[u8]) -> Result<()> {
        let limit = match self.flaw {
            Flaw::LineLimit1024 => 1024,
            Flaw::LineLimit64000 => 64_000,
            Flaw::LimitCountsTheNewline => LONGEST_LINE - 1,
            Flaw::NoLineLimit => usize::MAX,
            _ => LONGEST_LINE,
        };
        self.incoming.push(chunk, self.flaw);
        while let Some(line) = self.incoming.next(self.flaw) {
            let length = match self.flaw {
                Flaw::LimitsHalfLinesOnly => 0,
                Flaw::LimitLeavesOutTheCr => text(line.clone(), Flaw::Right).len(),
                _ => line.len(),
            };
            if length > limit {
                return self.too_long();
            }
            let line = text(line, self.flaw);
            if is_quit(&line, self.flaw) {
                self.quits(&line);
                if self.flaw != Flaw::AnswersBehindTheQuitWord {
                    return Ok(());
                }
            } else {
                self.answer(&line);
            }
        }
        if self.incoming.half_line() > limit && self.flaw != Flaw::LimitsWholeLinesOnly {
            return self.too_long();
        }
        Ok(())
    }

    fn answer(&mut self, line: &[u8]) {
        match self.flaw {
            Flaw::SkipsEmptyLines if line.is_empty() => return,
            Flaw::PanicsAtBadUtf8 => drop(str::from_utf8(line).unwrap()),
            _ => {}
        }
        self.owed.extend(&shout(line, self.flaw));
        self.owed.push_back(b'\n');
    }

    fn quits(&mut self, line: &[u8]) {
        self.stage = match self.flaw {
            Flaw::WaitsForTheClose => return,
            Flaw::LosesTheRestAtQuit => {
                let _ = self.write();
                Stage::Gone(Ending::Quit)
            }
            Flaw::ClosesBeforeItAnswers => Stage::Gone(Ending::Quit),
            Flaw::AnswersTheQuitWord => {
                self.owed.extend(&shout(line, self.flaw));
                self.owed.push_back(b'\n');
                Stage::Finishing(Ending::Quit)
            }
            _ => Stage::Finishing(Ending::Quit),
        };
    }

    fn end_of_file(&mut self) {
        if self.flaw == Flaw::SpinsAtEndOfFile {
            return;
        }
        if let Some(last) = self.incoming.last(self.flaw) {
            let line = text(last, self.flaw);
            if !is_quit(&line, self.flaw) {
                self.owed.extend(&shout(&line, self.flaw));
                self.owed.push_back(b'\n');
            }
        }
        self.stage = match self.flaw {
            Flaw::LosesTheRestAtEndOfFile => {
                let _ = self.write();
                Stage::Gone(Ending::EndOfFile)
            }
            _ => Stage::Finishing(Ending::EndOfFile),
        };
    }

    fn too_long(&mut self) -> Result<()> {
        match self.flaw {
            Flaw::TooLongEndsTheServer => bail!("a line of more than {LONGEST_LINE} bytes"),
            Flaw::CutsTooLongLines => {
                let line = mem::take(&mut self.incoming).last(self.flaw).unwrap_or_default();
                self.owed.extend(&shout(&line, self.flaw));
                self.owed.push_back(b'\n');
            }
            Flaw::ForgetsTooLongLines => self.incoming = Incoming::default(),
            _ => self.stage = Stage::Gone(Ending::TooLong),
        }
        Ok(())
    }

    /// Sends what it is owed, as much as it takes now.
    fn write(&mut self) -> Result<()> {
        while !self.owed.is_empty() {
            let (next, _) = self.owed.as_slices();
            match self.stream.write(next) {
                Ok(_) if self.flaw == Flaw::DropsWhatIsLeft => self.owed.clear(),
                Ok(sent) => drop(self.owed.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if self.flaw == Flaw::DiesOnWriteError => bail!("cannot answer: {error}"),
                Err(error) => return self.broken(error),
            }
        }
        match self.stage {
            Stage::Finishing(Ending::Quit) if self.flaw == Flaw::ResetsAtQuit => {
                self.stage = Stage::Gone(Ending::Quit);
            }
            Stage::Finishing(Ending::Quit) => {
                let _ = self.stream.shutdown(Shutdown::Write);
                self.stage = Stage::Draining;
            }
            Stage::Finishing(ending) => self.stage = Stage::Gone(ending),
            Stage::Talking | Stage::Draining | Stage::Gone(_) => {}
        }
        Ok(())
    }

    fn broken(&mut self, error: io::Error) -> Result<()> {
        self.stage = parting::broken(error, Stage::Gone(Ending::Broken), self.flaw)?;
        Ok(())
    }

    fn close(self) {
        let leaks = match self.stage {
            Stage::Gone(Ending::Quit) => self.flaw == Flaw::LeaksOnQuit,
            Stage::Gone(Ending::EndOfFile) => self.flaw == Flaw::LeaksOnEndOfFile,
            Stage::Gone(Ending::Broken) => self.flaw == Flaw::LeaksOnReset,
            Stage::Gone(Ending::TooLong) => self.flaw == Flaw::LeaksTooLong,
            Stage::Talking | Stage::Finishing(_) | Stage::Draining => false,
        };
        if leaks {
            parting::leak(self.stream);
        }
    }
}
