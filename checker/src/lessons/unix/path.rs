//! The server of lesson 6 and its path: who may use the socket file, what may be removed for it, and what is left of it.

use std::path::Path;

use nix::sys::signal::Signal;

use super::server::{greeted, is_answered, serves_the_next, started};
use crate::bench::{Bench, PathServer, UnixPeer};
use crate::verdict::{Hint, Step};

const NAME_THE_PATH: &str = "end with an error that names the path, and a non-zero exit code";
const LEAVE_A_LIVE_SOCKET: &str =
    "before you remove a socket file, try to connect to it: only `Connection refused` says that no one listens on it";

/// server/keeps-others-out
pub(super) fn keeps_others_out(bench: &mut Bench) -> Step {
    let server = started(bench)?;
    bench.finds_mode_at(&server.path, 0o600).hint(
        "`bind` makes the file with the mode that the umask leaves: set the umask to 0177 around `bind`; a `chmod` behind it comes too late",
    )
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

/// The server fails at what stands at the path, names it, and leaves it untouched.
fn fails_and_leaves(bench: &mut Bench, who: &str, path: &Path, hint: &str) -> Step {
    let standing = bench.remembers(path)?;
    let server = bench.server_that_fails_at(who, path)?;
    server.fails_to_start().hint(hint)?;
    standing.is_untouched().hint(hint)?;
    server.has_named(&path.display().to_string()).hint(NAME_THE_PATH)
}

/// Who is connected to the server when the signal comes.
type Situation = fn(&mut Bench, &PathServer) -> Step<Option<UnixPeer>>;

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
