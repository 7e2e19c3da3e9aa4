//! Numbers, as they are typed: a wrong one is told in its unit.

use std::ops::RangeInclusive;

use clap::builder::{TypedValueParser, ValueParser};

/// A whole number of `unit` (`MiB`, `seconds`) within bounds.
pub(super) fn whole(range: RangeInclusive<u64>, unit: &'static str, such_as: u64) -> ValueParser {
    let parse = move |text: String| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than 64 bits hold are too many of everything.
        match (digits, text.parse().unwrap_or(u64::MAX)) {
            (false, _) => Err(format!("a whole number of {unit} is wanted, such as {such_as}")),
            (true, number) if number < *range.start() => Err(format!("at least {} {unit} are wanted", range.start())),
            (true, number) if number > *range.end() => Err(format!("at most {} {unit} can be had", range.end())),
            (true, number) => Ok(number),
        }
    };
    clap::builder::StringValueParser::new().try_map(parse).into()
}

/// As a report prints it.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "a whole number is wanted, as a report printed it, such as 459367020".to_owned())
}
