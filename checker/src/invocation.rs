//! How a person calls this checker: a command that a message names must run as it stands.

use std::borrow::Cow;

/// `cargo grade`, `cargo run -p checker -- list`; where cargo has not started us, the path that we were called by: `./checker list`.
pub fn of(command: &str) -> String {
    match command {
        // The aliases of the checkout.
        "grade" | "trace" if by_cargo() => format!("cargo {command}"),
        _ => format!("{} {command}", checker()),
    }
}

/// What stands before the name of a command.
pub fn checker() -> String {
    if by_cargo() {
        return "cargo run -p checker --".to_owned();
    }
    let called = std::env::args_os().next().and_then(|path| path.into_string().ok());
    let called = called
        .filter(|path| !path.is_empty())
        .unwrap_or_else(|| "checker".to_owned());
    shlex::try_quote(&called)
        .unwrap_or(Cow::Borrowed("checker"))
        .into_owned()
}

/// Cargo says so to what it starts.
fn by_cargo() -> bool {
    std::env::var_os("CARGO").is_some()
}
