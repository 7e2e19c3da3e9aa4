//! Lesson 8, client auth: a client proves that it knows a secret, which never travels.
//!
//! The secret goes to the program in its environment alone, and never into the transcript. Where a check is not about time the server gets a
//! minute for each login, so that no busy machine makes anybody late. A server may serve one client after another: clients overlap nowhere.

mod answers;
mod client;
mod deadline;
mod login;
mod server;

use super::every;
use crate::bench::Bench;
use crate::course::{Check, Lesson};
use crate::verdict::Step;

pub const LESSON: Lesson = Lesson {
    id: "lesson08",
    folder: "08-auth",
    title: "client auth: who may come in",
    checks: &[
        Check::new("usage", "says how it is used, and what the lesson is about", usage),
        Check::new(
            "server/challenges",
            "greets a client with a challenge of 32 bytes",
            server::challenges,
        ),
        Check::new(
            "server/fresh-challenge",
            "draws a new challenge for each connection, also when it is started again",
            server::fresh_challenge,
        ),
        Check::new(
            "server/right-answer",
            "lets in who answers right, and serves frames, however the bytes are cut",
            answers::right,
        ),
        Check::new(
            "server/wrong-answer",
            "denies an answer that is one bit off, and serves the next client",
            answers::wrong,
        ),
        Check::new(
            "server/short-answer",
            "denies an answer of 16 bytes, and an empty one",
            answers::short,
        ),
        Check::new(
            "server/long-answer",
            "denies the right answer with one byte more",
            answers::long,
        ),
        Check::new(
            "server/replayed-answer",
            "denies an answer that was right for an earlier challenge",
            answers::replayed,
        ),
        Check::new(
            "server/another-secret",
            "denies an answer by another secret, and by one that its own begins with",
            answers::another_secret,
        ),
        Check::new(
            "server/nothing-before-ok",
            "serves and prints nothing that comes behind a wrong answer",
            answers::nothing_before_ok,
        ),
        Check::new(
            "server/silent-stranger",
            "drops a silent client at the deadline, and serves the next",
            deadline::silent_stranger,
        )
        .waits(),
        Check::new(
            "server/dribbling-stranger",
            "grants one deadline for the whole answer, however slowly it comes",
            deadline::dribbling_stranger,
        )
        .waits(),
        Check::new(
            "server/gone-before-answer",
            "notices at once that a client is gone before it answered, and serves the next",
            server::gone_before_answer,
        ),
        Check::new(
            "server/leaves-nothing",
            "holds no more descriptors after a hundred denied clients",
            server::leaves_nothing,
        ),
        Check::new(
            "server/too-large-answer",
            "drops who announces 4 GiB before the login, at once, and takes no memory for it",
            server::too_large_answer,
        ),
        Check::new(
            "server/too-large-frame",
            "rejects a frame over the limit after the login, and takes no memory for it",
            server::too_large_frame,
        ),
        Check::new(
            "server/patient-after-login",
            "has no deadline for who is let in, be it inside a frame",
            deadline::patient_after_login,
        )
        .waits(),
        Check::new(
            "server/log",
            "prints who came, who was let in, what was served and who is gone, in order",
            server::log,
        ),
        Check::new(
            "server/no-secret",
            "fails without a secret, and names the variable",
            server::no_secret,
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
            "client/right-answer",
            "answers a challenge with its HMAC, whatever the secret looks like",
            client::right_answer,
        ),
        Check::new("client/denied", "fails when it is denied", client::denied),
        Check::new(
            "client/odd-challenge",
            "fails, and answers nothing, when the challenge is not 32 bytes long",
            client::odd_challenge,
        ),
        Check::new(
            "client/not-ok",
            "fails, and sends no line, when anything but `ok` comes",
            client::not_ok,
        ),
        Check::new(
            "client/no-secret",
            "fails without a secret, and names the variable",
            client::no_secret,
        ),
        Check::new(
            "client/takes-turns",
            "sends a line as a frame, prints the answer, and only then sends the next",
            client::takes_turns,
        ),
        Check::new(
            "client/quits",
            "exits with 0 at ` Q ` and at the end of its stdin, and sends nothing for them",
            client::quits,
        ),
        Check::new(
            "client/no-server",
            "fails when nobody listens, and names the address",
            client::no_server,
        ),
        Check::new(
            "together",
            "lets its own client in by one secret, and not by another",
            client::together,
        ),
    ],
};

/// usage
fn usage(bench: &mut Bench) -> Step {
    // A program that looks for its secret first must not fail for that.
    let secret = login::secret(bench);
    login::knows(bench, &secret);
    let malformed: &[&[&str]] = &[
        &["server", "--addr", "127.0.0.1:0", "--auth-timeout", "0"],
        &["server", "--addr", "127.0.0.1:0", "--auth-timeout", "soon"],
        &["client", "--addr", "127.0.0.1:0", "--auth-timeout", "100"],
    ];
    every::usage_refusing(
        bench,
        every::A_FREE_PORT,
        &[every::MALFORMED_ADDRESSES, malformed].concat(),
    )
}
