use std::io::{self, BufReader, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use solution01::print_line;
use solution03::server::is_about_one_client;
use solution05::frame::{self, Incoming};
use solution05::server::shout_back;

use crate::within::Within;
use crate::{challenge, secret};

/// A frame's header and the right answer. Nobody is read from any further before login.
const ANSWER_FRAME: u64 = 4 + challenge::SIZE as u64;

/// How long a client that was denied may take to hear of it.
const FAREWELL: Duration = Duration::from_millis(200);

/// Serves one client after another, for ever, if they know the secret.
pub fn run(addr: &str, auth_timeout: Duration) -> Result<()> {
    let secret = secret::from_environment()?;
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    print_line(format_args!("listening on {}", listener.local_addr()?))?;

    loop {
        let (stream, client) = match listener.accept() {
            Ok(connection) => connection,
            Err(error) if is_about_one_client(error.kind()) => continue,
            Err(error) => return Err(error).context(format!("cannot accept on {addr}")),
        };
        // One moment for the whole login, and it is fixed before anything else happens.
        let deadline = Instant::now() + auth_timeout;
        print_line(format_args!("connected {client}"))?;
        serve(&stream, client, &secret, deadline)?;
        // This closes the connection, before the log says so.
        drop(stream);
        print_line(format_args!("disconnected {client}"))?;
    }
}

// ANCHOR: serve
fn serve(stream: &TcpStream, client: SocketAddr, secret: &[u8], deadline: Instant) -> Result<()> {
    let challenge = challenge::fresh()?;
    // Everything that goes wrong before login means the same.
    if !matches!(knows_the_secret(stream, secret, &challenge, deadline), Ok(true)) {
        // It may be gone, and need not hear it.
        let _ = frame::write(stream, b"denied");
        print_line(format_args!("denied {client}"))?;
        let _ = take_leave(stream);
        return Ok(());
    }
    // If this fails, the client is gone, and the first read below finds it out.
    let _ = frame::write(stream, b"ok");
    print_line(format_args!("authenticated {client}"))?;

    // The deadline was that of the login. Who has come in may be silent for as long as it likes. (Some
    // systems refuse this for a connection that has been reset: then nobody is left to be served.)
    let Ok(()) = stream.set_read_timeout(None) else {
        return Ok(());
    };
    shout_back(BufReader::new(stream), stream)
}
// ANCHOR_END: serve

// ANCHOR: login
fn knows_the_secret(stream: &TcpStream, secret: &[u8], challenge: &[u8], deadline: Instant) -> io::Result<bool> {
    // This waits for nobody: the send buffer of a new connection has room for more than that.
    frame::write(stream, challenge)?;

    // The limit is there so that a stranger cannot make us read a megabyte. A frame that is longer
    // seems to be cut off by end-of-file, and is wrong anyway. What follows the answer stays in
    // the socket: it is the first frame of who comes in.
    let answer = Within { stream, deadline }.take(ANSWER_FRAME);
    Ok(match frame::read(answer)? {
        Incoming::Frame(answer) => challenge::is_right(secret, challenge, &answer),
        Incoming::End | Incoming::Truncated | Incoming::TooLarge(_) => false,
    })
}
// ANCHOR_END: login

// ANCHOR: leave
/// Says that nothing more will follow, and reads what is of no interest until the client has
/// closed, too, but not for long.
///
/// To close a socket with unread bytes in it sends a reset, which would destroy the `denied` that
/// is on its way.
fn take_leave(stream: &TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + FAREWELL;
    io::copy(&mut Within { stream, deadline }, &mut io::sink())?;
    Ok(())
}
// ANCHOR_END: leave
