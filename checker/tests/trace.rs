//! The command `trace`: real programs in a real jail, and what another reader makes of the same packets.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;
use checker::compile;
use checker::course::{LESSONS, Lesson};
use checker::jail::{Level, tried};
use checker::stubs;
use checker::wire::{Record, State, Step, Story, What};
use pcap_file::pcap::PcapReader;

/// Packets can be recorded only there.
fn has_the_full_jail() -> bool {
    let has = tried(Path::new(env!("CARGO_BIN_EXE_checker")), Level::Full)
        .outcome
        .is_ok();
    if !has {
        eprintln!("skipped: the jail `full` can't be built here, and packets are recorded only there");
    }
    has
}

fn trace(arguments: &[&str]) -> Command {
    let mut command = cargo_bin_cmd!("checker");
    command.arg("trace").args(arguments);
    command
}

/// What it printed, when all went well.
fn traced(arguments: &[&str]) -> String {
    let output = trace(arguments).output().expect("started");
    let drawn = String::from_utf8(output.stdout).expect("text");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{drawn}\n{said}");
    drawn
}

fn story(pcap: &Path) -> Story {
    let mut reader = PcapReader::new(File::open(pcap).expect("a file")).expect("a pcap file");
    let mut record = Record::default();
    while let Some(packet) = reader.next_packet() {
        let packet = packet.expect("a packet");
        record.push(packet.timestamp, &packet.data);
    }
    Story::of(&record)
}

/// What tshark is asked for, of each packet.
const FIELDS: &[&str] = &[
    "ip.src",
    "ipv6.src",
    "tcp.srcport",
    "udp.srcport",
    "ip.dst",
    "ipv6.dst",
    "tcp.dstport",
    "udp.dstport",
    "tcp.stream",
    "udp.stream",
    "tcp.flags",
    "tcp.seq",
    "tcp.ack",
    "tcp.len",
    "tcp.window_size_value",
    "udp.length",
    "tcp.payload",
    "udp.payload",
    "icmp.code",
    "icmpv6.code",
];

/// A packet as tshark reads it: who to whom, in which stream, flags, relative numbers, lengths, whether the window is closed, and content.
fn read_by_tshark(pcap: &Path) -> Vec<String> {
    let output = Command::new("tshark")
        .args(["-r", &pcap.to_string_lossy(), "-T", "fields"])
        .args(["-E", "separator=|", "-E", "occurrence=f"])
        .args(FIELDS.iter().flat_map(|field| ["-e", field]))
        .output()
        .expect("tshark");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let line = |line: &str| {
        let values: Vec<&str> = line.split('|').collect();
        let of = |name: &str| {
            let place = FIELDS.iter().position(|field| *field == name).expect("a field");
            values[place]
        };
        let either = |one: &str, other: &str| format!("{}{}", of(one), of(other));
        if !either("icmp.code", "icmpv6.code").is_empty() {
            return "refusal".to_owned();
        }
        let addr = |end: &str| {
            let ip = either(&format!("ip.{end}"), &format!("ipv6.{end}"));
            let port = either(&format!("tcp.{end}port"), &format!("udp.{end}port"));
            SocketAddr::new(ip.parse().expect("an IP"), port.parse().expect("a port"))
        };
        let (from, to, stream) = (addr("src"), addr("dst"), either("tcp.stream", "udp.stream"));
        let content = either("tcp.payload", "udp.payload").replace(':', "");
        let what = match of("tcp.flags") {
            "" => of("udp.length").to_owned(),
            flags => {
                let is_closed = of("tcp.window_size_value") == "0" && !is_reset(flags);
                let [seq, ack, length] = ["tcp.seq", "tcp.ack", "tcp.len"].map(of);
                format!("{flags} seq {seq} ack {ack} length {length} closed {is_closed}")
            }
        };
        format!("{from} to {to} in {stream}: {what} {content}")
    };
    text.lines().map(line).collect()
}

/// By tshark's hexadecimal flags.
fn is_reset(flags: &str) -> bool {
    let flags = u16::from_str_radix(flags.trim_start_matches("0x"), 16).expect("a number");
    flags & 0x04 != 0
}

/// The same, as we read it.
fn read_by_us(story: &Story) -> Vec<String> {
    let is_tcp = |of: usize| {
        let mut steps = story.steps.iter();
        steps.any(|step| step.conversation == of && matches!(step.what, What::Segment(_)))
    };
    let line = |step: &Step| {
        let conversation = &story.conversations[step.conversation];
        let (from, to) = (step.sent_by, step.sent_by.other());
        let (from, to) = (conversation.address(from), conversation.address(to));
        let is_segment = is_tcp(step.conversation);
        // As tshark counts: TCP and UDP each for itself.
        let stream = (0..step.conversation).filter(|of| is_tcp(*of) == is_segment).count();
        let (what, content) = match &step.what {
            What::Segment(segment) => {
                let flags = [
                    (segment.flags.fin, 0x01),
                    (segment.flags.syn, 0x02),
                    (segment.flags.rst, 0x04),
                    (segment.flags.psh, 0x08),
                    (segment.flags.ack, 0x10),
                ];
                let flags: u16 = flags.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum();
                let (seq, ack) = (segment.seq, segment.ack.unwrap_or(0));
                let (length, is_closed) = (segment.length, segment.closes_the_window);
                let what = format!("0x{flags:04x} seq {seq} ack {ack} length {length} closed {is_closed}");
                (what, &segment.begin)
            }
            What::Datagram { length, begin } => ((length + 8).to_string(), begin),
            What::Refusal => return "refusal".to_owned(),
        };
        let content: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{from} to {to} in {stream}: {what} {content}")
    };
    story.steps.iter().map(line).collect()
}

/// All lessons that have a wire, and checks in which there is what a lesson's own ends do not send.
const COMPARED: &[(&str, Option<&str>)] = &[
    ("hello", None),
    ("quit", None),
    ("serial", None),
    ("udp", None),
    ("framing", None),
    ("nonblocking", None),
    ("auth", None),
    ("hello", Some("server/ipv6")),
    ("hello", Some("server/peer-resets")),
    ("hello", Some("client/no-server")),
    ("serial", Some("server/next-after-quit")),
    ("udp", Some("client/refused")),
    ("framing", Some("server/largest-frame")),
];

#[test]
fn every_lesson_is_traced_and_tshark_reads_the_same() {
    if !has_the_full_jail() {
        return;
    }
    let has_tshark = Command::new("tshark").arg("--version").output().is_ok();
    if !has_tshark {
        eprintln!("skipped in part: there is no `tshark` (apt-get install tshark) to compare with");
    }
    let on_a_wire = LESSONS.iter().filter(|lesson| lesson.topic() != "unix").count();
    assert_eq!(COMPARED.iter().filter(|(_, check)| check.is_none()).count(), on_a_wire);
    let folder = tempfile::tempdir().expect("a folder");
    for (lesson, check) in COMPARED {
        let pcap = folder.path().join("pcap");
        let path = pcap.to_string_lossy();
        let mut arguments = vec![*lesson, "--solutions", "--pcap", &path];
        if let Some(check) = check {
            arguments.extend(["--check", check]);
        }
        let drawn = traced(&arguments);
        assert!(check.is_some() || drawn.contains("client ends: exit code 0"), "{drawn}");
        let story = story(&pcap);
        assert!(!story.steps.is_empty(), "{drawn}");
        if has_tshark {
            assert_eq!(read_by_us(&story), read_by_tshark(&pcap), "{lesson} {check:?}\n{drawn}");
        }
    }
}

#[test]
fn the_states_at_the_end_of_lesson_1_are_those_of_the_table() {
    if !has_the_full_jail() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let pcap = folder.path().join("hello");
    let drawn = traced(&["hello", "--solutions", "--pcap", &pcap.to_string_lossy()]);
    let story = story(&pcap);
    // The server closes first; the last acknowledgement is its own.
    let states: Vec<_> = story.conversations.iter().map(|known| known.states()).collect();
    assert_eq!(states, [[Some(State::Closed), Some(State::TimeWait)]], "{drawn}");
    for told in [
        "CLOSED                                                        LISTEN",
        "SYN-SENT     ─ SYN  seq 0 ──",
        "server closed first: FIN behind 5 bytes, and server is left in TIME-WAIT",
    ] {
        assert!(drawn.contains(told), "{told}\n{drawn}");
    }
}

#[test]
fn a_script_types_for_both_ends() {
    if !has_the_full_jail() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("script");
    fs::write(&script, "# one turn, and the server quits\nwho is there\nserver: Q\n").expect("a file");
    let drawn = traced(&["quit", "--solutions", "--script", &script.to_string_lossy()]);
    for told in [
        r#"server prints "who is there""#,
        r#"types "Q\n" for the server"#,
        "client ends: exit code 0",
    ] {
        assert!(drawn.contains(told), "{told}\n{drawn}");
    }
}

#[test]
fn a_script_that_nobody_reads_is_told() {
    if !has_the_full_jail() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("script");
    let typed = |text: &str| {
        fs::write(&script, text).expect("a file");
        let path = script.to_string_lossy();
        let output = trace(&["quit", "--solutions", "--script", &path])
            .output()
            .expect("started");
        let [drawn, said] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
        (output.status.code(), drawn, said)
    };
    let (code, drawn, said) = typed("q\nhello\n");
    assert_eq!((code, said.as_str()), (Some(0), ""), "{drawn}");
    let not_typed = r#"checker does not type "hello\n": the client has ended"#;
    assert!(drawn.contains(not_typed), "{drawn}");
    assert!(!drawn.contains("checker types \"hello"), "{drawn}");
    let (code, _, said) = typed("client ends\nhello\n");
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("line 2 types for the client, whose stdin was ended in line 1"),
        "{said}"
    );
    let (code, _, said) = typed("serer: hi\nserver: ho\nq\n");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("note: ") && said.contains("did you mean `server: hi`?"),
        "{said}"
    );
}

#[test]
fn any_two_programs_are_traced() {
    if !has_the_full_jail() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (server, client) = (folder.path().join("server.py"), folder.path().join("client.py"));
    let serves =
        "import socket\ns = socket.create_server(('', 9000))\nc, _ = s.accept()\nprint(c.recv(3))\nc.close()\n";
    let asks = "import socket, sys\nc = socket.create_connection((sys.argv[1], sys.argv[2]))\nc.sendall(b'hello')\ntry: c.recv(1)\nexcept ConnectionResetError: pass\n";
    fs::write(&server, serves).expect("a file");
    fs::write(&client, asks).expect("a file");
    let drawn = traced(&[
        "--server",
        &format!("python3 {}", server.display()),
        "--client",
        &format!("python3 {} {{host}} {{port}}", client.display()),
    ]);
    for told in [
        "server can be reached at 127.0.0.1:9000",
        "RST, ACK",
        "server sent RST in place of FIN: it closed or ended with bytes unread (of the 5 bytes from client)",
    ] {
        assert!(drawn.contains(told), "{told}\n{drawn}");
    }
}

#[test]
fn a_program_that_fails_is_drawn_all_the_same() {
    if !has_the_full_jail() {
        return;
    }
    let output = trace(&["--server", "true", "--client", "true"])
        .output()
        .expect("started");
    let drawn = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{drawn}");
    assert!(
        drawn.contains("the server ended (exit code 0) before it could be reached"),
        "{drawn}"
    );
}

/// A trace is a drawing: it says with which codes the programs ended, and gives no verdict on them.
#[test]
fn the_codes_of_the_two_programs_are_drawn_and_are_not_ours() {
    if !has_the_full_jail() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = folder.path().join("server.py");
    let serves = "import socket\nsocket.create_server(('', 9000)).accept()\nraise SystemExit(3)\n";
    fs::write(&server, serves).expect("a file");
    let server = format!("python3 {}", server.display());
    let asks =
        "python3 -c 'import socket; socket.create_connection((\"{host}\", {port})).recv(1); raise SystemExit(4)'";
    let drawn = traced(&["--server", &server, "--client", asks]);
    for told in ["server ends: exit code 3", "client ends: exit code 4"] {
        assert!(drawn.contains(told), "{told}\n{drawn}");
    }
}

#[test]
fn a_lesson_as_it_was_shipped_is_not_traced() {
    if !has_the_full_jail() {
        return;
    }
    let untouched = |lesson: &&&Lesson| stubs::is_untouched(&compile::folder(lesson), lesson).expect("read");
    // In a student's checkout all may have been started.
    let on_a_wire = |lesson: &&&Lesson| lesson.topic() != "unix";
    let Some(lesson) = LESSONS.iter().filter(on_a_wire).find(untouched) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.html");
    let output = trace(&[lesson.id, "--html"]).arg(&page).output().expect("started");
    let said = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{said}");
    let told = format!("not started yet: open lessons/{}/README.md", lesson.folder);
    assert!(said.contains(&told), "{said}");
    assert!(!page.exists());
}

#[test]
fn what_can_t_be_traced_is_wrong_usage() {
    if !has_the_full_jail() {
        return;
    }
    for (arguments, says) in [
        (&[][..], "name a lesson, or both ends"),
        (&["6"], "AF_UNIX"),
        (&["all"], "exactly one LESSON"),
        (&["lesson40"], "did you mean `lesson04`"),
        (&["1", "--solutions", "--check", "server/*"], "more than one check"),
        (&["1", "--script", "/nowhere"], "the script `/nowhere` can't be read"),
        (
            &["1", "--solutions", "--pcap", "/nowhere/at/all"],
            "`--pcap /nowhere/at/all` can't be written: the folder `/nowhere/at` is not there: make it first",
        ),
        (
            &["1", "--solutions", "--html", "/"],
            "`--html /` can't be written: it is a folder",
        ),
        (&["1", "--program", "'"], "a quote is not closed"),
        (&["--server", "/nowhere", "--client", "true"], "`/nowhere` can't be run"),
        (&["--server", "true"], "--client"),
        (&["1", "--jail", "none"], "it always runs in the jail `full`"),
        (&["1", "--jail"], "it always runs in the jail `full`"),
        (&["1", "-v"], "all that it saw is drawn"),
        (
            &["--server", "true", "--client", "true {adr}"],
            "`--client` has no placeholder `{adr}` (did you mean `{addr}`?): there are `{addr}`, `{host}` and `{port}`",
        ),
        (
            &["--server", "true {port}", "--client", "true"],
            "`{port}` stands for nothing in `--server`, which is started first",
        ),
    ] {
        let output = trace(arguments).output().expect("started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
}

#[test]
fn the_page_and_the_packets_replace_files_or_leave_them_as_they_were() {
    if !has_the_full_jail() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let [page, pcap, missing] = ["page.html", "packets.pcap", "none/x.pcap"].map(|name| folder.path().join(name));
    let [page_path, pcap_path, missing] = [&page, &pcap, &missing].map(|path| path.to_string_lossy());
    fs::write(&page, "old page").expect("a file");
    fs::write(&pcap, "old packets").expect("a file");
    let one_file = format!("{}/./page.html", folder.path().display());
    for (html, pcap, says) in [
        (&*page_path, &*missing, "make it first"),
        (&missing, &pcap_path, "make it first"),
        (&page_path, &one_file, "`--html` and `--pcap` name the same file"),
    ] {
        let output = trace(&["1", "--solutions", "--html", html, "--pcap", pcap])
            .output()
            .expect("started");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(says), "{said}");
    }
    assert_eq!(fs::read_to_string(&page).expect("a page"), "old page");
    assert_eq!(fs::read_to_string(&pcap).expect("packets"), "old packets");
    let ends = [
        "--server",
        "python3 -m http.server 9000 --bind 127.0.0.1",
        "--client",
        "true",
    ];
    traced(&[&ends[..], &["--html", &page_path, "--pcap", &pcap_path]].concat());
    assert!(fs::read_to_string(&page).expect("a page").ends_with("</html>\n"));
    assert!(story(&pcap).steps.is_empty());
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 2, "something was left beside the files");
    // A full disk is our trouble, and told as what it is.
    let full = trace(&["1", "--solutions", "--pcap", "/dev/full"])
        .output()
        .expect("started");
    let said = String::from_utf8_lossy(&full.stderr);
    assert_eq!(full.status.code(), Some(3), "{said}");
    assert!(
        said.contains("failed to write packets to `/dev/full`: No space left on device"),
        "{said}"
    );
    // A device is written into, and both may go there.
    traced(&["1", "--solutions", "--html", "/dev/null", "--pcap", "/dev/null"]);
    assert!(!Path::new("/dev/null").is_file());
}

/// What a lesson's program owes, any other does not.
#[test]
fn a_server_that_prints_nothing_is_not_told_to() {
    if !has_the_full_jail() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = folder.path().join("server.py");
    fs::write(
        &server,
        "import socket\ns = socket.create_server(('', 9000))\ns.accept()\n",
    )
    .expect("a file");
    let page = folder.path().join("page.html");
    let output = trace(&["--server", &format!("python3 {}", server.display())])
        .args(["--client", "sleep 60", "--timeout", "1", "--html"])
        .arg(&page)
        .output()
        .expect("started");
    let drawn = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{drawn}");
    let page = fs::read_to_string(page).expect("a page");
    for text in [&drawn, &page] {
        assert!(text.contains("the client did not end within 1 second"), "{text}");
        assert!(text.contains("nothing was on the wire"), "{text}");
        assert!(!text.contains("listening on"), "{text}");
    }
}

/// The finding, and the transcript, of a known-wrong program.
#[test]
fn a_reset_is_told_with_the_failure_it_explains() {
    if !has_the_full_jail() {
        return;
    }
    let built = compile::build(&["specimens".to_owned()]).expect("the specimens build");
    let specimens = built["specimens"].display();
    let graded = |level: &str| {
        let output = cargo_bin_cmd!("checker")
            .args(["grade", "7", "--check", "server/pipelined-quit", "--jail", level])
            .args(["--program", &format!("{specimens} lesson07 resets-at-quit")])
            .output()
            .expect("started");
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).expect("text")
    };
    let report = graded("full");
    for told in [
        "wire     carries SYN (seq 0) from peer to server: peer SYN-SENT, server SYN-RECEIVED",
        "from server to peer: peer CLOSED, server CLOSED",
        "on the wire: server sent RST in place of FIN: it closed or ended with bytes unread (of the",
    ] {
        assert!(report.contains(told), "{told}\n{report}");
    }
    assert!(!report.contains("packets are recorded only"), "{report}");
    // Where they can't be recorded, that is said, and nothing else changes.
    let report = graded("none");
    assert!(!report.contains("wire "), "{report}");
    assert_eq!(
        report.matches("packets are recorded only in the jail `full`").count(),
        1,
        "{report}"
    );
}
