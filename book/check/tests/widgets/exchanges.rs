//! ARP, the switch, DHCP, DNS and NAT: small models of each, which must come to the same tables and the same arrows.

use std::collections::BTreeMap;

use book_check::widgets::stepper::{Exchange, ExchangeStep};

use crate::data;

fn exchange(id: &str) -> Exchange {
    data()
        .exchanges
        .into_iter()
        .find(|exchange| exchange.id == id)
        .expect(id)
}

/// Who gets the message of a step, and who drops it.
fn receivers(step: &ExchangeStep) -> (Vec<usize>, Vec<usize>) {
    let of = |taken: bool| {
        step.moves
            .iter()
            .filter(|one| one.is_taken() == taken)
            .map(|one| one.ends().1)
            .collect()
    };
    (of(true), of(false))
}

fn sender(step: &ExchangeStep) -> usize {
    step.moves[0].ends().0
}

/// `192.168.1.10` of the lane `A 192.168.1.10`.
fn address(lane: &str) -> &str {
    lane.split_once(' ').expect(lane).1
}

#[test]
fn every_exchange_is_whole() {
    for exchange in data().exchanges {
        let id = &exchange.id;
        assert_eq!(exchange.start.panels.len(), exchange.panels.len(), "{id}");
        for (at, step) in exchange.steps.iter().enumerate() {
            let place = format!("{id} step {}", at + 1);
            assert_eq!(step.panels.len(), exchange.panels.len(), "{place}");
            assert_eq!(
                step.message.is_empty(),
                step.moves.is_empty(),
                "{place}: a message goes somewhere"
            );
            assert!(
                step.message.chars().count() <= 40,
                "{place}: `{}` is too long for the picture",
                step.message
            );
            for one in &step.moves {
                let (from, to) = one.ends();
                assert!(
                    from != to && from < exchange.lanes.len() && to < exchange.lanes.len(),
                    "{place}: {one:?}"
                );
                assert_eq!(from, sender(step), "{place}: one sender a step");
            }
        }
    }
}

/// RFC 826: a request is broadcast and taken by the one it asks for, who notes the asker; the reply is for the asker alone.
#[test]
fn arp() {
    let exchange = exchange("arp");
    let addresses: Vec<&str> = exchange.lanes.iter().map(|lane| address(lane)).collect();
    let mac = |ip: &str| format!("00:00:5e:00:53:{:0>2}", ip.rsplit('.').next().expect(ip));
    let mut caches: Vec<Vec<String>> = vec![Vec::new(); addresses.len()];
    let mut asked = None;
    for step in &exchange.steps {
        if let Some(target) = step.message.strip_prefix("who has ") {
            let target = target.trim_end_matches('?');
            let owner = addresses.iter().position(|have| *have == target).expect(target);
            let others = (0..addresses.len())
                .filter(|lane| *lane != owner && *lane != sender(step))
                .collect();
            assert_eq!(receivers(step), (vec![owner], others), "{}", step.message);
            let asker = addresses[sender(step)];
            caches[owner].push(format!("{asker} is {}", mac(asker)));
            asked = Some((sender(step), owner));
        } else if step.message.contains(" is ") {
            let (asker, owner) = asked.take().expect("a reply follows a request");
            assert_eq!((sender(step), receivers(step)), (owner, (vec![asker], vec![])));
            assert_eq!(
                step.message,
                format!("{} is {}", addresses[owner], mac(addresses[owner]))
            );
            caches[asker].push(step.message.clone());
        } else if let Some(target) = step.message.strip_prefix("packet for ") {
            let next_hop = addresses.iter().position(|have| *have == target).unwrap_or(2);
            assert_eq!(receivers(step), (vec![next_hop], vec![]), "{}", step.message);
            let known = caches[sender(step)]
                .iter()
                .any(|line| line.starts_with(&format!("{} is ", addresses[next_hop])));
            assert!(known, "{}: sent to a card that is not known", step.message);
        }
        for (panel, cache) in step.panels.iter().zip(&caches) {
            let expected = if cache.is_empty() {
                "empty".to_owned()
            } else {
                cache.join(", ")
            };
            assert_eq!(*panel, expected, "after {}", step.message);
        }
    }
}

/// IEEE 802.1Q: learn the sender's port; a known target's port, or all but the one it came from.
#[test]
fn switch() {
    let exchange = exchange("switch");
    let lane = |name: &str| {
        exchange
            .lanes
            .iter()
            .position(|lane| lane.starts_with(name))
            .expect(name)
    };
    let switch = lane("Switch");
    let mut table = BTreeMap::new();
    for step in &exchange.steps {
        if step.moves.is_empty() {
            table.clear();
        } else if sender(step) == switch {
            let (from, to) = step.message.split_once(" to ").expect("A to B");
            let (mut taken, mut dropped) = receivers(step);
            assert_eq!(
                dropped.iter().filter(|at| **at == lane(to)).count(),
                0,
                "the target drops nothing"
            );
            assert!(
                to == "all" || taken == [lane(to)],
                "only the target takes it: {}",
                step.message
            );
            taken.append(&mut dropped);
            taken.sort_unstable();
            let flooded: Vec<usize> = (0..exchange.lanes.len())
                .filter(|at| *at != switch && *at != lane(from))
                .collect();
            let expected = if table.contains_key(to) {
                vec![lane(to)]
            } else {
                flooded
            };
            assert_eq!(taken, expected, "{}", step.message);
        } else {
            assert_eq!(receivers(step), (vec![switch], vec![]));
            let name = step.message.split_once(' ').expect("A to B").0;
            assert_eq!(lane(name), sender(step));
            table.insert(name.to_owned(), address(&exchange.lanes[sender(step)]).to_owned());
        }
        let lines: Vec<String> = table.iter().map(|(name, port)| format!("{name}: {port}")).collect();
        let expected = if lines.is_empty() {
            "empty".to_owned()
        } else {
            lines.join(", ")
        };
        assert_eq!(step.panels, [expected], "after {}", step.message);
    }
}

/// RFC 2131 §3.1: DISCOVER and the first REQUEST are heard by every server; the address counts from the ACK.
#[test]
fn dhcp() {
    let exchange = exchange("dhcp");
    let words: Vec<&str> = exchange
        .steps
        .iter()
        .map(|step| step.message.split(' ').next().unwrap_or(""))
        .collect();
    assert_eq!(
        words,
        ["DISCOVER", "OFFER", "OFFER", "REQUEST", "ACK", "ARP:", "REQUEST", "ACK"]
    );
    let mut has_address = false;
    for (step, word) in exchange.steps.iter().zip(words) {
        let servers = receivers(step).0;
        match word {
            "DISCOVER" | "ARP:" => assert_eq!(servers, [1, 2], "{word} is a broadcast"),
            "REQUEST" if has_address => assert_eq!(servers, [1], "a renewal is for the server alone"),
            "REQUEST" => assert_eq!(servers, [1, 2], "a choice is heard by those who were not chosen"),
            _ => assert_eq!(servers, [0]),
        }
        has_address |= word == "ACK";
        assert_eq!(step.panels[0] != "none", has_address, "after {}", step.message);
    }
}

/// RFC 1034: the resolver asks down from the root, and what is in its cache is not asked again.
#[test]
fn dns() {
    let exchange = exchange("dns");
    let mut asked = Vec::new();
    let mut cache: Vec<String> = Vec::new();
    for step in &exchange.steps {
        let to = receivers(step).0[0];
        match (sender(step), step.message.as_str()) {
            (1, question) if question.ends_with('?') => asked.push(to),
            (server, answer) if to == 1 && server > 1 => cache.push(match answer.strip_prefix("ask the ") {
                Some(referral) => referral.to_owned(),
                None => format!("www.example.com is {}", answer.split(',').next().unwrap_or(answer)),
            }),
            _ => {}
        }
        let expected = if cache.is_empty() {
            "empty".to_owned()
        } else {
            cache.join(", ")
        };
        assert_eq!(step.panels, [expected], "after {}", step.message);
    }
    assert_eq!(asked, [2, 3, 4], "root, com, example.com, each once");
}

/// RFC 3022 §2.2: out with the router's address and a port of its own, back by that port.
#[test]
fn nat() {
    let exchange = exchange("nat");
    let router = exchange
        .lanes
        .iter()
        .position(|lane| lane.starts_with("Router"))
        .expect("a router");
    let server = exchange
        .lanes
        .iter()
        .position(|lane| lane.starts_with("Server"))
        .expect("a server");
    let outside = address(&exchange.lanes[router]);
    let mut table: Vec<(String, u16)> = Vec::new();
    let mut inside: Option<(String, String)> = None;
    let mut back: Option<String> = None;
    for step in &exchange.steps {
        let Some((from, to)) = step.message.split_once(" to ") else {
            table.clear();
            assert_eq!(step.panels, ["empty"]);
            continue;
        };
        let (taken, dropped) = receivers(step);
        match (sender(step), &taken[..], &dropped[..]) {
            (host, [to_router], []) if *to_router == router && host != server => {
                assert!(from.starts_with(address(&exchange.lanes[host])));
                inside = Some((from.to_owned(), to.to_owned()));
            }
            (_, [to_server], []) if *to_server == server => {
                let (host, target) = inside.take().expect("a packet from inside");
                let port = from
                    .strip_prefix(&format!("{outside}:"))
                    .expect("the router's own address");
                let port = port.parse().expect("a port");
                assert_eq!(to, target, "the target stays");
                assert!(table.iter().all(|(_, used)| *used != port), "{port} is taken");
                table.push((host, port));
            }
            (_, [to_router], []) if *to_router == router => back = Some(step.message.clone()),
            (_, [], [to_router]) if *to_router == router => assert_eq!(owner(&table, to), None, "{to} has an owner"),
            (_, [host], []) => {
                let came = back.take().expect("a packet from outside");
                let (came_from, came_to) = came.split_once(" to ").expect("A to B");
                assert_eq!((from, Some(to)), (came_from, owner(&table, came_to)));
                assert!(to.starts_with(address(&exchange.lanes[*host])));
            }
            other => panic!("{}: {other:?}", step.message),
        }
        let lines: Vec<String> = table
            .iter()
            .map(|(host, port)| format!("{host} as port {port}"))
            .collect();
        let expected = if lines.is_empty() {
            "empty".to_owned()
        } else {
            lines.join(", ")
        };
        assert_eq!(step.panels, [expected], "after {}", step.message);
    }
}

fn owner<'a>(table: &'a [(String, u16)], outside: &str) -> Option<&'a str> {
    let port: u16 = outside.rsplit(':').next()?.parse().ok()?;
    table
        .iter()
        .find(|(_, used)| *used == port)
        .map(|(host, _)| host.as_str())
}
