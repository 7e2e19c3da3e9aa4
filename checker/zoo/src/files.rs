//! Reading what is hidden, writing where nothing is to be written, and writing too much.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use nix::libc;

use crate::Order;
use crate::said::{sleep_for_ever, tried};
use crate::system::{self, at, call, text};

/// Files and folders of `read=WHAT:PATH`.
pub(crate) fn reads(order: &Order) {
    for (what, path) in order.values("read").filter_map(|value| value.split_once(':')) {
        tried(&format!("read/{what}"), read(Path::new(path)));
    }
    // Around by another way.
    for root in ["/proc/1/root", "/proc/self/root/..", "/proc/1/cwd"] {
        tried(
            &format!("read/shadow-by-{}", root.trim_start_matches("/proc/")),
            read(&Path::new(root).join("etc/shadow")),
        );
    }
}

fn read(path: &Path) -> io::Result<()> {
    if let Ok(mut entries) = fs::read_dir(path) {
        return entries.next().map(drop).ok_or_else(|| io::Error::other("it is empty"));
    }
    File::open(path)?.read(&mut [0]).map(drop)
}

/// New files in the folders of `write=WHAT:PATH`, and changes to the files of `change=WHAT:PATH`.
pub(crate) fn writes(order: &Order) {
    for (what, path) in order.values("write").filter_map(|value| value.split_once(':')) {
        let path = Path::new(path).join(format!("zoo-{}", std::process::id()));
        tried(&format!("write/{what}"), fs::write(&path, "owned"));
        tried(
            &format!("write/{what}/link"),
            std::os::unix::fs::symlink("/etc/passwd", path.with_extension("link")),
        );
        tried(
            &format!("write/{what}/folder"),
            fs::create_dir(path.with_extension("folder")),
        );
        let socket = path.with_extension("socket");
        tried(
            &format!("write/{what}/socket"),
            std::os::unix::net::UnixListener::bind(socket),
        );
    }
    for (what, path) in order.values("change").filter_map(|value| value.split_once(':')) {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        tried(&format!("change/{what}/mode"), fs::set_permissions(path, mode));
        tried(
            &format!("change/{what}/owner"),
            std::os::unix::fs::chown(path, Some(1), Some(1)),
        );
        tried(
            &format!("change/{what}/text"),
            fs::OpenOptions::new().append(true).open(path),
        );
        tried(
            &format!("change/{what}/length"),
            fs::OpenOptions::new().write(true).truncate(true).open(path),
        );
        tried(&format!("change/{what}/name"), fs::rename(path, format!("{path}.old")));
        tried(&format!("change/{what}/gone"), fs::remove_file(path));
    }
}

fn own_folder() -> PathBuf {
    std::env::temp_dir()
}

/// Twice what all files together may hold, in each place that may be written to.
pub(crate) fn fills_disk(_: &Order) {
    system::ignore(libc::SIGXFSZ);
    for (what, folder) in [("tmp", own_folder()), ("shm", "/dev/shm".into())] {
        let fill = (0..8).try_for_each(|number| {
            let file = File::create(folder.join(format!("fill-{number}")))?;
            call(libc::SYS_fallocate, [file.as_raw_fd().into(), 0, 0, 16 << 20]).map(drop)
        });
        tried(&format!("fill/{what}"), fill);
        let large = File::create(folder.join("large"))
            .and_then(|file| call(libc::SYS_ftruncate, [file.as_raw_fd().into(), 1 << 30]));
        tried(&format!("large-file/{what}"), large);
    }
}

pub(crate) fn fills_inodes(_: &Order) {
    for (what, folder) in [("tmp", own_folder()), ("shm", "/dev/shm".into())] {
        let fill = (0..17_000).try_for_each(|number| File::create(folder.join(format!("i{number}"))).map(drop));
        tried(&format!("inodes/{what}"), fill);
    }
}

/// A folder in a folder in a folder: who removes them with one call inside another runs out of stack, or of descriptors.
pub(crate) fn deep_folders(_: &Order) {
    let (name, here) = (text("d"), text("."));
    if std::env::set_current_dir(own_folder()).is_err() {
        return;
    }
    for _ in 0..2_500 {
        let made = call(libc::SYS_mkdirat, [libc::AT_FDCWD.into(), at(&name), 0o700]);
        if made.is_err() || call(libc::SYS_chdir, [at(&name)]).is_err() {
            break;
        }
    }
    let _ = call(libc::SYS_chmod, [at(&here), 0]);
    let _ = std::env::set_current_dir("/");
}

/// As a server of lesson 6: in place of its socket stands a link to `target=PATH`, and behind it the folder itself becomes one to
/// `folder=PATH`. A child does it again and again, while the checker looks.
pub(crate) fn links(order: &Order) {
    let Some(path) = order.behind("--path").map(PathBuf::from) else {
        return;
    };
    let (target, elsewhere) = (order.value("target").to_owned(), order.value("folder").to_owned());
    if order.value("how") == "file" {
        let _ = std::os::unix::fs::symlink(&target, &path);
        let _ = crate::server::say(&format!("listening on {}\n", path.display()));
        sleep_for_ever();
    }
    let Some(folder) = path.parent() else { return };
    let aside = folder.with_extension("aside");
    if let Ok(true) = system::fork() {
        loop {
            if fs::rename(folder, &aside).is_ok() {
                let _ = std::os::unix::fs::symlink(&elsewhere, folder);
                let _ = fs::remove_file(folder);
                let _ = fs::rename(&aside, folder);
            }
            let _ = io::stdout().flush();
        }
    }
}
