//! Lesson 5, framing: a stream of bytes has no messages but those that its two ends agree on.
//!
//! What is sent to a client, and what it is given to send, stays small enough for the buffers of the kernel: it need not read before it has sent
//! all. What the server prints is judged where a check is about it.

mod client;
mod server;

use super::every;
use crate::bench::Bench;
use crate::course::{Check, Lesson};
use crate::verdict::{Hint, Step};
use client::PRINT_EACH_ANSWER;

pub const LESSON: Lesson = Lesson {
    id: "lesson05",
    folder: "05-framing",
    title: "framing: sticky packets",
    checks: &[
        Check::new(
            "usage",
            "says how it is used, and what the lesson is about",
            every::usage,
        ),
        Check::new(
            "server/one-frame",
            "answers a frame with a frame of its shout",
            server::one_frame,
        ),
        Check::new(
            "server/glued-frames",
            "answers three frames that come in one segment",
            server::glued_frames,
        ),
        Check::new(
            "server/byte-by-byte",
            "answers a frame that comes in single bytes once it is whole",
            server::byte_by_byte,
        ),
        Check::new(
            "server/split-header",
            "waits for the rest of a header that was cut in two",
            server::split_header,
        ),
        Check::new(
            "server/empty-frame",
            "answers a frame of no bytes with one of no bytes",
            server::empty_frame,
        ),
        Check::new(
            "server/binary-frame",
            "takes a payload for bytes, whatever they are",
            server::binary_frame,
        ),
        Check::new(
            "server/largest-frame",
            "answers a frame of exactly 1 MiB",
            server::largest_frame,
        ),
        Check::new(
            "server/too-large",
            "rejects a frame over the limit by its header, and takes no memory for it",
            server::too_large,
        ),
        Check::new(
            "server/truncated",
            "tells end-of-file inside a frame from one between two frames",
            server::truncated,
        ),
        Check::new(
            "server/next-client",
            "serves the next client once one has reset its connection inside a frame",
            server::next_client,
        ),
        Check::new(
            "server/patient",
            "still serves a client that was silent for a second inside a frame",
            server::patient,
        )
        .waits(),
        Check::new(
            "server/log",
            "prints who came, how long each frame was and who is gone, in order",
            server::log,
        ),
        Check::new(
            "server/leaks-nothing",
            "holds no more descriptors after 100 more clients",
            server::leaks_nothing,
        ),
        Check::new(
            "server/port-in-use",
            "fails when its address is taken, and names it",
            server::port_in_use,
        ),
        Check::new(
            "server/starts-again",
            "starts again at once on the address it has just used",
            server::starts_again,
        ),
        Check::new(
            "client/frames-its-lines",
            "sends each line of stdin as a frame, without waiting for answers, and then end-of-file",
            client::frames_its_lines,
        ),
        Check::new(
            "client/glued-answers",
            "prints answers that come in one segment, one a line",
            client::glued_answers,
        ),
        Check::new(
            "client/dribbled-answers",
            "prints answers that come in single bytes",
            client::dribbled_answers,
        ),
        Check::new(
            "client/binary-answer",
            "prints an answer that is no UTF-8, with U+FFFD in it",
            client::binary_answer,
        ),
        Check::new(
            "client/reads-to-the-end",
            "prints every answer until end-of-file, also more than it sent lines",
            client::reads_to_the_end,
        ),
        Check::new(
            "client/truncated-answer",
            "fails when end-of-file cuts an answer off",
            client::truncated_answer,
        ),
        Check::new(
            "client/too-large-answer",
            "fails at the header of an answer that is over the limit",
            client::too_large_answer,
        ),
        Check::new(
            "client/no-server",
            "fails when nobody listens, and names the address",
            every::no_server,
        ),
        Check::new(
            "together",
            "talks to itself: a hundred lines of 0 to 5,000 bytes go out and come back",
            together,
        ),
    ],
};

const READ_EXACTLY: &str = "one `read` returns what has come so far, be it half a header: go on until all 4 bytes of it are there, and then all N of the \
     payload (`read_exact`)";
const KEEP_WHAT_IS_BUFFERED: &str = "one `read` may bring more than one frame: what lies behind the first is the beginning of the next, and must be kept";

/// together
fn together(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let client = bench.client(server.addr)?;
    // Most are short: both directions together stay under 256 KiB.
    let mut lines: Vec<String> = (0..100_usize)
        .map(|i| bench.words.letters(5000 * i.pow(3) / 99_usize.pow(3)))
        .collect();
    bench.words.shuffle(&mut lines);
    client.types(&lines.join("\n"))?;
    client.ends_input()?;
    let mut answers = lines.iter().map(|line| line.to_ascii_uppercase());
    for first in answers.by_ref().take(1) {
        client.prints_first(&first).hint(PRINT_EACH_ANSWER)?;
    }
    for answer in answers {
        client.prints(&answer).hint(PRINT_EACH_ANSWER)?;
    }
    client
        .exits(0)
        .hint("after the end of stdin the client shuts down its sending direction, and the server closes once it has answered: that ends the client")
}
