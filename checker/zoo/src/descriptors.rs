//! More open files than anybody needs.

use std::fs::File;
use std::io;
use std::mem::forget;

use crate::Order;
use crate::said::tried;

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
