//! Lesson 8: who may come in is who can prove to know the secret, without telling it.

pub mod challenge;
pub mod client;
pub mod secret;
pub mod server;
pub mod within;
