//! What of the host is shown to programs.

use std::path::{Path, PathBuf};

use crate::compile;
use crate::jail::{Walls, is_of_the_jail, is_shown_as_a_whole};

/// The folders and files of `--bind`; and where a command line was given, the folder that it was typed in.
pub(crate) fn show(walls: &mut Walls, binds: &[PathBuf], was_typed: bool) -> Result<(), String> {
    for bind in binds {
        let named = format!("`--bind {}`", bind.display());
        match bind.canonicalize() {
            Ok(path) if path == Path::new("/") => {
                return Err(format!(
                    "{named}: the whole machine is not shown; name the folders that the program needs"
                ));
            }
            Ok(path) if is_of_the_jail(&path) => return Err(format!("{named} can't be shown: a jail has its own")),
            Ok(path) => {
                if holds_solutions(&path) {
                    eprintln!("warning: {named} lets programs read the reference solutions");
                }
                walls.shown.push(path);
            }
            Err(error) => return Err(format!("{named} can't be shown: {error}")),
        }
    }
    if let Some(folder) = std::env::current_dir().ok().filter(|_| was_typed) {
        if is_shown_as_a_whole(&folder) && !compile::workspace().starts_with(&folder) {
            walls.shown.push(folder.clone());
        }
        // Shown or not: the files that the command line names by a relative path are found from here.
        walls.working_directory = Some(folder);
    }
    Ok(())
}

/// Whether they, or a part of them, can be read in there.
fn holds_solutions(path: &Path) -> bool {
    let solutions = compile::workspace().join("solutions");
    solutions
        .canonicalize()
        .is_ok_and(|solutions| solutions.starts_with(path) || path.starts_with(&solutions))
}
