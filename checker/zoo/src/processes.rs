//! Too many processes, processes that hide, processes that do not die, processes that kill.

use std::io;

use nix::libc;

use crate::Order;
use crate::said::{pause, sleep_for_ever, tried};
use crate::system::{self, call};

/// More than a jail lets through, and few enough for a machine that has to bear them.
const MANY: usize = 1_500;

/// Children that do nothing but be there.
pub(crate) fn fork_bomb(_: &Order) {
    let bomb = (0..MANY).try_for_each(|_| {
        if system::fork()? {
            sleep_for_ever();
        }
        Ok::<(), io::Error>(())
    });
    tried("processes/1500", bomb);
}

/// Processes that are children of somebody else before they can be looked at: each lives just long enough to make the next.
pub(crate) fn fork_storm(_: &Order) {
    for _ in 0..8 {
        if let Ok(true) = system::fork() {
            // Not for ever: where nobody counts them, their bodies would use up the numbers of the machine.
            for _ in 0..400 {
                match system::fork() {
                    Ok(true) => {}
                    Ok(false) => system::exit(),
                    Err(_) => pause(1),
                }
            }
            sleep_for_ever();
        }
    }
}

pub(crate) fn thread_bomb(_: &Order) {
    let bomb = (0..MANY).try_for_each(|_| {
        let thread = std::thread::Builder::new().stack_size(16 * 1024);
        thread.spawn(|| sleep_for_ever()).map(drop)
    });
    tried("threads/1500", bomb);
}

/// A grandchild in a session of its own, with another environment, that holds the pipes.
pub(crate) fn daemon(_: &Order) {
    if let Ok(true) = system::fork() {
        tried("session/own", call(libc::SYS_setsid, []));
        tried(
            "group/own",
            call(libc::SYS_setpgid, [0, 0]).or_else(|error| {
                // The leader of a session may not, and needs not.
                if error.raw_os_error() == Some(libc::EPERM)
                    && call(libc::SYS_getsid, [0])? == call(libc::SYS_getpid, [])?
                {
                    return Ok(0);
                }
                Err(error)
            }),
        );
        if let Ok(true) = system::fork() {
            forget_the_environment();
            sleep_for_ever();
        }
        system::exit();
    }
    // Its words come first.
    let _ = call(libc::SYS_wait4, [-1, 0, 0]);
}

/// A mark in the environment is seen by others only as long as it stands where the process was given it.
fn forget_the_environment() {
    #[expect(
        unsafe_code,
        reason = "the strings of the environment lie where the kernel has put them"
    )]
    // SAFETY: this process has one thread, and each entry ends with a zero byte; nobody reads the environment hereafter.
    unsafe {
        unsafe extern "C" {
            static environ: *const *mut libc::c_char;
        }
        let mut entry = environ;
        while !entry.is_null() && !(*entry).is_null() {
            let length = libc::strlen(*entry);
            std::ptr::write_bytes(*entry, b'x', length);
            entry = entry.add(1);
        }
    }
}

/// Serves, and does not end for any signal that can be ignored.
pub(crate) fn deaf(order: &Order) {
    for signal in 1..32 {
        system::ignore(signal);
    }
    let _ = crate::server::serve(order);
    sleep_for_ever();
}

/// Everybody, the one that started it, and the first process of all.
pub(crate) fn kills_all(_: &Order) {
    let parent = call(libc::SYS_getppid, []).unwrap_or(1);
    for signal in [libc::SIGSTOP, libc::SIGTERM, libc::SIGKILL] {
        for target in [-1, parent, 1] {
            let _ = call(libc::SYS_kill, [target, signal.into()]);
        }
    }
}

pub(crate) fn stops_itself(_: &Order) {
    let own = call(libc::SYS_getpid, []).unwrap_or_default();
    let _ = call(libc::SYS_kill, [own, libc::SIGSTOP.into()]);
}

pub(crate) fn stops_its_group(_: &Order) {
    if let Ok(true) = system::fork() {
        sleep_for_ever();
    }
    let _ = call(libc::SYS_kill, [0, libc::SIGSTOP.into()]);
}
