use std::io::{self, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use solution01::print_line;
use solution02::line;

use crate::LARGEST_DATAGRAM;

const TRIES: u32 = 5;
const PATIENCE: Duration = Duration::from_millis(200);

/// Asks the server line by line, each until it is answered.
pub fn run(addr: &str) -> Result<()> {
    // ANCHOR: bind
    let server = addr
        .to_socket_addrs()
        .with_context(|| format!("cannot look up {addr}"))?
        .next()
        .with_context(|| format!("{addr} has no address"))?;
    // Port 0: any free port of ours will do, but the same one for all that we send. And an IPv6
    // server is reached from an IPv6 socket only.
    let any_port = match server {
        SocketAddr::V4(_) => "0.0.0.0:0",
        SocketAddr::V6(_) => "[::]:0",
    };
    let socket = UdpSocket::bind(any_port).with_context(|| format!("cannot bind a socket to reach {addr}"))?;
    // ANCHOR_END: bind

    // ANCHOR: number
    let mut stdin = io::stdin().lock();
    for number in 1_u64.. {
        let typed = line::next_typed(&mut stdin)?;
        if line::is_quit(&typed) {
            break;
        }

        let prefix = format!("{number} ").into_bytes();
        let answer = ask(&socket, server, &prefix, &typed)
            .with_context(|| format!("cannot talk to {addr}"))?
            .with_context(|| format!("no answer from {addr} to {TRIES} tries of line {number}"))?;
        print_line(String::from_utf8_lossy(&answer))?;
    }
    Ok(())
    // ANCHOR_END: number
}

// ANCHOR: ask
/// Sends the same datagram until it is answered; `None` if it never is.
///
/// Nobody can tell a question that was lost from an answer that was lost, or is late. All that
/// can be done is to ask again, in the same words, so that any of the answers is the right one.
fn ask(socket: &UdpSocket, server: SocketAddr, prefix: &[u8], text: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let question = [prefix, text].concat();
    for _ in 0..TRIES {
        socket.send_to(&question, server)?;
        let deadline = Instant::now() + PATIENCE;
        if let Some(answer) = answer_until(deadline, socket, server, prefix)? {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}
// ANCHOR_END: ask

// ANCHOR: wait
/// Waits for the one datagram that counts, whatever else comes in the meantime.
fn answer_until(
    deadline: Instant,
    socket: &UdpSocket,
    server: SocketAddr,
    prefix: &[u8],
) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = vec![0; LARGEST_DATAGRAM];
    loop {
        // What is left of the wait, not the whole of it: else each stray datagram would begin
        // it anew.
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        socket.set_read_timeout(Some(left))?;

        match socket.recv_from(&mut buffer) {
            // Anybody may send to our port, so who sent this matters as much as what it says.
            Ok((length, sender)) if sender == server => {
                if let Some(answer) = buffer[..length].strip_prefix(prefix) {
                    return Ok(Some(answer.to_vec()));
                }
            }
            Ok(_from_a_stranger) => {}
            Err(error) if is_no_answer_yet(error.kind()) => {}
            Err(error) => return Err(error),
        }
    }
}

fn is_no_answer_yet(kind: ErrorKind) -> bool {
    matches!(
        kind,
        // The time is over; which of the two it is depends on the system.
        ErrorKind::WouldBlock | ErrorKind::TimedOut
        // Nobody listens there, says ICMP, so far: the server may still start.
        | ErrorKind::ConnectionRefused
        // The program was stopped for a moment, and goes on.
        | ErrorKind::Interrupted
    )
}
// ANCHOR_END: wait

#[cfg(test)]
mod tests {
    use super::*;

    fn socket() -> UdpSocket {
        UdpSocket::bind("127.0.0.1:0").expect("a free port")
    }

    #[test]
    fn only_the_servers_answer_to_this_line_counts() {
        let (client, server, stranger) = (socket(), socket(), socket());
        let to = client.local_addr().expect("bound");
        let from = server.local_addr().expect("bound");

        // What must be ignored is in the queue before what must not.
        stranger.send_to(b"1 STRANGER", to).expect("sent");
        for datagram in [&b""[..], b"1", b"10 TEN", b"2 TWO", b"01 ", b"1 ONE \xff", b"1 AGAIN"] {
            server.send_to(datagram, to).expect("sent");
        }

        let deadline = Instant::now() + Duration::from_secs(10);
        let answer = answer_until(deadline, &client, from, b"1 ").expect("received");
        assert_eq!(answer.as_deref(), Some(&b"ONE \xff"[..]));
    }

    #[test]
    fn a_moment_that_is_over_is_not_waited_for() {
        let (client, server) = (socket(), socket());
        let from = server.local_addr().expect("bound");
        let answer = answer_until(Instant::now(), &client, from, b"1 ").expect("received");
        assert_eq!(answer, None);
    }
}
