//! The server of lesson 6.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::ASK_THE_KERNEL;
use crate::bench::{Bench, PathServer, UnixPeer, shout};
use crate::lessons::leaks;
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

const SHOUT_BYTES: &str =
    "shout byte by byte, `a` to `z` alone (`to_ascii_uppercase`), and answer bytes: they need not be text";
const PRINT_AS_IT_CAME: &str =
    "print the line as it came, nothing trimmed: `String::from_utf8_lossy` shows bytes that are no UTF-8 as U+FFFD";
const A_LINE_IS_WHOLE_AT_ITS_NEWLINE: &str = "a stream has no message boundaries, AF_UNIX or not: collect bytes up to the newline, then print and answer the line";
const KEEP_WHAT_IS_BUFFERED: &str = "one `read` may bring more than one line: keep one buffered reader for the whole conversation, or the rest of its buffer is lost";
const QUIT_ENDS_ONE_CLIENT: &str = "`q` ends this client, not the server: close its connection, and go on to `accept`";
const EOF_ENDS_ONE_CLIENT: &str = "`read` returns 0 when the client has closed: leave its loop, and go on to `accept`";
const A_KILLED_CLIENT_IS_GONE: &str =
    "the kernel closes the sockets of a process that is killed: that ends this one client, never the server";
const GONE_BEFORE_ITS_GREETING: &str = "a client may be gone before it is greeted: then the greeting fails with `Broken pipe` (in C, SIGPIPE kills), which ends this one client";
const NAME_THE_PATH: &str = "end with an error that names the path, and a non-zero exit code";
const LEAVE_A_LIVE_SOCKET: &str =
    "before you remove a socket file, try to connect to it: only `Connection refused` says that no one listens on it";

/// server/listens-at-the-path
pub(super) fn listens_at_the_path(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    bench.finds_a_socket_at(&server.path)?;
    bench
        .connect_at(&server)
        .hint("print the ready line after `listen`: before, a connection to the socket is refused")?;
    server.still_runs()
}

/// server/keeps-others-out
pub(super) fn keeps_others_out(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    bench.finds_mode_at(&server.path, 0o600).hint(
        "`bind` makes the file with the mode that the umask leaves: set the umask to 0177 around `bind`; a `chmod` behind it comes too late",
    )
}

/// server/knows-its-peer
pub(super) fn knows_its_peer(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    for _ in 0..2 {
        let client = bench.client_process(&server)?;
        let who = client.credentials();
        client.prints_first(&format!("hello {who}")).hint(ASK_THE_KERNEL)?;
        server
            .prints(&format!("connected {who}"))
            .hint("print who came, before its first line, with what `SO_PEERCRED` says")?;
        let line = bench.words.line();
        client.types(&line)?;
        client.prints(&line.to_ascii_uppercase())?;
        server.prints(&line)?;
        client.ends_input()?;
        server
            .prints(&format!("disconnected {who}"))
            .hint("when a client is gone its pid may be too: keep what you asked the kernel when it came")?;
        client.exits(0)?;
    }
    server.has_printed_no_more()
}

/// server/shouts-back
pub(super) fn shouts_back(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server)?;
    server.next_line("the line `connected pid=P uid=U`")?;
    let (one, two) = (bench.words.word(), bench.words.word());
    let ill_formed = [one.as_bytes(), b" \xff\xfe ", two.as_bytes()].concat();
    let long = bench.words.letters(60_000);
    for line in [
        format!("Hello, 世界 {one}").as_bytes(),
        format!("  {two}  é {one}\t ").as_bytes(),
        b"",
        &ill_formed,
        long.as_bytes(),
    ] {
        says(&mut peer, line)?;
        peer.receives_line(shout(line)).hint(SHOUT_BYTES)?;
        server.prints_bytes(line).hint(PRINT_AS_IT_CAME)?;
    }
    let crlf = "a `\\r` right before the `\\n` belongs to the end of the line, not to its text";
    peer.sends(format!("{two}\r\n"))?;
    peer.receives_line(shout(&two)).hint(crlf)?;
    server.prints(&two).hint(crlf)
}

/// server/split-and-glued
pub(super) fn split_and_glued(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server)?;
    let (before, after) = (bench.words.line(), bench.words.word());
    let line = format!("{before} 你 {after}");
    let (head, tail) = line.as_bytes().split_at(before.len() + 2);
    peer.dribbles(&[&head[..2], &head[2..], tail])
        .hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)?;
    server.comes_to_rest()?;
    peer.hears_nothing_yet().hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)?;
    peer.sends("\n")?;
    peer.receives_line(shout(&line)).hint(A_LINE_IS_WHOLE_AT_ITS_NEWLINE)?;

    let lines = format!(
        "{}\n{}\n{}\n",
        bench.words.line(),
        bench.words.line(),
        bench.words.line()
    );
    peer.sends(&lines)?;
    peer.receives(shout(&lines)).hint(KEEP_WHAT_IS_BUFFERED)
}

/// server/last-line
pub(super) fn last_line(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server)?;
    let line = bench.words.word();
    peer.sends(&line)?;
    peer.shuts_down()?;
    peer.receives_line(shout(&line))
        .hint("what came before end-of-file is a line too, though no newline ends it: answer it, then close")?;
    peer.receives_end().hint(EOF_ENDS_ONE_CLIENT)
}

/// server/quit-is-exact
pub(super) fn quit_is_exact(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let mut peer = greeted(bench, &server)?;
    for text in ["quiet", "Quit", "qq", "q!"] {
        says(&mut peer, text)?;
        peer.receives_line(shout(text))
            .hint("the quit word stands alone on its line: a line that begins with `q` is ordinary text")?;
    }
    says(&mut peer, " q ")?;
    peer.receives_end()
        .hint("`q` or `Q` is the quit word once white space around it is removed: close the connection, answer nothing")
}

/// server/next-client
pub(super) fn next_client(bench: &mut Bench) -> Step {
    let server = started(bench)?;

    let mut quits = greeted(bench, &server)?;
    is_answered(bench, &mut quits)?;
    // It keeps its own end open: the server is the one to close.
    says(&mut quits, "Q")?;
    let mut closes = greeted(bench, &server).hint(QUIT_ENDS_ONE_CLIENT)?;
    is_answered(bench, &mut closes).hint(QUIT_ENDS_ONE_CLIENT)?;
    closes.closes()?;

    let killed = bench.client_process(&server)?;
    killed
        .first_line("the greeting `hello pid=P uid=U`")
        .hint(EOF_ENDS_ONE_CLIENT)?;
    let line = bench.words.line();
    killed.types(&line)?;
    killed.prints(&line.to_ascii_uppercase()).hint(EOF_ENDS_ONE_CLIENT)?;
    killed.kill()?;

    // One more breaks off inside a line, with an answer left unread: the server gets a reset.
    let mut breaks_off = greeted(bench, &server).hint(A_KILLED_CLIENT_IS_GONE)?;
    says(&mut breaks_off, bench.words.line())?;
    breaks_off.leaves_unread()?;
    breaks_off.dribbles(&[bench.words.word()])?;
    breaks_off.closes_unread();

    // One more leaves while it waits in the queue: a server that takes one client after another can't have greeted it.
    let mut first = greeted(bench, &server).hint(A_KILLED_CLIENT_IS_GONE)?;
    is_answered(bench, &mut first).hint(A_KILLED_CLIENT_IS_GONE)?;
    bench.connect_at(&server)?.closes()?;
    says(&mut first, "q")?;
    serves_the_next(bench, &server).hint(GONE_BEFORE_ITS_GREETING)
}

/// server/patient
pub(super) fn patient(bench: &mut Bench) -> Step {
    let patience = "a silence has no time limit here: wait for the next line, however long it takes";
    let server = started(bench)?;
    let mut peer = greeted(bench, &server)?;
    is_answered(bench, &mut peer)?;
    bench.elapse(Duration::from_millis(1100))?;
    is_answered(bench, &mut peer).hint(patience)
}

/// server/leaks-nothing
pub(super) fn leaks_nothing(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    let ways = [
        comes_and_quits,
        comes_and_closes_inside_a_line,
        comes_and_closes_unread,
        comes_and_closes,
        comes_and_closes_at_once,
    ];
    leaks::leaks_nothing(bench, &server, &ways)?;
    // A server that has ended holds none either.
    serves_the_next(bench, &server)
}

/// server/left-over-socket
pub(super) fn left_over_socket(bench: &mut Bench) -> Step {
    let replace = "a socket file outlives its server: when a connection to it is refused, remove it and `bind` again";
    let path = bench.free_path()?;
    bench.dead_socket_at(&path)?;
    let server = bench.server_at(&path).hint(replace)?;
    serves_the_next(bench, &server).hint(replace)?;

    // The same with its own: a server that is killed can't tidy up.
    server.kill()?;
    let again = bench.server_at(&path).hint(replace)?;
    serves_the_next(bench, &again).hint(replace)
}

/// server/live-socket
pub(super) fn live_socket(bench: &mut Bench) -> Step {
    let first = started(bench)?;
    serves_the_next(bench, &first)?;
    fails_and_leaves(bench, "second server", &first.path, LEAVE_A_LIVE_SOCKET)?;

    // The same while the first is in the middle of a conversation.
    let mut peer = greeted(bench, &first).hint(LEAVE_A_LIVE_SOCKET)?;
    is_answered(bench, &mut peer).hint(LEAVE_A_LIVE_SOCKET)?;
    fails_and_leaves(bench, "third server", &first.path, LEAVE_A_LIVE_SOCKET)?;
    is_answered(bench, &mut peer)?;
    peer.closes()?;
    serves_the_next(bench, &first)
        .hint("the second server's look at the socket is a client that leaves at once: it harms nobody")
}

/// server/busy-socket
pub(super) fn busy_socket(bench: &mut Bench) -> Step {
    let path = bench.free_path()?;
    let _busy = bench.listen_busily_at(&path)?;
    fails_and_leaves(
        bench,
        "server",
        &path,
        "someone listens there, but its accept queue is full: a `connect` that blocks waits for ever, one that does not says `EAGAIN`, \
         and only `Connection refused` means that no one listens",
    )
}

/// server/no-socket
pub(super) fn no_socket(bench: &mut Bench) -> Step {
    let not_yours = "only a socket file may be removed: look at what stands there first, without following a link (`symlink_metadata`, `lstat`)";
    let file = bench.free_path()?;
    let content = bench.words.line();
    bench.regular_file_at(&file, &content)?;
    fails_and_leaves(bench, "server", &file, not_yours)?;

    let folder = bench.free_path()?;
    bench.folder_at(&folder)?;
    fails_and_leaves(bench, "server", &folder, not_yours)?;

    let (link, target) = (bench.free_path()?, bench.free_path()?);
    bench.dead_socket_at(&target)?;
    bench.link_at(&link, &target)?;
    let behind = bench.remembers(&target)?;
    fails_and_leaves(bench, "server", &link, not_yours)?;
    behind.is_untouched().hint(not_yours)
}

/// What goes on at the server when the signal comes.
type Situation = fn(&mut Bench, &PathServer) -> Step<Option<UnixPeer>>;

/// server/tidies-up
pub(super) fn tidies_up(bench: &mut Bench) -> Step {
    let situations: [(Situation, &str); 3] = [
        (
            nobody_is_connected,
            "have the signal handler (or a thread that waits for the signal) ready before the ready line: \
             remove the socket file, then exit with 0",
        ),
        (
            one_is_connected,
            "a signal is not to wait for the client that is being served: remove the socket file and exit at once",
        ),
        (
            one_is_inside_a_line,
            "a signal is not to wait for the end of a line: remove the socket file and exit at once",
        ),
    ];
    for (comes, hint) in situations {
        for signal in [Signal::SIGTERM, Signal::SIGINT] {
            let server = started(bench)?;
            let peer = comes(bench, &server)?;
            server.signal(signal);
            // The last words about a client are free: `disconnected` may be printed or not.
            server.exits_whatever_it_printed(0).hint(hint)?;
            bench
                .finds_nothing_at(&server.path)
                .hint("remove the socket file before you exit: the kernel does not")?;
            drop(peer);
        }
    }
    Ok(())
}

/// server/path-too-long
pub(super) fn path_too_long(bench: &mut Bench) -> Step {
    let short = bench.free_path()?;
    let folder = short.with_file_name("").display().to_string().len();
    let path = short.with_file_name(bench.words.letters(200 - folder));
    let server = bench.server_that_fails_at("server", &path)?;
    server.fails_to_start().hint(
        "the address of an AF_UNIX socket holds 107 bytes and a zero byte: a longer path is an error, never to be cut",
    )?;
    server.has_named(&path.display().to_string()).hint(NAME_THE_PATH)
}

// --- what the checks are made of ---

fn started(bench: &mut Bench) -> Step<PathServer> {
    let path = bench.free_path()?;
    bench.server_at(&path)
}

/// A new client comes and takes its greeting.
fn greeted(bench: &mut Bench, server: &PathServer) -> Step<UnixPeer> {
    let mut peer = bench.connect_at(server)?;
    let greeting = peer.takes_line()?;
    if greeting.starts_with(b"hello pid=") {
        return Ok(peer);
    }
    Finding::new(Kind::WrongBytes, "the first line that a client gets is no greeting")
        .expected("`hello pid=P uid=U`")
        .actual(quoted(&greeting))
        .stop()
}

/// The server fails at what stands at the path, names it, and leaves it untouched.
fn fails_and_leaves(bench: &mut Bench, who: &str, path: &Path, hint: &str) -> Step {
    let standing = bench.remembers(path)?;
    let server = bench.server_that_fails_at(who, path)?;
    server.fails_to_start().hint(hint)?;
    standing.is_untouched().hint(hint)?;
    server.has_named(&path.display().to_string()).hint(NAME_THE_PATH)
}

fn nobody_is_connected(_: &mut Bench, _: &PathServer) -> Step<Option<UnixPeer>> {
    Ok(None)
}

fn one_is_connected(bench: &mut Bench, server: &PathServer) -> Step<Option<UnixPeer>> {
    let mut peer = greeted(bench, server)?;
    is_answered(bench, &mut peer)?;
    Ok(Some(peer))
}

fn one_is_inside_a_line(bench: &mut Bench, server: &PathServer) -> Step<Option<UnixPeer>> {
    let mut peer = greeted(bench, server)?;
    peer.dribbles(&[bench.words.word()])?;
    Ok(Some(peer))
}

fn comes_and_quits(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    is_answered(bench, &mut peer)?;
    says(&mut peer, "q")?;
    peer.closes()
}

fn comes_and_closes(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    is_answered(bench, &mut peer)?;
    peer.closes()
}

/// So that there may be no one left to greet.
fn comes_and_closes_at_once(bench: &mut Bench, server: &PathServer) -> Step {
    bench.connect_at(server)?.closes()
}

fn comes_and_closes_inside_a_line(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    is_answered(bench, &mut peer)?;
    peer.sends(bench.words.word())?;
    peer.closes()
}

/// With an answer left unread, which the server learns as a reset.
fn comes_and_closes_unread(bench: &mut Bench, server: &PathServer) -> Step {
    let mut peer = greeted(bench, server)?;
    says(&mut peer, bench.words.line())?;
    peer.leaves_unread()?;
    peer.closes_unread();
    Ok(())
}

fn says(peer: &mut UnixPeer, line: impl AsRef<[u8]>) -> Step {
    peer.sends([line.as_ref(), b"\n"].concat())
}

/// A line of the peer comes back as its shout.
fn is_answered(bench: &mut Bench, peer: &mut UnixPeer) -> Step {
    let line = bench.words.line();
    says(peer, &line)?;
    peer.receives_line(shout(&line))
}

/// A new client comes, is greeted and answered.
fn serves_the_next(bench: &mut Bench, server: &PathServer) -> Step {
    let mut next = greeted(bench, server)?;
    is_answered(bench, &mut next)
}
