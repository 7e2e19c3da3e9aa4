use std::io::BufReader;
use std::os::unix::net::UnixListener;
use std::{process, thread};

use anyhow::{Context, Result};
use nix::sys::signal::{SigSet, Signal};
use solution01::print_line;
use solution02::line;
use solution03::server::{is_about_one_client, serve};

use crate::credentials::Credentials;
use crate::socket_file;

/// Serves one client after another, until a signal ends it.
pub fn run(path: &str) -> Result<()> {
    // ANCHOR: signals
    // A blocked signal does not kill us: it waits in the kernel until we ask for it. This comes
    // before there is a file to leave behind, and before the first thread, since every thread
    // begins with the blocked signals of the one that starts it.
    let signals: SigSet = [Signal::SIGTERM, Signal::SIGINT].into_iter().collect();
    signals.thread_block().context("cannot block SIGTERM and SIGINT")?;

    let (listener, file) = socket_file::listen(path)?;

    // Whatever the other thread waits for, a client, a line, or a reader of our stdout, this one
    // waits for a signal. One that came since we blocked it has not been lost.
    let ours = file.clone();
    thread::spawn(move || {
        signals.wait().expect("these signals can be waited for");
        ours.remove();
        process::exit(0);
    });
    // ANCHOR_END: signals

    // The loop ends by an error of our own, never by itself.
    let ended = serve_all(&listener, path);
    file.remove();
    ended
}

// ANCHOR: serve_all
fn serve_all(listener: &UnixListener, path: &str) -> Result<()> {
    print_line(format_args!("listening on {path}"))?;
    loop {
        // The address that `accept` returns says nothing: a client's socket has no name.
        let (stream, _unnamed) = match listener.accept() {
            Ok(connection) => connection,
            Err(error) if is_about_one_client(error.kind()) => continue,
            Err(error) => return Err(error).context(format!("cannot accept on {path}")),
        };
        // Linux knows it even of a client that is gone. Other systems forget.
        let Ok(client) = Credentials::of_peer(&stream) else {
            continue;
        };

        print_line(format_args!("connected {client}"))?;
        // A client that left before it was greeted has nothing more to say.
        if line::send(&stream, format!("hello {client}").as_bytes()).is_ok() {
            serve(BufReader::new(&stream), &stream)?;
        }
        drop(stream);
        print_line(format_args!("disconnected {client}"))?;
    }
}
// ANCHOR_END: serve_all
