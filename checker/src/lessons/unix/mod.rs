//! Lesson 6, AF_UNIX: lesson 3 at a path of the file system, with what the kernel knows of the two ends.
//!
//! All files live in the private folder of one check. The server greets first, so every peer takes its greeting before it speaks; what the
//! greeting says is judged by `server/knows-its-peer` and `together` alone.

mod client;
mod path;
mod server;

use super::every;
use crate::bench::{Bench, Running};
use crate::course::{Check, Lesson};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

pub const LESSON: Lesson = Lesson {
    id: "lesson06",
    folder: "06-unix",
    title: "AF_UNIX: talking on one machine",
    checks: &[
        Check::new("usage", "says how it is used, and what the lesson is about", usage),
        Check::new(
            "server/listens-at-the-path",
            "can be reached at its path as soon as it says so",
            server::listens_at_the_path,
        ),
        Check::new(
            "server/keeps-others-out",
            "lets only its owner use the socket file, once it says that it listens",
            path::keeps_others_out,
        ),
        Check::new(
            "server/knows-its-peer",
            "greets and logs each client process with its real pid and uid",
            server::knows_its_peer,
        ),
        Check::new(
            "server/shouts-back",
            "prints each line as it came, and answers it with its shout",
            server::shouts_back,
        ),
        Check::new(
            "server/split-and-glued",
            "answers a line that comes in pieces, and three lines that come at once",
            server::split_and_glued,
        ),
        Check::new(
            "server/last-line",
            "answers a last line that end-of-file ends",
            server::last_line,
        ),
        Check::new(
            "server/quit-is-exact",
            "ends a client at ` q `, and at nothing that only looks like it",
            server::quit_is_exact,
        ),
        Check::new(
            "server/next-client",
            "serves the next client, however the one before has left",
            server::next_client,
        ),
        Check::new(
            "server/patient",
            "still serves a client that was silent for a second",
            server::patient,
        )
        .waits(),
        Check::new(
            "server/leaks-nothing",
            "holds no more descriptors after 100 more clients",
            server::leaks_nothing,
        ),
        Check::new(
            "server/left-over-socket",
            "replaces a socket file that no one listens on",
            path::left_over_socket,
        ),
        Check::new(
            "server/live-socket",
            "fails where another server listens, and leaves it alone",
            path::live_socket,
        ),
        Check::new(
            "server/busy-socket",
            "fails where a server listens that is too busy to answer",
            path::busy_socket,
        ),
        Check::new(
            "server/no-socket",
            "fails where something else stands, and leaves it as it is",
            path::no_socket,
        ),
        Check::new(
            "server/tidies-up",
            "removes its socket file and exits with 0 at SIGTERM and SIGINT",
            path::tidies_up,
        ),
        Check::new(
            "server/path-too-long",
            "fails at a path that is too long for a socket, and names it",
            path::path_too_long,
        ),
        Check::new(
            "client/greeting-and-turns",
            "prints the greeting, then sends a line, prints the answer, and only then sends the next",
            client::greeting_and_turns,
        ),
        Check::new(
            "client/split-and-glued",
            "takes a greeting that comes in pieces, and a reply that comes with it",
            client::split_and_glued,
        ),
        Check::new(
            "client/quits",
            "sends `Q` when it is typed and when its stdin ends, and exits with 0",
            client::quits,
        ),
        Check::new(
            "client/server-closes",
            "exits with 0 when the server goes away in place of the greeting or of a reply",
            client::server_closes,
        ),
        Check::new(
            "client/no-server",
            "fails when nobody listens, names the path, and leaves it as it is",
            client::no_server,
        ),
        Check::new("together", "serves its own client, and knows its pid", together),
    ],
};

/// usage
fn usage(bench: &mut Bench) -> Step {
    let path = bench.free_path()?.display().to_string();
    every::usage_refusing(bench, ["--path", &path], &[])
}

/// together
fn together(bench: &mut Bench) -> Step {
    let path = bench.free_path()?;
    let server = bench.server_at(&path)?;
    let client = bench.client_at(&path)?;
    let greeting = client.first_line("the greeting `hello pid=P uid=U`").hint(BOTH_ENDS)?;
    let who = greeted_as(&client, &greeting)?;
    server.prints(&format!("connected {who}")).hint(BOTH_ENDS)?;
    for _ in 0..2 {
        let line = bench.words.line();
        client.types(&line)?;
        client.prints(&line.to_ascii_uppercase()).hint(BOTH_ENDS)?;
        server.prints(&line).hint(BOTH_ENDS)?;
    }
    client.types("q")?;
    client.exits(0).hint(BOTH_ENDS)?;
    server.prints(&format!("disconnected {who}")).hint(BOTH_ENDS)
}

/// The `pid=P uid=U` of a greeting that names a process of this client, which still runs.
fn greeted_as(client: &Running, greeting: &[u8]) -> Step<String> {
    let text = String::from_utf8_lossy(greeting);
    let who = text.strip_prefix("hello ").unwrap_or_default();
    let pid = who
        .strip_prefix("pid=")
        .and_then(|rest| rest.split(' ').next())
        .and_then(|pid| pid.parse::<i32>().ok());
    match pid {
        Some(pid) if client.has_process(pid) => Ok(who.to_owned()),
        _ => Finding::new(Kind::WrongOutput, "the greeting does not name the client's process")
            .expected(quoted(format!("hello {}", client.credentials()?).as_bytes()))
            .actual(quoted(greeting))
            .stop()
            .hint(ASK_THE_KERNEL),
    }
}

const BOTH_ENDS: &str = "the server greets, the client prints and then speaks, the server prints and answers: the checks of either side alone say which of the two \
     does not keep to it";
const ASK_THE_KERNEL: &str =
    "the kernel knows who connected: ask the accepted socket for `SO_PEERCRED`, not your own process or the client";
