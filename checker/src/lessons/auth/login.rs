//! The login, seen from our end: challenge, answer, and what the server makes of it.

use std::net::SocketAddr;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::bench::{Bench, Server, TcpPeer};
use crate::lessons::frames::{self, frame, header};
use crate::lessons::log::logs;
use crate::verdict::{Hint, Kind, Step, Stop};

/// Where both roles find the secret.
pub(super) const VARIABLE: &str = "LESSON08_SECRET";
/// How long a challenge is, and its answer.
pub(super) const PROOF: usize = 32;

const DENY_THEN_CLOSE: &str = "whoever does not prove to know the secret gets the frame `denied`; then close the connection, there is no second try";

const SAY_DENIED: &str = "send the frame `denied` before you close: whoever gave no right answer is told so";

/// A secret, drawn anew for every check.
pub(super) fn secret(bench: &mut Bench) -> String {
    bench.words.line()
}

/// Every program that is started from now on knows this secret.
pub(super) fn knows(bench: &mut Bench, secret: &str) {
    bench.sets(VARIABLE, secret);
}

/// HMAC-SHA256 of the challenge, by the secret.
pub(super) fn answer(secret: &str, challenge: &[u8]) -> Vec<u8> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| unreachable!());
    mac.update(challenge);
    mac.finalize().into_bytes().to_vec()
}

/// A server that knows the secret, and that grants a minute for each login.
pub(super) fn server(bench: &mut Bench, secret: &str) -> Step<Server> {
    server_granting(bench, secret, Duration::from_secs(60))
}

/// A server that knows the secret, and grants so long for each login.
pub(super) fn server_granting(bench: &mut Bench, secret: &str, limit: Duration) -> Step<Server> {
    knows(bench, secret);
    bench.server_with("127.0.0.1:0", &["--auth-timeout", &limit.as_millis().to_string()])
}

/// The challenge comes: a frame of 32 bytes.
pub(super) fn challenge(peer: &mut TcpPeer) -> Step<Vec<u8>> {
    peer.receives(header(PROOF as u32))?;
    peer.takes(PROOF)
}

/// Answers the challenge right, and gets `ok`.
pub(super) fn is_let_in(peer: &mut TcpPeer, secret: &str) -> Step {
    let proof = answer(secret, &challenge(peer)?);
    peer.sends(frame(proof))?;
    peer.receives(frame("ok"))
        .hint("the answer is the HMAC-SHA256 of these 32 bytes, keyed with the bytes of `LESSON08_SECRET`: 32 bytes, no hex digits; whoever sends it gets the frame `ok`")
}

/// A frame of the peer, which was let in, comes back as its shout.
pub(super) fn is_served(bench: &mut Bench, peer: &mut TcpPeer) -> Step {
    frames::is_answered(peer, bench.words.line())
        .hint("after `ok` the conversation is that of lesson 5: each frame is answered by a frame of its shout")
}

/// A new client comes, is let in and served.
pub(super) fn serves_the_next(bench: &mut Bench, server: &Server, secret: &str) -> Step {
    let mut next = bench.connect(server)?;
    is_let_in(&mut next, secret)?;
    is_served(bench, &mut next)?;
    next.closes()
}

/// `denied`, and then end-of-file.
pub(super) fn is_denied(peer: &mut TcpPeer) -> Step {
    tells_of_the_denial(peer)?;
    peer.receives_end().hint(DENY_THEN_CLOSE)
}

/// The frame `denied` comes. Who sends nothing in its place may well have compared right.
fn tells_of_the_denial(peer: &mut TcpPeer) -> Step {
    let told = peer.receives(frame("denied"));
    match &told {
        Err(Stop::Finding(finding)) if says_nothing(finding.kind) => told.hint(SAY_DENIED),
        _ => told,
    }
}

fn says_nothing(kind: Kind) -> bool {
    matches!(kind, Kind::ClosedEarly | Kind::WasReset | Kind::MissingBytes)
}

/// Like [`is_denied`], where the server may leave unread what was sent: the reset that follows may have cost the peer its `denied`.
pub(super) fn is_denied_or_reset(peer: &mut TcpPeer) -> Step {
    is_denied_unless(peer, &[Kind::WasReset])
}

/// Like [`is_denied`], where the peer may get no `denied`: it came too late, or whether it does is for other checks to judge.
pub(super) fn is_dropped(peer: &mut TcpPeer) -> Step {
    is_denied_unless(peer, &[Kind::WasReset, Kind::ClosedEarly])
}

fn is_denied_unless(peer: &mut TcpPeer, excuses: &[Kind]) -> Step {
    match tells_of_the_denial(peer) {
        Ok(()) => peer.receives_end_or_reset().hint(DENY_THEN_CLOSE),
        Err(Stop::Finding(finding)) if excuses.contains(&finding.kind) => Ok(()),
        Err(stop) => Err(stop),
    }
}

/// The server's log knows this peer as one that came, was denied, and is gone.
pub(super) fn logs_a_denial(server: &Server, peer: SocketAddr) -> Step {
    for event in ["connected", "denied", "disconnected"] {
        logs(server, event, peer)?;
    }
    Ok(())
}
