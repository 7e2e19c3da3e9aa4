//! What the client of lesson 8 must do: answer, then talk in turns.

use super::login::{PROOF, VARIABLE, answer, knows, secret, server};
use crate::bench::{Bench, Running, TcpPeer, shout};
use crate::lessons::frames::{LIMIT, frame, header};
use crate::lessons::{chat, every};
use crate::verdict::{Hint, Kind, Step, Stop};

const ANSWER_THE_CHALLENGE: &str = "the answer is a frame of 32 bytes, no hex digits: HMAC-SHA256, keyed with every byte of `LESSON08_SECRET`, of the 32 bytes that came";
const ANSWER_BEFORE_STDIN: &str = "answer as soon as the challenge is whole, and flush: the login needs nothing of stdin, which is read once `ok` has come, a line \
     at a time";
const ONLY_OK_LETS_IN: &str = "only a frame that holds exactly `ok` lets the client in: at anything else end with an error and a non-zero exit code";
const WAIT_FOR_OK: &str = "nothing of stdin is sent before `ok` has come";
const A_LINE_IS_A_FRAME: &str =
    "each line of stdin, without its newline, is the payload of one frame, the empty line too";
const WHOLE_FRAMES: &str = "one `read` returns what has come so far: collect header and payload until they are whole, and keep what lies behind";
const ONE_FRAME_A_TURN: &str = "one frame is sent, then one is awaited, and printed before the next line is read";
const BYTES_ARE_NOT_ALWAYS_TEXT: &str =
    "what comes from a network is bytes, not always text: `String::from_utf8_lossy` shows the rest as U+FFFD";
const A_LAST_LINE_IS_A_LINE: &str =
    "a last line that the end of stdin ends in place of a newline is a line too: send it, and print its answer";
const NO_ANSWER_IS_A_FAILURE: &str = "a frame that was sent is owed an answer: end-of-file in its place or inside it is a failure: end with an error and a non-zero \
     exit code";
const TOO_LARGE_IS_A_FAILURE: &str = "more than 1,048,576 bytes are not allowed, and the header tells: end with an error and a non-zero exit code, without waiting for \
     the payload";
const QUIT_WITHOUT_A_WORD: &str =
    "in this lesson the quit word and the end of stdin are not sent: close the connection";

/// A client that knows the secret, and has connected to us.
fn client(bench: &mut Bench, secret: &str) -> Step<(Running, TcpPeer)> {
    knows(bench, secret);
    chat::connected_client(bench)
}

/// It answers a challenge right.
fn proves_itself(bench: &mut Bench, peer: &mut TcpPeer, secret: &str) -> Step {
    let challenge = bench.words.bytes(PROOF);
    peer.sends(frame(&challenge))?;
    let answered = peer.receives_first(frame(answer(secret, &challenge)));
    match &answered {
        Err(Stop::Finding(finding)) if finding.kind == Kind::MissingBytes => answered.hint(ANSWER_BEFORE_STDIN),
        _ => answered.hint(ANSWER_THE_CHALLENGE),
    }
}

/// A client that was let in.
fn client_inside(bench: &mut Bench) -> Step<(Running, TcpPeer)> {
    let secret = secret(bench);
    let (client, mut peer) = client(bench, &secret)?;
    proves_itself(bench, &mut peer, &secret)?;
    peer.sends(frame("ok"))?;
    Ok((client, peer))
}

/// client/right-answer
pub(super) fn right_answer(bench: &mut Bench) -> Step {
    let secrets = [
        secret(bench),
        bench.words.letters(65),
        format!("  {} ", bench.words.line()),
    ];
    for secret in secrets {
        let (_client, mut peer) = client(bench, &secret)?;
        proves_itself(bench, &mut peer, &secret)?;
    }
    // The same, with a challenge that comes in pieces.
    let secret = bench.words.letters(64);
    let (client, mut peer) = client(bench, &secret)?;
    let challenge = bench.words.bytes(PROOF);
    let said = frame(&challenge);
    peer.dribbles_to(&client, &bench.words.cut(&said, 4))
        .hint(WHOLE_FRAMES)?;
    peer.receives_first(frame(answer(&secret, &challenge)))
        .hint(WHOLE_FRAMES)
}

/// client/denied
pub(super) fn denied(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    let (client, mut peer) = client(bench, &secret)?;
    proves_itself(bench, &mut peer, &secret)?;
    peer.sends(frame("denied"))?;
    // Its stdin and the connection stay open: only the verdict can end it.
    client.fails().hint(ONLY_OK_LETS_IN)
}

/// client/odd-challenge
pub(super) fn odd_challenge(bench: &mut Bench) -> Step {
    let refuse = "a challenge is exactly 32 bytes long: whoever sends another length is no server of ours, fail and answer nothing";
    let secret = secret(bench);
    for length in [PROOF / 2, 0, PROOF + 1] {
        let (client, mut peer) = client(bench, &secret)?;
        peer.sends(frame(bench.words.bytes(length)))?;
        // First what it sends: who answers may not fail for that reason.
        peer.receives_end_or_reset().hint(refuse)?;
        client.fails().hint(refuse)?;
    }
    Ok(())
}

/// client/not-ok
pub(super) fn not_ok(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    for verdict in [Some("OK"), Some("okay"), Some(""), None] {
        let (client, mut peer) = client(bench, &secret)?;
        client.types(&bench.words.line())?;
        proves_itself(bench, &mut peer, &secret)?;
        chat::keeps_silent(&client, &mut peer).hint(WAIT_FOR_OK)?;
        match verdict {
            Some(verdict) => peer.sends(frame(verdict))?,
            None => peer.shuts_down()?,
        }
        client.fails().hint(ONLY_OK_LETS_IN)?;
        peer.receives_end_or_reset().hint(ONLY_OK_LETS_IN)?;
    }
    Ok(())
}

/// client/no-secret
pub(super) fn no_secret(bench: &mut Bench) -> Step {
    let without = "without a secret there is no answer: end with an error that names `LESSON08_SECRET`, without waiting for anything";
    for empty in [false, true] {
        match empty {
            true => knows(bench, ""),
            false => bench.unsets(VARIABLE),
        }
        let host = bench.listen()?;
        let client = bench.client(host.addr)?;
        // It may look for its secret before it connects, or after.
        let peer = host.accept_before_the_end(&client)?;
        if let Some(mut peer) = peer {
            // No challenge comes: nothing is to be waited for.
            peer.receives_end_or_reset().hint(without)?;
        }
        client.fails_naming(VARIABLE).hint(without)?;
    }
    Ok(())
}

/// client/takes-turns
pub(super) fn takes_turns(bench: &mut Bench) -> Step {
    let (client, mut peer) = client_inside(bench)?;
    for line in [bench.words.line(), String::new(), format!("  {} ", bench.words.word())] {
        client.types(&line)?;
        peer.receives(frame(&line)).hint(A_LINE_IS_A_FRAME)?;
        let answer = bench.words.line();
        let said = frame(&answer);
        for piece in bench.words.cut(&said, 4) {
            peer.dribbles_to(&client, &[piece]).hint(WHOLE_FRAMES)?;
        }
        client.prints(&answer).hint(WHOLE_FRAMES)?;
    }

    // Typed ahead, and the next turn's answer glued to this one's.
    let (first, second) = (bench.words.line(), bench.words.line());
    let (this, next) = (bench.words.line(), String::new());
    client.types(&first)?;
    peer.receives(frame(&first))?;
    client.types(&second)?;
    chat::keeps_silent(&client, &mut peer).hint(ONE_FRAME_A_TURN)?;
    peer.sends([frame(&this), frame(&next)].concat())?;
    client.prints(&this).hint(WHOLE_FRAMES)?;
    peer.receives(frame(&second)).hint(A_LINE_IS_A_FRAME)?;
    client.prints(&next).hint(WHOLE_FRAMES)?;

    let third = bench.words.line();
    client.types(&third)?;
    peer.receives(frame(&third)).hint(A_LINE_IS_A_FRAME)?;
    let no_utf8 = [
        bench.words.word().as_bytes(),
        b"\xff\xfe",
        bench.words.word().as_bytes(),
        b"\xe4\xbd",
    ]
    .concat();
    peer.sends(frame(&no_utf8))?;
    client.prints_bytes(&no_utf8).hint(BYTES_ARE_NOT_ALWAYS_TEXT)?;

    let (last, answer) = (bench.words.line(), bench.words.line());
    client.types_raw(last.as_bytes())?;
    client.ends_input()?;
    peer.receives(frame(&last)).hint(A_LAST_LINE_IS_A_LINE)?;
    peer.sends(frame(&answer))?;
    client.prints(&answer).hint(A_LAST_LINE_IS_A_LINE)?;
    client.exits(0).hint(QUIT_WITHOUT_A_WORD)?;

    let cut = frame(bench.words.line());
    for in_place_of_an_answer in [&b""[..], &cut[..2], &cut[..6]] {
        fails_without_an_answer(bench, in_place_of_an_answer, TcpPeer::shuts_down).hint(NO_ANSWER_IS_A_FAILURE)?;
    }
    // The connection stays open: no end-of-file takes the decision from it.
    fails_without_an_answer(bench, &header(LIMIT + 1), |_| Ok(())).hint(TOO_LARGE_IS_A_FAILURE)
}

/// A client to whose frame comes this, and then what `ends` says. Its stdin stays open.
fn fails_without_an_answer(bench: &mut Bench, instead: &[u8], ends: fn(&mut TcpPeer) -> Step) -> Step {
    let (client, mut peer) = client_inside(bench)?;
    let line = bench.words.line();
    client.types(&line)?;
    peer.receives(frame(&line)).hint(A_LINE_IS_A_FRAME)?;
    peer.sends(instead)?;
    ends(&mut peer)?;
    client.fails()
}

/// client/quits
pub(super) fn quits(bench: &mut Bench) -> Step {
    let (typing, mut peer) = client_inside(bench)?;
    takes_a_turn(bench, &typing, &mut peer)?;
    // Its stdin and the connection stay open: only the quit word can end it.
    typing.types(" Q ")?;
    typing.exits(0).hint(QUIT_WITHOUT_A_WORD)?;
    peer.receives_end_or_reset().hint(QUIT_WITHOUT_A_WORD)?;

    let (silent, mut peer) = client_inside(bench)?;
    takes_a_turn(bench, &silent, &mut peer)?;
    silent.ends_input()?;
    silent.exits(0).hint(QUIT_WITHOUT_A_WORD)?;
    peer.receives_end_or_reset().hint(QUIT_WITHOUT_A_WORD)
}

fn takes_a_turn(bench: &mut Bench, client: &Running, peer: &mut TcpPeer) -> Step {
    let (line, answer) = (bench.words.line(), bench.words.line());
    client.types(&line)?;
    peer.receives(frame(&line)).hint(A_LINE_IS_A_FRAME)?;
    peer.sends(frame(&answer))?;
    client.prints(&answer)
}

/// client/no-server
pub(super) fn no_server(bench: &mut Bench) -> Step {
    let secret = secret(bench);
    knows(bench, &secret);
    every::no_server(bench)
}

/// together
pub(super) fn together(bench: &mut Bench) -> Step {
    let (ours, theirs) = (secret(bench), secret(bench));
    let server = server(bench, &ours)?;
    for _ in 0..2 {
        knows(bench, &ours);
        let friend = bench.client(server.addr)?;
        let line = bench.words.line();
        friend.types(&line)?;
        // The first of a client that may still be starting up.
        friend.prints_first(&String::from_utf8_lossy(&shout(&line)))?;
        friend.types("q")?;
        friend.exits(0)?;

        knows(bench, &theirs);
        let stranger = bench.client(server.addr)?;
        stranger.types(&line)?;
        stranger.fails_first().hint(ONLY_OK_LETS_IN)?;
    }
    server.still_runs()
}
