//! All that a check has in its hands. A check never touches `std::net`, `std::process` or the clock itself.

mod attended;
mod beside;
mod closing;
mod crash;
mod ending;
mod exhausted;
mod ground;
mod holding;
mod idle;
mod listening;
mod pages;
mod peer;
mod printed;
mod queues;
mod recording;
mod running;
mod script;
mod sockets;
mod stage;
mod standing;
mod talk;
mod tcp;
mod tree;
mod udp;
mod unheard;
mod unix;
mod vigil;
mod words;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix::sys::socket::SockFlag;

pub use pages::Pages;
pub use peer::{End, Link, Peer};
pub use recording::{Keeps, Wire};
pub use running::{PathServer, Running, Server};
pub use sockets::Nobody;
pub use standing::Standing;
pub use talk::{Farewell, Talk};
pub use tcp::{TcpHost, TcpLink, TcpPeer};
pub use udp::{Datagram, RefusedUdpPort, UdpPeer};
pub use unix::{BusyUnixHost, UnixHost, UnixLink, UnixPeer};
pub use words::{Words, shout};

use crate::jail::{self, Play, Walls};
use crate::quote::quoted;
use crate::transcript::{Entry, Event};
use crate::verdict::{Finding, Kind, OrTrouble, Step, Stop};
use crate::wire::Part;
use attended::Attended;
use ground::Ground;
use stage::Stage;

/// A start may take so many times the longest single wait: a runtime needs seconds for it on a busy machine.
pub const STARTUP: u32 = 4;

/// The name of a process of our own that plays a client.
const CLIENT_PROCESS: &str = "client process";

/// No socket of ours is to be inherited by a program that another check starts at the same moment.
#[cfg(target_os = "linux")]
const CLOEXEC: SockFlag = SockFlag::SOCK_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const CLOEXEC: SockFlag = SockFlag::empty();

/// What is graded: the words of a command line, to which role and flags are appended.
#[derive(Debug, Clone)]
pub struct Program {
    command: Vec<OsString>,
    /// What of the host it needs.
    shown: Vec<PathBuf>,
    /// A server of it was once waited for in vain, for as long as a start may take: other checks no longer wait that long.
    never_ready: Arc<AtomicBool>,
}

impl Program {
    pub fn new(command: Vec<OsString>) -> Self {
        Program {
            shown: jail::needs(&command),
            command,
            never_ready: Arc::default(),
        }
    }
}

/// One run of one check.
#[derive(Debug)]
pub struct Bench {
    program: Program,
    stage: Rc<Stage>,
    /// What to say, drawn from the seed.
    pub words: Words,
    peers: usize,
    environment: Vec<(&'static str, OsString)>,
}

impl Bench {
    /// `checker` is the checker's own executable; `walls` are those of every check, to which the program's needs are added.
    pub fn new(
        program: Program,
        words: Words,
        timeout: Duration,
        checker: PathBuf,
        mut walls: Walls,
        keeps: Keeps,
    ) -> Self {
        walls.shown.extend(program.shown.iter().cloned());
        Bench {
            program,
            stage: Rc::new(Stage::new(timeout, Ground::new(checker, walls), keeps)),
            words,
            peers: 0,
            environment: Vec::new(),
        }
    }

    /// What was observed, once the check is over, and what was on the wire, where that can be recorded.
    pub fn into_observations(self) -> (Vec<Entry>, Option<Wire>) {
        (self.stage.entries(), self.stage.wire())
    }

    /// The bytes that were said to programs over streams.
    pub fn said(&self) -> u64 {
        self.stage.said()
    }

    // --- programs ---

    /// Starts the server on a free port of 127.0.0.1 and waits for its ready line.
    pub fn server(&mut self) -> Step<Server> {
        self.server_on("127.0.0.1:0")
    }

    /// Starts the server on `addr` and waits for its ready line, which must name an address that can be connected to.
    pub fn server_on(&mut self, addr: &str) -> Step<Server> {
        self.server_with(addr, &[])
    }

    /// Like [`Bench::server_on`], with further flags.
    pub fn server_with(&mut self, addr: &str, flags: &[&str]) -> Step<Server> {
        let running = self.run("server", &[&["server", "--addr", addr], flags].concat())?;
        let said = self.ready(&running)?;
        let finding = |what: &str| {
            Finding::new(Kind::NotReady, what)
                .expected(format!("`listening on IP:PORT`, the address got for `{addr}`"))
                .actual(quoted(said.as_bytes()))
        };
        let Ok(bound) = said.parse::<SocketAddr>() else {
            return finding("the ready line names no address").stop();
        };
        if bound.port() == 0 {
            return finding("the ready line names port 0: ask the socket for its local address").stop();
        }
        // What was asked for by number must be what is named.
        let asked = addr.parse::<SocketAddr>().or_trouble("reading an address")?;
        if bound.ip() != asked.ip() || (asked.port() != 0 && bound.port() != asked.port()) {
            return finding("the ready line names another address than the one asked for").stop();
        }
        self.stage.introduces(bound, "server", Part::Program);
        Ok(Server::new(running, bound))
    }

    /// What the ready line names.
    fn ready(&self, running: &Running) -> Step<String> {
        let limit = match self.program.never_ready.load(Ordering::Relaxed) {
            true => self.stage.timeout,
            false => self.stage.timeout * STARTUP,
        };
        running.ready("listening on ", limit).inspect_err(|stop| {
            let silent = matches!(stop, Stop::Finding(finding) if finding.kind == Kind::NotReady);
            self.program.never_ready.fetch_or(silent, Ordering::Relaxed);
        })
    }

    /// Starts the server on `addr`, where it is to fail.
    pub fn server_that_fails(&mut self, addr: SocketAddr) -> Step<Running> {
        self.run("second server", &["server", "--addr", &addr.to_string()])
    }

    /// Starts the client towards `addr`.
    pub fn client(&mut self, addr: SocketAddr) -> Step<Running> {
        self.run("client", &["client", "--addr", &addr.to_string()])
    }

    /// Starts the server at `path`, with `--path`, and waits for its ready line, which must name this path.
    pub fn server_at(&mut self, path: &Path) -> Step<PathServer> {
        let shown = path.display().to_string();
        let running = self.run("server", &["server", "--path", &shown])?;
        let said = self.ready(&running)?;
        if said != shown {
            return Finding::new(
                Kind::NotReady,
                "the ready line names another path than the one asked for",
            )
            .expected(format!("`listening on {shown}`"))
            .actual(quoted(said.as_bytes()))
            .stop();
        }
        Ok(PathServer::new(running, path.to_path_buf()))
    }

    /// Starts the server at `path`, where it is to fail; `who` is its name in the transcript.
    pub fn server_that_fails_at(&mut self, who: &str, path: &Path) -> Step<Running> {
        self.run(who, &["server", "--path", &path.display().to_string()])
    }

    /// Starts the client towards `path`, with `--path`.
    pub fn client_at(&mut self, path: &Path) -> Step<Running> {
        self.run("client", &["client", "--path", &path.display().to_string()])
    }

    /// What every program that is started from now on finds in its environment; starting anew with the same name replaces the value.
    pub fn sets(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.environment.retain(|(set, _)| *set != name);
        self.environment.push((name, value.into()));
    }

    /// What no program that is started from now on finds in its environment.
    pub fn unsets(&mut self, name: &str) {
        self.environment.retain(|(set, _)| *set != name);
    }

    /// Starts the program with these arguments; `who` is its name in the transcript.
    pub fn run(&mut self, who: &str, arguments: &[&str]) -> Step<Running> {
        self.stage.record(
            "checker",
            Event::Starts {
                program: who.to_owned(),
                arguments: arguments.join(" "),
            },
        );
        let mut argv = self.program.command.clone();
        argv.extend(arguments.iter().map(OsString::from));
        self.start(who, &Play::Command(&argv))
    }

    /// Starts a process of our own that connects to the server, so that the kernel names its pid as the client's: what is typed goes there, what
    /// comes back is printed.
    pub fn client_process(&mut self, server: &PathServer) -> Step<Running> {
        self.stage.record(
            "checker",
            format!("starts a client process that connects to {}", server.path.display()),
        );
        self.start(CLIENT_PROCESS, &Play::Relay(&server.path))
    }

    fn start(&self, who: &str, play: &Play<'_>) -> Step<Running> {
        let jail = self.stage.jail()?;
        let child = match closing::while_starting(|| jail.start(play, &self.environment)) {
            Ok(child) => child,
            Err(error)
                if error.kind() == std::io::ErrorKind::PermissionDenied
                    && jail.user() != nix::unistd::geteuid().as_raw()
                    && script::is_closed_to_others(Path::new(&self.program.command[0])) =>
            {
                let file = self.program.command[0].display();
                let doing = format!(
                    "starting the program as user {}: `chmod a+rx {file}`, and every folder above it",
                    jail.user()
                );
                return Err(error).or_trouble(&doing);
            }
            Err(error) if is_the_programs_fault(&error) => {
                let file = Path::new(&self.program.command[0]);
                let why = script::refusal(file, &error).unwrap_or_else(|| error.to_string());
                return Finding::new(Kind::EndedEarly, format!("the program can't be started: {why}"))
                    .actual(format!("`{}`", file.display()))
                    .stop();
            }
            Err(error) => return Err(error).or_trouble("starting the program"),
        };
        Ok(Running::new(
            Rc::clone(&self.stage),
            Attended::new(who.to_owned(), child),
        ))
    }

    /// Lets time pass where the contract itself speaks of it (a patient second), attending to the programs meanwhile.
    pub fn elapse(&self, span: Duration) -> Step {
        self.stage.record("checker", Event::LetsPass(span));
        self.stage.elapse(span)
    }

    /// This moment, for a time limit that the contract itself names.
    pub fn now(&self) -> Instant {
        Instant::now()
    }
}

/// Whether the file that was to be run is to blame: no such file, not executable, no known format.
fn is_the_programs_fault(error: &std::io::Error) -> bool {
    use nix::libc::{EACCES, ENOENT, ENOEXEC, ENOTDIR};
    matches!(error.raw_os_error(), Some(ENOENT | EACCES | ENOEXEC | ENOTDIR))
}
