//! Grades any program of the course by talking to it over real sockets.
//!
//! Imports point downwards only: `runner` → `lessons` → `bench` → `jail`; `report` hears of verdicts and transcripts, never of sockets.

pub mod bench;
pub mod course;
pub mod interrupt;
pub mod jail;
pub mod lessons;
pub mod quote;
pub mod transcript;
pub mod verdict;
