//! The walls of a jail, looked at from inside by shell commands. What hostile programs do to them is the zoo's.
#![cfg(target_os = "linux")]

use std::ffi::OsString;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use checker::jail::{Child, Cut, Exit, Jail, Level, Limits, Play, Scratch, Walls, tried};
use checker::wire::{Record, Story, What};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{Backlog, SockaddrStorage, bind, connect, listen};

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");

/// A jail, and what its programs may write to outside of it.
struct Built {
    level: Level,
    jail: Rc<Jail>,
    // Dropped last.
    _scratch: Scratch,
}

/// A jail of each level that this machine lets us build; at least one.
fn jails() -> Vec<Built> {
    let levels = [Level::Full, Level::Reduced];
    let can_be_had = levels
        .into_iter()
        .filter(|&level| tried(Path::new(CHECKER), level).outcome.is_ok());
    let jails: Vec<_> = can_be_had.map(|level| built(level, Limits::default())).collect();
    assert!(
        !jails.is_empty(),
        "no jail can be built here: `checker doctor` says why"
    );
    jails
}

fn built(level: Level, limits: Limits) -> Built {
    let mut walls = Walls::new(level, limits);
    let scratch = Scratch::new(walls.user).expect("a folder to write to");
    walls.scratch = (level == Level::Reduced).then(|| scratch.path().to_path_buf());
    Built {
        level,
        jail: Rc::new(Jail::build(Path::new(CHECKER), walls).expect("a jail")),
        _scratch: scratch,
    }
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
fn the_environment_is_made_from_nothing() {
    for built in jails() {
        let (exit, said) = shell(&built.jail, "env | cut -d= -f1 | sort");
        assert_eq!(exit, Exit::Code(0), "{:?}: {said}", built.level);
        let mut names: Vec<&str> = said.lines().collect();
        // The shell's own, and the mark by which the warden knows whose a process is.
        names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_", "HANDSHAKE_PROGRAM"].contains(name));
        assert_eq!(
            names,
            ["HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "USER"],
            "{:?}",
            built.level
        );
    }
}

/// `/proc` can be read in a full jail alone, where it shows nothing of the host.
#[test]
fn a_program_has_no_rights() {
    for built in jails().into_iter().filter(|built| built.level == Level::Full) {
        let (_, said) = shell(&built.jail, "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status");
        let words: Vec<&str> = said.split_whitespace().collect();
        assert_eq!(
            words,
            ["CapEff:", "0000000000000000", "NoNewPrivs:", "1", "Seccomp:", "2"]
        );
    }
}

#[test]
fn the_largest_limits_let_a_program_start() {
    const LIMITS: Limits = Limits {
        memory: u64::MAX,
        processor_time: u64::MAX,
        processes: u64::MAX,
        descriptors: u64::MAX,
        disk: u64::MAX,
    };
    for Built { level, .. } in jails() {
        let built = built(level, LIMITS);
        let (exit, said) = shell(&built.jail, "echo started");
        assert_eq!((exit, said.as_str()), (Exit::Code(0), "started\n"), "{level:?}");
    }
}

#[test]
fn it_writes_to_its_own_folder_and_nowhere_else() {
    for built in jails() {
        let (exit, said) = shell(&built.jail, "echo kept > mine && cat mine");
        assert_eq!((exit, said.as_str()), (Exit::Code(0), "kept\n"), "{:?}", built.level);
        for path in ["/x", "/usr/x", "/etc/x", "/var/tmp/x", "/proc/sys/kernel/hostname"] {
            let (_, said) = shell(&built.jail, &format!("echo got > {path} && echo written"));
            assert!(!said.contains("written"), "{:?} {path}: {said}", built.level);
        }
    }
}

#[test]
fn the_home_folder_and_this_checkout_cannot_be_read() {
    let checkout = env!("CARGO_MANIFEST_DIR");
    for built in jails() {
        for path in [checkout, "/root", "/home"] {
            let (_, said) = shell(&built.jail, &format!("ls -A {path} | head -1"));
            let is_refused = ["No such file", "Permission denied", "cannot"]
                .iter()
                .any(|word| said.contains(word));
            assert!(is_refused || said.is_empty(), "{:?} {path}: {said}", built.level);
        }
    }
}

/// Nothing that others listen on is there, and it may have any port.
#[test]
fn a_full_jail_has_processes_and_a_network_of_its_own() {
    for built in jails().into_iter().filter(|built| built.level == Level::Full) {
        let (_, said) = shell(
            &built.jail,
            "ls /proc | grep -c '^[0-9]'; tail -n +3 /proc/net/dev | cut -d: -f1",
        );
        let words: Vec<&str> = said.split_whitespace().collect();
        // The warden, the shell, and the two ends of its pipe.
        let processes: u32 = words[0].parse().expect("a number");
        assert!(processes <= 4, "{said}");
        assert_eq!(words[1..], ["lo"]);
    }
}

/// Whatever a program has started ends with its jail.
#[test]
fn what_hides_from_its_parent_ends_with_the_jail() {
    for built in jails() {
        let (exit, said) = shell(&built.jail, "setsid sleep 3600 >/dev/null 2>&1 & exec echo started");
        assert_eq!((exit, said.as_str()), (Exit::Code(0), "started\n"), "{:?}", built.level);
        let user = built.jail.user();
        drop(built);
        assert_eq!(sleepers_of(user), 0);
    }
}

/// Processes of this user that run `sleep 3600`.
fn sleepers_of(user: u32) -> usize {
    use std::os::unix::fs::MetadataExt;
    let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
    processes
        .filter(|process| process.metadata().is_ok_and(|about| about.uid() == user))
        .filter(|process| std::fs::read(process.path().join("cmdline")).is_ok_and(|line| line == b"sleep\x003600\0"))
        .count()
}

/// What a filter leaves of packets of every kind is still read as what they were.
#[test]
fn packets_are_recorded_without_their_content() {
    for built in jails() {
        let Some(mut packets) = built.jail.packets(Cut::BehindHeaders).expect("packet(7)") else {
            // The network is the host's: nothing of it is ours to see.
            assert_ne!(built.level, Level::Full);
            continue;
        };
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let family = if host.starts_with('[') {
                libc::AF_INET6
            } else {
                libc::AF_INET
            };
            let socket = |kind| built.jail.socket(family, kind, 0).expect("a socket");
            let any = SockaddrStorage::from(host.parse::<SocketAddr>().expect("an address"));

            let udp = socket(libc::SOCK_DGRAM);
            bind(udp.as_raw_fd(), &any).expect("a port");
            let udp = UdpSocket::from(udp);
            udp.send_to(&[b'x'; 1000], udp.local_addr().expect("bound"))
                .expect("loopback");

            let listener = socket(libc::SOCK_STREAM);
            bind(listener.as_raw_fd(), &any).expect("a port");
            listen(&listener, Backlog::new(1).expect("small")).expect("a listener");
            let listener = TcpListener::from(listener);
            let client = socket(libc::SOCK_STREAM);
            let addr = listener.local_addr().expect("bound");
            connect(client.as_raw_fd(), &SockaddrStorage::from(addr)).expect("listening");
            let (mut server, _) = listener.accept().expect("connected");
            TcpStream::from(client).write_all(&[b'x'; 5000]).expect("connected");
            server.read_exact(&mut [0; 5000]).expect("sent");
        }
        let mut record = Record::default();
        assert_eq!(packets.take(|frame| record.push(Duration::ZERO, frame.bytes)), 0);
        let lengths = |what: &What| match what {
            What::Segment(segment) => segment.length,
            What::Datagram { length, .. } => *length,
            What::Refusal => 0,
        };
        let kept = record.packets().map(|packet| packet.bytes.len()).max();
        assert!(kept.is_some_and(|longest| longest <= 14 + 40 + 60), "{kept:?}");
        let story = Story::of(&record);
        let carried: Vec<usize> = story
            .steps
            .iter()
            .map(|step| lengths(&step.what))
            .filter(|&length| length > 0)
            .collect();
        assert_eq!(carried, [1000, 5000, 1000, 5000]);
        assert_eq!(story.conversations.len(), 4);
    }
}
