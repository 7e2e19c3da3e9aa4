//! Output that is too much, that tries to be something else, or that holds up whoever reads it.

use std::fs::File;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::net::UnixStream;

use nix::libc;

use crate::Order;
use crate::said::sleep_for_ever;
use crate::server::say;
use crate::system::{self, call};

pub(crate) fn floods_stdout(order: &Order) {
    let _listener = listening(order);
    let line = [b"y\n".repeat(16 * 1024)].concat();
    while io::stdout().write_all(&line).is_ok() {}
}

pub(crate) fn floods_stderr(order: &Order) {
    let _listener = listening(order);
    let zeros = [0; 64 * 1024];
    while io::stderr().write_all(&zeros).is_ok() {}
}

pub(crate) fn floods_socket(order: &Order) {
    let Some((mut peer, _)) = listening(order).and_then(|listener| listener.accept().ok()) else {
        return;
    };
    while peer.write_all(&[b'h'; 64 * 1024]).is_ok() {}
    sleep_for_ever();
}

fn listening(order: &Order) -> Option<TcpListener> {
    let listener = TcpListener::bind(order.behind("--addr")?).ok()?;
    say(&format!("listening on {}\n", listener.local_addr().ok()?)).ok()?;
    Some(listener)
}

/// Words that a terminal, an XML reader, or a careless script might obey; then as a server whose output is wrong.
pub(crate) fn escapes(order: &Order) {
    let rude = b"\x1b]0;owned\x07\x1b[2J\xff\xc2\x9b31m\r\x08]]><script>::error::owned\n";
    let _ = io::stderr().write_all(rude);
    let _listener = listening(order);
    let _ = io::stdout().write_all(rude);
    std::process::abort();
}

pub(crate) fn closes_streams(_: &Order) {
    for fd in 0..3 {
        let _ = call(libc::SYS_close, [fd]);
    }
    sleep_for_ever();
}

/// A pipe is locked while splice(2) waits to fill it.
pub(crate) fn locks_stderr(_: &Order) {
    if let Ok((_ours, theirs)) = UnixStream::pair() {
        let from = i64::from(theirs.as_raw_fd());
        let _ = call(libc::SYS_splice, [from, 0, 2, 0, 65_536, 0]);
    }
}

/// Says to everybody who may listen that all is well.
pub(crate) fn forger(_: &Order) {
    let passed =
        r#"{"schema":1,"passed":16,"total":16,"lessons":[{"lesson":"lesson01","status":"passed","checks":[]}]}"#;
    let ended = r#"{"code":0,"signal":null,"processor_time":0,"peak_memory":0}"#;
    let answered = r#""Done""#;
    for fd in 0..1024 {
        for text in [passed, ended, answered] {
            #[expect(unsafe_code, reason = "descriptors are tried by their numbers")]
            // SAFETY: this process has opened none of them, and closes none.
            let mut file = std::mem::ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
            let _ = file.write_all(format!("{text}\n").as_bytes());
        }
    }
    system::exit();
}

/// Sends sockets over its stdout, which is one: whoever reads there closes them, and the end of these takes an hour.
pub(crate) fn lingers(order: &Order) {
    let (Ok(one), Ok(other)) = (reluctant_pair(), reluctant_pair()) else {
        return;
    };
    // One of the two orders in which they are closed is the one that takes long.
    let all = [&one.0, &one.1, &other.1, &other.0].map(AsRawFd::as_raw_fd);
    let _ = say_with(all);
    drop((one, other));
    let _listener = listening(order);
    sleep_for_ever();
}

/// Two ends of a connection, the first of which has something unsent and waits for it when it is closed.
fn reluctant_pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let ours = TcpStream::connect(listener.local_addr()?)?;
    let (theirs, _) = listener.accept()?;
    for end in [&ours, &theirs] {
        let linger = libc::linger {
            l_onoff: 1,
            l_linger: 3_600,
        };
        let (level, option) = (libc::SOL_SOCKET.into(), libc::SO_LINGER.into());
        let length = size_of::<libc::linger>() as i64;
        call(
            libc::SYS_setsockopt,
            [
                end.as_raw_fd().into(),
                level,
                option,
                (&raw const linger) as i64,
                length,
            ],
        )?;
    }
    ours.set_nonblocking(true)?;
    while (&ours).write(&[0; 64 * 1024]).is_ok() {}
    Ok((ours, theirs))
}

fn say_with(descriptors: [libc::c_int; 4]) -> io::Result<()> {
    #[repr(C)]
    struct Control {
        header: libc::cmsghdr,
        descriptors: [libc::c_int; 4],
    }
    let mut text = *b"listening";
    let mut part = libc::iovec {
        iov_base: text.as_mut_ptr().cast(),
        iov_len: text.len(),
    };
    let mut control = Control {
        header: libc::cmsghdr {
            cmsg_len: size_of::<Control>(),
            cmsg_level: libc::SOL_SOCKET,
            cmsg_type: libc::SCM_RIGHTS,
        },
        descriptors,
    };
    #[expect(unsafe_code, reason = "a message header is plain data")]
    // SAFETY: all zero is a valid header.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = &raw mut part;
    header.msg_iovlen = 1;
    header.msg_control = (&raw mut control).cast();
    header.msg_controllen = size_of::<Control>();
    call(libc::SYS_sendmsg, [1, (&raw const header) as i64, 0]).map(drop)
}
