//! What of the host a command line needs: the executable, the files that it names, and what an interpreter brings along.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The executable that `name` stands for, by its full path: as a shell would find it, but for a script in somebody's home where `PATH` has another.
/// Such a script is a stand-in (of pyenv, asdf …) that needs more of that home than a jail shows.
///
/// # Errors
/// There is none, or it may not be executed.
pub(super) fn executable(name: &OsStr) -> io::Result<PathBuf> {
    let is_a_path = name.as_encoded_bytes().contains(&b'/');
    if is_a_path {
        let path = std::path::absolute(name)?;
        return runnable(&path).map(|()| path);
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let found: Vec<PathBuf> = env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .filter(|path| runnable(path).is_ok())
        .collect();
    let first = found.iter().find(|path| !is_a_script_at_home(path)).or(found.first());
    first
        .cloned()
        .ok_or_else(|| io::Error::from_raw_os_error(nix::libc::ENOENT))
}

/// The folder of `PATH` in which the executable that `name` stands for was found. An interpreter looks itself up there once more, by its name, to
/// find its library: without this folder first, a Python in a virtual environment would take the system's for its own.
#[cfg(target_os = "linux")]
pub(super) fn searched<'a>(name: &OsStr, executable: &'a Path) -> Option<&'a Path> {
    let is_a_path = name.as_encoded_bytes().contains(&b'/');
    executable.parent().filter(|_| !is_a_path)
}

fn is_a_script_at_home(path: &Path) -> bool {
    interpreter(path).is_some() && path.ancestors().any(is_a_home)
}

/// What the first line of a script says that runs it (execve(2), "Interpreter scripts").
pub fn interpreter(script: &Path) -> Option<PathBuf> {
    /// The kernel reads no more of it (`BINPRM_BUF_SIZE`).
    const FIRST_LINE: u64 = 256;
    let mut begin = Vec::new();
    File::open(script).ok()?.take(FIRST_LINE).read_to_end(&mut begin).ok()?;
    let line = begin.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    let mut words = line.split(|byte| b" \t".contains(byte));
    let interpreter = words.find(|word| !word.is_empty())?;
    Some(PathBuf::from(OsStr::from_bytes(interpreter)))
}

fn runnable(path: &Path) -> io::Result<()> {
    let about = path.metadata()?;
    match about.is_file() && about.permissions().mode() & 0o111 != 0 {
        true => Ok(()),
        false => Err(io::Error::from_raw_os_error(nix::libc::EACCES)),
    }
}

/// What is shown of the host for this command: never the home folder, nor a folder that holds it.
pub fn needs(command: &[OsString]) -> Vec<PathBuf> {
    let mut shown: Vec<PathBuf> = Vec::new();
    let Some((name, arguments)) = command.split_first() else {
        return shown;
    };
    // Not what the first line of a script names: nobody vouches for that, and it could name the neighbour of what is to stay hidden.
    if let Ok(path) = executable(name) {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let mut steps = links(path);
        steps.push(real);
        shown.extend(steps.iter().filter_map(|path| installation(path)));
        shown.extend(steps);
    }
    let files = arguments.iter().map(Path::new).filter(|path| path.is_file());
    shown.extend(files.filter_map(|path| std::path::absolute(path).ok()));
    shown
}

/// A path, and each that it leads to, link by link.
fn links(path: PathBuf) -> Vec<PathBuf> {
    const MOST: usize = 40;
    let next = |path: &PathBuf| Some(path.parent()?.join(path.read_link().ok()?));
    std::iter::successors(Some(path), next).take(MOST).collect()
}

/// `/opt/node` of `/opt/node/bin/node`: an interpreter that is installed in a folder of its own comes with it.
fn installation(executable: &Path) -> Option<PathBuf> {
    let bin = executable.parent().filter(|folder| folder.ends_with("bin"))?;
    let folder = bin.parent()?;
    // `~/.local` and `~/.cargo` hold more than programs: keys and passwords.
    let is_of_a_home = folder.parent().is_some_and(is_a_home);
    let is_hidden = folder
        .file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    (is_shown_as_a_whole(folder) && !(is_of_a_home && is_hidden)).then(|| folder.to_path_buf())
}

/// Whether a folder may be there in the jail with all that is in it: not the root folder, not one that holds somebody's home, not a home, and none
/// that the jail makes for itself.
pub fn is_shown_as_a_whole(folder: &Path) -> bool {
    let holds_a_home = homes().any(|home| home.starts_with(folder));
    !holds_a_home && !is_a_home(folder) && folder != Path::new("/home") && !is_of_the_jail(folder)
}

/// Whether this is, or holds, a folder that a full jail makes for itself: the host's would take its place, and be read-only.
pub fn is_of_the_jail(folder: &Path) -> bool {
    let holds_one = ["/etc", "/tmp"].iter().any(|own| Path::new(own).starts_with(folder));
    holds_one || folder.starts_with("/dev") || folder.starts_with("/proc")
}

fn homes() -> impl Iterator<Item = PathBuf> {
    [env::var_os("HOME").map(PathBuf::from), Some("/root".into())]
        .into_iter()
        .flatten()
}

fn is_a_home(folder: &Path) -> bool {
    folder.parent() == Some(Path::new("/home")) || homes().any(|home| home == folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_and_what_holds_them_are_never_shown() {
        for folder in ["/", "/home", "/home/alice", "/root"] {
            assert!(!is_shown_as_a_whole(Path::new(folder)), "{folder}");
        }
        for folder in ["/opt/node", "/home/alice/course/submission", "/srv"] {
            assert!(is_shown_as_a_whole(Path::new(folder)), "{folder}");
        }
    }

    #[test]
    fn what_a_jail_makes_for_itself_is_not_shown() {
        for folder in ["/", "/dev", "/dev/shm", "/etc", "/proc", "/proc/self/fd", "/tmp"] {
            assert!(is_of_the_jail(Path::new(folder)), "{folder}");
            assert!(!is_shown_as_a_whole(Path::new(folder)), "{folder}");
        }
        for folder in ["/etc/ssl", "/tmp/submission", "/usr"] {
            assert!(!is_of_the_jail(Path::new(folder)), "{folder}");
        }
    }

    #[test]
    fn what_lies_beside_programs_in_a_home_is_not_shown() {
        for (executable, shown) in [
            ("/home/alice/.local/bin/mine", None),
            ("/home/alice/.cargo/bin/mine", None),
            (
                "/home/alice/.pyenv/versions/3.12/bin/python3",
                Some("/home/alice/.pyenv/versions/3.12"),
            ),
            ("/home/alice/conda/bin/python3", Some("/home/alice/conda")),
            ("/opt/node/bin/node", Some("/opt/node")),
        ] {
            let found = installation(Path::new(executable));
            assert_eq!(found.as_deref(), shown.map(Path::new), "{executable}");
        }
    }

    #[test]
    fn a_link_is_followed_step_by_step() {
        let folder = tempfile::tempdir().expect("a folder");
        let [first, second, last] = ["first", "second", "last"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink("second", &first).expect("a link");
        std::os::unix::fs::symlink(&last, &second).expect("a link");
        assert_eq!(links(first.clone()), [first, second, last]);
    }

    #[test]
    fn a_script_in_a_home_is_told_from_a_program() {
        let Some(home) = env::var_os("HOME") else { return };
        let Ok(folder) = tempfile::tempdir_in(home) else { return };
        for (name, content, is_script) in [("shim", "#!/bin/sh\n", true), ("program", "\x7fELF", false)] {
            let path = folder.path().join(name);
            std::fs::write(&path, content).expect("a file");
            assert_eq!(is_a_script_at_home(&path), is_script, "{name}");
        }
        assert!(!is_a_script_at_home(Path::new("/usr/bin/ldd")));
    }

    #[test]
    fn an_executable_is_found_as_a_shell_finds_it() {
        let found = executable(OsStr::new("sh")).expect("every Unix has a shell");
        assert!(found.is_absolute() && found.ends_with("sh"));
        assert!(executable(OsStr::new("no-such-program-here")).is_err());
        assert!(executable(OsStr::new("/etc/passwd")).is_err());
    }
}
