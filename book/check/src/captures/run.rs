//! A script at work: what it prints, within a time, and that it leaves nothing behind.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::PATIENCE;

/// What a script prints. It must succeed, end in time, and leave nothing running.
pub(super) fn printed(root: &Path, script: &Path) -> Result<String> {
    let mut child = Command::new("bash")
        .arg(script)
        .current_dir(root)
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "dumb")
        .env("NO_COLOR", "1")
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .context("cannot run bash")?;
    let group = Pid::from_raw(i32::try_from(child.id())?);
    let (Some(mut stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("the script has no output");
    };
    let complaint = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.read_to_end(&mut bytes).map(|_| bytes);
        // Nobody listens any more once the patience is over.
        let _ = sender.send(read);
    });
    let output = receiver.recv_timeout(PATIENCE);
    // Of a script that ended well the group is empty. Asked before the script is waited for, so that its number is still its own.
    let bash_ended = || fs::read_to_string(format!("/proc/{group}/stat")).is_ok_and(|stat| stat.contains(") Z "));
    let mut left = false;
    if output.is_ok() {
        for _ in 0..200 {
            if bash_ended() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        left = others_of(group);
    }
    let _ = killpg(group, Signal::SIGKILL);
    let status = child.wait()?;
    let complaint = complaint.join().ok().and_then(std::io::Result::ok).unwrap_or_default();
    let output = match output {
        Ok(output) => output?,
        Err(RecvTimeoutError::Timeout) => bail!("it does not end within {} s", PATIENCE.as_secs()),
        Err(RecvTimeoutError::Disconnected) => bail!("its output can't be read"),
    };
    if !status.success() {
        bail!("it ended with {status}: {}", complaint.trim());
    }
    if left {
        bail!("it left a program running: end what it started, and wait for it");
    }
    String::from_utf8(output).context("it printed what is no UTF-8")
}

/// Whether a process group holds more than its leader. Where there is no `/proc` nothing can be said.
fn others_of(group: Pid) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|&pid| pid != group.as_raw())
        .filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok())
        .filter_map(|stat| {
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
            let state = fields.next()?;
            let of = fields.nth(1)?.parse::<i32>().ok()?;
            (state != "Z").then_some(of)
        })
        .any(|of| of == group.as_raw())
}
