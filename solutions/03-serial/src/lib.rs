//! Lesson 3: a server that outlives its clients.

pub mod server;

/// The client of lesson 2 already does all that this lesson's has to.
pub use solution02::client;
