//! Packets made by hand: what is told of them, and how they are drawn.

use std::net::SocketAddr;
use std::time::Duration;

use checker::transcript::Entry;
use checker::verdict::Kind;
use checker::wire::{Carries, Fact, Flags, Names, Packet, Part, Reset, Segment, Side, State, Story, What, draw};

const SERVER: &str = "127.0.0.1:9000";
const CLIENT: &str = "127.0.0.1:40001";

/// Packets of one connection, a tenth of a millisecond apart, with the numbers that the kernel would choose.
struct Wire {
    packets: Vec<Packet>,
    /// Of client and server: the next sequence number.
    next: [u32; 2],
}

impl Wire {
    fn new() -> Self {
        Wire {
            packets: Vec::new(),
            next: [u32::MAX - 2, 5_000],
        }
    }

    fn push(&mut self, from: &str, to: &str, carries: Carries) {
        self.packets.push(Packet {
            at: Duration::from_micros(1000 + 100 * self.packets.len() as u64),
            from: addr(from),
            to: addr(to),
            carries,
            missing: 0,
        });
    }

    /// `SYN`, `FIN ACK` …, with this content.
    fn sends(mut self, from: &str, flags: &str, begin: &[u8]) -> Self {
        let has = |flag| flags.split(' ').any(|set| set == flag);
        let (own, other, to) = match from {
            CLIENT => (0, 1, SERVER),
            _ => (1, 0, CLIENT),
        };
        let segment = Segment {
            flags: Flags {
                syn: has("SYN"),
                ack: has("ACK"),
                fin: has("FIN"),
                rst: has("RST"),
                psh: has("PSH"),
            },
            seq: self.next[own],
            ack: self.next[other],
            window: 512,
            length: begin.len(),
            begin: begin.to_vec(),
        };
        let numbers = begin.len() as u32 + u32::from(has("SYN")) + u32::from(has("FIN"));
        self.next[own] = self.next[own].wrapping_add(numbers);
        self.push(from, to, Carries::Segment(segment));
        self
    }

    fn connected() -> Self {
        Wire::new()
            .sends(CLIENT, "SYN", b"")
            .sends(SERVER, "SYN ACK", b"")
            .sends(CLIENT, "ACK", b"")
    }

    fn story(self) -> Story {
        Story::told(self.packets)
    }
}

fn addr(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

fn names() -> Names {
    let mut names = Names::default();
    names.learn(addr(SERVER), "server", Part::Program);
    names.learn(addr(CLIENT), "client", Part::Program);
    names
}

/// Lesson 1.
fn hello() -> Story {
    Wire::connected()
        .sends(SERVER, "PSH ACK", b"hello")
        .sends(CLIENT, "ACK", b"")
        .sends(SERVER, "FIN ACK", b"")
        .sends(CLIENT, "PSH ACK", b"byebye")
        .sends(SERVER, "ACK", b"")
        .sends(CLIENT, "FIN ACK", b"")
        .sends(SERVER, "ACK", b"")
        .story()
}

fn entry(micros: u64, who: &str, what: &str) -> Entry {
    Entry {
        at: Duration::from_micros(micros),
        who: who.to_owned(),
        what: what.into(),
    }
}

#[test]
fn a_conversation_is_drawn() {
    let events = [
        entry(800, "server", r#"prints "listening on 127.0.0.1:9000""#),
        entry(1650, "client", r#"prints "hello""#),
        entry(2000, "server", "ends: exit code 0"),
    ];
    insta::assert_snapshot!("hello", draw(&hello(), &names(), &events, None));
    for width in [60, 80] {
        let drawn = draw(&hello(), &names(), &events, Some(width));
        assert!(drawn.lines().all(|line| line.chars().count() <= width), "{drawn}");
        insta::assert_snapshot!(format!("hello_in_{width}_columns"), drawn);
    }
}

#[test]
fn several_conversations_are_told_apart() {
    let mut wire = Wire::new().sends(CLIENT, "SYN", b"").sends(SERVER, "RST ACK", b"");
    let long = vec![b'x'; 3000];
    wire.push(
        CLIENT,
        SERVER,
        Carries::Datagram {
            length: 3000,
            begin: long,
        },
    );
    wire.push(SERVER, CLIENT, Carries::Refusal);
    wire.push(
        "127.0.0.1:7",
        SERVER,
        Carries::Datagram {
            length: 0,
            begin: Vec::new(),
        },
    );
    wire.packets[4].missing = 12;
    insta::assert_snapshot!("several", draw(&wire.story(), &names(), &[], None));
}

#[test]
fn what_a_program_sends_is_escaped() {
    let story = Wire::connected().sends(CLIENT, "PSH ACK", b"\x1b[31m\r").story();
    let drawn = draw(&story, &names(), &[], None);
    assert!(drawn.chars().all(|c| c == '\n' || !c.is_control()), "{drawn:?}");
}

#[test]
fn numbers_count_from_the_start_of_the_connection() {
    let story = hello();
    let told: Vec<String> = story
        .entries(&names(), &[])
        .into_iter()
        .map(|entry| entry.what.to_string())
        .collect();
    assert_eq!(
        told,
        [
            "carries SYN (seq 0) from client to server: client SYN-SENT, server SYN-RECEIVED",
            "carries SYN, ACK (seq 0, ack 1) from server to client: client ESTABLISHED",
            "carries ACK (seq 1, ack 1) from client to server: server ESTABLISHED",
            "carries PSH, ACK (seq 1, ack 1) and 5 bytes from server to client",
            "carries FIN, ACK (seq 6, ack 1) from server to client: client CLOSE-WAIT, server FIN-WAIT-1",
            "carries PSH, ACK (seq 1, ack 7) and 6 bytes from client to server: server FIN-WAIT-2",
            "carries FIN, ACK (seq 7, ack 7) from client to server: client LAST-ACK, server TIME-WAIT",
            "carries ACK (seq 7, ack 8) from server to client: client CLOSED",
        ]
    );
}

#[test]
fn a_flood_of_segments_is_one_line_unless_something_happens_between() {
    let mut wire = Wire::connected();
    for _ in 0..500 {
        wire = wire.sends(CLIENT, "ACK", &[b'x'; 1000]);
    }
    let story = wire.story();
    let lines = story.entries(&names(), &[]);
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[3].what.to_string(),
        "carries 500 segments (seq 1, ack 1) and 500,000 bytes in all from client to server"
    );
    let between = entry(20_050, "server", "prints something");
    assert_eq!(story.entries(&names(), &[between]).len(), 5);
}

#[test]
fn a_transcript_of_many_packets_is_bounded() {
    let mut wire = Wire::connected();
    for _ in 0..500 {
        wire = wire.sends(CLIENT, "PSH ACK", b"ping").sends(SERVER, "PSH ACK", b"pong");
    }
    let lines = wire.story().entries(&names(), &[]);
    assert_eq!(lines.len(), 61);
    assert!(
        lines[30].what.to_string().starts_with("leaves out 943 more lines"),
        "{}",
        lines[30].what
    );
}

#[test]
fn both_may_open_and_close_at_once() {
    let story = Wire::new()
        .sends(CLIENT, "SYN", b"")
        .sends(SERVER, "SYN", b"")
        .sends(CLIENT, "SYN ACK", b"")
        .sends(SERVER, "SYN ACK", b"")
        .story();
    assert_eq!(story.conversations.len(), 1);
    assert_eq!(story.conversations[0].states(), [Some(State::Established); 2]);
    let mut wire = Wire::connected();
    // Neither FIN acknowledges the other.
    let before = wire.next;
    wire = wire.sends(CLIENT, "FIN ACK", b"");
    let behind = std::mem::replace(&mut wire.next, before);
    wire = wire.sends(SERVER, "FIN ACK", b"");
    wire.next[0] = behind[0];
    let story = wire.sends(CLIENT, "ACK", b"").sends(SERVER, "ACK", b"").story();
    assert_eq!(story.conversations[0].states(), [Some(State::TimeWait); 2]);
    let closing: Vec<_> = story.steps[3..]
        .iter()
        .map(|step| step.behind.map(Option::unwrap))
        .collect();
    // RFC 9293, figure 13.
    assert_eq!(
        closing,
        [
            [State::FinWait1, State::CloseWait],
            [State::Closing, State::Closing],
            [State::Closing, State::TimeWait],
            [State::TimeWait, State::TimeWait],
        ]
    );
}

#[test]
fn a_connection_may_come_again_from_the_same_port() {
    let again = Wire::connected().packets;
    let mut packets = Wire::connected()
        .sends(CLIENT, "FIN ACK", b"")
        .sends(SERVER, "FIN ACK", b"")
        .sends(CLIENT, "ACK", b"")
        .packets;
    packets.extend(again);
    let story = Story::told(packets);
    let states: Vec<_> = story.conversations.iter().map(|known| known.states()).collect();
    assert_eq!(
        states,
        [
            [Some(State::TimeWait), Some(State::Closed)],
            [Some(State::Established); 2]
        ]
    );
}

#[test]
fn what_is_sent_again_is_called_that() {
    let mut wire = Wire::connected().sends(CLIENT, "PSH ACK", b"hello");
    let twice = wire.packets.last().expect("a packet").clone();
    wire.packets.push(twice);
    let story = wire.sends(CLIENT, "PSH ACK", b"world").story();
    let told: Vec<bool> = story
        .steps
        .iter()
        .map(|step| matches!(&step.what, What::Segment(segment) if segment.is_again))
        .collect();
    assert_eq!(told, [false, false, false, false, true, false]);
    assert_eq!(story.entries(&names(), &[]).len(), 6, "it has a line of its own");
    let drawn = draw(&story, &names(), &[], None);
    assert!(drawn.contains("PSH, ACK  seq 1  ack 1  again"), "{drawn}");
}

#[test]
fn behind_a_gap_no_state_is_claimed() {
    let mut wire = Wire::connected().sends(CLIENT, "PSH ACK", b"hello");
    wire.packets[3].missing = 7;
    let story = wire.sends(SERVER, "FIN ACK", b"").story();
    assert_eq!(story.conversations.len(), 1);
    assert_eq!(story.conversations[0].states(), [None, None]);
    assert_eq!(story.explains(Kind::ClosedEarly, &names()), None);
    let told = story.entries(&names(), &[]);
    assert_eq!(
        told[3].what.to_string(),
        "carries PSH, ACK (seq 1, ack 1) and 5 bytes from client to server, behind 7 packets that were not kept"
    );
}

#[test]
fn how_a_connection_ended_is_told() {
    let unread = Wire::connected()
        .sends(SERVER, "PSH ACK", b"hello")
        .sends(CLIENT, "PSH ACK", b"abc")
        .sends(SERVER, "RST ACK", b"");
    let unaccepted = Wire::connected()
        .sends(CLIENT, "PSH ACK", b"abc")
        .sends(SERVER, "RST ACK", b"");
    let aborted = Wire::connected()
        .sends(CLIENT, "PSH ACK", b"abc")
        .sends(CLIENT, "RST ACK", b"");
    let too_late = Wire::connected()
        .sends(SERVER, "FIN ACK", b"")
        .sends(CLIENT, "PSH ACK", b"byebye")
        .sends(SERVER, "RST", b"");
    let mut full_window = Wire::connected()
        .sends(SERVER, "PSH ACK", b"hello")
        .sends(CLIENT, "FIN ACK", b"");
    if let Some(Carries::Segment(fin)) = full_window.packets.last_mut().map(|packet| &mut packet.carries) {
        fin.window = 0;
    }
    let full_window = full_window.story();
    let half = Wire::connected()
        .sends(CLIENT, "FIN ACK", b"")
        .sends(SERVER, "ACK", b"");
    let refused = Wire::new().sends(CLIENT, "SYN", b"").sends(SERVER, "RST ACK", b"");
    let full = Wire::new().sends(CLIENT, "SYN", b"").sends(CLIENT, "SYN", b"");
    let open = Wire::connected().sends(SERVER, "PSH ACK", b"hello");
    for (story, fact, kind, says) in [
        (
            unread.story(),
            Fact::Reset {
                by: Side::Acceptor,
                why: Reset::InPlaceOfFin {
                    had_come: 3,
                    had_sent: 5,
                },
            },
            Kind::Crash,
            "server sent RST in place of FIN: it closed or ended with bytes unread (of the 3 bytes from client) or had set SO_LINGER to 0; client may lose what it has not read yet",
        ),
        (
            unaccepted.story(),
            Fact::Reset {
                by: Side::Acceptor,
                why: Reset::InPlaceOfFin {
                    had_come: 3,
                    had_sent: 0,
                },
            },
            Kind::Crash,
            "server sent RST in place of FIN: it closed or ended with bytes unread (of the 3 bytes from client), stopped listening before it had accepted or had set SO_LINGER to 0; client may lose what it has not read yet",
        ),
        (
            aborted.story(),
            Fact::Reset {
                by: Side::Opener,
                why: Reset::InPlaceOfFin {
                    had_come: 0,
                    had_sent: 3,
                },
            },
            Kind::Crash,
            "client sent RST in place of FIN: it had set SO_LINGER to 0; server may lose what it has not read yet",
        ),
        (
            too_late.story(),
            Fact::Reset {
                by: Side::Acceptor,
                why: Reset::ForWhatCameTooLate(6),
            },
            Kind::Crash,
            "server had closed when 6 bytes from client came: nobody could read them, so its kernel answered with RST",
        ),
        (
            full_window,
            Fact::HalfClosed {
                by: Side::Opener,
                behind: 0,
                leaves_room: false,
            },
            Kind::NotClosed,
            "client sent FIN behind 0 bytes; client has no room for more (window 0): what server still sends waits for that, FIN too",
        ),
        (
            half.story(),
            Fact::HalfClosed {
                by: Side::Opener,
                behind: 0,
                leaves_room: true,
            },
            Kind::StillRunning,
            "client sent FIN behind 0 bytes; server, in CLOSE-WAIT, has sent none since: its socket is neither shut down nor closed by all that hold it",
        ),
        (
            refused.story(),
            Fact::Refused,
            Kind::NotReachable,
            "the SYN to 127.0.0.1:9000 was answered by RST: nobody listened there",
        ),
        (
            full.story(),
            Fact::Unanswered,
            Kind::NotReachable,
            "the SYN to 127.0.0.1:9000 was not answered: its accept queue is full",
        ),
        (
            open.story(),
            Fact::Open { sent: [0, 5] },
            Kind::MissingOutput,
            "neither end has sent FIN; client has sent 0 bytes, server 5 bytes",
        ),
        (
            hello(),
            Fact::Closed {
                first: Side::Acceptor,
                behind: 5,
            },
            Kind::ClosedEarly,
            "server closed first: FIN behind 5 bytes, and server is left in TIME-WAIT",
        ),
    ] {
        assert_eq!(story.fact(0), Some(fact));
        assert_eq!(story.explains(kind, &names()).as_deref(), Some(says));
        // Where it explains nothing, nothing is said.
        assert_eq!(story.explains(Kind::Leak, &names()), None);
    }
}

#[test]
fn our_own_reset_is_held_against_nobody() {
    let mut names = names();
    names.learn(addr(CLIENT), "peer", Part::Ours);
    let story = Wire::connected()
        .sends(SERVER, "PSH ACK", b"hello")
        .sends(CLIENT, "RST ACK", b"")
        .story();
    assert_eq!(story.explains(Kind::WasReset, &names), None);
    assert_eq!(story.explains(Kind::Crash, &names), None);
}
