use std::io::{self, BufReader, Read};
use std::net::TcpStream;

use anyhow::{Context, Result, bail};
use solution01::print_line;
use solution02::line;
use solution05::frame::{self, Incoming};

use crate::{challenge, secret};

/// Proves to know the secret, and then sends lines and prints the answers, in turns.
pub fn run(addr: &str) -> Result<()> {
    let secret = secret::from_environment()?;
    let stream = TcpStream::connect(addr).with_context(|| format!("cannot connect to {addr}"))?;
    let mut incoming = BufReader::new(&stream);

    log_in(&mut incoming, &stream, &secret).with_context(|| format!("cannot log in at {addr}"))?;

    // ANCHOR: turns
    let mut stdin = io::stdin().lock();
    while let Some(typed) = line::read(&mut stdin).context("cannot read stdin")? {
        if line::is_quit(&typed) {
            break;
        }
        frame::write(&stream, &typed).with_context(|| format!("cannot send a line to {addr}"))?;
        let answer = expect_frame(&mut incoming).with_context(|| format!("no answer from {addr}"))?;
        print_line(String::from_utf8_lossy(&answer))?;
    }
    Ok(())
    // ANCHOR_END: turns
}

// ANCHOR: log_in
fn log_in(incoming: &mut impl Read, outgoing: &TcpStream, secret: &[u8]) -> Result<()> {
    let challenge = expect_frame(incoming).context("there was no challenge")?;
    // Whoever asks may be anybody. What is signed for them is a challenge, and never anything that
    // they would like to have signed.
    if challenge.len() != challenge::SIZE {
        bail!("a challenge of {} bytes is none", challenge.len());
    }
    frame::write(outgoing, &challenge::answer(secret, &challenge)).context("the answer cannot be sent")?;

    match &expect_frame(incoming).context("the server did not say whether we may come in")?[..] {
        b"ok" => Ok(()),
        b"denied" => bail!("denied: is the secret the same on both sides?"),
        other => bail!(
            "the server said neither `ok` nor `denied`, but {} other bytes",
            other.len()
        ),
    }
}
// ANCHOR_END: log_in

// ANCHOR: expect_frame
/// The payload of the next frame. Here there has to be one.
fn expect_frame(incoming: &mut impl Read) -> Result<Vec<u8>> {
    match frame::read(incoming)? {
        Incoming::Frame(payload) => Ok(payload),
        Incoming::End => bail!("the connection was closed"),
        Incoming::Truncated => bail!("the connection was closed inside a frame"),
        Incoming::TooLarge(length) => bail!("a frame of {length} bytes was announced"),
    }
}
// ANCHOR_END: expect_frame
