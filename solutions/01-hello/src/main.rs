use std::process::ExitCode;

use lesson_kit::briefs;
use solution01::{client, server};

fn main() -> ExitCode {
    lesson_kit::run(briefs::HELLO, server::run, client::run)
}
