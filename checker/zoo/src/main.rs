//! `zoo ANIMAL [NAME=VALUE …] server --addr HOST:PORT`: programs that mean harm, each in one way, and that are right servers of lesson 1
//! otherwise (or of lesson 6, with `--path PATH`), so that it can be seen what the harm does to the verdict.
//!
//! What an animal tries, it says on stderr: `refused: WHAT (WHY)` or `got: WHAT`. Run it nowhere but in a jail.

#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod output;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(target_os = "linux")]
mod said;
#[cfg(target_os = "linux")]
mod server;
#[cfg(target_os = "linux")]
mod snoop;
#[cfg(target_os = "linux")]
mod system;

use std::process::ExitCode;

/// What it was started with.
#[cfg(target_os = "linux")]
pub(crate) struct Order {
    words: Vec<String>,
}

#[cfg(target_os = "linux")]
impl Order {
    /// The value of `name=value`, empty where there is none.
    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self
            .words
            .iter()
            .find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        found.unwrap_or_default()
    }

    /// Every value of `name=value`.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.words
            .iter()
            .filter_map(move |word| word.strip_prefix(name)?.strip_prefix('='))
    }

    /// The word behind `flag`.
    pub(crate) fn behind(&self, flag: &str) -> Option<&str> {
        let at = self.words.iter().position(|word| word == flag)?;
        self.words.get(at + 1).map(String::as_str)
    }
}

#[cfg(target_os = "linux")]
type Animal = (&'static str, fn(&Order));

/// What each does before it serves; some never come to that.
#[cfg(target_os = "linux")]
const ANIMALS: &[Animal] = &[
    ("tame", |_| {}),
    ("fork-bomb", processes::fork_bomb),
    ("fork-storm", processes::fork_storm),
    ("thread-bomb", processes::thread_bomb),
    ("daemon", processes::daemon),
    ("deaf", processes::deaf),
    ("kills-all", processes::kills_all),
    ("stops-itself", processes::stops_itself),
    ("stops-its-group", processes::stops_its_group),
    ("memory-hog", memory::hog),
    ("floods-stdout", output::floods_stdout),
    ("floods-stderr", output::floods_stderr),
    ("floods-socket", output::floods_socket),
    ("escapes", output::escapes),
    ("closes-streams", output::closes_streams),
    ("locks-stderr", output::locks_stderr),
    ("forger", output::forger),
    ("lingers", output::lingers),
    ("reader", files::reads),
    ("writer", files::writes),
    ("fills-disk", files::fills_disk),
    ("fills-inodes", files::fills_inodes),
    ("deep-folders", files::deep_folders),
    ("links", files::links),
    ("snoop", snoop::snoops),
    ("meddler", snoop::meddles),
    ("caller", network::calls),
    ("families", network::families),
    ("namespaces", kernel::namespaces),
    ("kernel", kernel::insides),
    ("climber", kernel::climbs),
    ("whoami", kernel::whoami),
    ("descriptors", descriptors::ten_thousand),
    ("heir", descriptors::inherits),
];

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let order = Order { words: words.collect() };
    let Some((_, act)) = ANIMALS.iter().find(|(known, _)| *known == name) else {
        eprintln!("zoo: there is no `{name}`");
        return ExitCode::from(2);
    };
    act(&order);
    match server::serve(&order) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("zoo: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("zoo: there is nothing to attack on this system");
    ExitCode::from(2)
}
