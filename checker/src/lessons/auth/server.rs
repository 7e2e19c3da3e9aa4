//! What the server of lesson 8 must do around the login: challenges, memory, log, start.

use std::collections::HashSet;

use super::login::{
    PROOF, VARIABLE, answer, challenge, is_denied, is_dropped, is_let_in, is_served, knows, logs_a_denial, secret,
    server, serves_the_next,
};
use crate::bench::{Bench, Server, TcpPeer, shout};
use crate::lessons::frames::{LIMIT, frame, header};
use crate::lessons::log::{logs, notes};
use crate::lessons::{every, leaks};
use crate::verdict::{Finding, Hint, Kind, Step};

const NOTHING_BEFORE_THE_ANSWER: &str =
    "until the client has answered the challenge is all that it gets: `ok` or `denied` comes with the verdict";
const FROM_THE_SYSTEM: &str = "draw all 32 bytes from the system's random source (`getrandom`) for each connection: what is seeded, counted or \
     drawn once can be foretold";
const GONE_IS_DENIED: &str = "end-of-file or a reset before the answer is whole will never become an answer: deny at once, don't wait for the deadline";
const A_STRANGER_IS_DENIED: &str = "before the login too long a frame is an answer that is not right: print `connected ADDR`, `denied ADDR`, `disconnected ADDR`, and no \
     `rejected`";
const REJECTED_IS_GONE: &str =
    "behind `rejected N` comes `disconnected`, with the address of `connected`, as at the end of each client";
const LOOK_AT_THE_LENGTH: &str =
    "look at the length before you take memory or read on: over the limit there is nothing to wait for";

/// server/challenges
pub(super) fn challenges(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    let mut peer = bench.connect(&server)?;
    challenge(&mut peer)
        .hint("the server speaks first: as soon as `accept` returns, send a frame of 32 random bytes")?;
    server.comes_to_rest()?;
    peer.hears_nothing_yet().hint(NOTHING_BEFORE_THE_ANSWER)
}

/// server/fresh-challenge
pub(super) fn fresh_challenge(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    knows(bench, &secret);
    let mut halves = HashSet::new();
    let mut all_hex = true;
    for _ in 0..2 {
        // With the deadline that it has by itself: a challenge comes long before that.
        let server = bench.server()?;
        // The bytes that all challenges of this server have had so far.
        let mut fixed: Option<Vec<Option<u8>>> = None;
        for _ in 0..8 {
            let mut peer = bench.connect(&server)?;
            let challenge = challenge(&mut peer)?;
            all_hex &= challenge.iter().all(u8::is_ascii_hexdigit);
            let so_far = fixed.get_or_insert_with(|| challenge.iter().copied().map(Some).collect());
            for (byte, now) in so_far.iter_mut().zip(&challenge) {
                *byte = byte.filter(|byte| byte == now);
            }
            for half in challenge.chunks(PROOF / 2) {
                if !halves.insert(half.to_vec()) {
                    return Finding::new(
                        Kind::WrongBytes,
                        "a challenge repeats 16 bytes that an earlier one, or its own first half, held",
                    )
                    .expected("32 new random bytes")
                    .actual(format!("in {}: {}", hex(&challenge), hex(half)))
                    .stop()
                    .hint(FROM_THE_SYSTEM);
                }
            }
            peer.closes()?;
        }
        no_byte_stays(&fixed.unwrap_or_default())?;
        server.kill()?;
    }
    if all_hex {
        return Finding::new(
            Kind::WrongBytes,
            "every byte of sixteen challenges is a hexadecimal digit: that is half as much chance as 32 random bytes hold",
        )
        .expected("32 random bytes, of any value")
        .actual("nothing but `0` to `9` and `a` to `f`")
        .stop()
        .hint("send the 32 bytes themselves, not 16 of them written in hexadecimal digits");
    }
    Ok(())
}

/// Of eight challenges, each place has held more than one byte: by chance it would not once in 2^51.
fn no_byte_stays(fixed: &[Option<u8>]) -> Step {
    let places = fixed.iter().enumerate().filter(|(_, byte)| byte.is_some());
    let places: Vec<String> = places.map(|(at, _)| at.to_string()).collect();
    if places.is_empty() {
        return Ok(());
    }
    Finding::new(
        Kind::WrongBytes,
        "eight challenges, each to another client, are the same in some of their bytes",
    )
    .expected("32 new random bytes")
    .actual(format!("the same bytes at {}", places.join(", ")))
    .stop()
    .hint(FROM_THE_SYSTEM)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// server/gone-before-answer
pub(super) fn gone_before_answer(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    let farewells: [fn(TcpPeer) -> Step; 2] = [TcpPeer::closes, TcpPeer::resets];
    for leaves in farewells {
        // In place of an answer, inside its header, and inside its 32 bytes.
        for length in [0, 2, bench.words.between(5, 35)] {
            let mut peer = bench.connect(&server)?;
            let address = peer.link.local;
            let proof = frame(answer(&secret, &challenge(&mut peer)?));
            if length > 0 {
                peer.dribbles_to(&server, &[&proof[..length]])?;
            }
            leaves(peer)?;
            logs_a_denial(&server, address).hint(GONE_IS_DENIED)?;
        }
    }
    serves_the_next(bench, &server, &secret).hint("a client that is gone ends alone: go on to `accept`")
}

/// server/leaves-nothing
pub(super) fn leaves_nothing(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    serves_the_next(bench, &server, &secret)?;
    let visits = [
        is_wrong,
        is_empty,
        closes_inside,
        resets_inside,
        asks_too_much,
        resets_at_once,
    ];
    leaks::leaks_nothing(bench, &server, &visits)?;
    // A server that has ended holds none either.
    serves_the_next(bench, &server, &secret)
}

fn is_wrong(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    challenge(&mut peer)?;
    peer.sends(frame(bench.words.bytes(PROOF)))?;
    is_dropped(&mut peer)?;
    peer.closes()
}

fn is_empty(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    challenge(&mut peer)?;
    peer.sends(frame(b""))?;
    peer.closes()
}

fn closes_inside(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    challenge(&mut peer)?;
    peer.sends(header(PROOF as u32))?;
    peer.closes()
}

fn resets_inside(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    challenge(&mut peer)?;
    peer.dribbles_to(server, &[header(PROOF as u32)])?;
    peer.resets()
}

fn asks_too_much(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    challenge(&mut peer)?;
    peer.sends(header(LIMIT + 1))?;
    peer.closes()
}

fn resets_at_once(bench: &mut Bench, server: &Server) -> Step {
    bench.connect(server)?.resets()
}

/// server/too-large-answer
pub(super) fn too_large_answer(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    // Memory is measured where it can't be mistaken for what a runtime takes anyway.
    serves_the_next(bench, &server, &secret)?;
    is_wrong(bench, &server)?;

    let mut peer = bench.connect(&server)?;
    challenge(&mut peer)?;
    server
        .takes_no_memory_for(u32::MAX.into(), || {
            peer.sends(header(u32::MAX))?;
            is_denied(&mut peer).hint_for(Kind::MissingBytes, LOOK_AT_THE_LENGTH)
        })
        .hint(LOOK_AT_THE_LENGTH)?;
    peer.closes()?;
    serves_the_next(bench, &server, &secret)?;

    // What it prints, by a server that has said nothing of anybody else.
    let server = self::server(bench, &secret)?;
    let mut peer = bench.connect(&server)?;
    challenge(&mut peer)?;
    peer.sends(header(u32::MAX))?;
    is_denied(&mut peer).hint(LOOK_AT_THE_LENGTH)?;
    let address = peer.link.local;
    peer.closes()?;
    logs_a_denial(&server, address).hint(A_STRANGER_IS_DENIED)
}

/// server/too-large-frame
pub(super) fn too_large_frame(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    for length in [LIMIT + 1, u32::MAX] {
        let mut peer = bench.connect(&server)?;
        is_let_in(&mut peer, &secret)?;
        is_served(bench, &mut peer)?;
        server
            .takes_no_memory_for(u32::MAX.into(), || {
                peer.sends(header(length))?;
                peer.receives_end_or_reset()
            })
            .hint(LOOK_AT_THE_LENGTH)?;
        notes(&server, &format!("rejected {length}"), peer.link.local)
            .hint("after the login a frame over the limit is logged as `rejected N`, its length in decimal")?;
        let address = peer.link.local;
        peer.closes()?;
        logs(&server, "disconnected", address).hint(REJECTED_IS_GONE)?;
    }
    serves_the_next(bench, &server, &secret)
}

/// server/log
pub(super) fn log(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;

    let mut peer = bench.connect(&server)?;
    is_let_in(&mut peer, &secret)?;
    logs(&server, "connected", peer.link.local)
        .hint("print `connected ADDR`, the address that `accept` returns, before you send the challenge")?;
    logs(&server, "authenticated", peer.link.local)
        .hint("print `authenticated ADDR` for a right answer, beside `ok`")?;
    for text in [bench.words.line(), String::new()] {
        peer.sends(frame(&text))?;
        peer.receives(frame(shout(&text)))?;
        server
            .prints(&format!("frame {}", text.len()))
            .hint("print `frame N` for each frame once it is whole, N in decimal")?;
    }
    let address = peer.link.local;
    peer.closes()?;
    logs(&server, "disconnected", address)
        .hint("end-of-file between two frames ends the client: print `disconnected ADDR`")?;

    let mut peer = bench.connect(&server)?;
    challenge(&mut peer)?;
    peer.sends(frame(bench.words.bytes(PROOF)))?;
    is_dropped(&mut peer)?;
    let address = peer.link.local;
    peer.closes()?;
    logs_a_denial(&server, address)
        .hint("print `denied ADDR` in place of `authenticated ADDR` for a client that is not let in")?;

    let mut peer = bench.connect(&server)?;
    is_let_in(&mut peer, &secret)?;
    logs(&server, "connected", peer.link.local)?;
    logs(&server, "authenticated", peer.link.local)?;
    peer.sends(&frame(bench.words.line())[..6])?;
    let address = peer.link.local;
    peer.closes()?;
    server
        .prints("truncated")
        .hint("end-of-file inside a frame cuts it off: print `truncated`, then `disconnected ADDR`")?;
    logs(&server, "disconnected", address)?;
    server.has_printed_no_more()
}

/// server/no-secret
pub(super) fn no_secret(bench: &mut Bench) -> Step {
    let without = "without a secret everybody, or nobody, would get in: end before `bind`, with an error that names `LESSON08_SECRET`";
    for empty in [false, true] {
        match empty {
            true => knows(bench, ""),
            false => bench.unsets(VARIABLE),
        }
        let server = bench.run("server", &["server", "--addr", "127.0.0.1:0"])?;
        server.fails_naming(VARIABLE).hint(without)?;
    }
    Ok(())
}

/// server/port-in-use
pub(super) fn port_in_use(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let first = server(bench, &secret)?;
    every::a_second_server_fails(bench, &first)?;
    serves_the_next(bench, &first, &secret).hint(every::LEAVE_THE_FIRST_ITS_ADDRESS)
}

/// server/starts-again
pub(super) fn starts_again(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let first = server(bench, &secret)?;
    serves_the_next(bench, &first, &secret)?;
    // The server closes first: TIME-WAIT is on its side, where it keeps the port busy without SO_REUSEADDR.
    is_wrong(bench, &first)?;
    first.kill()?;
    let again = every::started_again(bench, &first)?;
    challenge(&mut bench.connect(&again)?).map(drop)
}
