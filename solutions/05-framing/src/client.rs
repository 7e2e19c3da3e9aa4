use std::io::{self, BufReader};
use std::net::{Shutdown, TcpStream};
use std::thread;

use anyhow::{Context, Result, bail};
use solution01::print_line;
use solution02::line;

use crate::frame::{self, Incoming};

/// Sends every line of stdin as a frame, and prints the answers meanwhile.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: two_directions
    let stream = TcpStream::connect(addr).with_context(|| format!("cannot connect to {addr}"))?;

    // Each direction has its own thread. If one thread sent everything and read afterwards, then
    // with enough lines the buffers of both directions would be full: the server waits for us to
    // read an answer, we wait for the server to read a frame, and neither ever will.
    let answers = stream
        .try_clone()
        .with_context(|| format!("cannot share the connection to {addr}"))?;
    let server = addr.to_owned();
    let printer = thread::spawn(move || {
        let printed = print_answers(&answers, &server);
        if printed.is_err() {
            // Nobody will read any more. This makes the other thread's sending fail, where it
            // might wait for ever for a server that waits for us.
            let _ = answers.shutdown(Shutdown::Both);
        }
        printed
    });

    send_lines(&stream, addr)?;
    printer.join().expect("printing does not panic")
    // ANCHOR_END: two_directions
}

// ANCHOR: send_lines
fn send_lines(stream: &TcpStream, addr: &str) -> Result<()> {
    let mut stdin = io::stdin().lock();
    while let Some(typed) = line::read(&mut stdin).context("cannot read stdin")? {
        if typed.len() > frame::MAX {
            bail!(
                "a line of {} bytes is too long for a frame, so {addr} did not get it",
                typed.len()
            );
        }
        // The server has gone. What that means is for the other thread to say, which may have
        // answers left to print.
        let Ok(()) = frame::write(stream, &typed) else {
            return Ok(());
        };
    }
    // That was all: this is what lets the server end its direction, too. It fails if the
    // connection is gone, and then there is nobody left to tell.
    let _ = stream.shutdown(Shutdown::Write);
    Ok(())
}
// ANCHOR_END: send_lines

// ANCHOR: print_answers
fn print_answers(stream: &TcpStream, addr: &str) -> Result<()> {
    let mut incoming = BufReader::new(stream);
    loop {
        match frame::read(&mut incoming).with_context(|| format!("the connection to {addr} is lost"))? {
            Incoming::Frame(payload) => print_line(String::from_utf8_lossy(&payload))?,
            Incoming::End => return Ok(()),
            Incoming::Truncated => bail!("{addr} ended the connection inside an answer"),
            Incoming::TooLarge(length) => bail!("{addr} announced an answer of {length} bytes"),
        }
    }
}
// ANCHOR_END: print_answers
