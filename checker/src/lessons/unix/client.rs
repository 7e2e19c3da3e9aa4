//! The client of lesson 6.

use crate::bench::{Bench, Running, UnixPeer};
use crate::lessons::chat;
use crate::verdict::{Hint, Step};

const GREETING_COMES_FIRST: &str =
    "the server speaks first: read the greeting's whole line and print it, and only then send what is typed";
const KEEP_WHAT_CAME_WITH_THE_GREETING: &str = "one `read` can return more than the greeting: keep what is behind its newline for the first turn (one buffered reader for \
     the whole conversation)";
const THE_SERVER_IS_GONE: &str =
    "end-of-file and a reset mean that the server is gone: that ends the client, with exit code 0";

/// client/greeting-and-turns
pub(super) fn greeting_and_turns(bench: &mut Bench) -> Step {
    let (client, mut peer) = greeted_client(bench)?;
    chat::takes_turns(bench, &client, &mut peer)
}

/// client/split-and-glued
pub(super) fn split_and_glued(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    let greeting = a_greeting(bench);
    let typed_ahead = bench.words.line();
    client.types(&typed_ahead)?;
    for piece in bench.words.cut(greeting.as_bytes(), 3) {
        chat::keeps_silent(&client, &mut peer).hint(GREETING_COMES_FIRST)?;
        peer.dribbles(&[piece]).hint(GREETING_COMES_FIRST)?;
    }
    chat::keeps_silent(&client, &mut peer).hint(GREETING_COMES_FIRST)?;
    peer.sends("\n")?;
    client.prints(&greeting).hint(chat::A_LINE_ENDS_AT_ITS_NEWLINE)?;
    peer.receives_line(&typed_ahead)?;

    let (client, mut peer) = connected_client(bench)?;
    let (greeting, first, reply) = (a_greeting(bench), bench.words.line(), bench.words.line());
    peer.sends(format!("{greeting}\n{reply}\n"))?;
    client.prints(&greeting).hint(KEEP_WHAT_CAME_WITH_THE_GREETING)?;
    client.comes_to_rest()?;
    client.has_printed_no_more().hint(chat::ONE_LINE_A_TURN)?;
    client.types(&first)?;
    peer.receives_line(&first)?;
    client.prints(&reply).hint(KEEP_WHAT_CAME_WITH_THE_GREETING)
}

/// client/quits
pub(super) fn quits(bench: &mut Bench) -> Step {
    chat::quits(bench, greeted_client)?;
    for word in ["q", "\tQ "] {
        let (client, mut peer) = greeted_client(bench)?;
        chat::client_takes_a_turn(bench, &client, &mut peer)?;
        client.types(word)?;
        chat::receives_the_quit_word(&mut peer).hint(chat::QUIT_IS_A_WHOLE_LINE)?;
        client.exits(0).hint(chat::QUIT_ENDS)?;
    }
    chat::input_ends(bench, greeted_client)?;
    chat::empty_lines_are_skipped(bench, greeted_client)
}

/// client/server-closes
pub(super) fn server_closes(bench: &mut Bench) -> Step {
    let (client, peer) = connected_client(bench)?;
    peer.closes()?;
    client.exits(0).hint(THE_SERVER_IS_GONE)?;

    let (client, mut peer) = greeted_client(bench)?;
    chat::client_takes_a_turn(bench, &client, &mut peer)?;
    let line = bench.words.line();
    client.types(&line)?;
    peer.receives_line(&line)?;
    peer.closes()?;
    client.exits(0).hint(THE_SERVER_IS_GONE)?;

    // Closed with the line unread: the client gets a reset (`Connection reset by peer`).
    let (client, mut peer) = greeted_client(bench)?;
    client.types(&bench.words.line())?;
    peer.leaves_unread()?;
    peer.closes_unread();
    client.exits(0).hint(THE_SERVER_IS_GONE)
}

/// client/no-server
pub(super) fn no_server(bench: &mut Bench) -> Step {
    let name_it =
        "`connect` fails when nobody listens: end with an error that names the path, and a non-zero exit code";
    let nothing = bench.free_path()?;
    bench
        .client_at(&nothing)?
        .fails_naming(&nothing.display().to_string())
        .hint(name_it)?;

    let dead = bench.free_path()?;
    bench.dead_socket_at(&dead)?;
    let left = bench.remembers(&dead)?;
    bench
        .client_at(&dead)?
        .fails_naming(&dead.display().to_string())
        .hint(name_it)?;
    left.is_untouched()
        .hint("a socket file is the server's affair: the client leaves it where it is")
}

// --- what the checks are made of ---

fn connected_client(bench: &mut Bench) -> Step<(Running, UnixPeer)> {
    let path = bench.free_path()?;
    let host = bench.listen_at(&path)?;
    let client = bench.client_at(&path)?;
    let peer = host.accept(&client)?;
    Ok((client, peer))
}

/// A client that has connected and printed its greeting.
fn greeted_client(bench: &mut Bench) -> Step<(Running, UnixPeer)> {
    let (client, mut peer) = connected_client(bench)?;
    let greeting = a_greeting(bench);
    peer.sends(format!("{greeting}\n"))?;
    client.prints(&greeting).hint(GREETING_COMES_FIRST)?;
    Ok((client, peer))
}

fn a_greeting(bench: &mut Bench) -> String {
    format!(
        "hello pid={} uid={}",
        bench.words.between(2, 4_000_000),
        bench.words.between(0, 60_000)
    )
}
