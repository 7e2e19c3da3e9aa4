//! What the kernel offers.

use nix::libc;

/// Since Linux 6.12: signals and abstract sockets end at the wall too.
pub const LANDLOCK_WITH_SCOPES: i64 = 6;

/// The version of the kernel's Landlock; 0 where it has none, or where it is not switched on (`landlock_create_ruleset(2)`).
pub fn landlock() -> i64 {
    const VERSION: libc::c_uint = 1;
    #[expect(
        unsafe_code,
        reason = "no safe wrapper that tells a kernel without Landlock from one with"
    )]
    // SAFETY: with this flag the kernel reads no memory of ours.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0_usize,
            VERSION,
        )
    };
    version.max(0)
}
