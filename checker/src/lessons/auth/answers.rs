//! Right and wrong answers to a challenge, and what the server makes of them.

use std::time::Duration;

use super::login::{
    PROOF, answer, challenge, is_denied, is_denied_or_reset, is_let_in, is_served, secret, server, serves_the_next,
};
use crate::bench::{Bench, Server, TcpPeer, shout};
use crate::lessons::frames::{frame, header, is_answered};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

const COMPARE_ALL: &str =
    "compare all 32 bytes, in constant time (`verify_slice`), and deny whoever is wrong in any of them";
const THE_LENGTH_COUNTS: &str =
    "an answer is exactly 32 bytes long: compare the lengths too, not only the bytes that are there";
const ONE_CHALLENGE_ONE_ANSWER: &str = "an answer belongs to the challenge of its own connection: draw a new one for each, and check the answer \
     against that one";
const NO_QUIT_WORD: &str = "there is no quit word for the server: a frame that holds `q` is answered like any other, and end-of-file ends a client";
const THE_WHOLE_SECRET: &str =
    "the key is every byte of `LESSON08_SECRET`, spaces included: nothing is trimmed, cut or split";

/// server/right-answer
pub(super) fn right(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    let mut whole = bench.connect(&server)?;
    is_let_in(&mut whole, &secret)?;
    is_served(bench, &mut whole)?;
    for word in ["q", "Q"] {
        is_answered(&mut whole, word).hint(NO_QUIT_WORD)?;
    }
    is_served(bench, &mut whole).hint(NO_QUIT_WORD)?;
    whole.closes()?;

    let mut dribbled = bench.connect(&server)?;
    let proof = frame(answer(&secret, &challenge(&mut dribbled)?));
    let pieces: Vec<&[u8]> = proof.chunks(1).collect();
    let collect =
        "one `read` returns what has come so far: read until header and answer are whole, and only then compare";
    dribbled.dribbles_to(&server, &pieces).hint(collect)?;
    dribbled.receives(frame("ok")).hint(collect)?;
    is_served(bench, &mut dribbled)?;
    dribbled.closes()?;

    let mut glued = bench.connect(&server)?;
    let proof = frame(answer(&secret, &challenge(&mut glued)?));
    let text = bench.words.line();
    glued.sends([proof, frame(&text)].concat())?;
    glued.receives([frame("ok"), frame(shout(&text))].concat()).hint(
        "one `read` may bring the answer and the first frame: keep one buffered reader for login and conversation",
    )
}

/// server/wrong-answer
pub(super) fn wrong(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    let any = bench.words.between(8, PROOF - 9);
    // One bit at either end, one of the highest in the midst, and two that cancel each other in a sum or an exclusive or of all.
    for (places, bit, zero_before) in [
        (vec![0], bench.words.between(0, 7), 0),
        (vec![PROOF - 1], bench.words.between(0, 7), PROOF - 1),
        (vec![any], 7, 0),
        (vec![any, any + 1], bench.words.between(0, 7), 0),
    ] {
        let (mut peer, mut proof) = challenged(bench, &server, &secret, zero_before)?;
        for at in places {
            proof[at] ^= 1 << bit;
        }
        peer.sends(frame(proof))?;
        is_denied(&mut peer).hint(COMPARE_ALL)?;
        peer.closes()?;
        serves_the_next(bench, &server, &secret).hint("a denied client ends alone: go on to `accept`")?;
    }
    Ok(())
}

/// A peer and the right answer to its challenge, which holds, as one in eight does, a zero byte before `at`: who compares strings stops there.
fn challenged(bench: &mut Bench, server: &Server, secret: &str, at: usize) -> Step<(TcpPeer, Vec<u8>)> {
    let mut tries = 48;
    loop {
        let mut peer = bench.connect(server)?;
        let proof = answer(secret, &challenge(&mut peer)?);
        tries -= 1;
        if at == 0 || proof[..at].contains(&0) || tries == 0 {
            return Ok((peer, proof));
        }
        peer.closes()?;
    }
}

/// server/short-answer
pub(super) fn short(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    let mut half = bench.connect(&server)?;
    let proof = answer(&secret, &challenge(&mut half)?);
    is_denied_for_its_length(half, &server, &proof[..PROOF / 2])?;

    let mut none = bench.connect(&server)?;
    challenge(&mut none)?;
    none.sends(frame(b""))?;
    is_denied(&mut none).hint(THE_LENGTH_COUNTS)?;
    none.closes()?;
    serves_the_next(bench, &server, &secret)
}

/// server/long-answer
pub(super) fn long(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    let mut peer = bench.connect(&server)?;
    let mut proof = answer(&secret, &challenge(&mut peer)?);
    proof.extend(bench.words.bytes(1));
    is_denied_for_its_length(peer, &server, &proof)?;
    serves_the_next(bench, &server, &secret)
}

/// server/replayed-answer
pub(super) fn replayed(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    // Overheard on the way, and used in time.
    let mut first = bench.connect(&server)?;
    let used = answer(&secret, &challenge(&mut first)?);
    first.sends(frame(&used))?;
    first.receives(frame("ok"))?;
    first.closes()?;
    // Right as well, but its challenge's own connection was gone before it came.
    let mut second = bench.connect(&server)?;
    let unused = answer(&secret, &challenge(&mut second)?);
    second.closes()?;

    for replay in [used, unused] {
        let mut peer = bench.connect(&server)?;
        challenge(&mut peer)?;
        peer.sends(frame(replay))?;
        is_denied(&mut peer).hint(ONE_CHALLENGE_ONE_ANSWER)?;
        peer.closes()?;
    }
    serves_the_next(bench, &server, &secret)
}

/// server/another-secret
pub(super) fn another_secret(bench: &mut Bench) -> Step {
    // Over 64 bytes, which is what HMAC takes as it is, and with a space at its end.
    let (first, rest) = (bench.words.word(), bench.words.letters(64));
    let secret = format!("{first} {rest} ");
    let server = server(bench, &secret)?;
    let others = [
        bench.words.line(),
        first,
        secret[..64].to_owned(),
        secret.trim_end().to_owned(),
        String::new(),
    ];
    for other in others {
        let mut peer = bench.connect(&server)?;
        let proof = answer(&other, &challenge(&mut peer)?);
        peer.sends(frame(proof))?;
        is_denied(&mut peer).hint(THE_WHOLE_SECRET)?;
        peer.closes()?;
    }
    serves_the_next(bench, &server, &secret).hint(THE_WHOLE_SECRET)
}

/// server/nothing-before-ok
pub(super) fn nothing_before_ok(bench: &mut Bench) -> Step {
    let only_once =
        "a wrong answer ends the conversation: nothing that lies behind it is read as a frame, nor as a second try";
    let secret = secret(bench);
    let server = server(bench, &secret)?;
    for tries_again in [false, true] {
        let mut peer = bench.connect(&server)?;
        let right = answer(&secret, &challenge(&mut peer)?);
        // Wrong wherever one looks.
        let wrong: Vec<u8> = right.iter().map(|byte| !byte).collect();
        let mut said = frame(wrong);
        if tries_again {
            said.extend(frame(right));
        }
        said.extend(frame(bench.words.line()));
        peer.sends(said)?;
        is_denied_or_reset(&mut peer).hint(only_once)?;
        peer.closes()?;
        logs_nothing_but_the_visit(&server).hint(only_once)?;
    }
    serves_the_next(bench, &server, &secret)
}

/// Until it says that its client is gone, the server prints nothing that is not about who came and went.
fn logs_nothing_but_the_visit(server: &Server) -> Step {
    loop {
        let printed = server.next_line("the line `disconnected ADDR`")?;
        if printed.starts_with(b"disconnected ") {
            return Ok(());
        }
        if !printed.starts_with(b"connected ") && !printed.starts_with(b"denied ") {
            return Finding::new(
                Kind::ExtraOutput,
                "the server printed something about a client that has not proved itself",
            )
            .expected("`connected ADDR`, `denied ADDR`, `disconnected ADDR`")
            .actual(quoted(&printed))
            .stop();
        }
    }
}

/// An answer of a wrong length: the server may deny it at its header, or once it is whole.
fn is_denied_for_its_length(mut peer: TcpPeer, server: &Server, proof: &[u8]) -> Step {
    peer.dribbles_to(server, &[header(proof.len() as u32)])
        .hint(THE_LENGTH_COUNTS)?;
    server.comes_to_rest()?;
    match peer.hears_within(Duration::ZERO)? {
        true => is_denied(&mut peer).hint(THE_LENGTH_COUNTS)?,
        false => {
            peer.sends_regardless(proof)?;
            is_denied_or_reset(&mut peer).hint(THE_LENGTH_COUNTS)?;
        }
    }
    peer.closes()
}
