//! Why the kernel does not start what may be executed, in words.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::jail::interpreter;
use crate::quote::escaped;

/// Why the kernel did not start this file as a program, of which it said `error`, if that can be told from its beginning.
pub(super) fn refusal(path: &Path, error: &io::Error) -> Option<String> {
    let Some(interpreter) = interpreter(path) else {
        return is_text(path).ok()?.then(|| {
            "it is text without a first line that says what runs it, such as `#!/usr/bin/env python3`".to_owned()
        });
    };
    let words = escaped(interpreter.as_os_str().as_bytes());
    match words.strip_suffix("\\r") {
        Some(words) => Some(format!(
            "its lines end as on Windows (`\\r\\n`), so its interpreter would be `{words}\\r`"
        )),
        None if !interpreter.exists() => Some(format!(
            "its first line says that `{words}` runs it, and there is no such file"
        )),
        None => matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied).then(|| {
            format!("its first line says that `{words}` runs it, which the jail does not show: name that on the command line, before the script")
        }),
    }
}

/// Whether a file, or a folder above it, is open to its owner alone: our change of user is then what keeps the program from being started. Of a name
/// that is looked up in `PATH` this is taken for true.
pub(super) fn is_closed_to_others(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return true };
    let closed = |path: &Path| {
        path.metadata()
            .is_ok_and(|about| about.permissions().mode() & 0o001 == 0)
    };
    path.ancestors().any(closed)
}

/// An executable of any kind has bytes in its beginning that no text has.
fn is_text(path: &Path) -> io::Result<bool> {
    let mut begin = Vec::new();
    File::open(path)?.take(256).read_to_end(&mut begin)?;
    Ok(begin
        .iter()
        .all(|byte| !byte.is_ascii_control() || b"\t\n\r".contains(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_does_not_start_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mine");
        for (text, said) in [
            ("", Some("it is text without")),
            ("print('hello')\n", Some("it is text without")),
            ("#!/no/such/python\n", Some("`/no/such/python` runs it")),
            ("#!/no/\x1b[31m\n", Some("`/no/\\u{1b}[31m`")),
            ("#!/bin/sh\r\necho\r\n", Some("end as on Windows")),
            (
                "#! /bin/sh -e\necho\n",
                Some("`/bin/sh` runs it, which the jail does not show"),
            ),
            ("\x7fELF\x02\x01\x01\0", None),
        ] {
            std::fs::write(&path, text).expect("written");
            let found = refusal(&path, &ErrorKind::NotFound.into());
            assert_eq!(found.is_some(), said.is_some(), "{text:?}: {found:?}");
            assert!(found.unwrap_or_default().contains(said.unwrap_or_default()), "{text:?}");
        }
    }
}
