//! Lesson 2, quit: a chat in turns, line by line, which both sides know to end.

mod client;
mod server;

use super::chat::{QUIT_ENDS, client_end_of_input, client_quits, client_skips_empty_lines, glued_replies, split_reply};
use super::every;
use crate::bench::Bench;
use crate::course::{Check, Lesson};
use crate::verdict::{Hint, Step};

pub const LESSON: Lesson = Lesson {
    id: "lesson02",
    folder: "02-quit",
    title: "quit: a chat that ends",
    checks: &[
        Check::new(
            "usage",
            "says how it is used, and what the lesson is about",
            every::usage,
        ),
        Check::new(
            "server/takes-turns",
            "prints a line, sends a line, and sends nothing before its turn",
            server::server_takes_turns,
        ),
        Check::new(
            "server/peer-quits",
            "exits with 0 at the peer's `q`, while its stdin is still open",
            server::peer_quits,
        ),
        Check::new(
            "server/quits",
            "sends the `Q` of its stdin, then end-of-file, and exits with 0",
            server::server_quits,
        ),
        Check::new(
            "server/end-of-input",
            "sends `Q` when its stdin ends, and exits with 0",
            server::server_end_of_input,
        ),
        Check::new(
            "server/peer-vanishes",
            "exits with 0 when the peer closes without a `Q`",
            server::peer_vanishes,
        ),
        Check::new(
            "server/peer-resets",
            "exits with 0 when the peer resets between two lines",
            server::peer_resets,
        ),
        Check::new(
            "server/split-line",
            "prints a line that comes in pieces as one line",
            server::split_line,
        ),
        Check::new(
            "server/glued-lines",
            "keeps the second of two lines in one segment for the next turn",
            server::glued_lines,
        ),
        Check::new(
            "server/long-line",
            "takes and sends lines of 60,000 bytes whole",
            server::long_line,
        ),
        Check::new(
            "server/last-line",
            "prints a line that end-of-file ends in place of a newline",
            server::last_line,
        ),
        Check::new(
            "server/keeps-the-text",
            "prints spaces as they came, drops `\\r\\n`, and bears what is no UTF-8",
            server::keeps_the_text,
        ),
        Check::new(
            "server/skips-empty-lines",
            "sends no empty line of its stdin, and takes the peer's for a turn",
            server::server_skips_empty_lines,
        ),
        Check::new(
            "server/quit-is-exact",
            "takes `quit`, `quiet` and `qq` for text, and ` Q ` for the quit word",
            server::server_quit_is_exact,
        ),
        Check::new(
            "server/port-in-use",
            "fails when its address is taken, and names it",
            server::port_in_use,
        ),
        Check::new(
            "client/takes-turns",
            "sends a line, prints the reply, and sends nothing before that",
            client::client_takes_turns,
        ),
        Check::new(
            "client/quits",
            "sends the `Q` of its stdin and exits with 0, awaiting no reply",
            client_quits,
        ),
        Check::new(
            "client/server-quits",
            "exits with 0 at the server's `q`, and does not print it",
            client::server_quits_in_reply,
        ),
        Check::new(
            "client/end-of-input",
            "sends `Q` when its stdin ends, and exits with 0",
            client_end_of_input,
        ),
        Check::new(
            "client/skips-empty-lines",
            "sends no empty line, and prints an empty reply",
            client_skips_empty_lines,
        ),
        Check::new(
            "client/server-vanishes",
            "exits with 0 when end-of-file comes in place of a reply",
            client::server_vanishes,
        ),
        Check::new(
            "client/server-resets",
            "exits with 0 when a reset comes in place of a reply",
            client::server_resets,
        ),
        Check::new(
            "client/split-reply",
            "prints a reply that comes in pieces as one line",
            split_reply,
        ),
        Check::new(
            "client/glued-replies",
            "takes two replies in one segment for this turn and the next",
            glued_replies,
        ),
        Check::new(
            "client/quit-is-exact",
            "sends `quiet` and prints `quiet`: only `q` alone on its line quits",
            client::client_quit_is_exact,
        ),
        Check::new(
            "client/no-server",
            "fails when nobody listens, and names the address",
            every::no_server,
        ),
        Check::new("together", "talks to itself, until the client says `Q`", together),
    ],
};
const THE_PEERS_Q_ENDS: &str = "look for the quit word as soon as the line is there: it ends the chat before anything is printed or read from stdin";
const END_OF_FILE_ENDS: &str =
    "a read that returns 0 is end-of-file: the other side is gone, which ends the chat, with exit code 0";
const A_LOST_CONNECTION_ENDS: &str = "an error of a connected socket (`Connection reset by peer`, `Broken pipe`) means that the other side is \
     gone, which ends the chat, with exit code 0; in C, ignore SIGPIPE to get the error";

/// together
fn together(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let client = bench.client(server.addr)?;
    let line = bench.words.line();
    client.types(&line)?;
    server.prints_first(&line)?;
    for _ in 0..2 {
        let (reply, line) = (bench.words.line(), bench.words.line());
        server.types(&reply)?;
        client.prints(&reply)?;
        client.types(&line)?;
        server.prints(&line)?;
    }
    let reply = bench.words.line();
    server.types(&reply)?;
    client.prints(&reply)?;
    client.types("Q")?;
    client.exits(0).hint(QUIT_ENDS)?;
    server.exits(0).hint(THE_PEERS_Q_ENDS)
}
