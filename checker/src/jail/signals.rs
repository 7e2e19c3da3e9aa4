//! What a program is to find of signals when it begins.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

/// As a shell leaves them that starts a program in the foreground. It inherits ours otherwise: blocked, since a thread of the checker waits for
/// them, SIGPIPE ignored, and SIGINT too where the checker itself was started in the background.
///
/// May be called between `fork` and `exec`: it makes two kinds of system calls, and nothing else.
pub(super) fn restore() -> nix::Result<()> {
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    for signal in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGPIPE,
        Signal::SIGCHLD,
    ] {
        // SAFETY: the default action runs no code of ours.
        #[expect(unsafe_code, reason = "actions of signals are set by an unsafe call")]
        unsafe { sigaction(signal, &default) }?;
    }
    SigSet::empty().thread_set_mask()
}
