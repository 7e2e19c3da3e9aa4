//! A look around when an animal is gone.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::unistd::geteuid;

use super::ground::{CANARY, Ground, mounts};

impl Ground {
    /// What is left of the animal, and what it has touched.
    pub fn leftovers(&self) -> Vec<String> {
        let mut left = Vec::new();
        if !self.processes_end() {
            left.push("processes are left".to_owned());
        }
        let tmp: Vec<PathBuf> = fs::read_dir(self.folder.path().join("tmp"))
            .expect("a folder")
            .flatten()
            .map(|entry| entry.path())
            .collect();
        if !tmp.is_empty() {
            left.push(format!("files are left: {tmp:?}"));
        }
        if mounts() != self.mounts {
            left.push(format!("mounts were {} and are {}", self.mounts, mounts()));
        }
        let sockets = fs::read_to_string("/proc/net/unix").expect("/proc");
        let own = [self.path("open/socket"), format!("@{}", self.token)];
        let strange = |line: &&str| {
            (line.contains(&self.path("")) || line.contains(&self.token)) && !own.iter().any(|own| line.ends_with(own))
        };
        left.extend(
            sockets
                .lines()
                .find(strange)
                .map(|line| format!("a socket is left: {line}")),
        );
        let victim = fs::read_to_string(format!("/proc/{}/stat", self.victim.id())).unwrap_or_default();
        if !victim.contains(") S ") {
            left.push(format!("the victim is no longer well: {victim}"));
        }
        left.extend(self.touched());
        left.extend(self.called());
        left
    }

    /// A killed process takes a moment to end.
    fn processes_end(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            let is_there = fs::read_dir("/proc").expect("/proc").flatten().any(|process| {
                let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
                line.split(|&byte| byte == 0).any(|word| word == self.token.as_bytes())
            });
            if !is_there {
                return true;
            }
            std::thread::yield_now();
        }
        false
    }

    fn touched(&self) -> Option<String> {
        for (folder, wanted) in [
            ("home", vec!["secret"]),
            ("open", vec!["canary", "socket"]),
            ("bin", vec!["checker", "climb", "zoo"]),
        ] {
            let mut names: Vec<String> = fs::read_dir(self.path(folder))
                .expect("a folder")
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            if names != wanted {
                return Some(format!("in `{folder}` there are {names:?}"));
            }
        }
        let owner = self.cage.user.unwrap_or_else(|| geteuid().as_raw());
        for name in ["home/secret", "open/canary"] {
            let about = fs::metadata(self.path(name)).expect("a canary");
            if fs::read_to_string(self.path(name)).ok().as_deref() != Some(CANARY) || about.uid() != owner {
                return Some(format!("`{name}` was changed"));
            }
        }
        let about = fs::metadata(self.path("open/socket")).expect("a socket");
        (about.uid() != geteuid().as_raw() || about.mode() & 0o777 != 0o777)
            .then(|| "the socket was changed".to_owned())
    }

    /// Whether anybody has connected to the socket that has a path.
    pub fn socket_was_called(&self) -> bool {
        self.at_path.set_nonblocking(true).expect("a listener");
        self.at_path.accept().is_ok()
    }

    /// Whether anybody has called: with a network of its own nobody can, and through a link that the checker follows nobody may.
    fn called(&self) -> Option<String> {
        if self.cage.level != "full" {
            return None;
        }
        for listener in &self.tcp {
            listener.set_nonblocking(true).expect("a listener");
        }
        self.named.set_nonblocking(true).expect("a listener");
        let tcp = self.tcp.iter().any(|listener| listener.accept().is_ok());
        let unix = self.named.accept().is_ok() || self.socket_was_called();
        (tcp || unix).then(|| "somebody has called".to_owned())
    }
}
