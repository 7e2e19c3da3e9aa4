//! System calls by their number: a library would refuse some of what is tried here before the kernel sees it.

use std::ffi::CString;
use std::io;

use nix::libc::{self, c_long};

/// `syscall(2)`.
pub(crate) fn call<const N: usize>(number: c_long, arguments: [c_long; N]) -> io::Result<c_long> {
    let mut all = [0; 6];
    all[..N].copy_from_slice(&arguments);
    let [a, b, c, d, e, f] = all;
    #[expect(unsafe_code, reason = "the zoo calls the kernel by itself")]
    // SAFETY: none is promised: every caller passes numbers, null, or pointers that outlive the call, and a failure harms this process alone.
    match unsafe { libc::syscall(number, a, b, c, d, e, f) } {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// A copy of this process; `true` in the copy.
pub(crate) fn fork() -> io::Result<bool> {
    call(libc::SYS_clone, [libc::SIGCHLD.into()]).map(|pid| pid == 0)
}

/// Ends this process at once.
pub(crate) fn exit() -> ! {
    loop {
        let _ = call(libc::SYS_exit_group, [0]);
    }
}

/// What a pointer argument is made of.
pub(crate) fn text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

pub(crate) fn at(text: &CString) -> c_long {
    text.as_ptr() as c_long
}

/// Has a signal ignored.
pub(crate) fn ignore(signal: libc::c_int) {
    #[expect(unsafe_code, reason = "actions of signals are set by an unsafe call")]
    // SAFETY: no code of ours runs for an ignored signal.
    unsafe {
        libc::signal(signal, libc::SIG_IGN);
    }
}
