//! Known-wrong programs: for every check of the course at least one program that must fail it.
//!
//! Each lesson has one right program here, and each flaw changes it in the single place where the
//! mistake is made. So a specimen is right but for its one mistake, and the checks that it fails
//! are those of that mistake. [`SPECIMENS`] says which; the checker's tests and its self-test read it.
//! The programs themselves are the binary's: they are Linux programs, and this list is read everywhere.

mod catalog;
mod flaw;

pub use catalog::{SPECIMENS, Specimen, find};
pub use flaw::Flaw;

/// The flaw that is none: the lesson's right program.
pub const RIGHT: &str = "right";
