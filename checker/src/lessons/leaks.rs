//! Whether a server gives back what each of its clients made it take.

use std::ops::Deref;

use crate::bench::{Bench, Running};
use crate::verdict::{Hint, Step};

/// A client that comes to the server `S` and goes, in one of the ways there are.
pub(super) type Visit<S> = fn(&mut Bench, &S) -> Step;

/// After a hundred more visits the server holds no more descriptors than before them.
pub(super) fn leaks_nothing<S: Deref<Target = Running>>(bench: &mut Bench, server: &S, visits: &[Visit<S>]) -> Step {
    let mut visits = visits.iter().cycle();
    // The first ten let a runtime open what it wants to keep.
    for comes_and_goes in visits.by_ref().take(10) {
        comes_and_goes(bench, server)?;
    }
    server.comes_to_rest()?;
    let before = server.open_descriptors()?;
    for comes_and_goes in visits.take(100) {
        comes_and_goes(bench, server)?;
    }
    server
        .holds_no_more_descriptors_than(before)
        .hint("close each client's socket, however its conversation ended: properly, by end-of-file or by an error")
}
