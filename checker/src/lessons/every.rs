//! The checks that every lesson has.

use std::ops::Deref;

use crate::bench::{Bench, Running};
use crate::verdict::{Finding, Hint, Kind, Step};

/// usage, of the lessons that meet at an address
pub(super) fn usage(bench: &mut Bench) -> Step {
    usage_refusing(bench, MALFORMED_ADDRESSES)
}

pub(super) const MALFORMED_ADDRESSES: &[&[&str]] = &[
    &["server", "--addr", "nonsense"],
    &["server", "--addr", "127.0.0.1:99999"],
    &["client", "--addr", "127.0.0.1"],
];

/// usage: these command lines are refused too, besides an unknown role and an unknown flag.
pub(super) fn usage_refusing(bench: &mut Bench, malformed: &[&[&str]]) -> Step {
    let unknown_role = bench.words.word();
    let unknown: [&[&str]; 3] = [
        &[unknown_role.as_str()],
        &["server", "--no-such-flag"],
        &["client", "--no-such-flag"],
    ];
    for arguments in unknown.iter().chain(malformed) {
        let program = bench.run("program", arguments)?;
        program.ends_input()?;
        program.refuses_its_arguments().hint(
            "wrong usage is told apart from a failure by its exit code: print the usage on stderr and exit with 2",
        )?;
    }
    let program = bench.run("program", &[])?;
    program.ends_input()?;
    let brief = program
        .first_line("its brief")
        .hint("with no role the program prints what the lesson is about on stdout and exits with 0")?;
    let rest = program.remaining_output()?;
    program.exits(0)?;
    if [brief, rest].concat().trim_ascii().is_empty() {
        return Finding::new(Kind::MissingOutput, "the brief is empty").stop();
    }
    Ok(())
}

/// client/no-server
pub(super) fn no_server(bench: &mut Bench) -> Step {
    let nobody = bench.nobody()?;
    let client = bench.client(nobody.addr)?;
    client
        .fails_naming(&nobody.addr.to_string())
        .hint("`connect` says `Connection refused`: end with an error that names the address, and a non-zero exit code")
}

/// server/leaks-nothing: after 100 more clients, who come and go in these ways by turns, no more descriptors are open.
pub(super) fn leaks_nothing<S: Deref<Target = Running>>(
    bench: &mut Bench,
    server: &S,
    ways: &[fn(&mut Bench, &S) -> Step],
) -> Step {
    let mut clients = ways.iter().cycle();
    // The first ten let a runtime open what it wants to keep.
    for comes_and_goes in clients.by_ref().take(10) {
        comes_and_goes(bench, server)?;
    }
    server.comes_to_rest()?;
    let before = server.open_descriptors()?;
    for comes_and_goes in clients.take(100) {
        comes_and_goes(bench, server)?;
    }
    server
        .holds_no_more_descriptors_than(before)
        .hint("close each client's socket, however its conversation ended: by `q`, by end-of-file or by an error")
}
