//! More memory than anybody needs, by each way to it.

use std::io;

use nix::libc;

use crate::Order;
use crate::said::tried;
use crate::system::{self, at, call, text};

const MANY: usize = 3 << 30;
const CHUNK: usize = 64 << 20;
/// So much is really used; the rest is only reserved.
const TOUCHED: usize = 512 << 20;

pub(crate) fn hog(_: &Order) {
    // A limit is to be an error, not an end.
    system::ignore(libc::SIGXFSZ);
    // Where it can't be read, nothing is told.
    if let Ok(adjustment) = std::fs::read_to_string("/proc/self/oom_score_adj") {
        let spared = match adjustment.trim() == "1000" {
            true => Err(io::Error::other("it goes first")),
            false => Ok(()),
        };
        tried("memory/spared", spared);
    }
    tried("memory/shared", map(MANY, libc::MAP_SHARED));
    tried("memory/private", private());
    tried("memory/segment", call(libc::SYS_shmget, [0, MANY as i64, 0o600]));
    tried("memory/file", file());
    tried(
        "memory/locked",
        map(CHUNK, libc::MAP_PRIVATE).and_then(|at| call(libc::SYS_mlock, [at, CHUNK as i64])),
    );
    tried("semaphores", call(libc::SYS_semget, [0, 1, 0o600]));
    tried("message-queue", call(libc::SYS_msgget, [0, 0o600]));
    let queue = text("zoo");
    let mode = i64::from(libc::O_CREAT | libc::O_RDWR);
    tried(
        "message-queue/posix",
        call(libc::SYS_mq_open, [at(&queue), mode, 0o600, 0]),
    );
}

fn private() -> io::Result<()> {
    for chunk in 0..MANY / CHUNK {
        let begin = map(CHUNK, libc::MAP_PRIVATE)?;
        if chunk * CHUNK < TOUCHED {
            // MADV_POPULATE_WRITE
            call(libc::SYS_madvise, [begin, CHUNK as i64, 23])?;
        }
    }
    Ok(())
}

fn map(length: usize, kind: libc::c_int) -> io::Result<i64> {
    let rights = i64::from(libc::PROT_READ | libc::PROT_WRITE);
    call(
        libc::SYS_mmap,
        [0, length as i64, rights, i64::from(kind | libc::MAP_ANONYMOUS), -1, 0],
    )
}

fn file() -> io::Result<()> {
    let name = text("zoo");
    let file = call(libc::SYS_memfd_create, [at(&name), 0])?;
    call(libc::SYS_ftruncate, [file, MANY as i64]).map(drop)
}
