//! Bytes as a person can read them, and as a terminal can take them: everything a program said goes through here before it is shown.

/// As many bytes of one value are shown at the most.
const SHOWN: usize = 160;

/// Text in double quotes, control characters and ill-formed bytes escaped, long runs elided in the middle with a count.
pub fn quoted(bytes: &[u8]) -> String {
    if bytes.len() <= SHOWN {
        return format!("\"{}\"", escaped(bytes));
    }
    let head = &bytes[..char_floor(bytes, SHOWN / 2)];
    let tail = &bytes[char_floor(bytes, bytes.len() - SHOWN / 4)..];
    let dropped = bytes.len() - head.len() - tail.len();
    format!(
        "\"{}\" … {} … \"{}\"",
        escaped(head),
        count(dropped, "more byte"),
        escaped(tail)
    )
}

/// Control characters, invisible ones and ill-formed bytes as escapes; the rest as it is.
pub fn escaped(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' => shown.push('\''),
                _ => shown.extend(character.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    shown
}

/// Text of several lines for a terminal: newlines and tabs stay, every other control character is escaped.
pub fn multiline(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' | '"' | '\'' | '\\' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    shown
}

/// `a`, `a and b`, `a, b and c`, with this word for the `and`.
pub fn listed(words: &[String], and: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {and} {last}", rest.join(", ")),
    }
}

/// Two values that differ, both shown from shortly before the first difference on.
///
/// Returns the two as quoted text and, when they do not differ at once, the offset of the first difference in bytes.
pub fn difference(expected: &[u8], actual: &[u8]) -> (String, String, Option<usize>) {
    let same = expected.iter().zip(actual).take_while(|(a, b)| a == b).count();
    if expected.len().max(actual.len()) <= SHOWN {
        return (with_hex(expected), with_hex(actual), (same > 0).then_some(same));
    }
    let from = same.saturating_sub(24);
    let window = |bytes: &[u8]| {
        let from = char_floor(bytes, from.min(bytes.len()));
        let rest = &bytes[from..];
        let shown = quoted(rest);
        match from {
            0 => format!("{shown} ({})", count(bytes.len(), "byte")),
            _ => format!("… from byte {from}: {shown} ({} in all)", count(bytes.len(), "byte")),
        }
    };
    (window(expected), window(actual), Some(same))
}

/// Quoted text, with hex beside it where it is not text, or holds bytes that are no characters, as the header of a frame does.
fn with_hex(bytes: &[u8]) -> String {
    let shown = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(|c: char| c.is_control() && !"\n\r\t".contains(c)) => return quoted(bytes),
        Ok(_) => 16,
        Err(_) => 48,
    };
    let hex: Vec<String> = bytes.iter().take(shown).map(|byte| format!("{byte:02x}")).collect();
    let more = if bytes.len() > shown { " …" } else { "" };
    format!("{} (hex {}{more})", quoted(bytes), hex.join(" "))
}

/// `1 byte`, `2 bytes`, `60,000 bytes`.
pub fn count(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(n))
}

/// `1,024 of 60,001 bytes`
pub fn part(n: usize, all: usize, noun: &str) -> String {
    format!("{} of {}", grouped(n), count(all, noun))
}

/// `60,000`
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `812 µs`, `1.8 ms`
pub fn milliseconds(span: std::time::Duration) -> String {
    match span.as_micros() {
        micros @ 0..1000 => format!("{micros} µs"),
        micros => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
    }
}

/// The last place at or before `at` where no UTF-8 character is cut.
fn char_floor(bytes: &[u8], at: usize) -> usize {
    (at.saturating_sub(3)..=at)
        .rev()
        .find(|&i| bytes.get(i).is_none_or(|byte| byte & 0xC0 != 0x80))
        .unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_and_ill_formed_bytes_are_escaped() {
        assert_eq!(quoted(b"a\x1b[31m\xff\n"), r#""a\u{1b}[31m\xff\n""#);
        assert_eq!(quoted("é 你好".as_bytes()), "\"é 你好\"");
        assert_eq!(quoted("\u{202e}".as_bytes()), r#""\u{202e}""#);
    }

    #[test]
    fn long_values_are_elided_in_the_middle_with_a_count() {
        let shown = quoted(&[b'x'; 60_000]);
        assert!(shown.contains("… 59,880 more bytes …"), "{shown}");
        assert!(shown.len() < 300);
    }

    #[test]
    fn the_difference_is_in_sight_however_far_back() {
        let expected = [b'x'; 60_000];
        let mut actual = expected;
        actual[50_000] = b'y';
        let (_, shown, at) = difference(&expected, &actual);
        assert_eq!(at, Some(50_000));
        assert!(shown.contains('y'), "{shown}");
    }
}
