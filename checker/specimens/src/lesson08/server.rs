//! One client after another: who answers the challenge is served, who does not is sent away.

use std::cell::Cell;
use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::IntoRawFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::challenge::Challenges;
use super::clock::{Clock, Timed, is_late};
use super::secret::Secret;
use crate::args::{Addr, Role};
use crate::flaw::Flaw;
use crate::frames::{Frames, Heard, frame};
use crate::screen::Screen;
use crate::tcp;
use crate::words::shout;

pub(crate) fn server(addr: &Addr, patience: Duration, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Server, flaw);
    let secret = match flaw {
        Flaw::LooksForTheSecretTooLate => None,
        _ => Some(Secret::from_environment(flaw)?),
    };
    let listener = tcp::listen(addr, &mut screen, flaw)?;
    let mut challenges = Challenges::new(flaw)?;
    loop {
        let (stream, peer) = listener.accept().context("cannot accept")?;
        let accepted = Instant::now();
        let name = match flaw {
            Flaw::LogsTheListeningAddress => stream.local_addr()?.to_string(),
            Flaw::LogsTheIpAlone => peer.ip().to_string(),
            _ => peer.to_string(),
        };
        screen.line(format!("connected {name}").as_bytes())?;
        let secret = match &secret {
            Some(secret) => secret,
            None => &Secret::from_environment(flaw)?,
        };

        let clock = Cell::new(login_clock(accepted, patience, flaw));
        let frames = Frames::new(Timed::new(&stream, &clock, patience, flaw), flaw_of_login(flaw));
        let mut guest = Guest {
            stream: &stream,
            frames,
            screen: &mut screen,
            name: &name,
            flaw,
        };
        let answer = guest.log_in(&mut challenges, secret)?;
        if flaw == Flaw::AsksTheAddressTooLate {
            stream.peer_addr()?;
        }
        if answer != Answer::Right {
            guest.wait_to_be_late(answer, accepted + patience);
            guest.deny(answer)?;
        }
        if answer == Answer::Right || flaw == Flaw::ServesTheDenied {
            clock.set(match flaw {
                Flaw::DeadlineStaysAfterLogin => clock.get(),
                // Nothing more is read.
                Flaw::ServesTheDenied if answer != Answer::Right => Clock::Until(accepted),
                _ => Clock::Unlimited,
            });
            guest.serve(answer, Timed::new(&stream, &clock, patience, flaw))?;
        }

        if flaw == Flaw::LeaksTheDenied && answer != Answer::Right {
            // The client sees end-of-file all the same; only the descriptor stays.
            let _ = stream.shutdown(Shutdown::Both);
            let _forgotten = stream.into_raw_fd();
        } else {
            drop(stream);
        }
        if flaw != Flaw::DisconnectNotPrinted {
            screen.line(format!("disconnected {name}").as_bytes())?;
        }
        match flaw {
            Flaw::OneClientOnly => return Ok(()),
            Flaw::DeniedEndsTheServer if answer != Answer::Right => bail!("{name} does not know the secret"),
            _ => {}
        }
    }
}

fn login_clock(accepted: Instant, patience: Duration, flaw: Flaw) -> Clock {
    match flaw {
        Flaw::NoDeadline => Clock::Unlimited,
        Flaw::TimesEachRead => Clock::EachRead(patience),
        Flaw::ClockStartsAtTheFirstByte => Clock::FromTheFirstByte(patience),
        Flaw::DeadlineTooEarly => Clock::Until(accepted + patience / 4),
        Flaw::AlwaysWaits2000 => Clock::Until(accepted + Duration::from_millis(2000)),
        _ => Clock::Until(accepted + patience),
    }
}

/// Some mistakes are made before the login, and not after it.
fn flaw_of_login(flaw: Flaw) -> Flaw {
    match flaw {
        Flaw::NoLimitBeforeLogin => Flaw::NoLimit,
        Flaw::AllocatesBeforeLogin => Flaw::AllocatesBeforeItLooks,
        Flaw::AllocatesAfterLogin | Flaw::NoLimitAfterLogin => Flaw::Right,
        _ => flaw,
    }
}

/// … and some after it.
fn flaw_of_service(flaw: Flaw) -> Flaw {
    match flaw {
        Flaw::NoLimitAfterLogin => Flaw::NoLimit,
        Flaw::AllocatesAfterLogin => Flaw::AllocatesBeforeItLooks,
        _ => flaw,
    }
}

/// What became of the challenge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Right,
    Wrong,
    TooLarge,
    Late,
    /// It went away instead, and inside it.
    None,
    Cut,
}

struct Guest<'a> {
    stream: &'a TcpStream,
    frames: Frames<Timed<'a>>,
    screen: &'a mut Screen,
    name: &'a str,
    flaw: Flaw,
}

impl<'a> Guest<'a> {
    /// An error here ends the server.
    fn log_in(&mut self, challenges: &mut Challenges, secret: &Secret) -> Result<Answer> {
        let mut challenge = frame(&challenges.next()?, self.flaw);
        if self.flaw == Flaw::ChallengeWithoutHeader {
            challenge.drain(..4);
        }
        if let Err(error) = self.send(&challenge) {
            return self.broken(error);
        }
        match self.frames.next() {
            Ok(Heard::Frame(answer)) if challenges.accepts(&answer, secret) => Ok(Answer::Right),
            Ok(Heard::Frame(answer)) => {
                if self.flaw == Flaw::PrintsWrongAnswers {
                    self.screen.line(&answer)?;
                }
                Ok(Answer::Wrong)
            }
            Ok(Heard::TooLarge(_)) => Ok(Answer::TooLarge),
            Ok(Heard::Truncated) => Ok(Answer::Cut),
            Ok(Heard::EndOfFile) => Ok(Answer::None),
            Err(error) if is_late(&error) => Ok(Answer::Late),
            Err(error) => self.broken(error),
        }
    }

    /// The mistakes that notice only at the deadline what they could have known before.
    fn wait_to_be_late(&self, answer: Answer, deadline: Instant) {
        let waits = match answer {
            Answer::Cut => self.flaw == Flaw::WaitsForTheGone,
            Answer::TooLarge => self.flaw == Flaw::WaitsForTheTooLarge,
            Answer::Right | Answer::Wrong | Answer::Late | Answer::None => false,
        };
        if waits {
            thread::sleep(deadline.saturating_duration_since(Instant::now()));
        }
    }

    fn deny(&mut self, answer: Answer) -> Result<()> {
        // It may be gone, which denies it as well.
        let _ = match self.flaw {
            Flaw::DeniedNotSent => Ok(()),
            Flaw::DeniedWithANewline => self.send(&frame(b"denied\n", self.flaw)),
            _ => self.send(&frame(b"denied", self.flaw)),
        };
        match self.flaw {
            Flaw::DeniedNotPrinted => {}
            Flaw::GoneIsNotDenied if matches!(answer, Answer::None | Answer::Cut) => {}
            Flaw::LateIsNotDenied if answer == Answer::Late => {}
            _ => self.screen.line(format!("denied {}", self.name).as_bytes())?,
        }
        if self.flaw == Flaw::DeniedStaysOpen && answer == Answer::Wrong {
            let _ = io::copy(&mut &*self.stream, &mut io::sink());
        }
        Ok(())
    }

    fn serve(mut self, answer: Answer, reader: Timed<'a>) -> Result<()> {
        let flaw = flaw_of_service(self.flaw);
        self.frames = match flaw {
            Flaw::NewReaderAfterLogin => Frames::new(reader, flaw),
            _ => Frames::behind(self.frames.into_half_frame(), reader, flaw),
        };
        if answer == Answer::Right {
            let sent = match flaw {
                Flaw::OkWithANewline => self.send(&frame(b"ok\n", flaw)),
                _ => self.send(&frame(b"ok", flaw)),
            };
            if let Err(error) = sent {
                return self.broken(error).map(drop);
            }
            if flaw != Flaw::AuthenticatedNotPrinted {
                self.screen.line(format!("authenticated {}", self.name).as_bytes())?;
            }
        }
        loop {
            let payload = match self.frames.next() {
                Ok(Heard::Frame(payload)) => payload,
                Ok(Heard::TooLarge(length)) => {
                    if flaw != Flaw::RejectedNotPrinted {
                        self.screen.line(format!("rejected {length}").as_bytes())?;
                    }
                    if flaw == Flaw::RejectedStaysOpen {
                        continue;
                    }
                    return Ok(());
                }
                Ok(Heard::Truncated) => return Ok(self.screen.line(b"truncated")?),
                Ok(Heard::EndOfFile) => return Ok(()),
                Err(error) => return self.broken(error).map(drop),
            };
            match flaw {
                Flaw::FramesNotPrinted => {}
                Flaw::PrintsThePayload => self.screen.line(&payload)?,
                _ => self.screen.line(format!("frame {}", payload.len()).as_bytes())?,
            }
            if let Err(error) = self.send(&frame(&shout(&payload, flaw), flaw)) {
                return self.broken(error).map(drop);
            }
        }
    }

    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        (&*self.stream).write_all(bytes)
    }

    fn broken(&self, error: io::Error) -> Result<Answer> {
        match self.flaw {
            Flaw::DiesOnReset => Err(error).context("the client broke off"),
            Flaw::PanicsOnReset => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
            _ => Ok(Answer::None),
        }
    }
}
