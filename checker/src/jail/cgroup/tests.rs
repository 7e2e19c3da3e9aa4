//! On a folder that stands for the hierarchy, with the rules of the kernel that matter here.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::kernel::{Kernel, own_cgroup};
use super::{Delegated, Leaf, NotDelegated};
use crate::jail::Limits;

const CHECKER: u32 = 42;
const WARDEN: u32 = 50;

#[derive(Debug)]
struct Imitated {
    root: TempDir,
    /// What was asked for, as `mkdir own/a` or `own/a/file: text`.
    asked: Mutex<Vec<String>>,
    /// Files that no cgroup has on this kernel.
    missing: &'static [&'static str],
    /// A process that turns up in the own cgroup when controllers are to be enabled.
    latecomer: Option<&'static str>,
}

impl Imitated {
    /// A system with one cgroup below the root, `own`, in which the checker is.
    fn new(missing: &'static [&'static str], latecomer: Option<&'static str>) -> Arc<Self> {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join("cgroup.controllers"), "cpu memory pids\n").expect("written");
        fs::write(root.path().join("cgroup.subtree_control"), "cpu memory pids\n").expect("written");
        fs::write(root.path().join("cgroup.procs"), "1\n").expect("written");
        let kernel = Arc::new(Imitated {
            root,
            asked: Mutex::default(),
            missing,
            latecomer,
        });
        kernel.make(&kernel.own()).expect("made");
        fs::write(kernel.own().join("cgroup.procs"), "42\n").expect("written");
        kernel.asked.lock().expect("a lock").clear();
        kernel
    }

    fn own(&self) -> PathBuf {
        self.root.path().join("own")
    }

    fn take(self: &Arc<Self>) -> Result<Arc<Delegated>, NotDelegated> {
        Delegated::take(self.own(), CHECKER, Box::new(Arc::clone(self))).map(Arc::new)
    }

    fn told(&self, file: &str) -> String {
        fs::read_to_string(self.root.path().join(file)).unwrap_or_default()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("a lock"))
    }

    fn notes(&self, verb: &str, path: &Path, text: &str) {
        let path = path.strip_prefix(self.root.path()).expect("in here").display();
        self.asked.lock().expect("a lock").push(format!("{verb}{path}{text}"));
    }

    /// All cgroups below this one, itself among them.
    fn cgroups(folder: &Path) -> Vec<PathBuf> {
        let children = fs::read_dir(folder).expect("a cgroup").flatten();
        let children = children.map(|entry| entry.path()).filter(|path| path.is_dir());
        children
            .flat_map(|child| Self::cgroups(&child))
            .chain([folder.to_path_buf()])
            .collect()
    }

    /// Everything there is, to be compared.
    fn state(&self) -> Vec<(PathBuf, String)> {
        let mut state: Vec<(PathBuf, String)> = Self::cgroups(self.root.path())
            .into_iter()
            .flat_map(|cgroup| fs::read_dir(cgroup).expect("a cgroup").flatten())
            .map(|entry| entry.path())
            .map(|path| (path.clone(), fs::read_to_string(&path).unwrap_or_default()))
            .collect();
        state.sort();
        state
    }

    fn give_files(&self, cgroup: &Path) {
        let controllers = fs::read_to_string(cgroup.parent().expect("a parent").join("cgroup.subtree_control"));
        let controllers = controllers.expect("a cgroup");
        let mut files = vec![
            ("cgroup.controllers", controllers.as_str()),
            ("cgroup.kill", ""),
            ("cgroup.procs", ""),
            ("cgroup.subtree_control", ""),
            ("cgroup.type", "domain\n"),
        ];
        if controllers.contains("memory") {
            files.extend([
                ("memory.events", "oom 0\noom_kill 0\n"),
                ("memory.max", "max\n"),
                ("memory.swap.max", "max\n"),
            ]);
        }
        if controllers.contains("pids") {
            files.push(("pids.max", "max\n"));
        }
        for (file, text) in files.into_iter().filter(|(file, _)| !self.missing.contains(file)) {
            fs::write(cgroup.join(file), text).expect("written");
        }
    }
}

fn busy<T>() -> io::Result<T> {
    Err(io::ErrorKind::ResourceBusy.into())
}

impl Kernel for Arc<Imitated> {
    fn read(&self, file: &Path) -> io::Result<String> {
        fs::read_to_string(file)
    }

    fn write(&self, file: &Path, text: &str) -> io::Result<()> {
        self.notes("", file, &format!(": {text}"));
        // None of these files can be made by writing to it.
        fs::metadata(file)?;
        let cgroup = file.parent().expect("a cgroup");
        let procs = cgroup.join("cgroup.procs");
        match file.file_name().and_then(|name| name.to_str()) {
            Some("cgroup.procs") => {
                if !fs::read_to_string(cgroup.join("cgroup.subtree_control"))?.is_empty() {
                    return busy();
                }
                for other in Imitated::cgroups(self.root.path()) {
                    let inside = fs::read_to_string(other.join("cgroup.procs"))?;
                    fs::write(other.join("cgroup.procs"), inside.replace(&format!("{text}\n"), ""))?;
                }
                fs::write(file, fs::read_to_string(file)? + text + "\n")
            }
            Some("cgroup.subtree_control") => {
                if let Some(pid) = self.latecomer.filter(|_| text.starts_with('+')) {
                    fs::write(&procs, format!("{pid}\n"))?;
                }
                let enables = text.starts_with('+');
                if enables && !fs::read_to_string(&procs)?.is_empty() {
                    return busy();
                }
                fs::write(file, if enables { text.replace('+', "") } else { String::new() })
            }
            Some("cgroup.kill") => fs::write(&procs, ""),
            _ => fs::write(file, text),
        }
    }

    fn make(&self, cgroup: &Path) -> io::Result<()> {
        self.notes("mkdir ", cgroup, "");
        fs::create_dir(cgroup)?;
        self.give_files(cgroup);
        Ok(())
    }

    fn remove(&self, cgroup: &Path) -> io::Result<()> {
        self.notes("rmdir ", cgroup, "");
        if Imitated::cgroups(cgroup).len() > 1 || !fs::read_to_string(cgroup.join("cgroup.procs"))?.is_empty() {
            return busy();
        }
        fs::remove_dir_all(cgroup)
    }

    fn wait_until_empty(&self, cgroup: &Path) {
        self.notes("wait for ", cgroup, "");
    }
}

fn limits() -> Limits {
    Limits {
        memory: 64 << 20,
        processes: 100,
        ..Limits::default()
    }
}

#[test]
fn the_own_cgroup_is_found_below_whatever_is_mounted() {
    let mount = |root: &str, at: &str| {
        format!(
            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 31 0:38 {root} {at} rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
        )
    };
    let session = "4:memory:/elsewhere\n0::/user.slice/session-3.scope\n";
    let found = |cgroups, root, at| own_cgroup(cgroups, &mount(root, at));
    let path = |path: &str| Some(PathBuf::from(path));
    assert_eq!(
        found(session, "/", "/sys/fs/cgroup"),
        path("/sys/fs/cgroup/user.slice/session-3.scope")
    );
    assert_eq!(found("0::/\n", "/", "/sys/fs/cgroup"), path("/sys/fs/cgroup"));
    // Of a part of the hierarchy that is mounted alone, as in containers.
    assert_eq!(
        found(session, "/user.slice", "/my\\040cgroups"),
        path("/my cgroups/session-3.scope")
    );
    assert_eq!(found(session, "/user.slice/session-3.scope", "/c"), path("/c"));
    assert_eq!(found(session, "/system.slice", "/c"), None);
    assert_eq!(found(session, "/user.slice/session", "/c"), None);
    // Out of our namespace.
    assert_eq!(found("0::/../other\n", "/", "/sys/fs/cgroup"), None);
    assert_eq!(found("0::/\n", "/../..", "/sys/fs/cgroup"), None);
    // Version 1 alone.
    assert_eq!(found("4:memory:/\n", "/", "/sys/fs/cgroup"), None);
    assert_eq!(
        own_cgroup(session, "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw\n"),
        None
    );
}

#[test]
fn the_checker_steps_aside_and_comes_back() {
    let kernel = Imitated::new(&[], None);
    let before = kernel.state();
    let delegated = kernel.take().expect("delegated");
    assert_eq!(
        kernel.asked(),
        [
            "mkdir own/checker-42",
            "own/checker-42/cgroup.procs: 42",
            "own/cgroup.subtree_control: +memory +pids",
        ]
    );
    assert_eq!(kernel.told("own/cgroup.procs"), "");
    assert_eq!(kernel.told("own/checker-42/cgroup.procs"), "42\n");
    drop(delegated);
    assert_eq!(
        kernel.asked(),
        [
            "own/cgroup.subtree_control: -memory -pids",
            "own/cgroup.procs: 42",
            "rmdir own/checker-42",
        ]
    );
    assert_eq!(kernel.state(), before);
}

#[test]
fn nothing_is_touched_where_others_are_in_the_same_cgroup() {
    let kernel = Imitated::new(&[], None);
    fs::write(kernel.own().join("cgroup.procs"), "41\n42\n").expect("written");
    assert!(matches!(kernel.take(), Err(NotDelegated::Shared)));
    assert_eq!(kernel.asked(), [""; 0]);
}

#[test]
fn the_checker_goes_back_where_another_comes_meanwhile() {
    let kernel = Imitated::new(&[], Some("77"));
    assert!(matches!(kernel.take(), Err(NotDelegated::Shared)));
    assert_eq!(kernel.told("own/cgroup.procs"), "77\n42\n");
    assert_eq!(kernel.told("own/cgroup.subtree_control"), "");
    assert_eq!(Imitated::cgroups(&kernel.own()), [kernel.own()]);
}

#[test]
fn what_is_missing_is_named() {
    let kernel = Imitated::new(&["cgroup.controllers"], None);
    assert!(matches!(kernel.take(), Err(NotDelegated::NotMounted)));
    let kernel = Imitated::new(&[], None);
    fs::write(kernel.own().join("cgroup.controllers"), "hugetlb pids\n").expect("written");
    let why = kernel.take().expect_err("no memory controller");
    assert_eq!(why.to_string(), "it lacks the controllers for memory");
    let kernel = Imitated::new(&["cgroup.type"], None);
    assert!(matches!(kernel.take(), Err(NotDelegated::Root)));
    assert_eq!(kernel.asked(), [""; 0]);
    let kernel = Imitated::new(&[], None);
    kernel.make(&kernel.own().join("checker-42")).expect("made");
    assert!(matches!(kernel.take(), Err(NotDelegated::NotWritable(_))));
    assert_eq!(kernel.told("own/cgroup.procs"), "42\n");
}

#[test]
fn a_jail_has_its_limits_before_anybody_is_in_it_and_leaves_nothing() {
    let kernel = Imitated::new(&[], None);
    let delegated = kernel.take().expect("delegated");
    kernel.asked();
    let leaf = Leaf::made_in(&delegated, WARDEN, &limits()).expect("a leaf");
    assert_eq!(
        kernel.asked(),
        [
            "mkdir own/jail-42-0",
            "own/jail-42-0/memory.max: 83886080",
            "own/jail-42-0/memory.swap.max: 0",
            "own/jail-42-0/pids.max: 116",
            "own/jail-42-0/cgroup.procs: 50",
        ]
    );
    let another = Leaf::made_in(&delegated, 60, &limits()).expect("another leaf");
    assert_eq!(kernel.told("own/jail-42-1/cgroup.procs"), "60\n");
    drop(another);
    kernel.asked();
    // As long as a jail stands nothing is taken from under it.
    drop(delegated);
    assert_eq!(kernel.asked(), [""; 0]);
    drop(leaf);
    assert_eq!(
        kernel.asked(),
        [
            "own/jail-42-0/cgroup.kill: 1",
            "wait for own/jail-42-0",
            "rmdir own/jail-42-0",
            "own/cgroup.subtree_control: -memory -pids",
            "own/cgroup.procs: 42",
            "rmdir own/checker-42",
        ]
    );
    assert_eq!(Imitated::cgroups(&kernel.own()), [kernel.own()]);
}

#[test]
fn older_kernels_and_those_without_swap_are_good_enough() {
    let kernel = Imitated::new(&["cgroup.kill", "memory.swap.max"], None);
    let delegated = kernel.take().expect("delegated");
    let leaf = Leaf::made_in(&delegated, WARDEN, &limits()).expect("a leaf");
    assert_eq!(kernel.told("own/jail-42-0/cgroup.procs"), "50\n");
    // The warden has ended.
    fs::write(kernel.own().join("jail-42-0/cgroup.procs"), "").expect("written");
    drop((leaf, delegated));
    assert_eq!(Imitated::cgroups(&kernel.own()), [kernel.own()]);
}

#[test]
fn a_jail_that_can_not_be_limited_is_built_without() {
    let kernel = Imitated::new(&["pids.max"], None);
    let delegated = kernel.take().expect("delegated");
    assert!(Leaf::made_in(&delegated, WARDEN, &limits()).is_err());
    assert!(!kernel.own().join("jail-42-0").exists());
    // Where nothing is held there is nothing either.
    assert!(Leaf::around(WARDEN, &limits()).is_none());
}

#[test]
fn memory_is_exceeded_where_the_kernel_killed_for_the_jails_own_limit() {
    let kernel = Imitated::new(&[], None);
    let delegated = kernel.take().expect("delegated");
    let leaf = Leaf::made_in(&delegated, WARDEN, &limits()).expect("a leaf");
    let counts = |oom: u32, killed: u32| {
        let told = format!("low 0\nhigh 0\nmax 7\noom {oom}\noom_kill {killed}\noom_group_kill 0\n");
        fs::write(kernel.own().join("jail-42-0/memory.events"), told).expect("written");
        leaf.exceeded()
    };
    assert_eq!(counts(0, 0), None);
    assert_eq!(counts(3, 0), None);
    assert_eq!(counts(0, 1), None, "the machine's memory ran out, not the jail's");
    assert_eq!(counts(1, 1), Some(64 << 20));
}
