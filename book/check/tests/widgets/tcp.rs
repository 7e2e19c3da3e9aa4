//! Plays every TCP scenario with two endpoints after RFC 9293: each must answer each event with the segment, the numbers and the state that
//! the data shows.

use std::collections::HashMap;

use book_check::widgets::stepper::{Connection, End, Step};

use crate::data;
use crate::endpoint::Endpoint;
use crate::segment::Wire;

#[derive(Debug)]
struct Flying {
    wire: Wire,
    to: End,
    done: bool,
}

fn play(scenario: &Connection) {
    let mut ends = [Endpoint::new(&scenario.start.a), Endpoint::new(&scenario.start.b)];
    let mut flying: HashMap<String, Flying> = HashMap::new();
    for stray in &scenario.strays {
        let wire = Wire::of(&stray.segment);
        flying.insert(
            stray.segment.id.clone(),
            Flying {
                wire,
                to: stray.from.other(),
                done: false,
            },
        );
    }
    for (at, step) in scenario.steps.iter().enumerate() {
        let place = format!("{} step {}", scenario.id, at + 1);
        let shown = step.sends.as_ref().map(Wire::of);
        let answer = happen(step, &mut ends, &mut flying, shown.as_ref(), &place);
        assert_eq!(
            shown, answer,
            "{place}: left is what the data sends, right what RFC 9293 sends"
        );
        let states = ends.each_ref().map(|end| end.state.as_str());
        assert_eq!(
            step.states.each_ref().map(String::as_str),
            states,
            "{place}: left is the data, right the RFC"
        );
        if let (Some(segment), Some(wire), Some(from)) = (&step.sends, shown, step.at) {
            if let Some(again) = &segment.again {
                let first = &flying.get(again).unwrap_or_else(|| panic!("{place}: no {again}")).wire;
                assert_eq!(
                    (first.seq, first.space()),
                    (wire.seq, wire.space()),
                    "{place}: repeats another segment"
                );
            }
            let news = Flying {
                wire,
                to: from.other(),
                done: false,
            };
            assert!(
                flying.insert(segment.id.clone(), news).is_none(),
                "{place}: `{}` twice",
                segment.id
            );
        }
    }
    let left: Vec<&String> = flying.iter().filter(|(_, one)| !one.done).map(|(id, _)| id).collect();
    assert_eq!(
        !left.is_empty(),
        scenario.open_end,
        "{}: still on the way: {left:?}",
        scenario.id
    );
    for end in &ends {
        assert!(!end.owes_ack, "{}: an ACK that never came: {end:?}", scenario.id);
        assert!(
            end.unacknowledged.is_empty() || scenario.open_end,
            "{}: never acknowledged: {end:?}",
            scenario.id
        );
    }
}

/// One event; what the end that it happens to sends.
fn happen(
    step: &Step,
    ends: &mut [Endpoint; 2],
    flying: &mut HashMap<String, Flying>,
    shown: Option<&Wire>,
    place: &str,
) -> Option<Wire> {
    let causes = [&step.call, &step.get, &step.timeout, &step.lose];
    assert_eq!(
        causes.iter().filter(|cause| cause.is_some()).count(),
        1,
        "{place}: one event a step"
    );
    if let Some(id) = &step.lose {
        let lost = flying.get_mut(id).unwrap_or_else(|| panic!("{place}: no segment {id}"));
        assert!(!lost.done, "{place}: {id} is no longer on its way");
        lost.done = true;
        assert!(
            step.at.is_none() && step.sends.is_none(),
            "{place}: a loss happens in the network"
        );
        return None;
    }
    let at = step.at.unwrap_or_else(|| panic!("{place}: at which end?"));
    let end = &mut ends[at.index()];
    if let Some(call) = &step.call {
        return end.call(call, shown);
    }
    if let Some(timeout) = &step.timeout {
        return end.timeout(timeout);
    }
    let id = step.get.as_ref().expect("one of the four");
    let segment = flying.get_mut(id).unwrap_or_else(|| panic!("{place}: no segment {id}"));
    assert!(!segment.done, "{place}: {id} is no longer on its way");
    assert_eq!(segment.to, at, "{place}: {id} goes to the other end");
    segment.done = true;
    let iss = shown.map_or(0, |wire| wire.seq);
    let answer = end.get(&segment.wire.clone(), iss);
    match step.ack.as_deref() {
        None => {
            if answer.as_ref().is_some_and(|wire| wire.ack == Some(end.rcv)) {
                end.owes_ack = false;
            }
            answer
        }
        Some("delayed") => {
            assert!(end.owes_ack, "{place}: there is nothing to acknowledge later");
            None
        }
        Some(other) => panic!("{place}: {other}"),
    }
}

#[test]
fn every_scenario_goes_as_the_rfc_says() {
    for scenario in data().tcp {
        play(&scenario);
    }
}

#[test]
fn the_course_names_these() {
    let data = data();
    let ids: Vec<&str> = data.tcp.iter().map(|scenario| scenario.id.as_str()).collect();
    for id in [
        "three-way",
        "refused",
        "silent",
        "simultaneous-open",
        "old-duplicate-syn",
        "queue-full",
        "lost-segment",
        "four-way-close",
        "server-closes-first",
        "three-segment-close",
        "half-close",
        "simultaneous-close",
        "time-wait",
        "reset-unread",
        "abort",
        "half-open",
        "challenge-ack",
    ] {
        assert_eq!(ids.iter().filter(|have| **have == id).count(), 1, "{id}");
    }
}

/// A model that finds nothing proves nothing: each of these changes to a right scenario must be noticed.
#[test]
fn a_wrong_scenario_is_noticed() {
    type Change = fn(&mut Connection);
    let changes: &[(&str, &str, Change)] = &[
        ("three-way", "the ACK number of SYN,ACK", |s| {
            s.steps[2].sends.as_mut().expect("SYN,ACK").ack = Some(0)
        }),
        ("three-way", "the server is ESTABLISHED too early", |s| {
            s.steps[2].states[1] = "ESTABLISHED".to_owned()
        }),
        ("three-way", "an ACK takes a number", |s| {
            s.steps[5].sends.as_mut().expect("data").seq = 2
        }),
        ("refused", "a reset without ACK for a SYN", |s| {
            let reset = s.steps[1].sends.as_mut().expect("RST,ACK");
            reset.ack = None;
            reset.ctl = "RST".to_owned();
        }),
        ("four-way-close", "TIME-WAIT on the other side", |s| {
            s.steps[4].states = ["CLOSED".to_owned(), "TIME-WAIT".to_owned()]
        }),
        ("four-way-close", "a FIN takes no number", |s| {
            s.steps[1].sends.as_mut().expect("ACK").ack = Some(1)
        }),
        ("simultaneous-close", "FIN-WAIT-2 in place of CLOSING", |s| {
            s.steps[2].states[0] = "FIN-WAIT-2".to_owned()
        }),
        ("three-segment-close", "the delayed ACK never comes", |s| {
            s.steps.truncate(2)
        }),
        ("lost-segment", "an ACK across the gap", |s| {
            s.steps[3].sends.as_mut().expect("ACK").ack = Some(7)
        }),
        ("reset-unread", "a FIN in place of the reset", |s| {
            s.steps[3].sends.as_mut().expect("RST").ctl = "FIN".to_owned()
        }),
        ("challenge-ack", "the reset is believed", |s| {
            s.steps[0].states[1] = "CLOSED".to_owned()
        }),
        ("time-wait", "another number when sent again", |s| {
            s.steps[3].sends.as_mut().expect("FIN").seq = 2
        }),
    ];
    for (id, what, change) in changes {
        let mut scenario = data().tcp.into_iter().find(|scenario| scenario.id == *id).expect(id);
        change(&mut scenario);
        let noticed = std::panic::catch_unwind(|| play(&scenario)).is_err();
        assert!(noticed, "{id}: {what}");
    }
}
