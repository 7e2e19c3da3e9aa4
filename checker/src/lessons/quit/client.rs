//! The client's side of the chat.

use super::server::exits_when_it_writes;
use super::{A_LOST_CONNECTION_ENDS, END_OF_FILE_ENDS, THE_PEERS_Q_ENDS};
use crate::bench::{Bench, Running, TcpPeer};
use crate::lessons::chat::{
    AWAIT_THE_REPLY, QUIT_ENDS, QUIT_IS_A_WHOLE_LINE, client_takes_a_turn, connected_client, keeps_silent,
    leaves_the_text_alone, receives_the_quit_word,
};
use crate::verdict::{Hint, Step};

/// client/takes-turns
pub(super) fn client_takes_turns(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    for _ in 0..3 {
        client_takes_a_turn(bench, &client, &mut peer)?;
    }
    keeps_silent(&client, &mut peer)?;

    let (client, mut peer) = connected_client(bench)?;
    let lines = [bench.words.line(), bench.words.line(), bench.words.line()];
    client.types_raw(format!("{}\n", lines.join("\n")).as_bytes())?;
    for line in &lines {
        peer.receives_line(line)
            .hint("what was typed ahead waits for its turn: read stdin with one buffered reader, one line a turn")?;
        keeps_silent(&client, &mut peer).hint(AWAIT_THE_REPLY)?;
        let reply = bench.words.line();
        peer.sends(format!("{reply}\n"))?;
        client.prints(&reply)?;
    }
    leaves_the_text_alone(bench, &client, &mut peer)?;
    keeps_silent(&client, &mut peer)
}

/// client/server-quits
pub(super) fn server_quits_in_reply(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    client_takes_a_turn(bench, &client, &mut peer)?;
    it_is_the_peers_turn(bench, &client, &mut peer)?;
    peer.sends("q\n")?;
    client.exits(0).hint(THE_PEERS_Q_ENDS)?;
    peer.receives_end().hint(THE_PEERS_Q_ENDS)
}

/// The client has spoken, and waits for its reply.
fn it_is_the_peers_turn(bench: &mut Bench, client: &Running, peer: &mut TcpPeer) -> Step {
    let line = bench.words.line();
    client.types(&line)?;
    peer.receives_line(&line)
}

/// client/server-vanishes
pub(super) fn server_vanishes(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    it_is_the_peers_turn(bench, &client, &mut peer)?;
    peer.closes()?;
    client.exits(0).hint(END_OF_FILE_ENDS)?;

    let (client, mut peer) = connected_client(bench)?;
    client_takes_a_turn(bench, &client, &mut peer)?;
    peer.shuts_down()?;
    client.types(&bench.words.line())?;
    client.exits(0).hint(END_OF_FILE_ENDS)
}

/// client/server-resets
pub(super) fn server_resets(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    it_is_the_peers_turn(bench, &client, &mut peer)?;
    peer.resets()?;
    client.exits(0).hint(A_LOST_CONNECTION_ENDS)?;

    let (client, mut peer) = connected_client(bench)?;
    client_takes_a_turn(bench, &client, &mut peer)?;
    peer.resets()?;
    exits_when_it_writes(bench, &client)?;

    let (client, mut peer) = connected_client(bench)?;
    client_takes_a_turn(bench, &client, &mut peer)?;
    peer.shuts_down()?;
    peer.resets()?;
    exits_when_it_writes(bench, &client)
}

/// client/quit-is-exact
pub(super) fn client_quit_is_exact(bench: &mut Bench) -> Step {
    let (client, mut peer) = connected_client(bench)?;
    for (line, reply) in [("quiet", "qq"), ("qq", "quit"), ("quit", "quiet")] {
        client.types(line)?;
        peer.receives_line(line).hint(QUIT_IS_A_WHOLE_LINE)?;
        peer.sends(format!("{reply}\n"))?;
        client.prints(reply).hint(QUIT_IS_A_WHOLE_LINE)?;
    }
    client.types_raw(b" Q \r\n")?;
    receives_the_quit_word(&mut peer).hint(QUIT_IS_A_WHOLE_LINE)?;
    client.exits(0).hint(QUIT_ENDS)
}
