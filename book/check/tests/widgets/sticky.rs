//! The sticky-packet simulator's cases, played tick by tick.

use std::collections::VecDeque;

use book_check::widgets::sticky::{Case, Decoder, Setup, Transport, Verdict};

use crate::data;

/// Ticks that a segment is on its way, and so is its acknowledgement.
const DELAY: usize = 2;

fn encoded(message: &str, setup: &Setup) -> Vec<u8> {
    let bytes = message.as_bytes();
    match setup.decoder {
        Decoder::None => bytes.to_vec(),
        Decoder::Fixed => {
            let mut padded = bytes.to_vec();
            padded.resize(setup.size, b' ');
            padded
        }
        Decoder::Delimiter => [bytes, b"\n"].concat(),
        Decoder::Length => {
            let length = u32::try_from(bytes.len()).expect("a short message");
            [&length.to_be_bytes()[..], bytes].concat()
        }
    }
}

struct Outcome {
    segments: Vec<Vec<u8>>,
    reads: Vec<Vec<u8>>,
    truncated: bool,
}

/// Every tick: the sender's calls and its kernel, then the network, then the reader.
fn play(setup: &Setup) -> Outcome {
    let mut sends: VecDeque<(usize, Vec<u8>)> = setup
        .messages
        .iter()
        .enumerate()
        .map(|(at, message)| (at * setup.gap, encoded(message, setup)))
        .collect();
    let mut waiting: Vec<u8> = Vec::new();
    let mut in_flight: VecDeque<(usize, Vec<u8>)> = VecDeque::new();
    let mut acknowledged_at = 0;
    let mut stream: Vec<u8> = Vec::new();
    let mut datagrams: VecDeque<Vec<u8>> = VecDeque::new();
    let mut next_read = setup.busy;
    let mut outcome = Outcome {
        segments: Vec::new(),
        reads: Vec::new(),
        truncated: false,
    };
    for now in 0..1000 {
        loop {
            let nagle_holds = !setup.nodelay && waiting.len() < setup.mss && now < acknowledged_at;
            if !waiting.is_empty() && !nagle_holds {
                let rest = waiting.split_off(waiting.len().min(setup.mss));
                let segment = std::mem::replace(&mut waiting, rest);
                outcome.segments.push(segment.clone());
                in_flight.push_back((now + DELAY, segment));
                acknowledged_at = now + 2 * DELAY;
                continue;
            }
            let Some((_, bytes)) = sends.pop_front_if(|(at, _)| *at <= now) else {
                break;
            };
            if setup.transport == Transport::Udp {
                outcome.segments.push(bytes.clone());
                in_flight.push_back((now + DELAY, bytes));
            } else {
                waiting.extend(bytes);
            }
        }
        while let Some((_, bytes)) = in_flight.pop_front_if(|(at, _)| *at <= now) {
            match setup.transport {
                Transport::Tcp => stream.extend(bytes),
                Transport::Udp => datagrams.push_back(bytes),
            }
        }
        while now >= next_read && !(stream.is_empty() && datagrams.is_empty()) {
            let read = match datagrams.pop_front() {
                Some(datagram) => {
                    outcome.truncated |= datagram.len() > setup.n;
                    datagram.into_iter().take(setup.n).collect()
                }
                None => stream.drain(..stream.len().min(setup.n)).collect(),
            };
            outcome.reads.push(read);
            next_read = now + setup.busy;
        }
    }
    outcome
}

fn decoded(reads: &[Vec<u8>], setup: &Setup) -> Vec<Vec<u8>> {
    let stream = reads.concat();
    match setup.decoder {
        Decoder::None => reads.to_vec(),
        Decoder::Fixed => stream
            .chunks_exact(setup.size)
            .map(|chunk| chunk.trim_ascii_end().to_vec())
            .collect(),
        Decoder::Delimiter => stream
            .split_inclusive(|byte| *byte == b'\n')
            .filter_map(|line| line.strip_suffix(b"\n"))
            .map(<[u8]>::to_vec)
            .collect(),
        Decoder::Length => {
            let mut rest = &stream[..];
            let mut found = Vec::new();
            while let Some((length, after)) = rest.split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                found.push(after[..length].to_vec());
                rest = &after[length..];
            }
            found
        }
    }
}

/// Message by message, read by read: whose bytes are in whose piece.
fn verdict(setup: &Setup, outcome: &Outcome, found: &[Vec<u8>]) -> Verdict {
    let messages: Vec<&[u8]> = setup.messages.iter().map(String::as_bytes).collect();
    if messages == found {
        return Verdict::Right;
    }
    if outcome.truncated {
        return Verdict::Truncated;
    }
    if setup.decoder != Decoder::None {
        return Verdict::Wrong;
    }
    let owners = |parts: &[&[u8]]| -> Vec<usize> {
        parts
            .iter()
            .enumerate()
            .flat_map(|(at, part)| part.iter().map(move |_| at))
            .collect()
    };
    let reads: Vec<&[u8]> = outcome.reads.iter().map(Vec::as_slice).collect();
    let pairs: Vec<(usize, usize)> = owners(&messages).into_iter().zip(owners(&reads)).collect();
    let glued = pairs.windows(2).any(|two| two[0].0 != two[1].0 && two[0].1 == two[1].1);
    let cut = pairs.windows(2).any(|two| two[0].0 == two[1].0 && two[0].1 != two[1].1);
    match (glued, cut) {
        (true, true) => Verdict::Both,
        (true, false) => Verdict::Glued,
        (false, _) => Verdict::Cut,
    }
}

#[test]
fn every_case_is_played_alike() {
    for case in data().sticky {
        let outcome = play(&case.setup);
        let found = decoded(&outcome.reads, &case.setup);
        let text = |parts: &[Vec<u8>]| {
            parts
                .iter()
                .map(|part| String::from_utf8(part.clone()).expect("ASCII"))
                .collect()
        };
        let played = Case {
            segments: text(&outcome.segments),
            reads: text(&outcome.reads),
            found: text(&found),
            verdict: verdict(&case.setup, &outcome, &found),
            ..case.clone()
        };
        assert_eq!(case, played, "left is the data");
    }
}

/// What the simulator is there to show.
#[test]
fn nodelay_does_not_help_and_udp_truncates() {
    let cases = data().sticky;
    let find = |id: &str| cases.iter().find(|case| case.id == id).expect(id);
    let (glued, nodelay) = (find("glued"), find("nodelay"));
    assert!(nodelay.setup.nodelay && !glued.setup.nodelay);
    assert_ne!(glued.segments, nodelay.segments, "the segments differ");
    assert_eq!(glued.reads, nodelay.reads, "what is read does not");
    assert_eq!(find("datagrams").verdict, Verdict::Right);
    assert_eq!(find("truncated").verdict, Verdict::Truncated);
    for decoder in [Decoder::Fixed, Decoder::Delimiter, Decoder::Length] {
        assert!(
            cases
                .iter()
                .any(|case| case.setup.decoder == decoder && case.verdict == Verdict::Right),
            "{decoder:?}"
        );
    }
}
