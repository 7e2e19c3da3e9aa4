//! What it costs to have nothing to do: fifty clients say nothing, and we wait for them, at first
//! in the way that comes to mind first, and then asleep.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

const CLIENTS: usize = 50;
const WAIT: Duration = Duration::from_secs(3);

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut clients = Vec::new();
    let mut streams = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(TcpStream::connect(listener.local_addr()?)?);
        let (stream, _) = listener.accept()?;
        stream.set_nonblocking(true)?;
        streams.push(stream);
    }

    println!(
        "{CLIENTS} clients say nothing, for {} seconds each time",
        WAIT.as_secs()
    );
    measure("busy loop", || busy(&mut streams))?;
    measure("poll", || asleep(&streams))
}

/// Asks each of them whether there is something to read, and when all have been asked, begins anew.
/// Returns how many system calls that took.
fn busy(streams: &mut [TcpStream]) -> Result<u64> {
    let deadline = Instant::now() + WAIT;
    let mut calls = 0;
    while Instant::now() < deadline {
        for stream in &mut *streams {
            let nothing = stream.read(&mut [0; 100]);
            ensure!(nothing.is_err(), "a quiet client has said something");
            calls += 1;
        }
    }
    Ok(calls)
}

/// Asks the kernel to wake us when there is something to read from any of them.
fn asleep(streams: &[TcpStream]) -> Result<u64> {
    let mut fds: Vec<PollFd> = streams
        .iter()
        .map(|stream| PollFd::new(stream.as_fd(), PollFlags::POLLIN))
        .collect();
    let ready = poll(&mut fds, PollTimeout::try_from(WAIT)?)?;
    ensure!(ready == 0, "a quiet client has said something");
    Ok(1)
}

fn measure(how: &str, wait: impl FnOnce() -> Result<u64>) -> Result<()> {
    let began = Instant::now();
    let used_before = processor_ticks()?;
    let calls = wait()?;
    let used = processor_ticks()? - used_before;

    // A tick is 10 ms, whatever the kernel's own clock does: see `man 5 proc` and `getconf CLK_TCK`.
    let per_second = used as f64 / 100.0 / began.elapsed().as_secs_f64();
    println!("{how:>9}: {per_second:.2} s of processor time per second; system calls: {calls}");
    Ok(())
}

/// The processor time that this process has used so far, in the program and in the kernel on its
/// behalf: fields 14 and 15 of `/proc/PID/stat`.
fn processor_ticks() -> Result<u64> {
    let stat = fs::read_to_string("/proc/self/stat").context("there is no /proc to look at")?;
    // The second field is the program's name in parentheses, which may hold spaces.
    let behind_the_name = stat.rsplit(')').next().context("an odd /proc/self/stat")?;
    let mut fields = behind_the_name.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64> { Ok(fields.next().context("an odd /proc/self/stat")?.parse()?) };
    Ok(ticks()? + ticks()?)
}
