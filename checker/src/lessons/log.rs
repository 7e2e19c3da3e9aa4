//! What a server prints about its clients: `connected ADDR`, `disconnected ADDR`, and what came in between.

use std::net::SocketAddr;

use crate::bench::Server;
use crate::quote::quoted;
use crate::verdict::{Finding, Kind, Step};

/// More than any server has to say about the clients of one check.
const MOST_LINES: usize = 100;

/// The next line on the server's stdout is `event` and this address, however its IP is written.
pub(super) fn logs(server: &Server, event: &str, address: SocketAddr) -> Step {
    let wanted = format!("{event} {address}");
    let printed = server.next_line(&format!("the line `{wanted}`"))?;
    if is_about(&printed, event, address) {
        return Ok(());
    }
    Finding::new(Kind::WrongOutput, "the server printed another line")
        .expected(quoted(wanted.as_bytes()))
        .actual(quoted(&printed))
        .stop()
}

/// The server prints `line` before it says that the client of this address is gone. Whatever else it prints is for other checks to judge.
pub(super) fn notes(server: &Server, line: &str, address: SocketAddr) -> Step {
    let mut instead = Vec::new();
    while instead.len() < MOST_LINES {
        let printed = server.next_line(&format!("the line `{line}`"))?;
        if printed == line.as_bytes() {
            return Ok(());
        }
        instead.push(quoted(&printed));
        if is_about(&printed, "disconnected", address) {
            break;
        }
    }
    Finding::new(
        Kind::MissingOutput,
        format!("the server did not print `{line}` for its client"),
    )
    .expected(quoted(line.as_bytes()))
    .actual(instead.join(", "))
    .stop()
}

fn is_about(printed: &[u8], event: &str, address: SocketAddr) -> bool {
    let text = String::from_utf8_lossy(printed);
    let named = text
        .strip_prefix(event)
        .and_then(|rest| rest.strip_prefix(' '))
        .and_then(|named| named.parse::<SocketAddr>().ok());
    named == Some(address)
}
