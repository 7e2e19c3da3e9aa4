use std::process::ExitCode;

use lesson_kit::briefs;
use solution05::{client, server};

fn main() -> ExitCode {
    lesson_kit::run(briefs::FRAMING, server::run, client::run)
}
