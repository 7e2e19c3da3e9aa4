//! *Bare*: the same programs started, with the same arguments and as often, as many connections made to them and as many bytes exchanged, by a plain
//! loop that judges nothing.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use checker::course::Lesson;
use checker::runner::CheckReport;
use checker::transcript::Event;

/// The arguments of every start that the checks made, as their transcripts tell.
pub fn started(reports: &[CheckReport]) -> Vec<Vec<String>> {
    let entries = reports.iter().flat_map(|report| &report.transcript);
    let arguments = entries.filter_map(|entry| {
        let Event::Starts { arguments, .. } = &entry.what else {
            return None;
        };
        Some(arguments)
    });
    arguments
        .map(|words| words.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// How many connections the checks made to the programs, as their transcripts tell.
pub fn connections(reports: &[CheckReport]) -> usize {
    let entries = reports.iter().flat_map(|report| &report.transcript);
    entries
        .filter(|entry| entry.who.starts_with("peer") && matches!(entry.what, Event::Connects { .. }))
        .count()
}

/// The connections and the bytes that the checks had beyond one message for each start: all with one server, if it serves more than one client.
pub fn serve_a_crowd(lesson: &Lesson, program: &Path, clients: usize, bytes: u64) -> Result<()> {
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
pub fn exchange(lesson: &Lesson, program: &Path, arguments: &[String]) -> Result<()> {
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

pub fn start(program: &Path, arguments: &[&str]) -> Result<Child> {
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
pub fn ready_line(server: &mut Child) -> Result<String> {
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().context("piped")?).read_line(&mut line)?;
    match line.trim_end().strip_prefix("listening on ") {
        Some(named) => Ok(named.to_owned()),
        None => bail!("no ready line: {line}"),
    }
}

/// No loop here waits for ever for a program that says nothing.
pub const PATIENCE: Duration = Duration::from_secs(5);

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

pub fn end(mut program: Child) -> Result<()> {
    // It may have ended by itself.
    let _ = program.kill();
    program.wait()?;
    Ok(())
}
