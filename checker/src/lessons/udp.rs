//! Lesson 4, UDP: datagrams keep their boundaries and promise nothing else.
//!
//! On a machine that is busy a right client sends a line again although its answer left at once: no step here takes a copy of the
//! datagram in hand amiss, but where copies are what is counted.

mod client;
mod server;
mod talk;

use super::every;
use crate::bench::{Bench, Server, shout};
use crate::course::{Check, Lesson};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};
use client::ONE_LINE_IN_HAND;
use talk::{PRINT_THE_REST, QUIT_SENDS_NOTHING, TRIES, numbered};

pub const LESSON: Lesson = Lesson {
    id: "lesson04",
    folder: "04-udp",
    title: "UDP: datagrams",
    checks: &[
        Check::new(
            "usage",
            "says how it is used, and what the lesson is about",
            every::usage,
        ),
        Check::new(
            "server/shouts-back",
            "answers one datagram with one datagram, its shout",
            server::shouts_back,
        ),
        Check::new(
            "server/prints-each",
            "prints each datagram as one line",
            server::prints_each,
        ),
        Check::new(
            "server/answers-the-sender",
            "answers each of three clients where its datagram came from",
            server::answers_the_sender,
        ),
        Check::new(
            "server/keeps-boundaries",
            "gives two answers to two datagrams sent back to back",
            server::keeps_boundaries,
        ),
        Check::new(
            "server/keeps-the-text",
            "finds nothing special in spaces, `é`, `Q` or a repeated datagram",
            server::server_keeps_the_text,
        ),
        Check::new(
            "server/empty-datagram",
            "answers an empty datagram with an empty one, and goes on",
            server::empty_datagram,
        ),
        Check::new(
            "server/largest-datagram",
            "sends 65,507 bytes back whole",
            server::largest_datagram,
        ),
        Check::new(
            "server/binary-datagram",
            "sends bytes that are no UTF-8 back unchanged",
            server::binary_datagram,
        ),
        Check::new(
            "server/sender-is-gone",
            "goes on when its answer meets a closed port",
            server::sender_is_gone,
        ),
        Check::new(
            "server/port-in-use",
            "fails when its address is taken, and names it",
            server::port_in_use,
        ),
        Check::new(
            "client/numbers-its-lines",
            "sends `NUMBER TEXT`, one line at a time, and prints each answer without its number",
            client::numbers_its_lines,
        ),
        Check::new(
            "client/skips-empty-lines",
            "neither sends nor numbers an empty line",
            client::client_skips_empty_lines,
        ),
        Check::new(
            "client/patient",
            "waits 120 ms for an answer without sending twice",
            client::client_patient,
        )
        .waits(),
        Check::new(
            "client/sends-again",
            "sends a lost datagram again, the same bytes from the same port",
            client::sends_again,
        )
        .waits(),
        Check::new(
            "client/ignores-late-answers",
            "takes a second copy of answer 1 neither for answer 2 nor for answer 10",
            client::ignores_late_answers,
        )
        .waits(),
        Check::new(
            "client/ignores-strangers",
            "ignores an answer from another port or another address",
            client::ignores_strangers,
        )
        .waits(),
        Check::new(
            "client/long-answer",
            "prints an answer of 60,000 bytes whole",
            client::long_answer,
        ),
        Check::new(
            "client/gives-up",
            "fails after exactly five tries, and names the address",
            client::gives_up,
        )
        .waits(),
        Check::new(
            "client/refused",
            "keeps trying where nobody listens, then fails and names the address",
            client::refused,
        )
        .waits(),
        Check::new(
            "client/late-server",
            "is answered by a server that opens its port after the first tries",
            client::late_server,
        )
        .waits(),
        Check::new(
            "client/quits",
            "exits with 0 at the quit word and at the end of stdin, and sends nothing for them",
            client::client_quits,
        ),
        Check::new(
            "together",
            "talks to itself: twenty lines go out and come back",
            together,
        ),
    ],
};

const ROOM_FOR_THE_LARGEST: &str =
    "what does not fit the buffer of a receive is thrown away by the kernel, without a word: make it 65,535 bytes long";

/// together
fn together(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let client = bench.client(server.addr)?;
    let lines: Vec<String> = (0..20).map(|_| bench.words.line()).collect();
    let (in_turn, ahead) = lines.split_at(10);
    for line in in_turn {
        client.types(line)?;
        client.reads_its_first_input()?;
        client.prints_bytes(&shout(line)).hint(PRINT_THE_REST)?;
    }
    for line in ahead {
        client.types(line)?;
    }
    for line in ahead {
        client.prints_bytes(&shout(line)).hint(ONE_LINE_IN_HAND)?;
    }
    client.ends_input()?;
    client.exits(0).hint(QUIT_SENDS_NOTHING)?;
    has_printed_all(&server, &lines)
}

/// The server has printed the datagram of each line, in order; of one that was sent again also its copies.
fn has_printed_all(server: &Server, lines: &[String]) -> Step {
    let mut last = Vec::new();
    for (line, number) in lines.iter().zip(1..) {
        let expected = numbered(number, line);
        let wanted = format!("the line {}", quoted(&expected));
        let mut printed = server.next_line(&wanted)?;
        for _ in 1..TRIES {
            if last.is_empty() || printed != last {
                break;
            }
            printed = server.next_line(&wanted)?;
        }
        if printed != expected {
            return Finding::new(Kind::WrongOutput, "the server printed another line")
                .expected(quoted(&expected))
                .actual(quoted(&printed))
                .stop();
        }
        last = printed;
    }
    Ok(())
}
