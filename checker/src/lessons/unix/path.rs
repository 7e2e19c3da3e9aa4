//! The server of lesson 6 and its path: who may use the socket file, what may be removed for it, and what is left of it.

use std::path::Path;

use nix::sys::signal::Signal;

use super::server::{greeted, serves_the_next, started};
use crate::bench::{Bench, PathServer, UnixPeer, shout};
use crate::lessons::shouting::{is_answered, says};
use crate::quote::quoted;
use crate::verdict::{Finding, Hint, Kind, Step};

const NAME_THE_PATH: &str = "end with an error that names the path, and a non-zero exit code";
const LEAVE_A_LIVE_SOCKET: &str =
    "before you remove a socket file, try to connect to it: only `Connection refused` says that no one listens on it";

/// server/keeps-others-out
pub(super) fn keeps_others_out(bench: &mut Bench) -> Step {
    let from_its_first_moment = "`bind` makes the file with the mode that the umask leaves: set the umask to 0177 around `bind`; a `chmod` behind it comes too late";
    let path = bench.free_path()?;
    let watch = bench.watches_the_mode_at(&path, 0o600)?;
    let server = bench.server_at(&path)?;
    watch.has_seen_no_other().hint(from_its_first_moment)?;
    bench.finds_mode_at(&server.path, 0o600).hint(from_its_first_moment)
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
    )?;

    let path = bench.free_path()?;
    let _silent = bench.listen_at(&path)?;
    fails_and_leaves(
        bench,
        "server",
        &path,
        "a `connect` that succeeds says all that is to be known: someone listens, however long it takes to accept and to greet",
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
            let conversation = comes(bench, &server)?;
            server.signal(signal);
            server.exits_whatever_it_printed(0).hint(hint)?;
            bench
                .finds_nothing_at(&server.path)
                .hint("remove the socket file before you exit: the kernel does not")?;
            has_printed_its_log_alone(&server, conversation.as_ref())?;
        }
    }
    Ok(())
}

/// server/path-too-long
pub(super) fn path_too_long(bench: &mut Bench) -> Step {
    let short = bench.free_path()?;
    let folder = short.with_file_name("").display().to_string().len();
    let path = short.with_file_name(bench.words.letters(200_usize.saturating_sub(folder).max(1)));
    let server = bench.server_that_fails_at("server", &path)?;
    server.fails_to_start().hint(
        "the address of an AF_UNIX socket holds 107 bytes and a zero byte: a longer path is an error, never to be cut",
    )?;
    server.has_named(&path.display().to_string()).hint(NAME_THE_PATH)
}

// --- what the checks are made of ---

/// The server fails at what stands at the path, names it, and leaves it untouched.
fn fails_and_leaves(bench: &mut Bench, who: &str, path: &Path, hint: &str) -> Step {
    let standing = bench.remembers(path)?;
    let server = bench.server_that_fails_at(who, path)?;
    server.fails_to_start().hint(hint)?;
    standing.is_untouched().hint(hint)?;
    server.has_named(&path.display().to_string()).hint(NAME_THE_PATH)
}

/// Who is connected to the server when the signal comes.
type Situation = fn(&mut Bench, &PathServer) -> Step<Option<Conversation>>;

/// A client that stays, and what it has said, be it half a line.
struct Conversation {
    _peer: UnixPeer,
    said: String,
}

fn nobody_is_connected(_: &mut Bench, _: &PathServer) -> Step<Option<Conversation>> {
    Ok(None)
}

fn one_is_connected(bench: &mut Bench, server: &PathServer) -> Step<Option<Conversation>> {
    let mut peer = greeted(bench, server)?;
    let said = bench.words.line();
    says(&mut peer, &said)?;
    peer.receives_line(shout(&said))?;
    Ok(Some(Conversation { _peer: peer, said }))
}

fn one_is_inside_a_line(bench: &mut Bench, server: &PathServer) -> Step<Option<Conversation>> {
    let mut peer = greeted(bench, server)?;
    let said = bench.words.word();
    peer.dribbles(&[&said])?;
    Ok(Some(Conversation { _peer: peer, said }))
}

/// What a server that was ended by a signal has printed is about its client, if it had one. The last words are free: `disconnected` and half a
/// line may be printed or not, and the end may cut off whatever was just being printed.
fn has_printed_its_log_alone(server: &PathServer, conversation: Option<&Conversation>) -> Step {
    let printed = server.remaining_output()?;
    let mut lines = printed.split_inclusive(|&byte| byte == b'\n');
    let foreign = lines.find(|line| {
        let Some(Conversation { said, .. }) = conversation else {
            return true;
        };
        let begins = |with: &str| line.starts_with(with.as_bytes()) || with.as_bytes().starts_with(line);
        let is_said = line.strip_suffix(b"\n") == Some(said.as_bytes()) || said.as_bytes().starts_with(line);
        !is_said && !begins("connected pid=") && !begins("disconnected pid=")
    });
    match foreign {
        None => Ok(()),
        Some(line) => Finding::new(
            Kind::ExtraOutput,
            "at a signal the server printed something that the contract does not name",
        )
        .expected("nothing more on stdout but what is known of a client (prompts and logs go to stderr)")
        .actual(quoted(line))
        .stop()
        .hint("say goodbye on stderr: stdout carries the lines that the lesson names, to the very end"),
    }
}
