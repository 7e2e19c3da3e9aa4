use std::process::ExitCode;

use lesson_kit::briefs;
use solution04::{client, server};

fn main() -> ExitCode {
    lesson_kit::run(briefs::UDP, server::run, client::run)
}
