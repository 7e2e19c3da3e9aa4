//! The deadline of the login: one for all of it, and none behind it.
//!
//! Nobody is called late by our clock: a server is too early when less time has passed for us than it was to grant, counted from before we
//! connected; and it is too late when it went on reading what was sent after the time had passed, counted from its challenge.

use std::time::{Duration, Instant};

use super::login::{
    PROOF, answer, challenge, is_dropped, is_let_in, is_served, logs_a_denial, secret, server, server_granting,
};
use crate::bench::{Bench, Server, TcpPeer, shout};
use crate::lessons::frames::{frame, is_answered};
use crate::verdict::{Finding, Hint, Kind, Step};

/// What clocks that count in ticks may be early by.
const A_TICK: Duration = Duration::from_millis(20);
/// What a server grants that was started without the flag.
const DEFAULT_LIMIT: Duration = Duration::from_millis(2000);

const HOLDS_UP_THE_OTHERS: &str = "a stranger that says nothing holds up everybody else: give each `read` of the answer a time limit, what is left until the \
     deadline";
const FROM_THE_FLAG: &str = "the deadline is `--auth-timeout` milliseconds after `accept`, no more and no less";
const ONE_DEADLINE: &str = "there is one deadline, `--auth-timeout` after `accept`: note it once, and give each `read` what is left until then; a time \
     limit of the socket alone begins anew with every `read`";
const TWO_SECONDS_BY_DEFAULT: &str =
    "without `--auth-timeout` a client has 2000 ms for its answer: this one was silent for a quarter of that";
const NONE_AFTER_OK: &str =
    "the deadline is the login's alone: take the time limit off the socket before the first frame is read";

/// server/silent-stranger
pub(super) fn silent_stranger(bench: &mut Bench) -> Step {
    let limit = Duration::from_millis(400);
    let secret = secret(bench);
    // A server that does not heed the flag would drop its own stranger first: that one came earlier.
    let patient = server(bench, &secret)?;
    let mut other = bench.connect(&patient)?;
    challenge(&mut other)?;

    let hasty = server_granting(bench, &secret, limit)?;
    let began = bench.now();
    let mut stranger = bench.connect(&hasty)?;
    challenge(&mut stranger)?;
    is_dropped(&mut stranger)
        .hint(HOLDS_UP_THE_OTHERS)
        .hint_for(Kind::MissingBytes, HOLDS_UP_THE_OTHERS)?;
    let took = began.elapsed();
    if took + A_TICK < limit {
        return Finding::new(
            Kind::ClosedEarly,
            "the program dropped a silent peer before the deadline",
        )
        .expected(format!("{} ms from the moment it was accepted", limit.as_millis()))
        .actual(format!("{} ms", took.as_millis()))
        .stop()
        .hint(FROM_THE_FLAG);
    }
    let address = stranger.link.local;
    stranger.closes()?;
    logs_a_denial(&hasty, address).hint("who came too late is logged like anybody who is not let in: `denied ADDR`")?;
    let mut next =
        comes_in_time(bench, &hasty, &secret, limit).hint("who was dropped ends alone: go on to `accept`")?;
    is_served(bench, &mut next)?;

    patient.comes_to_rest_at_last()?;
    // Its clock may have run out as the other's did, and the machine be too busy to have told it.
    match other.hears_within(limit)? {
        false => Ok(()),
        true => Finding::new(
            Kind::ClosedEarly,
            format!(
                "with `--auth-timeout 60000` a silent peer was dropped as early as with {}",
                limit.as_millis()
            ),
        )
        .expected("no end yet")
        .actual("an end")
        .stop()
        .hint(FROM_THE_FLAG),
    }
}

/// A peer's opening: so many bytes of its answer, each sent when so many hundredths of the deadline have passed.
type Opening = [(u32, usize)];

/// server/dribbling-stranger
pub(super) fn dribbling_stranger(bench: &mut Bench) -> Step {
    let limit = Duration::from_millis(400);
    let secret = secret(bench);
    let server = server_granting(bench, &secret, limit)?;
    // Inside the header, inside the 32 bytes behind it, and between the two.
    let openings: [&Opening; 3] = [&[(0, 1), (50, 1)], &[(0, 4), (50, 1)], &[(75, 4)]];
    for opening in openings {
        is_dropped_however_it_dribbles(bench, &server, &secret, limit, opening).hint(ONE_DEADLINE)?;
    }
    let mut next = comes_in_time(bench, &server, &secret, limit)?;
    is_served(bench, &mut next)
}

fn is_dropped_however_it_dribbles(
    bench: &mut Bench,
    server: &Server,
    secret: &str,
    limit: Duration,
    opening: &Opening,
) -> Step {
    let mut peer = bench.connect(server)?;
    let proof = frame(answer(secret, &challenge(&mut peer)?));
    // It was accepted before its challenge came: the deadline is over once the limit has passed from here.
    let challenged = bench.now();
    // One that came late may be read by a server that had looked at the clock before; then it looks again.
    let late = [(110, 1), (125, 1), (140, 1), (155, 1)];
    let mut rest = &proof[..];
    for &(hundredths, length) in opening.iter().chain(&late) {
        let wait = (limit * hundredths / 100).saturating_sub(challenged.elapsed());
        if peer.hears_within(wait)? {
            return is_dropped(&mut peer);
        }
        let (piece, behind) = rest.split_at(length);
        peer.sends_regardless(piece)?;
        peer.was_read()?;
        rest = behind;
    }
    if peer.hears_within(Duration::ZERO)? {
        return is_dropped(&mut peer);
    }
    Finding::new(
        Kind::NotClosed,
        "the program goes on reading an answer whose deadline is over",
    )
    .expected(format!(
        "an end after {} ms, however much of the answer is there",
        limit.as_millis()
    ))
    .actual(format!(
        "{} ms after the challenge it had read {} of {} bytes, the last {} one by one after the deadline",
        challenged.elapsed().as_millis(),
        proof.len() - rest.len(),
        PROOF + 4,
        late.len(),
    ))
    .stop()
}

/// server/patient-after-login
pub(super) fn patient_after_login(bench: &mut Bench) -> Step {
    let limit = Duration::from_millis(300);
    let secret = secret(bench);
    let server = server_granting(bench, &secret, limit)?;
    let mut peer = comes_in_time(bench, &server, &secret, limit)?;
    bench.elapse(limit * 3 / 2)?;
    is_answered(&mut peer, bench.words.line()).hint(NONE_AFTER_OK)?;

    let text = bench.words.line();
    let said = frame(&text);
    let (head, tail) = said.split_at(6);
    peer.sends(head).hint(NONE_AFTER_OK)?;
    bench.elapse(limit * 3 / 2)?;
    peer.sends(tail).hint(NONE_AFTER_OK)?;
    peer.receives(frame(shout(&text))).hint(NONE_AFTER_OK)?;

    let by_itself = bench.server()?;
    comes_in_time_after(bench, &by_itself, &secret, DEFAULT_LIMIT, DEFAULT_LIMIT / 4)
        .hint(TWO_SECONDS_BY_DEFAULT)
        .map(drop)
}

/// Is let in by a server that grants little time. On a busy machine we may be late ourselves, and then we come again.
fn comes_in_time(bench: &mut Bench, server: &Server, secret: &str, limit: Duration) -> Step<TcpPeer> {
    comes_in_time_after(bench, server, secret, limit, Duration::ZERO)
}

/// Like [`comes_in_time`], by an answer that is given after a silence.
fn comes_in_time_after(
    bench: &mut Bench,
    server: &Server,
    secret: &str,
    limit: Duration,
    silence: Duration,
) -> Step<TcpPeer> {
    let mut tries = 20;
    loop {
        let began: Instant = bench.now();
        let mut peer = bench.connect(server)?;
        tries -= 1;
        match is_let_in_after(bench, &mut peer, secret, silence) {
            Ok(()) => return Ok(peer),
            Err(_) if began.elapsed() + A_TICK > limit && tries > 0 => {}
            Err(stop) => return Err(stop),
        }
    }
}

fn is_let_in_after(bench: &mut Bench, peer: &mut TcpPeer, secret: &str, silence: Duration) -> Step {
    if silence.is_zero() {
        return is_let_in(peer, secret);
    }
    let proof = answer(secret, &challenge(peer)?);
    bench.elapse(silence)?;
    peer.sends_regardless(frame(proof))?;
    peer.receives(frame("ok"))
}
