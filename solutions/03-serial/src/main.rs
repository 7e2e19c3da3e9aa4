use std::process::ExitCode;

use lesson_kit::briefs;
use solution03::{client, server};

fn main() -> ExitCode {
    lesson_kit::run(briefs::SERIAL, server::run, client::run)
}
