//! Lesson 6, AF_UNIX: the chat of lesson 3 at a path, where the kernel tells who the other side is.

mod client;
mod path;
mod server;
mod signals;

pub(crate) use client::client;
pub(crate) use server::server;
