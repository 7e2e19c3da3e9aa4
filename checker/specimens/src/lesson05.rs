//! Lesson 5, framing: messages that a stream of bytes keeps apart.

use std::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::args::{Addr, Role};
use crate::frames::{Frames, Heard, frame};
use crate::parting::{self, broken};
use crate::screen::Screen;
use crate::tcp;
use crate::typed::Typed;
use crate::words::{is_quit, shout, trim};
use specimens::Flaw;

/// How a client ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    EndOfFile,
    Truncated,
    TooLarge,
    Broken,
}

pub(crate) fn server(addr: &Addr, flaw: Flaw) -> Result<()> {
    if flaw == Flaw::SigpipeKills {
        parting::let_sigpipe_kill();
    }
    let mut screen = Screen::new(Role::Server, flaw);
    let listener = tcp::listen(addr, &mut screen, flaw)?;
    let mut half_frame = Vec::new();
    loop {
        let (stream, peer) = listener.accept().context("cannot accept")?;
        let name = parting::name(&stream, peer, flaw)?;
        screen.line(format!("connected {name}").as_bytes())?;
        if flaw == Flaw::DropsSilentClients {
            stream.set_read_timeout(Some(Duration::from_millis(900)))?;
        }
        if flaw != Flaw::KeepsTheHalfFrame {
            half_frame.clear();
        }
        let mut frames = Frames::behind(half_frame, &stream, flaw);
        let ending = serve(&stream, &mut frames, &mut screen, flaw)?;
        half_frame = frames.into_half_frame();

        let name = match flaw {
            Flaw::AsksTheAddressTooLate => stream.peer_addr()?.to_string(),
            _ => name,
        };
        close(stream, ending, flaw);
        match flaw {
            Flaw::DisconnectNotPrinted => {}
            Flaw::LogLostAfterReset if ending == Ending::Broken => {}
            Flaw::ResetIsTruncatedOnly if ending == Ending::Broken => screen.line(b"truncated")?,
            Flaw::RejectedIsNotDisconnected if ending == Ending::TooLarge => {}
            Flaw::TruncatedIsNotDisconnected if ending == Ending::Truncated => {}
            _ => screen.line(format!("disconnected {name}").as_bytes())?,
        }
        match flaw {
            Flaw::OneClientOnly => return Ok(()),
            Flaw::TruncatedEndsTheServer if ending == Ending::Truncated => bail!("the client broke off inside a frame"),
            Flaw::RejectedEndsTheServer if ending == Ending::TooLarge => bail!("the client sent too large a frame"),
            _ => {}
        }
    }
}

/// One client, until it goes away. An error here ends the server.
fn serve(mut stream: &TcpStream, frames: &mut Frames<&TcpStream>, screen: &mut Screen, flaw: Flaw) -> Result<Ending> {
    let mut owed = Vec::new();
    let ending = loop {
        if flaw == Flaw::PrintsAtTheHeader
            && let Ok(Some(length)) = frames.announced()
        {
            screen.line(format!("frame {length}").as_bytes())?;
        }
        let payload = match frames.next() {
            Ok(Heard::Frame(payload)) => payload,
            Ok(Heard::TooLarge(length)) => {
                match flaw {
                    Flaw::RejectedNotPrinted => {}
                    Flaw::RejectedAsSigned => screen.line(format!("rejected {}", length as i32).as_bytes())?,
                    Flaw::RejectedWithoutNumber => screen.line(b"rejected")?,
                    _ => screen.line(format!("rejected {length}").as_bytes())?,
                }
                match flaw {
                    Flaw::RejectedStaysOpen => continue,
                    Flaw::RejectedIsReadToTheEnd => drop(io::copy(&mut stream, &mut io::sink())),
                    Flaw::RejectedIsTruncatedToo => screen.line(b"truncated")?,
                    _ => {}
                }
                break Ending::TooLarge;
            }
            Ok(Heard::Truncated) => {
                if flaw != Flaw::TruncatedNotPrinted {
                    screen.line(b"truncated")?;
                }
                if flaw == Flaw::AnswersTheHalfFrame {
                    let half = frames.take_half_frame();
                    owed = frame(&answer(half.get(4..).unwrap_or_default(), flaw)?, flaw);
                }
                break Ending::Truncated;
            }
            Ok(Heard::EndOfFile) => {
                if flaw == Flaw::TruncatedAtEveryEnd {
                    screen.line(b"truncated")?;
                }
                break Ending::EndOfFile;
            }
            Err(error) => return broken(error, Ending::Broken, flaw),
        };
        if flaw == Flaw::QuitFrameIsAGoodbye && is_quit(&payload, flaw) {
            break Ending::EndOfFile;
        }
        match flaw {
            Flaw::FramesNotPrinted | Flaw::PrintsAtTheHeader => {}
            Flaw::PrintsThePayload => screen.line(&payload)?,
            Flaw::PrintsTheWholeFrameSize => screen.line(format!("frame {}", payload.len() + 4).as_bytes())?,
            _ => screen.line(format!("frame {}", payload.len()).as_bytes())?,
        }

        let mut answer = frame(&answer(&payload, flaw)?, flaw);
        match flaw {
            Flaw::EmptyFrameIsNotAnswered if payload.is_empty() => continue,
            Flaw::EndsAtBadUtf8 if str::from_utf8(&payload).is_err() => break Ending::Broken,
            Flaw::SendsANewlineBehindTheFrame => answer.push(b'\n'),
            Flaw::ShoutsTheHeader => answer.make_ascii_uppercase(),
            Flaw::SendsNoHeader => drop(answer.drain(..4)),
            Flaw::AnswersAtTheEnd => {
                owed.append(&mut answer);
                continue;
            }
            _ => {}
        }
        if flaw == Flaw::SigpipeKills {
            parting::write_as_in_c(stream, &answer);
        } else if let Err(error) = stream.write_all(&answer) {
            if flaw == Flaw::DiesOnWriteError {
                bail!("cannot answer: {error}");
            }
            return broken(error, Ending::Broken, flaw);
        }
        if flaw == Flaw::OneFrameAClient {
            break Ending::EndOfFile;
        }
    };
    // Nobody is left to care whether it arrives.
    let _ = stream.write_all(&owed);
    Ok(ending)
}

fn answer(payload: &[u8], flaw: Flaw) -> Result<Vec<u8>> {
    let text = match flaw {
        Flaw::PanicsAtBadUtf8 => str::from_utf8(payload).unwrap().as_bytes(),
        Flaw::Trims => payload.trim_ascii(),
        Flaw::BufferOf4096 => &payload[..payload.len().min(4096)],
        Flaw::StopsAtAZeroByte => payload.split(|&byte| byte == 0).next().unwrap_or_default(),
        Flaw::StopsAtANewline => payload.split(|&byte| byte == b'\n').next().unwrap_or_default(),
        _ => payload,
    };
    Ok(shout(text, flaw))
}

fn close(stream: TcpStream, ending: Ending, flaw: Flaw) {
    let leaks = match ending {
        Ending::EndOfFile => flaw == Flaw::LeaksOnEndOfFile,
        Ending::Truncated => flaw == Flaw::LeaksOnTruncated,
        Ending::TooLarge => flaw == Flaw::LeaksOnRejected,
        Ending::Broken => flaw == Flaw::LeaksOnReset,
    };
    if leaks {
        parting::leak(stream);
    }
}

pub(crate) fn client(addr: &Addr, flaw: Flaw) -> Result<()> {
    let mut screen = Screen::new(Role::Client, flaw);
    let stream = tcp::connect(addr, flaw)?;
    let mut answers = Frames::new(&stream, flaw);
    let mut typed = Typed::new(flaw)?;

    let mut unanswered = 0;
    while let Some(line) = next_line(&mut typed, flaw)? {
        if let Err(error) = (&stream).write_all(&frame(&line, flaw)) {
            eprintln!("the server takes no more: {error}");
            break;
        }
        unanswered += 1;
        if flaw == Flaw::TakesTurns {
            if !hear(&mut answers, addr, &mut screen, flaw)? {
                return Ok(());
            }
            unanswered -= 1;
        }
    }
    if flaw != Flaw::NoShutdown {
        match stream.shutdown(Shutdown::Write) {
            Err(error) if error.kind() != ErrorKind::NotConnected => return Err(error).context("cannot shut down"),
            _ => {}
        }
    }
    while flaw != Flaw::CountsItsAnswers || unanswered > 0 {
        if !hear(&mut answers, addr, &mut screen, flaw)? {
            break;
        }
        unanswered -= 1;
    }
    Ok(())
}

/// The next line that is a frame, or `None` at the end of stdin.
fn next_line(typed: &mut Typed, flaw: Flaw) -> Result<Option<Vec<u8>>> {
    loop {
        let Some(mut line) = typed.any()? else { return Ok(None) };
        match flaw {
            Flaw::KeepsTheNewline => line.push(b'\n'),
            Flaw::KeepsTheCr => {}
            Flaw::Trims => line = trim(&line).to_vec(),
            Flaw::SkipsEmptyLines if line.is_empty() => continue,
            Flaw::KnowsAQuitWord if is_quit(&line, flaw) => return Ok(None),
            _ if line.ends_with(b"\r") => drop(line.pop()),
            _ => {}
        }
        return Ok(Some(line));
    }
}

/// Prints the next answer. `false` at the end of them.
fn hear(answers: &mut Frames<&TcpStream>, addr: &Addr, screen: &mut Screen, flaw: Flaw) -> Result<bool> {
    match answers
        .next()
        .with_context(|| format!("the connection to {addr} broke"))?
    {
        Heard::Frame(payload) if flaw == Flaw::QuitAnswerIsTheEnd && is_quit(&payload, flaw) => Ok(false),
        Heard::Frame(payload) => {
            show(&payload, screen, flaw)?;
            Ok(true)
        }
        Heard::EndOfFile => Ok(false),
        Heard::Truncated if flaw == Flaw::TruncatedAnswerExits0 => Ok(false),
        Heard::Truncated => bail!("an answer of {addr} is cut off"),
        Heard::TooLarge(_) if flaw == Flaw::TooLargeAnswerExits0 => Ok(false),
        Heard::TooLarge(length) => bail!("an answer of {addr} is to have {length} bytes"),
    }
}

fn show(payload: &[u8], screen: &mut Screen, flaw: Flaw) -> Result<()> {
    match flaw {
        Flaw::DropsEmptyReplies if payload.is_empty() => {}
        Flaw::SkipsBadUtf8 if str::from_utf8(payload).is_err() => {}
        Flaw::PanicsAtBadUtf8 => screen.line(str::from_utf8(payload).unwrap().as_bytes())?,
        Flaw::EndsAtBadUtf8 => screen.line(str::from_utf8(payload).context("the answer is no text")?.as_bytes())?,
        Flaw::PrintsTheLength => {
            screen.line(format!("{}: {}", payload.len(), String::from_utf8_lossy(payload)).as_bytes())?
        }
        Flaw::PrintsEscapes => {
            let mut text = String::new();
            for byte in payload {
                match byte {
                    b' '..=b'~' => text.push(char::from(*byte)),
                    _ => write!(text, "\\x{byte:02x}")?,
                }
            }
            screen.line(text.as_bytes())?;
        }
        Flaw::PrintsTheAnswersJoined => {
            print!("{}", String::from_utf8_lossy(payload));
            io::stdout().flush()?;
        }
        _ => screen.line(payload)?,
    }
    Ok(())
}
