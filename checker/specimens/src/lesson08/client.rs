//! Proves that it knows the secret, then speaks in frames: one out, one back, in turns.

use std::io::{self, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail};

use super::secret::Secret;
use crate::args::{Addr, Role};
use crate::frames::{Frames, Heard, frame};
use crate::screen::Screen;
use crate::tcp;
use crate::typed::Typed;
use crate::words::{is_blank, is_quit};
use specimens::Flaw;

pub(crate) fn client(addr: &Addr, flaw: Flaw) -> Result<()> {
    let screen = Screen::new(Role::Client, flaw);
    let secret = match flaw {
        Flaw::LooksForTheSecretTooLate => None,
        _ => Some(Secret::from_environment(flaw)?),
    };
    let stream = tcp::connect(addr, flaw)?;
    let mut typed = Typed::new(flaw)?;
    if flaw == Flaw::ReadsAllStdinFirst {
        typed.read_to_the_end()?;
    }
    let client = Client {
        frames: Frames::new(&stream, flaw_of_frames(flaw)),
        stream: &stream,
        addr,
        typed,
        screen,
        flaw,
    };
    client.run(secret)
}

fn flaw_of_frames(flaw: Flaw) -> Flaw {
    match flaw {
        Flaw::NoLimitOnAnswers => Flaw::NoLimit,
        _ => flaw,
    }
}

struct Client<'a> {
    stream: &'a TcpStream,
    frames: Frames<&'a TcpStream>,
    addr: &'a Addr,
    typed: Typed,
    screen: Screen,
    flaw: Flaw,
}

impl Client<'_> {
    fn run(mut self, secret: Option<Secret>) -> Result<()> {
        let Some(challenge) = self.hear()? else {
            bail!("{} closed without a challenge", self.addr);
        };
        match challenge.len() {
            32 => {}
            _ if self.flaw == Flaw::AnswersAnyChallenge => {}
            33.. if self.flaw == Flaw::AnswersALongerChallenge => {}
            other => bail!("the challenge of {} has {other} bytes", self.addr),
        }
        let secret = match secret {
            Some(secret) => secret,
            None => Secret::from_environment(self.flaw)?,
        };
        let mut owed = 0;
        self.send(&secret.answer(&challenge, self.flaw))?;
        match self.flaw {
            Flaw::SpeaksBeforeOk => {
                let Some(line) = self.next_line()? else { return Ok(()) };
                self.send(&line)?;
                owed += 1;
            }
            // As if the first line was what the verdict is about.
            Flaw::ReadsStdinBeforeTheVerdict => self.typed.wait()?,
            _ => {}
        }
        let verdict = self.hear()?;
        if !self.lets_in(verdict.as_deref()) {
            return match self.flaw {
                Flaw::DeniedExits0 if verdict.as_deref() == Some(b"denied") => Ok(()),
                Flaw::DeniedPanics => panic!("assertion `left == right` failed: {verdict:?}"),
                Flaw::NoVerdictExits0 if verdict.is_none() => Ok(()),
                _ => bail!("{} does not let us in", self.addr),
            };
        }
        if self.flaw == Flaw::PrintsTheVerdict {
            self.screen.line(&verdict.unwrap_or_default())?;
        }
        self.talk(owed)
    }

    fn lets_in(&self, verdict: Option<&[u8]>) -> bool {
        match (verdict, self.flaw) {
            (_, Flaw::IgnoresTheVerdict) => true,
            (Some(verdict), Flaw::DeniedIsTheOnlyNo) => verdict != b"denied",
            (Some(verdict), Flaw::OkInAnyCase) => verdict.eq_ignore_ascii_case(b"ok"),
            (Some(verdict), Flaw::ComparesTheBeginningOfOk) => verdict.starts_with(b"ok"),
            (Some(verdict), Flaw::ComparesWhatCameOfOk) => b"ok".starts_with(verdict),
            (verdict, _) => verdict == Some(b"ok"),
        }
    }

    fn talk(&mut self, mut owed: usize) -> Result<()> {
        loop {
            if owed == 0 {
                if self.flaw == Flaw::PromptsOnStdout {
                    print!("> ");
                    io::stdout().flush()?;
                }
                let Some(line) = self.next_line()? else {
                    if self.flaw == Flaw::EndOfInputSendsQ {
                        self.send(b"Q")?;
                    }
                    return Ok(());
                };
                if is_quit(&line, self.flaw) {
                    if self.flaw == Flaw::SendsTheQuitWord {
                        self.send(&line)?;
                    }
                    return Ok(());
                }
                self.send(&line)?;
                if self.flaw == Flaw::SendsTwoAtATime
                    && let Some(next) = self.next_line()?
                {
                    self.send(&next)?;
                    owed += 1;
                }
                owed += 1;
            }
            match self.hear()? {
                Some(answer) if self.flaw == Flaw::PanicsAtBadUtf8 => {
                    self.screen.line(str::from_utf8(&answer).unwrap().as_bytes())?;
                }
                Some(answer) => self.screen.line(&answer)?,
                None if matches!(
                    self.flaw,
                    Flaw::EndOfFileExits0 | Flaw::TruncatedAnswerExits0 | Flaw::TooLargeAnswerExits0
                ) =>
                {
                    return Ok(());
                }
                None => bail!("{} closed in place of an answer", self.addr),
            }
            owed -= 1;
        }
    }

    fn next_line(&mut self) -> Result<Option<Vec<u8>>> {
        while let Some(mut line) = self.typed.any()? {
            line.pop_if(|last| *last == b'\r');
            if self.flaw != Flaw::SkipsEmptyLines || !is_blank(&line) {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }

    fn send(&self, payload: &[u8]) -> Result<()> {
        (&*self.stream)
            .write_all(&frame(payload, self.flaw))
            .with_context(|| format!("cannot send to {}", self.addr))
    }

    /// The next frame, or `None` at end-of-file.
    fn hear(&mut self) -> Result<Option<Vec<u8>>> {
        match self
            .frames
            .next()
            .with_context(|| format!("the connection to {} broke", self.addr))?
        {
            Heard::Frame(payload) => Ok(Some(payload)),
            Heard::EndOfFile => Ok(None),
            Heard::Truncated if self.flaw == Flaw::TruncatedAnswerExits0 => Ok(None),
            Heard::Truncated => bail!("a frame of {} is cut off", self.addr),
            Heard::TooLarge(_) if self.flaw == Flaw::TooLargeAnswerExits0 => Ok(None),
            Heard::TooLarge(length) => bail!("a frame of {} is to have {length} bytes", self.addr),
        }
    }
}
