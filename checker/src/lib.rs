//! Grades any program of the course by talking to it over real sockets.
//!
//! Imports point downwards only: `grade` → `runner` → `lessons` → `bench` → `why`, `wire` → `jail`; `report` hears of verdicts and transcripts, never of
//! sockets.

#![warn(unreachable_pub)]

pub mod bench;
pub mod cli;
pub mod compile;
pub mod course;
pub mod descriptors;
mod destination;
pub mod doctor;
pub mod exit;
pub mod glance;
pub mod grade;
pub mod interrupt;
pub mod invocation;
pub mod jail;
pub mod lessons;
pub mod level;
pub mod quote;
pub mod reading;
pub mod relay;
pub mod report;
pub mod runner;
pub mod score;
pub mod selftest;
pub mod stubs;
#[cfg(target_os = "linux")]
pub mod submission;
pub mod trace;
pub mod transcript;
pub mod verdict;
#[cfg(target_os = "linux")]
pub mod why;
pub mod wire;
