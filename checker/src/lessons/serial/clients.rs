//! Who comes after whom, and how they leave.

use super::Farewell;
use crate::bench::{Bench, Server, TcpPeer, shout};
use crate::lessons::shouting::{is_answered, says, serves_the_next};
use crate::verdict::{Hint, Step};

const EOF_ENDS_ONE_CLIENT: &str =
    "`read` returns 0 when the client has closed: leave its loop, print `disconnected ADDR`, and go on to `accept`";
const QUIT_ENDS_ONE_CLIENT: &str =
    "`q` ends this client, not the server: close its connection, print `disconnected ADDR`, and go on to `accept`";
const RESET_ENDS_ONE_CLIENT: &str =
    "a reset is an error of `read` (`Connection reset by peer`): it ends this client, never the server";
const FORGET_THE_HALF_LINE: &str = "a reset inside a line ends this client alone, and the half line goes with it: the next one begins with an empty buffer";

/// server/next-after-quit
pub(super) fn next_after_quit(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut first = bench.connect(&server)?;
    is_answered(bench, &mut first)?;
    // It keeps its own end open: the server is the one to close.
    says(&mut first, "Q")?;
    serves_the_next(bench, &server).hint(QUIT_ENDS_ONE_CLIENT)
}

/// server/next-after-eof
pub(super) fn next_after_eof(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    bench.connect(&server)?.closes()?;

    let mut second = bench.connect(&server)?;
    is_answered(bench, &mut second).hint(EOF_ENDS_ONE_CLIENT)?;
    second.closes()?;

    serves_the_next(bench, &server).hint(EOF_ENDS_ONE_CLIENT)
}

/// server/next-after-reset
pub(super) fn next_after_reset(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let mut first = bench.connect(&server)?;
    is_answered(bench, &mut first)?;
    first.resets()?;

    let mut second = bench.connect(&server).hint(RESET_ENDS_ONE_CLIENT)?;
    is_answered(bench, &mut second).hint(RESET_ENDS_ONE_CLIENT)?;
    second.dribbles(&[bench.words.word()])?;
    second.resets()?;

    serves_the_next(bench, &server).hint(FORGET_THE_HALF_LINE)
}

/// server/waits-in-the-queue
pub(super) fn waits_in_the_queue(bench: &mut Bench) -> Step {
    let harmless = "a client may be gone before `accept` returns it: that ends this one client, never the server";
    let server = bench.server()?;
    let mut first = bench.connect(&server)?;
    is_answered(bench, &mut first)?;

    let (asked, asked_too) = (bench.words.line(), bench.words.line());
    let mut second = bench.connect(&server)?;
    says(&mut second, &asked)?;
    let mut third = bench.connect(&server)?;
    says(&mut third, &asked_too)?;
    is_answered(bench, &mut first).hint("who comes meanwhile waits: go on with the client that you serve")?;
    first.closes()?;

    let queued =
        "the accept queue keeps who came meanwhile, with all that they said: after one client, `accept` the next";
    second.receives_line(shout(&asked)).hint(queued)?;
    // Never more than two wait, so that even `listen(fd, 1)` is enough.
    bench.connect(&server)?.resets()?;
    second.closes()?;
    third.receives_line(shout(&asked_too)).hint(queued)?;
    third.closes()?;

    // Behind the one that was reset.
    let mut last = bench.connect(&server).hint(harmless)?;
    is_answered(bench, &mut last).hint(harmless)
}

/// server/gone-before-the-reply
pub(super) fn gone_before_the_reply(bench: &mut Bench) -> Step {
    let survive = "an answer to a client that is gone fails with `Broken pipe` or `Connection reset by peer` (in C, SIGPIPE kills): it ends this client, never the server";
    let server = bench.server()?;
    // With its newlines 9 KB: it fits into the server's receive buffer, so that nobody has to wait for anybody. A server that is quick may have
    // answered all before the client is gone.
    let lines: String = (0..1000).map(|_| bench.words.letters(8) + "\n").collect();
    let farewells: [Farewell; 2] = [TcpPeer::resets, closes_with_answers_unread];
    for leaves in farewells {
        let mut peer = bench.connect(&server).hint(survive)?;
        is_answered(bench, &mut peer).hint(survive)?;
        peer.sends(&lines)?;
        leaves(peer)?;
    }
    // However quick it is, it owes these some answers.
    for leaves in farewells {
        let mut peer = bench.connect_narrow(&server).hint(survive)?;
        is_answered(bench, &mut peer).hint(survive)?;
        let line = bench.words.letters(1000) + "\n";
        peer.says_unheard(&server, line.as_bytes())?;
        leaves(peer)?;
    }
    serves_the_next(bench, &server).hint(survive)
}

/// So that there is no end-of-file for the server: the kernel makes a reset of it.
fn closes_with_answers_unread(mut peer: TcpPeer) -> Step {
    peer.leaves_unread()?;
    peer.closes_unread();
    Ok(())
}

pub(super) fn comes_and_quits(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    quits(peer)
}

pub(super) fn comes_and_closes(bench: &mut Bench, server: &Server) -> Step {
    bench.connect(server)?.closes()
}

pub(super) fn comes_and_closes_inside_a_line(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    peer.sends(bench.words.word())?;
    peer.closes()
}

pub(super) fn comes_and_resets(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    peer.resets()
}

pub(super) fn comes_and_resets_inside_a_line(bench: &mut Bench, server: &Server) -> Step {
    let mut peer = bench.connect(server)?;
    is_answered(bench, &mut peer)?;
    peer.dribbles(&[bench.words.word()])?;
    peer.resets()
}

pub(super) fn quits(mut peer: TcpPeer) -> Step {
    says(&mut peer, "q")?;
    peer.closes()
}
