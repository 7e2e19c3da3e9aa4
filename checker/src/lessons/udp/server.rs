//! What the server of lesson 4 must do.

use super::ROOM_FOR_THE_LARGEST;
use crate::bench::{Bench, Server, UdpPeer, shout};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

const ANSWER_EACH: &str = "one `recv_from`, one `send_to`: every datagram is answered as soon as it is there";
const TO_WHERE_IT_CAME_FROM: &str =
    "`recv_from` returns the sender's address with each datagram: that is where the answer goes, from the same socket";
const NO_STREAM: &str = "one receive returns one datagram, whole: nothing is to be collected, joined or cut, answer what this one call returned";
const NOTHING_IS_SPECIAL: &str = "the server answers every datagram, byte by byte: it trims nothing, knows no quit word and keeps no memory of what came before";
const EMPTY_IS_A_DATAGRAM: &str = "a datagram may hold no bytes: 0 from `recv_from` is an empty datagram, not an end-of-file, and is answered \
     by an empty one";
const BYTES_BEFORE_TEXT: &str = "a datagram is bytes, not always text: make the answer from the bytes that came (`to_ascii_uppercase`); only \
     what is printed becomes text (`String::from_utf8_lossy`)";
const A_LOST_ANSWER_IS_NO_FAILURE: &str = "the sender had gone, and ICMP said so: an answer that can't be delivered is lost, and the error that \
     a later call returns for it is no reason to end";

/// server/shouts-back
pub(super) fn shouts_back(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    // A second answer to the first datagram would come before the answer to the second.
    for _ in 0..2 {
        is_answered(&peer, &server, bench.words.line()).hint(ANSWER_EACH)?;
    }
    peer.hears_nothing_yet().hint(ANSWER_EACH)
}

/// server/prints-each
pub(super) fn prints_each(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    for text in [
        bench.words.line(),
        format!("  {} 你好 ", bench.words.word()),
        bench.words.line(),
    ] {
        peer.sends(&text, server.addr)?;
        server
            .prints(&text)
            .hint("print each datagram as it came, one line each, and flush stdout: in a pipe nothing leaves before")?;
    }
    server.comes_to_rest()?;
    server.has_printed_no_more()
}

/// server/answers-the-sender
pub(super) fn answers_the_sender(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peers = [bench.udp_peer()?, bench.udp_peer()?, bench.udp_peer()?];
    // One by one, then all at once, in an order in which nobody is always the first, or the last.
    for peer in [0, 1, 2, 1, 0, 2].map(|nth| &peers[nth]) {
        is_answered(peer, &server, bench.words.line()).hint(TO_WHERE_IT_CAME_FROM)?;
    }
    let mut asked = [vec![], vec![], vec![]];
    for nth in [2, 0, 1, 0, 2, 1] {
        let text = bench.words.line();
        peers[nth].sends(&text, server.addr)?;
        asked[nth].push(text);
    }
    for (peer, asked) in peers.iter().zip(asked) {
        are_answered(peer, &server, &asked).hint(TO_WHERE_IT_CAME_FROM)?;
    }
    Ok(())
}

/// server/keeps-boundaries
pub(super) fn keeps_boundaries(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    // A server that is quick may have read the first before the second is there, but not each time.
    for _ in 0..20 {
        let two = [bench.words.word(), bench.words.word()];
        for text in &two {
            peer.sends(text, server.addr)?;
        }
        are_answered(&peer, &server, &two).hint(NO_STREAM)?;
    }
    is_answered(&peer, &server, bench.words.line()).hint(NO_STREAM)
}

/// server/keeps-the-text
pub(super) fn server_keeps_the_text(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    let twice = bench.words.line();
    for text in [
        format!("  {}  {}\t ", bench.words.word(), bench.words.word()),
        format!("é {}", bench.words.word()),
        "Q".to_owned(),
        " q ".to_owned(),
        format!("{}\r\n", bench.words.word()),
        twice.clone(),
        twice,
    ] {
        is_answered(&peer, &server, text).hint(NOTHING_IS_SPECIAL)?;
    }
    Ok(())
}

/// server/empty-datagram
pub(super) fn empty_datagram(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    is_answered(&peer, &server, "").hint(EMPTY_IS_A_DATAGRAM)?;
    server
        .prints("")
        .hint("an empty datagram is printed like any other: as an empty line")?;
    is_answered(&peer, &server, bench.words.line()).hint(EMPTY_IS_A_DATAGRAM)
}

/// server/largest-datagram
pub(super) fn largest_datagram(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    let text = bench.words.letters(65_507);
    is_answered(&peer, &server, text).hint(ROOM_FOR_THE_LARGEST)
}

/// server/binary-datagram
pub(super) fn binary_datagram(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    let (before, after) = (bench.words.word(), bench.words.word());
    let cut = [before.as_bytes(), b"\xff\xfe\xe4\xbd", after.as_bytes()].concat();
    is_answered(&peer, &server, &cut).hint(BYTES_BEFORE_TEXT)?;
    server.prints_bytes(&cut).hint(BYTES_BEFORE_TEXT)?;
    let mut every_byte: Vec<u8> = (0..=255).collect();
    bench.words.shuffle(&mut every_byte);
    let inside = [before.as_bytes(), &every_byte, after.as_bytes()].concat();
    is_answered(&peer, &server, inside).hint(BYTES_BEFORE_TEXT)
}

/// server/sender-is-gone
pub(super) fn sender_is_gone(bench: &mut Bench) -> Step {
    let server = bench.server()?;
    let peer = bench.udp_peer()?;
    // A server that is quick may have answered before the port is closed, but not each time.
    let mut closed_ports = Vec::new();
    for _ in 0..20 {
        let gone = bench.udp_peer()?;
        gone.sends(bench.words.line(), server.addr)?;
        closed_ports.push(gone.leaves()?);
    }
    for _ in 0..2 {
        is_answered(&peer, &server, bench.words.line()).hint(A_LOST_ANSWER_IS_NO_FAILURE)?;
    }
    Ok(())
}

/// server/port-in-use
pub(super) fn port_in_use(bench: &mut Bench) -> Step {
    let first = bench.server()?;
    let second = bench.server_that_fails(first.addr)?;
    second.fails_naming(&first.addr.to_string()).hint(
        "`bind` says `Address already in use`: end with an error that names the address, and a non-zero exit code (SO_REUSEADDR, \
         which TCP servers set, lets two UDP servers have one port: leave it out)",
    )?;
    let peer = bench.udp_peer()?;
    peer.sends(bench.words.line(), first.addr)?;
    peer.receives_any("an answer of the first server", &first).map(drop)
}

/// The datagram is sent, and the next that comes is its shout, from the server's port.
fn is_answered(peer: &UdpPeer, server: &Server, text: impl AsRef<[u8]>) -> Step {
    peer.sends(&text, server.addr)?;
    peer.receives(shout(&text), server.addr, server)
}

/// The next datagrams are the shouts of all these, in any order: a server may answer several at once.
fn are_answered(peer: &UdpPeer, server: &Server, asked: &[String]) -> Step {
    let mut missing: Vec<Vec<u8>> = asked.iter().map(shout).collect();
    while !missing.is_empty() {
        let wanted = missing.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(" or ");
        let datagram = peer.receives_any(&wanted, server)?;
        peer.comes_from(server.addr, &datagram)?;
        match missing.iter().position(|text| *text == datagram.bytes) {
            Some(found) => drop(missing.swap_remove(found)),
            None => {
                return Finding::new(Kind::WrongBytes, "the server sent another datagram")
                    .expected(wanted)
                    .actual(quoted(&datagram.bytes))
                    .stop();
            }
        }
    }
    Ok(())
}
