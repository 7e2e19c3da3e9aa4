//! The checks that every lesson has.

use crate::bench::Bench;
use crate::verdict::{Finding, Hint, Kind, Step};

/// usage
pub(super) fn usage(bench: &mut Bench) -> Step {
    let unknown_role = bench.words.word();
    for arguments in [
        &[unknown_role.as_str()][..],
        &["server", "--no-such-flag"],
        &["client", "--no-such-flag"],
        &["server", "--addr", "nonsense"],
        &["server", "--addr", "127.0.0.1:99999"],
        &["client", "--addr", "127.0.0.1"],
    ] {
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
