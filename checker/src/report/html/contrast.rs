//! Expected beside seen, with the first difference marked.

/// A text in three parts, the middle of which is where it begins to differ from the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Contrast {
    pub(super) before: String,
    pub(super) mark: String,
    pub(super) after: String,
}

/// Only quoted bytes are compared with quoted bytes: in prose a difference means nothing.
pub(super) fn between(expected: Option<&str>, actual: Option<&str>) -> (Option<Contrast>, Option<Contrast>) {
    let same = match (expected, actual) {
        (Some(expected), Some(actual)) if is_quoted(expected) && is_quoted(actual) => units(expected)
            .zip(units(actual))
            .take_while(|(a, b)| a == b)
            .map(|(a, _)| a.len())
            .sum(),
        (_, _) => usize::MAX,
    };
    let cut = |text: &str| {
        let (before, rest) = text.split_at_checked(same).unwrap_or((text, ""));
        let mark = units(rest).next().unwrap_or_default();
        Contrast {
            before: before.to_owned(),
            mark: mark.to_owned(),
            after: rest[mark.len()..].to_owned(),
        }
    };
    (expected.map(cut), actual.map(cut))
}

/// As [`crate::quote::difference`] shows bytes: from the first on, or from shortly before they differ.
fn is_quoted(text: &str) -> bool {
    text.starts_with('"') || text.starts_with("… from byte ")
}

/// The characters of a quoted text, an escape being one: `\x9b`, `\u{1b}`, `\n`.
fn units(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let mut characters = text.char_indices();
        let (_, first) = characters.next()?;
        let length = match (first, characters.next()) {
            ('\\', Some((_, 'x'))) => text.len().min(4),
            ('\\', Some((_, 'u'))) => text.find('}').map_or(2, |end| end + 1),
            ('\\', Some((at, escaped))) => at + escaped.len_utf8(),
            (_, _) => first.len_utf8(),
        };
        let (unit, rest) = text.split_at_checked(length)?;
        text = rest;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(expected: &str, actual: &str) -> (String, String) {
        let (expected, actual) = between(Some(expected), Some(actual));
        (expected.expect("there").mark, actual.expect("there").mark)
    }

    #[test]
    fn the_first_character_that_differs_is_marked_and_an_escape_is_one() {
        assert_eq!(marks(r#""byebye""#, r#""by\xffbye""#), ("e".into(), r"\xff".into()));
        assert_eq!(
            marks(r#""\u{1b}a""#, r#""\u{1c}a""#),
            (r"\u{1b}".into(), r"\u{1c}".into())
        );
        assert_eq!(marks(r#""你好""#, r#""你""#), ("好".into(), "\"".into()));
        assert_eq!(marks(r#""a\n""#, r#""a""#), (r"\n".into(), "\"".into()));
    }

    #[test]
    fn prose_is_not_compared() {
        assert_eq!(marks("end-of-file", "a reset"), (String::new(), String::new()));
        assert_eq!(marks("end-of-file", r#""more""#), (String::new(), String::new()));
    }
}
