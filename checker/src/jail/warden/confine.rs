//! The walls that hold a single process and all that it starts: limits, another user, Landlock, seccomp.
//!
//! They are made ready once, in the warden, and put up in each child between `fork` and `execve`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, Scope,
};
use nix::libc;
use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    sock_filter,
};

use super::{DEVICES, Doing, Failure, SYSTEM};
use crate::jail::offers;
use crate::jail::walls::{Level, Walls};

/// What is put up around each program.
pub(super) struct Confinement {
    walls: Walls,
    /// `None` where the kernel has no Landlock.
    landlock: Option<RulesetCreated>,
    filters: Vec<BpfProgram>,
}

impl Confinement {
    pub(super) fn new(walls: &Walls) -> Result<Self, Failure> {
        Ok(Confinement {
            walls: walls.clone(),
            landlock: landlock(walls)?,
            filters: filters(walls.level)?,
        })
    }

    /// In the child, before it becomes the program.
    pub(super) fn put_up(&self) -> Result<(), Failure> {
        self.limit().doing("setting resource limits")?;
        // It is killed first where memory runs out. Its own settings belong to root for as long as it hides its memory.
        let _ = prctl::set_dumpable(true).map(|()| fs::write("/proc/self/oom_score_adj", "1000"));
        prctl::set_dumpable(false).doing("hiding its memory")?;
        if let Some(user) = self.walls.user {
            let doing = "becoming another user than root";
            let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
            setgroups(&[]).doing(doing)?;
            setresgid(gid, gid, gid).doing(doing)?;
            setresuid(uid, uid, uid).doing(doing)?;
        }
        prctl::set_no_new_privs().doing("giving up new privileges")?;
        if let Some(landlock) = &self.landlock {
            let doing = "putting up Landlock";
            let landlock = landlock.try_clone().doing(doing)?;
            landlock
                .restrict_self()
                .map_err(|error| Failure::new(doing, error.to_string()))?;
        }
        for filter in &self.filters {
            seccompiler::apply_filter(filter).map_err(|error| Failure::new("putting up seccomp", error.to_string()))?;
        }
        Ok(())
    }

    fn limit(&self) -> nix::Result<()> {
        let limits = &self.walls.limits;
        // SIGXCPU tells what happened; SIGKILL follows a second later.
        let killed_after = limits.processor_time.saturating_add(1);
        set_limit(Resource::RLIMIT_CPU, limits.processor_time, killed_after)?;
        for (resource, limit) in [
            // Where the host has a program for crashes, 0 would still start that, and 1 does not.
            (Resource::RLIMIT_CORE, 1),
            (Resource::RLIMIT_DATA, limits.memory),
            (Resource::RLIMIT_FSIZE, limits.disk),
            (Resource::RLIMIT_NOFILE, limits.descriptors),
            (Resource::RLIMIT_MSGQUEUE, 0),
            (Resource::RLIMIT_MEMLOCK, 1 << 20),
        ] {
            set_limit(resource, limit, limit)?;
        }
        // Counted for the user: without a user of its own the limit would be shared with everything that the instructor runs.
        if self.walls.level == Level::Full || self.walls.user.is_some() {
            set_limit(Resource::RLIMIT_NPROC, limits.processes, limits.processes)?;
        }
        Ok(())
    }
}

/// Never above what the checker itself may have: that only root could do.
fn set_limit(resource: Resource, soft: u64, hard: u64) -> nix::Result<()> {
    let (_, most) = getrlimit(resource)?;
    setrlimit(resource, soft.min(most), hard.min(most))
}

/// Where a program may write, or only read; signals and abstract sockets end at the jail's wall where the kernel knows how.
fn landlock(walls: &Walls) -> Result<Option<RulesetCreated>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new("preparing Landlock", error.to_string());
    // The newest rights that the crate knows; what the kernel lacks is left out.
    const KNOWN: ABI = ABI::V6;
    if offers::landlock() == 0 {
        return match walls.level {
            // Without namespaces nothing else would keep a program from reading everything.
            Level::Reduced => Err(failed(&"this kernel has no Landlock")),
            Level::Full | Level::None => Ok(None),
        };
    }
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(KNOWN))
        .and_then(|rules| rules.scope(Scope::from_all(KNOWN)))
        .and_then(Ruleset::create)
        .map_err(|error| failed(&error))?;
    let (readable, writable): (Vec<PathBuf>, Vec<PathBuf>) = match walls.level {
        Level::Full | Level::None => (vec!["/".into()], vec!["/tmp".into(), "/dev".into()]),
        Level::Reduced => {
            let system = SYSTEM.iter().chain(&["/etc"]).map(PathBuf::from);
            let readable = system.chain(walls.shown.iter().cloned());
            let writable = DEVICES.iter().map(PathBuf::from).chain(walls.scratch.iter().cloned());
            (readable.collect(), writable.collect())
        }
    };
    for (paths, rights) in [
        (readable, AccessFs::from_read(KNOWN)),
        (writable, AccessFs::from_all(KNOWN)),
    ] {
        for path in paths.iter().filter(|path| path.exists()) {
            let rights = match path.is_dir() {
                true => rights,
                false => rights & AccessFs::from_file(KNOWN),
            };
            let beneath = PathFd::new(path).map_err(|error| failed(&error))?;
            rules = rules
                .add_rule(PathBeneath::new(beneath, rights))
                .map_err(|error| failed(&error))?;
        }
    }
    Ok(Some(rules))
}

/// What no exercise needs: ways to other processes, to the kernel's insides, to new namespaces. (An allow-list would have to know every
/// language's runtime.)
const DENIED: &[libc::c_long] = &[
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_chroot,
    libc::SYS_delete_module,
    libc::SYS_fanotify_init,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kcmp,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    // What these make outlives its maker, and no limit of a process counts it.
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_shmget,
    libc::SYS_setns,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
    libc::SYS_umount2,
    libc::SYS_unshare,
    libc::SYS_userfaultfd,
];

/// Without a namespace of processes the session is all that holds a program together.
const DENIED_WITHOUT_NAMESPACES: &[libc::c_long] = &[libc::SYS_setsid, libc::SYS_setpgid];

/// Calls that reach another process of the same user, and which of their arguments names it: 0 is the caller. The other may be the warden.
const ONLY_FOR_ITSELF: &[(libc::c_long, u8)] = &[(libc::SYS_prlimit64, 0)];

/// The same, where the checker is in sight. (Runtimes bear it if a thread can't be given a priority.)
const ONLY_FOR_ITSELF_WITHOUT_NAMESPACES: &[(libc::c_long, u8)] = &[
    (libc::SYS_sched_setaffinity, 0),
    (libc::SYS_sched_setattr, 0),
    (libc::SYS_sched_setparam, 0),
    (libc::SYS_sched_setscheduler, 0),
    (libc::SYS_setpriority, 1),
    (libc::SYS_ioprio_set, 1),
];

/// With 0 these mean their caller alone, or its group; but by this kind (their first argument) all processes of its user, the checker among them.
const NOT_FOR_ITS_USER_WITHOUT_NAMESPACES: &[(libc::c_long, libc::c_int)] = &[
    (libc::SYS_setpriority, libc::PRIO_USER as libc::c_int),
    // IOPRIO_WHO_USER
    (libc::SYS_ioprio_set, 3),
];

/// Families of sockets that the course, and the resolvers of runtimes, use.
const FAMILIES: &[libc::c_int] = &[libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

const NEW_NAMESPACES: libc::c_int = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

fn filters(level: Level) -> Result<Vec<BpfProgram>, Failure> {
    let mut denied: BTreeMap<i64, Vec<SeccompRule>> = DENIED.iter().map(|&call| (call, vec![])).collect();
    if level == Level::Reduced {
        denied.extend(DENIED_WITHOUT_NAMESPACES.iter().map(|&call| (call, vec![])));
    }
    let mut only_for_itself = ONLY_FOR_ITSELF.to_vec();
    if level == Level::Reduced {
        only_for_itself.extend(ONLY_FOR_ITSELF_WITHOUT_NAMESPACES);
    }
    for (call, index) in only_for_itself {
        denied.insert(call, vec![rule(vec![argument(index, SeccompCmpOp::Ne, 0)?])?]);
    }
    if level == Level::Reduced {
        for &(call, user) in NOT_FOR_ITS_USER_WITHOUT_NAMESPACES {
            let rules = denied.entry(call).or_default();
            rules.push(rule(vec![argument(0, SeccompCmpOp::Eq, user)?])?);
        }
    }
    let family_is_other: Result<Vec<_>, _> = FAMILIES
        .iter()
        .map(|&family| argument(0, SeccompCmpOp::Ne, family))
        .collect();
    let other_family = vec![rule(family_is_other?)?];
    denied.insert(libc::SYS_socket, other_family.clone());
    denied.insert(libc::SYS_socketpair, other_family);
    let flags: Vec<libc::c_int> = (0..31)
        .map(|bit| 1 << bit)
        .filter(|flag| NEW_NAMESPACES & flag != 0)
        .collect();
    let new_namespace: Result<Vec<_>, Failure> = flags
        .into_iter()
        .map(|flag| rule(vec![argument(0, SeccompCmpOp::MaskedEq(flag as u64), flag)?]))
        .collect();
    denied.insert(libc::SYS_clone, new_namespace?);
    // Its flags lie in memory, where a filter can't look: libraries fall back to `clone` when it is missing.
    let missing = BTreeMap::from([(libc::SYS_clone3, vec![])]);
    let mut filters = vec![compiled(denied, libc::EPERM)?, compiled(missing, libc::ENOSYS)?];
    if cfg!(target_arch = "x86_64") {
        filters.push(without_x32());
    }
    Ok(filters)
}

/// Calls by the numbers of x32, which is the same architecture to a filter, and which nobody uses.
fn without_x32() -> BpfProgram {
    const FIRST: u32 = 0x4000_0000;
    let step = |code: u32, jt, jf, k| sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    vec![
        // The number of the call lies at 0 in `struct seccomp_data`.
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, FIRST),
        step(
            libc::BPF_RET | libc::BPF_K,
            0,
            0,
            libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned(),
        ),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ]
}

fn compiled(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: libc::c_int) -> Result<BpfProgram, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new("preparing seccomp", error.to_string());
    let architecture = std::env::consts::ARCH.try_into().map_err(|error| failed(&error))?;
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno.cast_unsigned()),
        architecture,
    )
    .map_err(|error| failed(&error))?;
    filter
        .try_into()
        .map_err(|error: seccompiler::BackendError| failed(&error))
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, Failure> {
    SeccompRule::new(conditions).map_err(|error| Failure::new("preparing seccomp", error.to_string()))
}

fn argument(index: u8, operator: SeccompCmpOp, value: libc::c_int) -> Result<SeccompCondition, Failure> {
    SeccompCondition::new(index, SeccompCmpArgLen::Dword, operator, value.cast_unsigned().into())
        .map_err(|error| Failure::new("preparing seccomp", error.to_string()))
}
