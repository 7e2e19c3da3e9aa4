//! What the server of lesson 5 must do. It may serve one client after another or several at once: here they come one by one.

use std::time::Duration;

use super::{KEEP_WHAT_IS_BUFFERED, READ_EXACTLY};
use crate::bench::{Bench, Server, TcpPeer, shout};
use crate::lessons::frames::{LIMIT, frame, header, is_answered};
use crate::lessons::log::{logs, notes};
use crate::lessons::{every, leaks};
use crate::verdict::{Hint, Kind, Step};

const SHOUT_THE_PAYLOAD: &str = "an answer is a header of its own (4 bytes, the most significant first) and the payload, in which `a` to `z` alone are \
     changed (`to_ascii_uppercase`); the header is no text";
const READ_THE_HEADER: &str = "a header is 4 bytes, the most significant first (`u32::from_be_bytes`, `ntohl`), and N counts the payload alone: a huge N in your \
     log was read from the wrong end";
const NO_QUIT_WORD: &str =
    "there is no quit word here: a frame that holds `q` is answered like any other, and end-of-file ends a client";
const ANSWER_WHEN_WHOLE: &str =
    "a frame is whole once all N bytes behind its header have come: only then is it answered";
const EMPTY_IS_A_FRAME: &str =
    "N = 0 is a frame like any other, not the end: answer it with a header of zeros, then read the next header";
const A_PAYLOAD_IS_BYTES: &str = "a payload is N bytes, not text and no line: trim nothing, look for no end in it but its length, and make the answer from the \
     bytes (`to_ascii_uppercase`)";
const THE_LIMIT_IS_ALLOWED: &str = "1,048,576 bytes are allowed, only more is too large; read until all of them have come, and write until all have left (`write_all`)";
const THE_HEADER_TELLS: &str = "the header alone tells that a frame is too large: compare N, as an unsigned number, with the limit before anything is read or \
     allocated for it, and print `rejected N`";
const SAY_NO_MORE_OF_IT: &str = "behind `rejected N` comes `disconnected`, with the address of `connected`, as at the end of each client; nothing was cut off: no \
     `truncated`";
const CLOSE_WHAT_IS_REJECTED: &str =
    "behind a frame that is not read no other can be found: close the connection once it is rejected";
const LIMIT_BEFORE_MEMORY: &str =
    "four bytes from a stranger must not cost 4 GiB: compare N with the limit before you allocate anything for it";
const NOT_EVERY_END_IS_CLEAN: &str = "`read` returns 0 at end-of-file: between two frames that is a proper end; with a header or a payload begun, print `truncated`";
const NOT_WHOLE_NOT_ANSWERED: &str =
    "a frame that end-of-file has cut off is no frame: print `truncated`, and answer nothing of it";
const TRUNCATED_IS_GONE: &str =
    "behind `truncated` comes `disconnected`, with the address of `connected`, as at the end of each client";
const ONE_CLIENT_ENDS: &str =
    "whatever ends a client, be it in the middle of a frame, ends this one alone: go on to `accept`";
const RESET_ENDS_ONE_CLIENT: &str = "a reset is an error of `read` or of `write` (`Connection reset by peer`, `Broken pipe`; in C, SIGPIPE kills): it ends this \
     client, never the server, and the half frame goes with it";

/// server/one-frame
pub(super) fn one_frame(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    // So long that its length, taken for a character, is a small letter: the shout of a whole frame has another header.
    let length = bench.words.between(usize::from(b'a'), usize::from(b'z'));
    let payload = format!("é {}", bench.words.letters(length - "é ".len()));
    is_answered(&mut peer, payload)
        .hint_for(Kind::WrongBytes, SHOUT_THE_PAYLOAD)
        .hint(READ_THE_HEADER)?;
    for word in ["q", "Q"] {
        is_answered(&mut peer, word).hint(NO_QUIT_WORD)?;
    }
    is_answered(&mut peer, bench.words.line()).hint(NO_QUIT_WORD)
}

/// server/glued-frames
pub(super) fn glued_frames(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let lines = [bench.words.line(), bench.words.word(), bench.words.line()];
    peer.sends(lines.each_ref().map(frame).concat())?;
    peer.receives(lines.map(|line| frame(shout(line))).concat())
        .hint(KEEP_WHAT_IS_BUFFERED)
}

/// server/byte-by-byte
pub(super) fn byte_by_byte(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let payload = format!("{} 你", bench.words.word());
    let whole = frame(&payload);
    let (begun, last) = whole.split_at(whole.len() - 1);
    let single: Vec<&[u8]> = begun.chunks(1).collect();
    peer.dribbles_to(&server, &single).hint(READ_EXACTLY)?;
    server.comes_to_rest()?;
    peer.hears_nothing_yet().hint(ANSWER_WHEN_WHOLE)?;
    peer.sends(last).hint(READ_EXACTLY)?;
    peer.receives(frame(shout(payload))).hint(READ_EXACTLY)
}

/// server/split-header
pub(super) fn split_header(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let payload = bench.words.line();
    let whole = frame(&payload);
    let (begun, rest) = whole.split_at(2);
    peer.dribbles_to(&server, &[begun])?;
    server.comes_to_rest()?;
    peer.hears_nothing_yet().hint(READ_EXACTLY)?;
    peer.sends(rest).hint(READ_EXACTLY)?;
    peer.receives(frame(shout(payload))).hint(READ_EXACTLY)
}

/// server/empty-frame
pub(super) fn empty_frame(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    is_answered(&mut peer, "").hint(EMPTY_IS_A_FRAME)?;
    is_answered(&mut peer, bench.words.line()).hint(EMPTY_IS_A_FRAME)
}

/// server/binary-frame
pub(super) fn binary_frame(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let mut every_byte: Vec<u8> = (0..=255).collect();
    bench.words.shuffle(&mut every_byte);
    let payload = [b"\0\r\n", &every_byte[..], b"\n\0 \r\n"].concat();
    is_answered(&mut peer, payload).hint(A_PAYLOAD_IS_BYTES)
}

/// server/largest-frame
pub(super) fn largest_frame(bench: &mut Bench) -> Step {
    const PIECE: usize = 256 * 1024;
    // Drawn before there is anyone whom it could keep waiting.
    let payload = bench.words.letters(LIMIT as usize);
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    // In pieces, each with the time of a wait of its own: a program may read one byte at a time.
    for piece in frame(&payload).chunks(PIECE) {
        peer.sends(piece).hint(THE_LIMIT_IS_ALLOWED)?;
    }
    let answer = frame(shout(&payload));
    let (header, answer) = answer.split_at(header(LIMIT).len());
    peer.receives_first(header).hint(THE_LIMIT_IS_ALLOWED)?;
    for piece in answer.chunks(PIECE) {
        peer.receives(piece).hint(THE_LIMIT_IS_ALLOWED)?;
    }
    Ok(())
}

/// server/too-large
pub(super) fn too_large(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    is_rejected(&mut peer, &server, LIMIT + 1)?;
    is_gone(peer, &server).hint(SAY_NO_MORE_OF_IT)?;

    // Memory is measured where it can't be mistaken for what a runtime takes anyway, in a client that has already been served.
    let mut peer = bench.connect(&server).hint(ONE_CLIENT_ENDS)?;
    is_answered(&mut peer, bench.words.line()).hint(ONE_CLIENT_ENDS)?;
    server
        .takes_no_memory_for(u32::MAX.into(), || is_rejected(&mut peer, &server, u32::MAX))
        .hint(LIMIT_BEFORE_MEMORY)?;
    is_gone(peer, &server).hint(SAY_NO_MORE_OF_IT)?;

    serves_the_next(bench, &server).hint(ONE_CLIENT_ENDS)
}

/// The header of a frame that is too large is enough for the server to say so and to close.
fn is_rejected(peer: &mut TcpPeer, server: &Server, length: u32) -> Step {
    peer.sends(header(length))?;
    notes(server, &format!("rejected {length}"), peer.link.local).hint(THE_HEADER_TELLS)?;
    peer.receives_end_or_reset().hint(CLOSE_WHAT_IS_REJECTED)
}

/// The server says next that this client is gone. It may have closed its sending direction first, and wait for ours.
fn is_gone(peer: TcpPeer, server: &Server) -> Step {
    let address = peer.link.local;
    peer.closes()?;
    logs(server, "disconnected", address)
}

/// server/truncated
pub(super) fn truncated(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let whole = frame(bench.words.line());
    let inside_its_header = bench.words.between(1, 3);
    let behind_its_header = header(LIMIT).len();
    let inside_its_payload = bench.words.between(behind_its_header + 1, whole.len() - 1);
    for cut in [inside_its_header, behind_its_header, inside_its_payload] {
        let mut peer = bench.connect(&server).hint(ONE_CLIENT_ENDS)?;
        is_answered(&mut peer, bench.words.line()).hint(ONE_CLIENT_ENDS)?;
        peer.sends(&whole[..cut])?;
        peer.shuts_down()?;
        notes(&server, "truncated", peer.link.local).hint(NOT_EVERY_END_IS_CLEAN)?;
        logs(&server, "disconnected", peer.link.local).hint(TRUNCATED_IS_GONE)?;
        peer.hears_nothing_yet().hint(NOT_WHOLE_NOT_ANSWERED)?;
    }
    serves_the_next(bench, &server).hint(ONE_CLIENT_ENDS)
}

/// server/next-client
pub(super) fn next_client(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let whole = frame(bench.words.line());
    let (inside_its_header, inside_its_payload) = (&whole[..2], &whole[..whole.len() / 2]);
    for begun in [inside_its_header, inside_its_payload] {
        let mut peer = bench.connect(&server).hint(RESET_ENDS_ONE_CLIENT)?;
        is_answered(&mut peer, bench.words.line()).hint(RESET_ENDS_ONE_CLIENT)?;
        peer.dribbles_to(&server, &[begun])?;
        peer.resets()?;
    }

    // It owes answers: the first `write` gets the reset itself, and only the second a broken pipe.
    for _ in 0..2 {
        let mut peer = bench.connect_narrow(&server).hint(RESET_ENDS_ONE_CLIENT)?;
        is_answered(&mut peer, bench.words.line()).hint(RESET_ENDS_ONE_CLIENT)?;
        let frame = frame(bench.words.letters(1000));
        peer.says_unheard(&server, &frame)?;
        peer.resets()?;
    }

    serves_the_next(bench, &server).hint(RESET_ENDS_ONE_CLIENT)
}

/// server/patient
pub(super) fn patient(bench: &mut Bench) -> Step {
    let patience = "a silence has no time limit here: wait for the rest of the frame, however long it takes";
    let server = bench.server()?;
    let mut peer = bench.connect(&server)?;
    let payload = bench.words.line();
    let whole = frame(&payload);
    let (begun, rest) = whole.split_at(whole.len() / 2);
    peer.sends(begun)?;
    bench.elapse(Duration::from_millis(1100))?;
    peer.sends(rest).hint(patience)?;
    peer.receives(frame(shout(payload))).hint(patience)
}

/// How a peer leaves.
type Farewell = fn(TcpPeer) -> Step;

/// server/log
pub(super) fn log(bench: &mut Bench) -> Step {
    let endings: [(Farewell, &str); 2] = [
        (
            TcpPeer::closes,
            "end-of-file between two frames is a proper end: next comes `disconnected`, with the address of `connected`",
        ),
        (
            TcpPeer::resets,
            "a reset ends a client too: whatever else is printed for it, `disconnected` follows; its socket no longer knows the address, keep \
             what `accept` told you",
        ),
    ];
    let server = bench.server()?;
    for (leaves, hint) in endings {
        let mut peer = bench
            .connect(&server)
            .hint("the end of one client, a reset too, is not the end of the server: go on to `accept`")?;
        let address = peer.link.local;
        logs(&server, "connected", address)
            .hint("print the address that `accept` returns, `IP:PORT`, before you read the first frame")?;
        for payload in [bench.words.line(), String::new(), bench.words.letters(3000)] {
            let whole = frame(&payload);
            let (begun, rest) = whole.split_at(whole.len() / 2);
            peer.dribbles_to(&server, &[begun])?;
            server.comes_to_rest()?;
            server
                .has_printed_no_more()
                .hint("a frame is printed once it is whole, not once a part of it has come")?;
            peer.sends(rest)?;
            server
                .prints(&format!("frame {}", payload.len()))
                .hint("print `frame N`, the length of the payload, for each frame, and flush stdout: in a pipe nothing leaves before")?;
            peer.receives(frame(shout(&payload)))?;
        }
        leaves(peer)?;
        logs(&server, "disconnected", address).hint(hint)?;
    }
    server.has_printed_no_more()
}

/// server/leaks-nothing
pub(super) fn leaks_nothing(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let visits = [
        comes_and_closes,
        comes_and_closes_inside_a_frame,
        comes_and_resets,
        comes_and_resets_inside_a_frame,
        comes_and_announces_too_much,
    ];
    leaks::leaks_nothing(bench, &server, &visits).hint(ONE_CLIENT_ENDS)?;
    // A server that has ended holds none either.
    serves_the_next(bench, &server)
}

fn comes_and_closes(bench: &mut Bench, server: &Server) -> Step {
    bench.connect(server)?.closes()
}

fn comes_and_closes_inside_a_frame(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(&mut peer, bench.words.line())?;
    peer.sends(header(LIMIT))?;
    peer.closes()
}

fn comes_and_resets(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(&mut peer, bench.words.line())?;
    peer.resets()
}

fn comes_and_resets_inside_a_frame(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(&mut peer, bench.words.line())?;
    peer.dribbles_to(server, &[header(LIMIT)])?;
    peer.resets()
}

fn comes_and_announces_too_much(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(&mut peer, bench.words.line())?;
    peer.sends(header(LIMIT + 1))?;
    peer.closes()
}

/// server/port-in-use
pub(super) fn port_in_use(bench: &mut Bench) -> Step {
    let first = bench.server()?;
    every::a_second_server_fails(bench, &first)?;
    serves_the_next(bench, &first).hint(every::LEAVE_THE_FIRST_ITS_ADDRESS)
}

/// server/starts-again
pub(super) fn starts_again(bench: &mut Bench) -> Step {
    let first = bench.server()?;
    let mut peer = bench.connect(&first)?;
    is_answered(&mut peer, bench.words.line())?;
    // The kernel closes what the server had open, and so first: TIME-WAIT is on its side, where it keeps the port busy without SO_REUSEADDR.
    first.kill()?;
    peer.receives_end_or_reset()?;
    peer.closes()?;
    let again = every::started_again(bench, &first)?;
    serves_the_next(bench, &again)
}

/// A new client comes and is answered.
fn serves_the_next(bench: &mut Bench, server: &Server) -> Step {
    let mut next = bench.connect(server)?;
    is_answered(&mut next, bench.words.line())
}
