//! What a person can't keep true by reading: that everything which the book includes, links to, shows or names is there.
//!
//! mdBook says nothing when an anchor is missing, when a link's `#fragment` leads nowhere, or when a program's output has changed since it
//! was pasted. So each rule here is a function from the book to its findings, and each finding says where it is and what to do about it.

#![warn(unreachable_pub)]

pub mod book;
pub mod captures;
pub mod html;
pub mod rules;
pub mod widgets;

pub use book::{Book, Page, checkout};
pub use rules::{Finding, RULES, findings};
