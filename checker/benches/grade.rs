//! What grading costs, against *bare*: the same programs started, with the same arguments and as often, as many connections made to them and as many
//! bytes exchanged, by a plain loop that judges nothing. Both are measured in the same breath, in this process, over the same built solutions.
//!
//! `cargo bench -p checker`, or `-- --short` for one round. The waits that the contract names (a patient second, a client that gives up) are part of the
//! wall time of grading and not of bare; the ratio is of processor time.
#![expect(
    clippy::disallowed_methods,
    reason = "bare starts its programs by itself: that is what it is compared with"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use checker::bench::Program;
use checker::course::{LESSONS, Lesson};
use checker::jail::Walls;
use checker::runner::{self, CheckReport, Job, Settings};
use checker::verdict::Verdict;
use checker::{compile, interrupt};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};

fn main() -> Result<()> {
    let rounds = if std::env::args().any(|argument| argument == "--short") {
        1
    } else {
        10
    };
    interrupt::watch()?;
    let solutions: Vec<String> = LESSONS.iter().map(|lesson| lesson.solution()).collect();
    let built = compile::build(&solutions)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let settings = Settings {
        seed: 1,
        timeout: Duration::from_secs(5),
        at_once: cores * 4,
        checker: env!("CARGO_BIN_EXE_checker").into(),
        walls: Walls::none(),
    };
    println!("{rounds} rounds on {cores} cores; the best of each is shown");
    println!("lesson    checks  starts   wall ms  ms/check    cpu ms  bare cpu ms  ratio");

    let mut jobs = Vec::new();
    for &lesson in LESSONS {
        let solution = built.get(&lesson.solution()).context("the solutions build")?;
        let job = || Job {
            lesson,
            program: Program::new(vec![solution.clone().into()]),
            checks: lesson.checks.iter().collect(),
        };
        let (mut graded, mut bare, mut starts) = (Cost::MOST, Cost::MOST, Vec::new());
        for _ in 0..rounds {
            let (cost, reports) = Cost::of(|| Ok(grade(&[job()], &settings)))?;
            let bytes = reports.iter().map(|report| report.said).sum();
            graded = graded.least(cost);
            starts = started(&reports);
            let crowd = connections(&reports).saturating_sub(starts.len());
            let (cost, ()) = Cost::of(|| {
                starts.iter().try_for_each(|start| exchange(lesson, solution, start))?;
                serve_a_crowd(lesson, solution, crowd, bytes)
            })?;
            bare = bare.least(cost);
        }
        let checks = lesson.checks.len();
        println!(
            "{:<9} {checks:>6} {:>7} {:>9.0} {:>9.1} {:>9.0} {:>12.0} {:>6.2}",
            lesson.id,
            starts.len(),
            millis(graded.wall),
            millis(graded.wall) / checks as f64,
            millis(graded.processor),
            millis(bare.processor),
            graded.processor.as_secs_f64() / bare.processor.as_secs_f64(),
        );
        jobs.push(job());
    }
    let (all, _) = Cost::of(|| Ok(grade(&jobs, &settings)))?;
    println!(
        "all at once: {:.0} ms wall, {:.0} ms of processor time",
        millis(all.wall),
        millis(all.processor)
    );
    let nonblocking = built.get("solution07").context("the solutions build")?;
    crowds(nonblocking, if rounds == 1 { 1_000 } else { 10_000 })
}

/// Wall time, and processor time of this process and of all that it started.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall: Duration,
    processor: Duration,
}

impl Cost {
    const MOST: Cost = Cost {
        wall: Duration::MAX,
        processor: Duration::MAX,
    };

    fn of<T>(work: impl FnOnce() -> Result<T>) -> Result<(Cost, T)> {
        let (begun, before) = (Instant::now(), processor_time()?);
        let outcome = work()?;
        let cost = Cost {
            wall: begun.elapsed(),
            processor: processor_time()?.saturating_sub(before),
        };
        Ok((cost, outcome))
    }

    fn least(self, other: Cost) -> Cost {
        Cost {
            wall: self.wall.min(other.wall),
            processor: self.processor.min(other.processor),
        }
    }
}

fn processor_time() -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        for time in [usage.user_time(), usage.system_time()] {
            sum += Duration::from_micros((time.tv_sec() * 1_000_000 + time.tv_usec()).cast_unsigned());
        }
    }
    Ok(sum)
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

fn grade(jobs: &[Job], settings: &Settings) -> Vec<CheckReport> {
    let reports: Vec<CheckReport> = runner::run(jobs, settings, |_, _| {}).into_iter().flatten().collect();
    for report in reports.iter().filter(|report| report.verdict != Verdict::Passed) {
        println!("{} did not pass: this run measures something else", report.check.id);
    }
    reports
}

/// The arguments of every start that the checks made, as their transcripts tell.
fn started(reports: &[CheckReport]) -> Vec<Vec<String>> {
    let entries = reports.iter().flat_map(|report| &report.transcript);
    let starts = entries.filter(|entry| entry.who == "checker" && entry.what.starts_with("starts the "));
    starts
        .filter_map(|entry| entry.what.split_once(": "))
        .map(|(_, arguments)| arguments.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// How many connections the checks made to the programs, as their transcripts tell.
fn connections(reports: &[CheckReport]) -> usize {
    let entries = reports.iter().flat_map(|report| &report.transcript);
    entries
        .filter(|entry| entry.who.starts_with("peer") && entry.what.starts_with("connects "))
        .count()
}

/// The connections and the bytes that the checks had beyond one message for each start: all with one server, if it serves more than one client.
fn serve_a_crowd(lesson: &Lesson, program: &Path, clients: usize, bytes: u64) -> Result<()> {
    if ["hello", "quit", "udp"].contains(&lesson.topic()) || clients == 0 {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("socket");
    // Who is not let in says only a word.
    let volume = match lesson.topic() {
        "auth" => 5,
        _ => usize::try_from(bytes)? / clients,
    };
    let message = &message(lesson, volume.min(LONG));
    let said = message.repeat((volume / message.len()).max(1));
    if Meeting::of(lesson) == Meeting::Path {
        let mut server = start(program, &["server", "--path", path.to_str().context("UTF-8")?])?;
        ready_line(&mut server)?;
        drain(&mut server);
        for _ in 0..clients {
            say(UnixStream::connect(&path)?, message)?;
        }
        return end(server);
    }
    let mut server = start(program, &["server", "--addr", "127.0.0.1:0"])?;
    let addr: SocketAddr = ready_line(&mut server)?.parse()?;
    drain(&mut server);
    for _ in 0..clients {
        let peer = TcpStream::connect(addr)?;
        let mut speaker = peer.try_clone()?;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // A server that has heard enough may close first.
                let _ = speaker.write_all(&said);
                let _ = speaker.shutdown(Shutdown::Write);
            });
            let _ = std::io::copy(&mut &peer, &mut std::io::sink());
        });
    }
    end(server)
}

/// Takes what the program prints from here on: it would stop where its pipe is full.
fn drain(program: &mut Child) {
    if let Some(mut stdout) = program.stdout.take() {
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    }
}

/// Where the two ends of a lesson meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meeting {
    Tcp,
    Udp,
    Path,
}

impl Meeting {
    fn of(lesson: &Lesson) -> Meeting {
        match lesson.topic() {
            "udp" => Meeting::Udp,
            "unix" => Meeting::Path,
            _ => Meeting::Tcp,
        }
    }
}

/// What the lesson calls a message, of so many bytes or a few more.
fn message(lesson: &Lesson, length: usize) -> Vec<u8> {
    let text = "x".repeat(length.max(5));
    match lesson.topic() {
        "framing" | "auth" => {
            let header = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
            [&header, text.as_bytes()].concat()
        }
        _ => format!("{text}\n").into_bytes(),
    }
}

/// No message of the checks is as long, but for a few.
const LONG: usize = 16 * 1024;

/// Starts one program as a check did, and says a message to it in the simplest way that its role allows.
fn exchange(lesson: &Lesson, program: &Path, arguments: &[String]) -> Result<()> {
    let meeting = Meeting::of(lesson);
    let message = &message(lesson, 5);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("socket");
    let path_text = path.to_str().context("UTF-8")?;
    let (role, at) = match arguments {
        [role, flag, addr, ..] if flag == "--addr" && addr.parse::<SocketAddr>().is_ok() => (role.as_str(), addr),
        [role, flag, path, ..] if flag == "--path" => (role.as_str(), path),
        _ => ("none", &String::new()),
    };
    match (role, meeting) {
        ("server", Meeting::Path) => {
            let mut server = start(program, &["server", "--path", path_text])?;
            ready_line(&mut server)?;
            say(UnixStream::connect(&path)?, message)?;
            end(server)
        }
        ("server", _) => {
            let addr = if at.starts_with('[') { "[::1]:0" } else { "127.0.0.1:0" };
            let mut server = start(program, &["server", "--addr", addr])?;
            // With no more input a server that answers from its stdin says goodbye.
            drop(server.stdin.take());
            let addr: SocketAddr = ready_line(&mut server)?.parse()?;
            if meeting == Meeting::Udp {
                let peer = udp_peer()?;
                peer.send_to(b"hello", addr)?;
                peer.recv(&mut [0; 64])?;
            } else {
                say(TcpStream::connect(addr)?, message)?;
            }
            end(server)
        }
        ("client", Meeting::Udp) => {
            let peer = udp_peer()?;
            let mut client = start(program, &["client", "--addr", &peer.local_addr()?.to_string()])?;
            client.stdin.take().context("piped")?.write_all(b"hello\n")?;
            let (_, from) = peer.recv_from(&mut [0; 64])?;
            peer.send_to(b"1 HELLO", from)?;
            client.wait()?;
            Ok(())
        }
        ("client", Meeting::Path) => {
            let listener = UnixListener::bind(&path)?;
            let mut client = start(program, &["client", "--path", path_text])?;
            let _ = client.stdin.take().context("piped")?.write_all(b"hello\nQ\n");
            say(listener.accept()?.0, message)?;
            end(client)
        }
        ("client", Meeting::Tcp) => {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            let mut client = start(program, &["client", "--addr", &listener.local_addr()?.to_string()])?;
            // A client that reads no stdin may have ended before: then nobody reads this.
            let _ = client.stdin.take().context("piped")?.write_all(b"hello\nQ\n");
            say(listener.accept()?.0, message)?;
            end(client)
        }
        _ => {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            start(program, &arguments)?.wait()?;
            Ok(())
        }
    }
}

fn start(program: &Path, arguments: &[&str]) -> Result<Child> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("LESSON08_SECRET", "for everybody to read")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    Ok(command.spawn()?)
}

/// What the ready line names.
fn ready_line(server: &mut Child) -> Result<String> {
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().context("piped")?).read_line(&mut line)?;
    match line.trim_end().strip_prefix("listening on ") {
        Some(named) => Ok(named.to_owned()),
        None => bail!("no ready line: {line}"),
    }
}

/// No loop here waits for ever for a program that says nothing.
const PATIENCE: Duration = Duration::from_secs(5);

fn udp_peer() -> Result<UdpSocket> {
    let peer = UdpSocket::bind("127.0.0.1:0")?;
    peer.set_read_timeout(Some(PATIENCE))?;
    Ok(peer)
}

fn say(mut peer: impl Stream, message: &[u8]) -> Result<()> {
    peer.is_patient()?;
    peer.write_all(message)?;
    peer.has_said_all()?;
    // How the program ends its side is not judged here.
    let _ = peer.read_to_end(&mut Vec::new());
    Ok(())
}

trait Stream: Read + Write {
    fn is_patient(&self) -> std::io::Result<()>;
    fn has_said_all(&self) -> std::io::Result<()>;
}

impl Stream for TcpStream {
    fn is_patient(&self) -> std::io::Result<()> {
        self.set_read_timeout(Some(PATIENCE))
    }
    fn has_said_all(&self) -> std::io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

impl Stream for UnixStream {
    fn is_patient(&self) -> std::io::Result<()> {
        self.set_read_timeout(Some(PATIENCE))
    }
    fn has_said_all(&self) -> std::io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

fn end(mut program: Child) -> Result<()> {
    // It may have ended by itself.
    let _ = program.kill();
    program.wait()?;
    Ok(())
}

/// How many clients lesson 7's solution carries on its one thread: all connected, all answered in each of three rounds.
fn crowds(server: &Path, largest: usize) -> Result<()> {
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
