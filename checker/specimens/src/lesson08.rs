//! Lesson 8, client auth: a challenge, the answer that only the secret gives, and then lesson 5's frames.

mod challenge;
mod client;
mod clock;
mod secret;
mod server;

pub(crate) use client::client;
pub(crate) use server::server;
