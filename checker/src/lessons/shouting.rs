//! The servers that shout lines back, in lessons 3, 6 and 7: a line comes, its shout goes back.

use super::{chat, every};
use crate::bench::{Bench, Link, Peer, Running, Server, shout};
use crate::verdict::{Hint, Step};

pub(super) const SHOUT_BYTES: &str =
    "shout byte by byte, `a` to `z` alone (`to_ascii_uppercase`), and answer bytes: they need not be text";

pub(super) const A_TAB_IS_WHITE_SPACE: &str =
    "a tab is white space as a space is: take off all white space around the quit word";

/// The peer sends a line.
pub(super) fn says<L: Link>(peer: &mut Peer<L>, line: impl AsRef<[u8]>) -> Step {
    peer.sends([line.as_ref(), b"\n"].concat())
}

/// A line of the peer comes back as its shout.
pub(super) fn is_answered<L: Link>(bench: &mut Bench, peer: &mut Peer<L>) -> Step {
    let line = bench.words.line();
    says(peer, &line)?;
    peer.receives_line(shout(&line))
}

/// A line that comes in pieces, cut inside `你`, is answered when its newline is there, and not before.
pub(super) fn is_answered_once_whole<L: Link>(bench: &mut Bench, server: &Running, peer: &mut Peer<L>) -> Step {
    let (before, after) = (bench.words.line(), bench.words.word());
    let line = format!("{before} 你 {after}");
    let (head, tail) = line.as_bytes().split_at(before.len() + 2);
    peer.dribbles(&[&head[..2], &head[2..], tail])?;
    chat::keeps_silent(server, peer)?;
    peer.sends("\n")?;
    peer.receives_line(shout(&line))
}

/// Lines that only look like the quit word are answered.
pub(super) fn no_text_quits<L: Link>(peer: &mut Peer<L>) -> Step {
    for text in ["quiet", "Quit", "qq", "q!"] {
        says(peer, text)?;
        peer.receives_line(shout(text))
            .hint("the quit word stands alone on its line: a line that begins with `q` is ordinary text")?;
    }
    Ok(())
}

/// A new client comes and is answered.
pub(super) fn serves_the_next(bench: &mut Bench, server: &Server) -> Step {
    let mut next = bench.connect(server)?;
    is_answered(bench, &mut next)
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
    is_answered(bench, &mut peer)?;
    says(&mut peer, "q")?;
    peer.receives_all()
        .hint("`q` ends the client that says it: close its connection")?;
    // The server closed first: TIME-WAIT is on its side, where it keeps the port busy without SO_REUSEADDR.
    peer.closes()?;
    first.kill()?;
    let again = every::started_again(bench, &first)?;
    serves_the_next(bench, &again)
}
