//! Where an animal is tried: canaries that it must not touch, and somebody to talk to.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use checker::compile::{build, workspace};
use serde_json::Value;
use tempfile::TempDir;

use super::cage::Cage;
use super::table::Animal;

const CHECKER: &str = env!("CARGO_BIN_EXE_checker");
pub(super) const CANARY: &str = "sing";

pub struct Ground {
    pub(super) cage: Cage,
    /// By which every process of this animal is known.
    pub(super) token: String,
    pub(super) folder: TempDir,
    pub(super) victim: Child,
    pub(super) tcp: [TcpListener; 2],
    pub(super) named: UnixListener,
    pub(super) at_path: UnixListener,
    pub(super) mounts: String,
}

/// What the checker said.
pub struct Graded {
    pub code: Option<i32>,
    pub report: Value,
    /// The first check.
    pub check: Value,
    pub stderr: String,
    pub took: Duration,
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = self.victim.kill();
        let _ = self.victim.wait();
    }
}

impl Ground {
    pub fn new(cage: Cage) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let token = format!("token={}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::Builder::new().prefix("zoo-").tempdir().expect("a folder");
        let path = folder.path();
        open_to(path, 0o755);
        for (name, mode) in [("bin", 0o755), ("home", 0o755), ("open", 0o777), ("tmp", 0o777)] {
            fs::create_dir(path.join(name)).expect("a folder");
            open_to(&path.join(name), mode);
        }
        // By another process: a file that this one has open for writing while another thread forks can't be executed (ETXTBSY).
        install(Path::new(CHECKER), &path.join("bin/checker"), "755");
        install(zoo(), &path.join("bin/zoo"), "755");
        install(zoo(), &path.join("bin/climb"), "4755");
        for name in ["home/secret", "open/canary"] {
            fs::write(path.join(name), CANARY).expect("a canary");
            open_to(&path.join(name), 0o666);
            chown(path.join(name), cage.user, cage.user).expect("given away");
        }
        let abstract_name = SocketAddr::from_abstract_name(&token).expect("a name");
        let at_path = UnixListener::bind(path.join("open/socket")).expect("a listener");
        open_to(&path.join("open/socket"), 0o777);
        let tcp = ["127.0.0.1:0", "[::1]:0"].map(|address| TcpListener::bind(address).expect("a listener"));
        Ground {
            cage,
            token,
            victim: as_user(Command::new("sleep").arg("1000"), cage)
                .spawn()
                .expect("a victim"),
            tcp,
            named: UnixListener::bind_addr(&abstract_name).expect("a listener"),
            at_path,
            mounts: mounts(),
            folder,
        }
    }

    pub fn grade(&self, animal: &Animal) -> Graded {
        let arguments = [
            "1",
            "--check",
            animal.check,
            "--timeout",
            animal.timeout,
            "--format",
            "json",
        ];
        self.graded(&arguments, &self.words(animal.name))
    }

    pub fn grade_all(&self, animal: &str, checks: &str) -> Graded {
        let arguments = ["1", "--check", checks, "--timeout", "5", "--format", "json"];
        self.graded(&arguments, &[animal.to_owned(), self.token.clone()])
    }

    pub fn grade_lesson_6(&self, how: &str) -> Graded {
        let arguments = [
            "6",
            "--check",
            "server/listens-at-the-path",
            "--check",
            "server/keeps-others-out",
            "--check",
            "server/left-over-socket",
            "--check",
            "server/live-socket",
            "--check",
            "server/no-socket",
            "--timeout",
            "0.5",
            "--format",
            "json",
        ];
        let (target, folder) = (self.path("open/socket"), self.path("home"));
        let words = [
            "links".to_owned(),
            self.token.clone(),
            format!("how={how}"),
            format!("target={target}"),
            format!("folder={folder}"),
        ];
        self.graded(&arguments, &words)
    }

    /// The report in this format.
    pub fn report(&self, animal: &str, format: &str) -> String {
        let arguments = [
            "1",
            "--check",
            "server/listens",
            "--check",
            "server/greets",
            "--timeout",
            "2",
            "--format",
            format,
        ];
        let output = self.run(&arguments, &[animal.to_owned(), self.token.clone()]);
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn graded(&self, arguments: &[&str], words: &[String]) -> Graded {
        let begun = Instant::now();
        let output = self.run(arguments, words);
        let took = begun.elapsed();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}: no report, but {:?}: {stderr}", self.cage, output.status));
        assert_eq!(report["jail"], self.cage.level);
        Graded {
            code: output.status.code(),
            check: report["lessons"][0]["checks"][0].clone(),
            report,
            stderr,
            took,
        }
    }

    fn run(&self, arguments: &[&str], words: &[String]) -> Output {
        let bin = self.folder.path().join("bin");
        let program = [&[bin.join("zoo").display().to_string()], words].concat();
        // A script that reads a list of submissions leaves that open to whatever it starts.
        let mut command = Command::new("sh");
        command
            .args(["-c", r#"exec "$@" 9</dev/null"#, "sh"])
            .arg(bin.join("checker"));
        command.args(["grade", "--jail", self.cage.level]).args(arguments);
        command
            .arg("--program")
            .arg(shlex::try_join(program.iter().map(String::as_str)).expect("words"));
        command
            .env("TMPDIR", self.folder.path().join("tmp"))
            .env("HOME", self.folder.path().join("home"));
        command.current_dir(&bin).stdin(Stdio::null());
        as_user(&mut command, self.cage).output().expect("the checker runs")
    }

    /// What an animal needs to know to do harm. A word that is a path would be shown to it.
    fn words(&self, animal: &str) -> Vec<String> {
        let mut words = vec![animal.to_owned(), self.token.clone()];
        words.push(format!("victim={}", self.victim.id()));
        words.push(format!("abstract={}", self.token));
        words.push(format!("socket={}", self.path("open/socket")));
        words.push(format!("climb={}", self.path("bin/climb")));
        for (name, listener) in ["port", "port6"].iter().zip(&self.tcp) {
            words.push(format!("{name}={}", listener.local_addr().expect("an address").port()));
        }
        let course = workspace().display();
        for (what, path) in [
            ("shadow", "/etc/shadow".to_owned()),
            ("keys", "/root/.ssh".to_owned()),
            ("root", "/root".to_owned()),
            ("homes", "/home".to_owned()),
            ("log", "/var/log".to_owned()),
            ("secret", self.path("home/secret")),
            ("home", self.path("home")),
            ("canary", self.path("open/canary")),
            ("solution", format!("{course}/solutions/01-hello/src/server.rs")),
            ("specimens", format!("{course}/checker/specimens/src")),
            ("checks", format!("{course}/checker/src/lessons/hello.rs")),
        ] {
            words.push(format!("read={what}:{path}"));
        }
        for (what, path) in [
            ("top", "/".to_owned()),
            ("usr", "/usr".to_owned()),
            ("etc", "/etc".to_owned()),
            ("dev", "/dev".to_owned()),
            ("proc", "/proc/self".to_owned()),
            ("var-tmp", "/var/tmp".to_owned()),
            ("submission", self.path("bin")),
            ("open", self.path("open")),
            ("home", self.path("home")),
        ] {
            words.push(format!("write={what}:{path}"));
        }
        words.push(format!("change=canary:{}", self.path("open/canary")));
        words.extend(match self.cage.level {
            "full" => vec!["outside=yes".to_owned()],
            _ => vec![
                "read=accounts:/etc/passwd".into(),
                "write=tmp:/tmp".into(),
                "write=shm:/dev/shm".into(),
            ],
        });
        words
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

fn open_to(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("permissions");
}

fn install(from: &Path, to: &Path, mode: &str) {
    let status = Command::new("install")
        .args(["-m", mode])
        .args([from, to])
        .status()
        .expect("install");
    assert!(status.success());
}

fn as_user(command: &mut Command, cage: Cage) -> &mut Command {
    match cage.user {
        Some(user) => command.uid(user).gid(user),
        None => command,
    }
}

/// The zoo, built.
fn zoo() -> &'static Path {
    static ZOO: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    ZOO.get_or_init(|| {
        build(&["zoo".to_owned()])
            .expect("cargo runs")
            .remove("zoo")
            .expect("the zoo builds")
    })
}

pub(super) fn mounts() -> String {
    fs::read_to_string("/proc/self/mountinfo").expect("/proc")
}
