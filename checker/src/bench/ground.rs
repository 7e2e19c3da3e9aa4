//! Where the programs of one check run: its jail, and what is made in there for us.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::closing;
use super::queues::Kernel;
use crate::jail::{Folder, Jail, Level, Scratch, Walls};
use crate::verdict::{OrTrouble, Step};

#[derive(Debug)]
pub(super) struct Ground {
    /// The checker's own executable.
    checker: PathBuf,
    walls: Walls,
    // Dropped in this order: nothing in the jail outlives it but what it wrote outside.
    kernel: OnceCell<Rc<Kernel>>,
    #[cfg(target_os = "linux")]
    netlink: OnceCell<Option<std::os::fd::OwnedFd>>,
    folder: OnceCell<Folder>,
    jail: OnceCell<Rc<Jail>>,
    scratch: OnceCell<Scratch>,
}

impl Ground {
    pub(super) fn new(checker: PathBuf, walls: Walls) -> Self {
        Ground {
            checker,
            walls,
            kernel: OnceCell::new(),
            #[cfg(target_os = "linux")]
            netlink: OnceCell::new(),
            folder: OnceCell::new(),
            jail: OnceCell::new(),
            scratch: OnceCell::new(),
        }
    }

    pub(super) fn jail(&self) -> Step<&Rc<Jail>> {
        if let Some(jail) = self.jail.get() {
            return Ok(jail);
        }
        let mut walls = self.walls.again();
        if walls.level == Level::Reduced {
            let scratch = Scratch::new(walls.user).or_trouble("making a folder for programs to write to")?;
            walls.scratch = Some(scratch.path().to_path_buf());
            let _ = self.scratch.set(scratch);
        }
        let jail = closing::while_starting(|| Jail::build(&self.checker, walls));
        let jail = jail.or_trouble("building a jail for the program")?;
        Ok(self.jail.get_or_init(|| Rc::new(jail)))
    }

    pub(super) fn exceeded_memory(&self) -> Option<u64> {
        self.jail.get()?.exceeded_memory()
    }

    pub(super) fn kernel(&self) -> Step<Rc<Kernel>> {
        let jail = self.jail()?;
        Ok(Rc::clone(self.kernel.get_or_init(|| Kernel::of(jail))))
    }

    /// A socket that tells of all sockets of the jail's network, where that is to be had.
    #[cfg(target_os = "linux")]
    pub(super) fn netlink(&self) -> Option<&std::os::fd::OwnedFd> {
        use nix::libc::{AF_NETLINK, NETLINK_SOCK_DIAG, SOCK_DGRAM};
        let open = || self.jail.get()?.socket(AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG).ok();
        self.netlink.get_or_init(open).as_ref()
    }

    pub(super) fn folder(&self) -> Step<&Folder> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder);
        }
        let made = self.jail()?.make_folder("handshake");
        let made = made.or_trouble("making a private folder")?;
        Ok(self.folder.get_or_init(|| made))
    }
}
