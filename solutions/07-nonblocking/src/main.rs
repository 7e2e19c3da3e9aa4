use std::process::ExitCode;

use lesson_kit::briefs;
use solution07::{client, server};

fn main() -> ExitCode {
    lesson_kit::run(briefs::NONBLOCKING, server::run, client::run)
}
