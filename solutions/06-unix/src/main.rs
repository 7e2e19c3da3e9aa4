use std::process::ExitCode;

use lesson_kit::briefs;
use solution06::{client, server};

fn main() -> ExitCode {
    lesson_kit::run_at_path(briefs::UNIX, server::run, client::run)
}
