//! More open files than anybody needs, and files that somebody else has opened.

use std::fs::File;
use std::io;
use std::mem::forget;

use nix::libc;

use crate::Order;
use crate::said::tried;
use crate::system::call;

/// Those that somebody before it has left open.
pub(crate) fn inherits(_: &Order) {
    let open = (3..1024).find(|&number| call(libc::SYS_fcntl, [number, libc::F_GETFD.into()]).is_ok());
    let nobody = || io::Error::from_raw_os_error(libc::EBADF);
    tried("descriptors/inherited", open.ok_or_else(nobody));
}

pub(crate) fn ten_thousand(_: &Order) {
    let mut kept = Vec::new();
    let opened = (0..10_000).try_for_each(|_| {
        kept.push(File::open("/dev/null")?);
        Ok::<(), io::Error>(())
    });
    // The last ones are let go: the server below needs some.
    kept.truncate(900);
    tried("descriptors/10000", opened);
    forget(kept);
}
