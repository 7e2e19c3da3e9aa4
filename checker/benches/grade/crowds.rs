//! How many clients a program carries on one thread.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::bare::{PATIENCE, end, ready_line, start};
use crate::cost::millis;

/// How many clients lesson 7's solution carries on its one thread: all connected, all answered in each of three rounds.
pub fn crowds(server: &Path, largest: usize) -> Result<()> {
    println!("\nclients on one thread   connect ms   round ms   answers/s   server KiB");
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // The server inherits it.
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let room = usize::try_from(most)?.saturating_sub(100);
    for clients in [1, 10, 100, 1_000, 2_000, 5_000, 10_000] {
        if clients > largest.min(room) {
            println!(
                "{clients:>21}   left out: {}",
                if clients > room {
                    "too few descriptors (ulimit -n)"
                } else {
                    "short"
                }
            );
            continue;
        }
        let mut process = start(server, &["server", "--addr", "127.0.0.1:0"])?;
        let addr: SocketAddr = ready_line(&mut process)?.parse()?;
        let begun = Instant::now();
        let mut peers = Vec::with_capacity(clients);
        for _ in 0..clients {
            let peer = TcpStream::connect(addr)?;
            peer.set_read_timeout(Some(PATIENCE))?;
            peers.push(peer);
        }
        let connected = begun.elapsed();
        let mut round = Duration::MAX;
        for _ in 0..3 {
            let begun = Instant::now();
            for peer in &mut peers {
                peer.write_all(b"hello\n")?;
            }
            for peer in &mut peers {
                let mut answer = [0; 6];
                peer.read_exact(&mut answer)?;
                ensure!(&answer == b"HELLO\n", "a wrong answer");
            }
            round = round.min(begun.elapsed());
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
        let threads = field(&status, "Threads:").unwrap_or_default();
        ensure!(threads == "1" || threads.is_empty(), "the server has {threads} threads");
        println!(
            "{clients:>21} {:>12.0} {:>10.1} {:>11.0} {:>12}",
            millis(connected),
            millis(round),
            clients as f64 / round.as_secs_f64(),
            field(&status, "VmRSS:").unwrap_or_default().trim_end_matches(" kB"),
        );
        end(process)?;
    }
    Ok(())
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}
