//! The walls of a jail, tried from inside by shell commands.
#![cfg(target_os = "linux")]

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::rc::Rc;

use checker::jail::{Child, Exit, Jail, Level, Limits, Play, Walls};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");

fn jail(level: Level) -> Rc<Jail> {
    let walls = Walls::new(level, Limits::default());
    Rc::new(Jail::build(Path::new(CHECKER), walls).expect("a jail"))
}

/// Runs a shell command to its end: how it ended, and what it said.
fn shell(jail: &Rc<Jail>, command: &str) -> (Exit, String) {
    let argv: Vec<OsString> = ["sh", "-c", command].map(OsString::from).into();
    let child = jail.start(&Play::Command(&argv), &[]).expect("a shell");
    ended(child)
}

fn ended(mut child: Child) -> (Exit, String) {
    drop(child.stdin.take());
    let mut said = Vec::new();
    for mut stream in [child.stdout.take(), child.stderr.take()].into_iter().flatten() {
        nix::fcntl::fcntl(&stream, nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::empty())).expect("a pipe");
        stream.read_to_end(&mut said).expect("a pipe");
    }
    poll(
        &mut [PollFd::new(child.ended(), PollFlags::POLLIN)],
        PollTimeout::from(20_000_u16),
    )
    .expect("poll");
    (
        child.exit().expect("it has ended"),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn try_it() {
    for level in [Level::Full, Level::Reduced] {
        let begin = std::time::Instant::now();
        let jail = jail(level);
        println!("{level:?} built in {:?}", begin.elapsed());
        for command in [
            "id; ls -la /; cat /proc/self/status | grep -E 'Cap|NoNewPrivs|Seccomp'",
            "ps ax 2>&1 | tail -5; ls /proc | head -50 | tr '\\n' ' '",
            "ls /root /home /work 2>&1; ls /dev; mount | head -30; env",
            "python3 -c 'import socket; s=socket.socket(); s.bind((\"127.0.0.1\",0)); print(s.getsockname())' 2>&1",
            "touch /x /usr/x /tmp/x; ls -la /tmp; ulimit -a",
            "cat /etc/shadow /etc/passwd 2>&1; ip a 2>&1; hostname 2>&1",
        ] {
            let begin = std::time::Instant::now();
            let (exit, said) = shell(&jail, command);
            println!("--- {command}: {exit} in {:?}\n{said}", begin.elapsed());
        }
        let begin = std::time::Instant::now();
        drop(jail);
        println!("gone in {:?}", begin.elapsed());
    }
}
