//! The checks that every lesson has.

use crate::bench::{Bench, Server};
use crate::verdict::{Finding, Hint, Kind, Step};

/// usage, of the lessons that meet at an address
pub(super) fn usage(bench: &mut Bench) -> Step {
    usage_refusing(bench, A_FREE_PORT, MALFORMED_ADDRESSES)
}

pub(super) const A_FREE_PORT: [&str; 2] = ["--addr", "127.0.0.1:0"];

pub(super) const MALFORMED_ADDRESSES: &[&[&str]] = &[
    &["server", "--addr", "nonsense"],
    &["server", "--addr", "127.0.0.1:99999"],
    &["client", "--addr", "127.0.0.1"],
];

/// usage: these command lines are refused too, besides an unknown role and an unknown flag.
///
/// The two ends would meet at `place`: a program that passes over what it does not know is not to come to the place that it has by default.
pub(super) fn usage_refusing(bench: &mut Bench, place: [&str; 2], malformed: &[&[&str]]) -> Step {
    let unknown_role = bench.words.word();
    let unknown: [&[&str]; 3] = [
        &[unknown_role.as_str()],
        &["server", place[0], place[1], "--no-such-flag"],
        &["client", place[0], place[1], "--no-such-flag"],
    ];
    for arguments in unknown.iter().chain(malformed) {
        let program = bench.run("program", arguments)?;
        program.ends_input()?;
        program.refuses(arguments).hint(
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

pub(super) const LEAVE_THE_FIRST_ITS_ADDRESS: &str = "the second server must not take the address away from the first";

/// server/port-in-use, as far as it is the same everywhere: a second server at the address of the first fails, and names it.
pub(super) fn a_second_server_fails(bench: &mut Bench, first: &Server) -> Step {
    let second = bench.server_that_fails(first.addr)?;
    second.fails_naming(&first.addr.to_string()).hint(
        "`bind` says `Address already in use`: end with an error that names the address, and a non-zero exit code",
    )
}

/// server/starts-again, as far as it is the same everywhere: one that has ended is started on its address at once.
pub(super) fn started_again(bench: &mut Bench, ended: &Server) -> Step<Server> {
    bench
        .server_on(&ended.addr.to_string())
        .hint("a closed connection lingers in TIME-WAIT: set SO_REUSEADDR before `bind`")
}
