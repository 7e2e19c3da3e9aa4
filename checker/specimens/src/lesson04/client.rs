//! Each line is sent under a number until its answer comes, five times at most.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::room;
use crate::args::{Addr, Role};
use crate::screen::Screen;
use crate::typed::Typed;
use crate::words::{is_blank, is_quit};
use specimens::Flaw;

pub(crate) fn client(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Client, flaw);
    let mut wire = Wire::new(addr.resolve()?, flaw)?;
    let mut typed = Typed::new(flaw)?;
    if flaw == Flaw::ReadsAllStdinFirst {
        typed.read_to_the_end()?;
    }

    let mut number = 0;
    loop {
        let next = match flaw {
            Flaw::NumbersBlankLines => typed.any()?,
            _ => typed.next()?,
        };
        let Some(line) = next else {
            if flaw == Flaw::EndOfInputSendsQ {
                wire.socket.send_to(b"Q", wire.server)?;
            }
            return Ok(());
        };
        if is_quit(&line, flaw) {
            if flaw == Flaw::SendsTheQuitWord {
                wire.send(number + 1, &line)?;
            }
            return Ok(());
        }
        if flaw != Flaw::NumberStays1 || number == 0 {
            number += 1;
        }
        if flaw == Flaw::NumbersBlankLines && is_blank(&line) {
            continue;
        }

        let answer = wire.ask(&mut number, &line);
        match answer.with_context(|| format!("cannot ask {addr}"))? {
            Some(answer) => screen.line(&answer)?,
            None => match flaw {
                Flaw::GivesUpWithoutTheAddress => bail!("no answer after five tries"),
                Flaw::GivingUpExits0 => {
                    eprintln!("no answer from {addr} after five tries");
                    return Ok(());
                }
                Flaw::SkipsTheLine => eprintln!("no answer from {addr} after five tries"),
                _ => bail!("no answer from {addr} after five tries"),
            },
        }
    }
}

/// What became of the wait after one send.
enum Heard {
    Answer(Vec<u8>),
    Nothing,
}

struct Wire {
    socket: UdpSocket,
    server: SocketAddr,
    flaw: Flaw,
}

impl Wire {
    fn new(server: SocketAddr, flaw: Flaw) -> Result<Wire> {
        let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = UdpSocket::bind(any).context("cannot bind")?;
        if matches!(
            flaw,
            Flaw::DiesOnRefused | Flaw::PanicsOnRefused | Flaw::RefusedShortensTheWait
        ) {
            socket.connect(server)?;
        }
        Ok(Wire { socket, server, flaw })
    }

    /// Sends a line until it is answered; `None` once all the tries are used up.
    fn ask(&mut self, number: &mut u32, line: &[u8]) -> Result<Option<Vec<u8>>> {
        let tries = match self.flaw {
            Flaw::NeverSendsAgain | Flaw::WaitsForEver => 1,
            Flaw::GivesUpAfter4 => 4,
            Flaw::Tries6Times => 6,
            _ => 5,
        };
        for attempt in 0..tries {
            match self.flaw {
                Flaw::ResendsFromANewPort => *self = Wire::new(self.server, self.flaw)?,
                Flaw::ResendsUnderANewNumber if attempt > 0 => *number += 1,
                _ => {}
            }
            if let Err(error) = self.send(*number, line) {
                if error.kind() != ErrorKind::ConnectionRefused {
                    bail!("{error}");
                }
                self.refused(error)?;
                continue;
            }
            let patience = Duration::from_millis(match self.flaw {
                Flaw::NeverSendsAgain => 1000,
                Flaw::WaitsForEver => u64::from(u32::MAX),
                Flaw::Waits100Ms => 100,
                Flaw::WaitsLongerEachTime => 100 + 50 * attempt,
                _ => 200,
            });
            if let Heard::Answer(answer) = self.listen(*number, patience)? {
                return Ok(Some(answer));
            }
        }
        Ok(None)
    }

    fn send(&self, number: u32, line: &[u8]) -> io::Result<usize> {
        let datagram = [format!("{number} ").as_bytes(), line].concat();
        self.socket.send_to(&datagram, self.server)
    }

    fn listen(&self, number: u32, patience: Duration) -> Result<Heard> {
        let mut deadline = Instant::now() + patience;
        let mut buffer = room(self.flaw);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Heard::Nothing);
            }
            self.socket.set_read_timeout(Some(left))?;
            let (got, from) = match self.socket.recv_from(&mut buffer) {
                Ok(received) => received,
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    self.refused(error)?;
                    return Ok(Heard::Nothing);
                }
                Err(error) => return Err(error.into()),
            };
            if self.is_the_server(from)
                && let Some(text) = self.answer_to(number, &buffer[..got])
            {
                return Ok(Heard::Answer(text));
            }
            match self.flaw {
                Flaw::IgnoredRestartsTheWait => deadline = Instant::now() + patience,
                Flaw::IgnoredCostsATry => return Ok(Heard::Nothing),
                _ => {}
            }
        }
    }

    /// Only a connected socket hears of a refusal, so only those flaws come here.
    fn refused(&self, error: io::Error) -> Result<()> {
        match self.flaw {
            Flaw::PanicsOnRefused => {
                panic!("called `Result::unwrap()` on an `Err` value: {error:?}")
            }
            Flaw::RefusedShortensTheWait => Ok(()),
            _ => Err(error.into()),
        }
    }

    fn is_the_server(&self, from: SocketAddr) -> bool {
        match self.flaw {
            Flaw::TakesAnySource => true,
            Flaw::ChecksOnlyTheIp => from.ip() == self.server.ip(),
            Flaw::ChecksOnlyThePort => from.port() == self.server.port(),
            _ => from == self.server,
        }
    }

    /// The text of an answer, if it is one to `number`.
    fn answer_to(&self, number: u32, datagram: &[u8]) -> Option<Vec<u8>> {
        let prefix = format!("{number} ").into_bytes();
        let behind_the_number = || {
            let space = datagram.iter().position(|&b| b == b' ')?;
            Some(datagram[space + 1..].to_vec())
        };
        match self.flaw {
            Flaw::TakesAnyNumber => behind_the_number(),
            Flaw::ComparesTheFirstDigit if datagram.first() == prefix.first() => behind_the_number(),
            Flaw::PrintsTheNumber if datagram.starts_with(&prefix) => Some(datagram.to_vec()),
            _ => datagram.strip_prefix(&prefix[..]).map(<[u8]>::to_vec),
        }
    }
}
