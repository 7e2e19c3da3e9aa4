use std::process::ExitCode;

use lesson_kit::briefs;
use solution02::{client, server};

fn main() -> ExitCode {
    lesson_kit::run(briefs::QUIT, server::run, client::run)
}
