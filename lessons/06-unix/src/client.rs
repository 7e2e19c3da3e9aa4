//! The client of lesson 6. The steps are explained in `README.md`.

use anyhow::Result;

/// Prints the greeting, then sends lines and prints the shouts that come back, in turns.
///
/// 1. Connect a `UnixStream` to `path`, and put one `BufReader` around it. An error names `path`;
///    what stands there is not yours to remove.
/// 2. Read the greeting, a line, and print it. End-of-file in its place is no error: you are done.
/// 3. Go on as the client of lesson 3 does.
pub fn run(path: &str) -> Result<()> {
    lesson_kit::not_written_yet(format!("step 1 of src/client.rs: connect a UnixStream to {path}"))
}
