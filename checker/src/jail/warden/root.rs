//! The jail's root folder: a file system in memory on which the host's system folders, and what else the walls name, are mounted read-only.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};

use super::{DEVICES, Doing, Failure, SYSTEM};
use crate::jail::walls::Walls;

/// Of `/etc`, what runtimes look for and nobody has to hide.
const SETTINGS: &[&str] = &[
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/protocols",
    "/etc/services",
    "/etc/ssl",
    "/etc/python3",
];
/// Runtimes keep settings in folders that are named for their version.
const SETTINGS_OF: &[&str] = &["java", "python", "node", "ruby", "php", "dotnet"];

/// The old root, seen from the new one while that is being built.
const HOST: &str = "/host";
const NEW: &str = "/new";

/// Builds the new root and moves there; of the host nothing else can be reached any more.
pub(super) fn move_in(walls: &Walls) -> Result<(), Failure> {
    // Nothing that is mounted here is to show on the host.
    remount("/", MsFlags::MS_REC | MsFlags::MS_SLAVE).doing("parting from the host's mounts")?;
    let doing = "making the new root folder";
    tmpfs("/tmp", "size=1m,nr_inodes=4k,mode=755").doing(doing)?;
    for folder in ["/tmp/host", "/tmp/new"] {
        fs::create_dir(folder).doing(doing)?;
    }
    pivot_root("/tmp", "/tmp/host").doing("changing the root folder")?;
    chdir("/").doing(doing)?;
    tmpfs(NEW, "size=4m,nr_inodes=16k,mode=755").doing(doing)?;

    // Before anything is shown: some of that may lie below the host's `/tmp`.
    let disk = walls.limits.disk;
    for (folder, size) in [("/tmp", disk), ("/dev/shm", disk)] {
        let inside = inside(Path::new(folder));
        DirBuilder::new().recursive(true).create(&inside).doing("making /tmp")?;
        tmpfs(&inside, &format!("size={size},nr_inodes=16k,mode=1777")).doing("mounting /tmp")?;
    }
    // Those that are links are made links.
    for folder in SYSTEM {
        show_or_link(folder).map_err(|failure| failure.about(folder))?;
    }
    let settings = SETTINGS.iter().map(PathBuf::from).chain(settings_of_runtimes());
    for path in settings.chain(walls.shown.iter().cloned()) {
        show(&path).map_err(|failure| failure.about(&path.display().to_string()))?;
    }
    name_the_user(walls).doing("writing /etc/passwd")?;
    devices()?;
    proc()?;
    fs::create_dir_all(inside(&walls.start_in())).doing("making the working directory")?;

    chdir(NEW).doing(doing)?;
    // The old root ends up on top of the new one, and is taken away.
    pivot_root(".", ".").doing("changing the root folder")?;
    umount2(".", MntFlags::MNT_DETACH).doing("taking the host's files away")?;
    chdir("/").doing(doing)?;
    read_only("/", 0).doing("making the root folder read-only")
}

fn tmpfs(at: impl AsRef<Path>, options: &str) -> nix::Result<()> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(Some("tmpfs"), at.as_ref(), Some("tmpfs"), flags, Some(options))
}

fn remount(at: &str, flags: MsFlags) -> nix::Result<()> {
    mount(None::<&str>, at, None::<&str>, flags, None::<&str>)
}

fn host(path: &Path) -> PathBuf {
    Path::new(HOST).join(path.strip_prefix("/").unwrap_or(path))
}

fn inside(path: &Path) -> PathBuf {
    Path::new(NEW).join(path.strip_prefix("/").unwrap_or(path))
}

/// A system folder; where it is a link (`/bin` to `usr/bin`), the same link.
fn show_or_link(folder: &str) -> Result<(), Failure> {
    let folder = Path::new(folder);
    match fs::read_link(host(folder)) {
        Ok(target) => symlink(target, inside(folder)).doing("linking a system folder"),
        Err(_) => show(folder),
    }
}

/// Mounts a file or folder of the host at its own path, read-only. What the host doesn't have is left out.
fn show(path: &Path) -> Result<(), Failure> {
    // A link is followed on the host: what it leads to is shown in its place.
    let Some((source, is_folder)) = source(path) else {
        return Ok(());
    };
    let target = inside(path);
    let doing = "showing a file of the host";
    // In a folder that is shown already a link is there, and leads to where it will lead; from here it leads nowhere.
    if fs::symlink_metadata(&target).is_ok_and(|about| about.is_symlink()) {
        return Ok(());
    }
    if !target.exists() {
        if let Some(parent) = target.parent() {
            DirBuilder::new()
                .recursive(true)
                .mode(0o755)
                .create(parent)
                .doing(doing)?;
        }
        match is_folder {
            true => DirBuilder::new().mode(0o755).create(&target).doing(doing)?,
            false => File::create(&target).map(drop).doing(doing)?,
        }
    }
    mount(
        Some(&source),
        &target,
        None::<&str>,
        MsFlags::MS_BIND | MsFlags::MS_REC,
        None::<&str>,
    )
    .doing(doing)?;
    read_only(&target, libc::AT_RECURSIVE).doing("making a file of the host read-only")
}

/// Where `path` lies on the host, seen from here; links are followed as the host would follow them.
fn source(path: &Path) -> Option<(PathBuf, bool)> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        let seen = host(&path);
        let about = fs::symlink_metadata(&seen).ok()?;
        if !about.is_symlink() {
            return Some((seen, about.is_dir()));
        }
        let target = fs::read_link(&seen).ok()?;
        path = path.parent()?.join(target);
    }
    None
}

fn settings_of_runtimes() -> Vec<PathBuf> {
    let entries = fs::read_dir(host(Path::new("/etc"))).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter(|name| SETTINGS_OF.iter().any(|runtime| name.starts_with(runtime)))
        .map(|name| Path::new("/etc").join(name))
        .collect()
}

/// Some runtimes ask for the user's name and home, and every resolver for `localhost`.
fn name_the_user(walls: &Walls) -> io::Result<()> {
    let uid = walls.user.unwrap_or_else(|| nix::unistd::geteuid().as_raw());
    let gid = walls.user.unwrap_or_else(|| nix::unistd::getegid().as_raw());
    let etc = inside(Path::new("/etc"));
    fs::create_dir_all(&etc)?;
    fs::write(etc.join("passwd"), format!("student:x:{uid}:{gid}::/tmp:/bin/sh\n"))?;
    fs::write(etc.join("group"), format!("student:x:{gid}:\n"))?;
    fs::write(etc.join("hosts"), "127.0.0.1 localhost\n::1 localhost\n")
}

fn devices() -> Result<(), Failure> {
    let folder = inside(Path::new("/dev"));
    DirBuilder::new().recursive(true).create(&folder).doing("making /dev")?;
    for device in DEVICES {
        let target = inside(Path::new(device));
        File::create(&target).doing("making a device")?;
        mount(
            Some(&host(Path::new(device))),
            &target,
            None::<&str>,
            MsFlags::MS_BIND,
            None::<&str>,
        )
        .doing("showing a device")?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        symlink(target, folder.join(name)).doing("linking a device")?;
    }
    Ok(())
}

/// Of the new process namespace: no process of the host is in it.
fn proc() -> Result<(), Failure> {
    let at = inside(Path::new("/proc"));
    fs::create_dir(&at).doing("making /proc")?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), &at, Some("proc"), flags, None::<&str>).doing("mounting /proc")
}

/// `mount_setattr(2)`, since Linux 5.12: unlike a remount it reaches what is mounted below.
fn read_only(at: impl AsRef<Path>, flags: libc::c_int) -> io::Result<()> {
    /// `struct mount_attr` (linux/mount.h).
    #[repr(C)]
    struct Attributes {
        set: u64,
        clear: u64,
        propagation: u64,
        user_namespace: u64,
    }
    const RDONLY: u64 = 1;
    const NOSUID: u64 = 2;
    const NODEV: u64 = 4;
    let attributes = Attributes {
        set: RDONLY | NOSUID | NODEV,
        clear: 0,
        propagation: 0,
        user_namespace: 0,
    };
    let path = std::ffi::CString::new(at.as_ref().as_os_str().as_encoded_bytes())?;
    #[expect(unsafe_code, reason = "no safe wrapper for mount_setattr(2)")]
    // SAFETY: the kernel reads a path that ends with a zero byte and a structure of the size given; both outlive the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const attributes,
            size_of::<Attributes>(),
        )
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
