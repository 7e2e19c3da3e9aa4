//! Machines that lack something: a filter of the kernel's plays them. The next jail is taken, or the lack is named; nothing passes in silence.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "what is started here is the checker, and what a test needs"
)]

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::process::{Command, Output};

use checker::compile;
use nix::libc::{self, c_long};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use serde_json::Value;

/// System calls that such a machine does not let us make, and what it answers.
type Lack = &'static [(c_long, libc::c_int)];

const NO_NAMESPACES: Lack = &[(libc::SYS_unshare, libc::EPERM)];
/// As AppArmor does it: the namespaces are there, and every right in them is missing.
const NO_MOUNTS: Lack = &[(libc::SYS_mount, libc::EPERM)];
const NO_LANDLOCK: Lack = &[(libc::SYS_landlock_create_ruleset, libc::ENOSYS)];
const NEITHER: Lack = &[
    (libc::SYS_unshare, libc::EPERM),
    (libc::SYS_landlock_create_ruleset, libc::ENOSYS),
];
/// No filter of ours comes behind this one.
const NO_SECCOMP: Lack = &[(libc::SYS_seccomp, libc::ENOSYS)];

fn filters(lack: Lack) -> Vec<BpfProgram> {
    let architecture = std::env::consts::ARCH.try_into().expect("a known architecture");
    let one = |&(call, errno): &(c_long, libc::c_int)| {
        let rules = BTreeMap::from([(call, vec![])]);
        let refuse = SeccompAction::Errno(errno.cast_unsigned());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, architecture).expect("a filter");
        filter.try_into().expect("a program for the kernel")
    };
    lack.iter().map(one).collect()
}

fn checker(lack: Lack, arguments: &[&str]) -> Output {
    let filters = filters(lack);
    let mut command = Command::new(env!("CARGO_BIN_EXE_checker"));
    command.args(arguments);
    #[expect(unsafe_code, reason = "a hook between `fork` and `exec`")]
    // SAFETY: what the hook does are system calls.
    unsafe {
        command.pre_exec(move || {
            for filter in &filters {
                seccompiler::apply_filter(filter).map_err(|_| std::io::ErrorKind::Other)?;
            }
            Ok(())
        });
    }
    command.output().expect("the checker runs")
}

fn doctor(lack: Lack) -> (Option<i32>, String) {
    let output = checker(lack, &["doctor"]);
    let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code(), said)
}

/// `server/listens` of the solution: exit code, report, and words on stderr.
fn grade(lack: Lack, more: &[&str]) -> (Option<i32>, Value, String) {
    compile::build(&["solution01".to_owned()]).expect("the solution builds");
    let arguments = [
        "grade",
        "1",
        "--solutions",
        "--check",
        "server/listens",
        "--format",
        "json",
    ];
    let output = checker(lack, &[&arguments, more].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked"), "{said}");
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap_or_default(),
        said,
    )
}

#[test]
fn without_namespaces_the_reduced_jail_is_taken() {
    for lack in [NO_NAMESPACES, NO_MOUNTS] {
        let (code, said) = doctor(lack);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("jail full      can't be built"), "{said}");
        assert!(said.contains("`--jail auto` is `--jail reduced` here"), "{said}");
        let (code, report, said) = grade(lack, &[]);
        assert_eq!((code, &report["jail"]), (Some(0), &Value::from("reduced")), "{said}");
        assert_eq!(report["passed"], 1);

        let (code, report, said) = grade(lack, &["--jail", "full"]);
        assert_eq!((code, report), (Some(2), Value::Null), "{said}");
        assert!(said.contains("`--jail full` can't be had"), "{said}");
    }
}

#[test]
fn without_landlock_namespaces_are_enough() {
    let (code, said) = doctor(NO_LANDLOCK);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("`--jail auto` is `--jail full` here"), "{said}");
    assert!(said.contains("this kernel has no Landlock"), "{said}");
    assert!(said.contains("Landlock       not in this kernel"), "{said}");
    let (code, report, said) = grade(NO_LANDLOCK, &[]);
    assert_eq!((code, &report["jail"]), (Some(0), &Value::from("full")), "{said}");
}

#[test]
fn where_no_jail_can_be_built_nothing_is_run_unless_that_is_asked_for() {
    for lack in [NEITHER, NO_SECCOMP] {
        let (code, said) = doctor(lack);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("no jail can be built here"), "{said}");
        let (code, report, said) = grade(lack, &[]);
        assert_eq!((code, report), (Some(3), Value::Null), "{said}");
        assert!(said.contains("--jail none"), "{said}");

        let (code, report, said) = grade(lack, &["--jail", "none"]);
        assert_eq!((code, &report["jail"]), (Some(0), &Value::from("none")), "{said}");
    }
}

#[test]
fn without_namespaces_there_is_no_trace_and_that_is_said() {
    compile::build(&["solution01".to_owned()]).expect("the solution builds");
    let output = checker(NO_NAMESPACES, &["trace", "1", "--solutions"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
    for told in [
        "packets are recorded only in the jail `full`",
        "can't be had on this machine",
        " doctor` says what can",
    ] {
        assert!(said.contains(told), "{told}\n{said}");
    }
}
