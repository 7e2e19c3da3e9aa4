//! Lesson 1, hello: end-of-file ends a message, and each direction carries one.

use std::time::Duration;

use super::every;
use crate::bench::{Bench, TcpPeer};
use crate::course::{Check, Lesson};
use crate::verdict::{Hint, Kind, Step};

pub const LESSON: Lesson = Lesson {
    id: "lesson01",
    folder: "01-hello",
    title: "hello: send and receive",
    checks: &[
        Check::new(
            "usage",
            "says how it is used, and what the lesson is about",
            every::usage,
        ),
        Check::new(
            "server/listens",
            "names a port in its ready line that accepts a connection at once",
            listens,
        ),
        Check::new("server/ipv6", "listens on IPv6 the same way", ipv6).needs(LISTENS),
        Check::new(
            "server/greets",
            "greets with `hello` and ends its direction, before it reads",
            greets,
        )
        .needs(LISTENS),
        Check::new(
            "server/prints-the-reply",
            "prints the reply as one line and exits with 0",
            prints_the_reply,
        )
        .needs(LISTENS),
        Check::new(
            "server/reads-to-the-end",
            "reads a reply that comes in pieces to its end",
            reads_to_the_end,
        )
        .needs(LISTENS),
        Check::new(
            "server/not-utf8",
            "prints a reply that is no UTF-8 with U+FFFD",
            not_utf8,
        )
        .needs(LISTENS),
        Check::new("server/long-reply", "prints a reply of 100 KiB whole", long_reply).needs(LISTENS),
        // ANCHOR: row
        Check::new(
            "server/silent-peer",
            "prints an empty line for a peer that says nothing",
            silent_peer,
        )
        .needs(LISTENS),
        // ANCHOR_END: row
        Check::new(
            "server/patient",
            "waits for a peer that replies after a second",
            server_patient,
        )
        .needs(LISTENS)
        .waits(),
        Check::new(
            "server/peer-resets",
            "ends without a crash when the peer resets",
            peer_resets,
        )
        .needs(LISTENS),
        Check::new(
            "server/port-in-use",
            "fails when its address is taken, and names it",
            port_in_use,
        )
        .needs(LISTENS),
        Check::new(
            "server/starts-again",
            "starts again at once on the address it has just used",
            starts_again,
        )
        .needs(LISTENS),
        Check::new(
            "client/prints-the-greeting",
            "prints a greeting that comes in pieces as one line",
            prints_the_greeting,
        ),
        Check::new(
            "client/long-greeting",
            "prints a greeting of 100 KiB whole",
            long_greeting,
        ),
        Check::new(
            "client/listens-first",
            "sends nothing before the peer's end-of-file",
            listens_first,
        ),
        Check::new(
            "client/patient",
            "waits for a greeting that comes after a second",
            client_patient,
        )
        .waits(),
        Check::new(
            "client/says-byebye",
            "sends exactly `byebye`, then end-of-file, and exits with 0",
            says_byebye,
        ),
        Check::new(
            "client/no-server",
            "fails when nobody listens, and names the address",
            every::no_server,
        ),
        Check::new(
            "together",
            "talks to itself: the two ends understand each other",
            together,
        ),
    ],
};

/// Without a ready line that names a port, nothing else of a server can be seen.
const LISTENS: &str = "server/listens";

const READ_TO_THE_END: &str = "one `read` returns what has come so far: read until it returns 0";
const DECODE_AT_THE_END: &str =
    "a character can be cut between two reads: collect bytes first, turn them into text once they are all there";
const SHUT_DOWN: &str =
    "end your direction after the greeting, or the peer never learns that it was whole: `shutdown(Shutdown::Write)`";

/// How long a patient program waits at the least.
const A_SECOND: Duration = Duration::from_millis(1100);

/// The peer replies, ends its direction, and gets the greeting (in whichever order the server does it).
fn is_served(bench: &mut Bench, peer: &mut TcpPeer) -> Step {
    peer.sends(bench.words.word())?;
    peer.shuts_down()?;
    peer.receives("hello")
}

/// server/listens
fn listens(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    bench.connect(&server)?.closes()
}

/// server/ipv6
fn ipv6(bench: &mut Bench) -> Step {
    let server = bench
        .server_on("[::1]:0")
        .hint("an IPv6 address stands in brackets, `[::1]:9000`, and needs a socket of its family")?;
    let mut peer = bench.connect(&server)?;
    is_served(bench, &mut peer)?;
    server.ends_without_a_crash()
}

/// server/greets
fn greets(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    peer.receives("hello")
        .hint("the server speaks first: greet before you read, and flush a stream that buffers")?;
    peer.receives_end().hint(SHUT_DOWN)
}

/// server/prints-the-reply
fn prints_the_reply(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    peer.sends("byebye")?;
    peer.shuts_down()?;
    server
        .prints("byebye")
        .hint("print what came, one line, once the peer has ended its direction")?;
    server.exits(0)
}

/// server/reads-to-the-end
fn reads_to_the_end(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let (before, after) = (bench.words.line(), bench.words.word());
    let reply = format!("  {before} 你 {after}  ");
    let inside = before.len() + 4;
    let (head, tail) = reply.as_bytes().split_at(inside);
    peer.dribbles(&[&head[..2], &head[2..], &tail[..1], &tail[1..]])
        .hint(READ_TO_THE_END)?;
    peer.shuts_down()?;
    server.prints(&reply).hint(DECODE_AT_THE_END)?;
    server.exits(0)
}

/// server/not-utf8
fn not_utf8(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let reply = [
        bench.words.word().as_bytes(),
        b"\xff\xfe",
        bench.words.word().as_bytes(),
    ]
    .concat();
    peer.sends(&reply)?;
    peer.shuts_down()?;
    server.prints_bytes(&reply).hint(
        "what comes from a network is bytes, not always text: `String::from_utf8_lossy` shows the rest as U+FFFD",
    )?;
    server.exits(0)
}

/// server/long-reply
fn long_reply(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let reply = bench.words.letters(100 * 1024);
    peer.sends(&reply)?;
    peer.shuts_down()?;
    server.prints(&reply).hint(READ_TO_THE_END)?;
    server.exits(0)
}

// ANCHOR: silent-peer
/// server/silent-peer
fn silent_peer(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    peer.receives_all().hint(SHUT_DOWN)?;
    peer.closes()?;
    server
        .prints("")
        .hint("an empty reply is a reply: print it as an empty line")?;
    server.exits(0)
}
// ANCHOR_END: silent-peer

/// server/patient
fn server_patient(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let reply = bench.words.line();
    let patience = "a silence has no time limit here: wait for end-of-file, however long it takes";
    bench.elapse(A_SECOND)?;
    peer.sends(&reply).hint(patience)?;
    peer.shuts_down()?;
    server.prints(&reply).hint(patience)?;
    server.exits(0)
}

/// server/peer-resets
fn peer_resets(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    peer.dribbles(&[bench.words.word()])?;
    peer.resets()?;
    server.ends_without_a_crash().hint(
        "a reset is an error of `read` (`Connection reset by peer`): expect it there, and end as after end-of-file",
    )
}

/// server/port-in-use
fn port_in_use(bench: &mut Bench) -> Step {
    let first = bench.server()?;
    every::a_second_server_fails(bench, &first)?;
    let mut peer = bench.connect(&first)?;
    is_served(bench, &mut peer)
}

/// server/starts-again
fn starts_again(bench: &mut Bench) -> Step {
    let first = bench.server()?;
    let mut peer = bench.connect(&first)?;
    // Who reads has ended its own direction before: TIME-WAIT is on the server's side, and keeps the port busy without SO_REUSEADDR.
    peer.dribbles(&[bench.words.word()])?;
    peer.closes()?;
    first.ends("end")?;
    let again = every::started_again(bench, &first)?;
    let mut peer = bench.connect(&again)?;
    is_served(bench, &mut peer)
}

/// client/prints-the-greeting
fn prints_the_greeting(bench: &mut Bench) -> Step {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let mut peer = host.accept(&client)?;
    let greeting = format!("{} 你好 {}", bench.words.word(), bench.words.word());
    let at = greeting.find('好').unwrap_or_default() + 1;
    let (head, tail) = greeting.as_bytes().split_at(at);
    peer.dribbles(&[&head[..3], &head[3..], tail]).hint(READ_TO_THE_END)?;
    peer.shuts_down()?;
    client.prints(&greeting).hint(DECODE_AT_THE_END)?;
    peer.receives("byebye")?;
    client.exits(0)
}

/// client/long-greeting
fn long_greeting(bench: &mut Bench) -> Step {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let mut peer = host.accept(&client)?;
    let greeting = bench.words.letters(100 * 1024);
    peer.sends(&greeting)?;
    peer.shuts_down()?;
    client.prints(&greeting).hint(READ_TO_THE_END)?;
    peer.receives("byebye")?;
    client.exits(0)
}

/// client/listens-first
fn listens_first(bench: &mut Bench) -> Step {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let mut peer = host.accept(&client)?;
    let greeting = bench.words.line();
    let early = "the peer may not have said everything: read to end-of-file first, then answer";
    for piece in bench.words.cut(greeting.as_bytes(), 3) {
        peer.dribbles(&[piece]).hint(early)?;
        client.comes_to_rest()?;
        peer.hears_nothing_yet().hint(early)?;
    }
    peer.shuts_down()?;
    peer.receives("byebye")?;
    client.prints(&greeting)?;
    client.exits(0)
}

/// client/patient
fn client_patient(bench: &mut Bench) -> Step {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let mut peer = host.accept(&client)?;
    let greeting = bench.words.line();
    let patience = "a silence has no time limit here: wait for end-of-file, however long it takes";
    bench.elapse(A_SECOND)?;
    peer.sends(&greeting).hint(patience)?;
    peer.shuts_down()?;
    client.prints(&greeting).hint(patience)?;
    client.exits(0)
}

/// client/says-byebye
fn says_byebye(bench: &mut Bench) -> Step {
    let host = bench.listen()?;
    let client = bench.client(host.addr)?;
    let mut peer = host.accept(&client)?;
    peer.sends("hello")?;
    peer.shuts_down()?;
    peer.receives("byebye")?;
    peer.receives_end()
        .hint("close the connection after `byebye`: its end-of-file ends your message")?;
    client.prints("hello")?;
    client.exits(0)
}

/// together
fn together(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let client = bench.client(server.addr)?;
    client
        .prints_first("hello")
        .hint(SHUT_DOWN)
        .hint_for(Kind::WrongOutput, READ_TO_THE_END)?;
    client.exits(0)?;
    server.prints("byebye")?;
    server.exits(0)
}
