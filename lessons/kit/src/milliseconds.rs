//! A time in milliseconds, as it is typed: at least 1.

use std::time::Duration;

/// Says what is malformed about it, if it is not one.
pub(crate) fn read(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    // 32 bits are 49 days. A moment that is much further away than that could not be expressed.
    match text.parse::<u32>() {
        Ok(ms @ 1..) if digits => Ok(Duration::from_millis(ms.into())),
        Ok(_) | Err(_) => Err(format!("`{text}` is not a number from 1 to {}", u32::MAX)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_one() {
        assert_eq!(read("1"), Ok(Duration::from_millis(1)));
        assert_eq!(read("2000"), Ok(Duration::from_secs(2)));
        assert!(read("4294967295").is_ok());
    }

    #[test]
    fn malformed_ones_are_not_taken() {
        for text in [
            "",
            "0",
            "-1",
            "+1",
            "1.5",
            "2s",
            " 1",
            "1e3",
            "4294967296",
            "99999999999999999999",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
