//! Two programs in one jail, with a script of what is typed for them.

use std::ffi::OsString;

use super::placeholder::filled_in;
use super::script::{End, Line, Typing};
use crate::bench::{Bench, Running, Server};
use crate::verdict::Step;

/// The ends of a lesson's program.
pub(super) fn of_lesson(bench: &mut Bench, script: &[Line]) -> Step {
    // Lesson 8 fails without it.
    let secret = bench.words.word();
    bench.sets("LESSON08_SECRET", secret);
    let server = bench.server()?;
    let client = bench.client(server.addr)?;
    talk(&server, &client, script)
}

/// Any two programs. In the client's words `{addr}`, `{host}` and `{port}` stand for where the server can be reached.
pub(super) fn any(bench: &mut Bench, server: &[OsString], client: &[OsString], script: &[Line]) -> Step {
    let server = bench.any_server(server)?;
    let client: Vec<OsString> = client.iter().map(|word| filled_in(word, server.addr)).collect();
    let client = bench.any_program("client", &client)?;
    talk(&server, &client, script)
}

fn talk(server: &Server, client: &Running, script: &[Line]) -> Step {
    come_to_rest(server, client)?;
    for Line { end, types } in script {
        let program: &Running = match end {
            End::Client => client,
            End::Server => server,
        };
        match types {
            Typing::Line(line) => program.types_if_it_runs(line)?,
            Typing::EndOfInput => program.ends_input()?,
        }
        come_to_rest(server, client)?;
    }
    if client.still_runs().is_ok() {
        client.ends_input()?;
    }
    client.ends("end")?;
    come_to_rest(server, client)
}

/// What one of them sends may wake the other.
fn come_to_rest(server: &Server, client: &Running) -> Step {
    for program in [client, server, client, server] {
        program.comes_to_rest()?;
    }
    Ok(())
}
