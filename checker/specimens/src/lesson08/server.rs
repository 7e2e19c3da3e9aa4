//! One client after another: who answers the challenge is served, who does not is sent away.

use std::cell::Cell;
use std::io::{self, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::challenge::Challenges;
use super::clock::{Clock, Timed, is_late};
use super::secret::Secret;
use crate::args::{Addr, Role};
use crate::frames::{Frames, Heard, frame};
use crate::parting::{self, broken};
use crate::screen::Screen;
use crate::tcp;
use crate::words::{is_quit, shout};
use specimens::Flaw;

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
        let name = parting::name(&stream, peer, flaw)?;
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
        let mut ending = Ending::Gone;
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
            ending = guest.serve(answer, Timed::new(&stream, &clock, patience, flaw))?;
        }

        if flaw == Flaw::LeaksTheDenied && answer != Answer::Right {
            parting::leak(stream);
        } else {
            drop(stream);
        }
        match flaw {
            Flaw::DisconnectNotPrinted => {}
            Flaw::RejectedIsNotDisconnected if ending == Ending::TooLarge => {}
            _ => screen.line(format!("disconnected {name}").as_bytes())?,
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

/// How a client that was let in ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    TooLarge,
    Gone,
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
            return broken(error, Answer::None, self.flaw);
        }
        match self.frames.next() {
            Ok(Heard::Frame(answer)) if challenges.accepts(&answer, secret) => Ok(Answer::Right),
            Ok(Heard::Frame(answer)) => {
                if self.flaw == Flaw::PrintsWrongAnswers {
                    self.screen.line(&answer)?;
                }
                Ok(Answer::Wrong)
            }
            Ok(Heard::TooLarge(length)) => {
                if self.flaw == Flaw::RejectsStrangers {
                    self.screen.line(format!("rejected {length}").as_bytes())?;
                }
                Ok(Answer::TooLarge)
            }
            Ok(Heard::Truncated) => Ok(Answer::Cut),
            Ok(Heard::EndOfFile) => Ok(Answer::None),
            Err(error) if is_late(&error) => Ok(Answer::Late),
            Err(error) => broken(error, Answer::None, self.flaw),
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

    fn serve(mut self, answer: Answer, reader: Timed<'a>) -> Result<Ending> {
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
                return broken(error, Ending::Gone, self.flaw);
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
                    return Ok(Ending::TooLarge);
                }
                Ok(Heard::Truncated) => {
                    self.screen.line(b"truncated")?;
                    return Ok(Ending::Gone);
                }
                Ok(Heard::EndOfFile) => return Ok(Ending::Gone),
                Err(error) => return broken(error, Ending::Gone, self.flaw),
            };
            if flaw == Flaw::QuitFrameIsAGoodbye && is_quit(&payload, flaw) {
                return Ok(Ending::Gone);
            }
            match flaw {
                Flaw::FramesNotPrinted => {}
                Flaw::PrintsThePayload => self.screen.line(&payload)?,
                _ => self.screen.line(format!("frame {}", payload.len()).as_bytes())?,
            }
            if let Err(error) = self.send(&frame(&shout(&payload, flaw), flaw)) {
                return broken(error, Ending::Gone, self.flaw);
            }
        }
    }

    fn send(&self, bytes: &[u8]) -> io::Result<()> {
        (&*self.stream).write_all(bytes)
    }
}
