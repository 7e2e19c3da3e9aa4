//! A started server: what it prints, and how it ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub struct Started {
    child: Child,
    stdout: BufReader<ChildStdout>,
    path: PathBuf,
}

impl Started {
    /// It may not be ready yet.
    pub fn at(path: &Path) -> Self {
        Started::by(Command::new(env!("CARGO_BIN_EXE_solution06")), path)
    }

    /// With a umask that takes nothing away, and signals that are ignored: both are inherited.
    pub fn by_a_careless_shell(path: &Path) -> Self {
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            "umask 0; trap '' INT TERM; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_solution06"),
        ]);
        Started::by(shell, path)
    }

    fn by(mut command: Command, path: &Path) -> Self {
        let mut child = command
            .args(["server", "--path"])
            .arg(path)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Started {
            child,
            stdout,
            path: path.to_path_buf(),
        }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Its next line, empty if its stdout has come to an end.
    pub fn prints(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("text");
        line.trim_end().to_owned()
    }

    pub fn is_ready(&mut self) {
        let ready = format!("listening on {}", self.path.display());
        assert_eq!(self.prints(), ready);
    }

    /// Does it wait for something? Its main thread, that is.
    #[cfg(target_os = "linux")]
    pub fn sleeps(&self) -> bool {
        let pid = self.pid();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it is our child");
        status.contains("\nState:\tS")
    }

    pub fn gets(&self, signal: Signal) {
        kill(self.pid(), signal).expect("it is our child and we have not waited for it");
    }

    pub fn ends(&mut self) -> ExitStatus {
        self.child.wait().expect("it is our child")
    }

    /// After a signal.
    pub fn ends_tidily(&mut self) {
        let status = self.ends();
        assert_eq!(status.code(), Some(0), "{status}");
        assert!(!self.path.exists(), "the socket file is still there");
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It has ended, as a rule.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that must fail, and name the path.
pub fn failure_at(path: &Path) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_solution06"))
        .args(["server", "--path"])
        .arg(path)
        .output()
        .expect("the server starts");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(stdout.is_empty());
    assert!(said.contains(path.to_str().expect("UTF-8")), "{said}");
}
