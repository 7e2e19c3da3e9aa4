use std::process::ExitCode;

use lesson_kit::briefs;
use solution08::{client, server};

fn main() -> ExitCode {
    lesson_kit::run_with_auth_timeout(briefs::AUTH, server::run, client::run)
}
