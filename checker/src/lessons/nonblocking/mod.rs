//! Lesson 7, non-blocking IO: one thread, many clients, and bounded memory for each.
//!
//! What a server owes and what it reads is told apart from what the kernel holds by peers with small buffers and by the kernel's own counts.
//! That it waits for nobody is proved by order: another client is answered meanwhile.

mod client;
mod flow;
mod server;

use super::{every, shouting};
use crate::course::{Check, Lesson};

pub const LESSON: Lesson = Lesson {
    id: "lesson07",
    folder: "07-nonblocking",
    title: "non-blocking IO: many at once, one thread",
    checks: &[
        Check::new(
            "usage",
            "says how it is used, and what the lesson is about",
            every::usage,
        ),
        Check::new(
            "server/shouts-back",
            "answers each line with its shout, whatever bytes it holds, and prints nothing",
            server::shouts_back,
        ),
        Check::new(
            "server/split-and-glued",
            "answers a line that comes in pieces, and a hundred that come in one segment",
            server::split_and_glued,
        ),
        Check::new(
            "server/many-at-once",
            "answers 200 clients that speak in mixed order and all stay",
            server::many_at_once,
        ),
        Check::new(
            "server/half-a-line",
            "lets a client that stops inside a line hold up nobody, and answers it when it goes on",
            server::half_a_line,
        ),
        Check::new(
            "server/one-thread",
            "serves 200 clients without a thread or a process for each",
            server::one_thread,
        ),
        Check::new(
            "server/quit-is-exact",
            "ends a client at ` q `, and at nothing that only looks like it",
            server::quit_is_exact,
        ),
        Check::new(
            "server/greedy-client",
            "answers a client though another talks and reads at full speed",
            flow::greedy_client,
        ),
        Check::new(
            "server/idle-is-idle",
            "uses next to no processor time while nothing happens",
            flow::idle_is_idle,
        )
        .waits(),
        Check::new(
            "server/slow-reader",
            "stops reading from a client that does not read, serves the others, and forgets no line",
            flow::slow_reader,
        ),
        Check::new(
            "server/pipelined-quit",
            "sends all that it owes before it closes for a quit word",
            flow::pipelined_quit,
        )
        .waits(),
        Check::new(
            "server/last-line",
            "answers a last line that end-of-file ends, then closes",
            server::last_line,
        ),
        Check::new(
            "server/half-close",
            "sends all that it owes to a client that has shut down its sending side",
            flow::half_close,
        )
        .waits(),
        Check::new(
            "server/longest-line",
            "answers a line of 65,536 bytes",
            server::longest_line,
        ),
        Check::new(
            "server/endless-line",
            "closes a client whose line is longer than 65,536 bytes, and no other",
            server::endless_line,
        ),
        Check::new(
            "server/reset",
            "goes on when clients reset, idle, inside a line and with answers unread",
            server::reset,
        ),
        Check::new(
            "server/leaves-nothing",
            "holds no more descriptors after 300 more clients",
            server::leaves_nothing,
        ),
        Check::new(
            "server/port-in-use",
            "fails when its address is taken, and names it",
            shouting::port_in_use,
        ),
        Check::new(
            "server/starts-again",
            "starts again at once on the address it has just used",
            shouting::starts_again,
        ),
        Check::new(
            "client/both-ways",
            "prints while nobody types, sends while the server is silent, and neither waits for the other",
            client::both_ways,
        ),
        Check::new(
            "client/skips-empty-lines",
            "sends no empty line, and prints an empty one",
            client::skips_empty_lines,
        ),
        Check::new(
            "client/split-and-glued",
            "prints a line that comes in pieces once, and glued ones one by one",
            client::split_and_glued,
        ),
        Check::new(
            "client/loses-nothing",
            "sends all of 2 MiB to a server that reads late, and prints all that it says meanwhile",
            client::loses_nothing,
        ),
        Check::new(
            "client/quits",
            "sends `Q`, prints what still comes, and exits with 0 at end-of-file",
            client::quits,
        ),
        Check::new(
            "client/end-of-input",
            "takes the end of its stdin for `Q`",
            client::end_of_input,
        ),
        Check::new(
            "client/server-closes",
            "exits with 0 at once when the server goes away while nobody types",
            client::server_closes,
        ),
        Check::new(
            "client/idle-is-idle",
            "uses next to no processor time while it waits",
            client::idle_is_idle,
        )
        .waits(),
        Check::new(
            "client/no-server",
            "fails when nobody listens, and names the address",
            every::no_server,
        ),
        Check::new("together", "serves three of its own clients at once", client::together),
    ],
};
