//! Our own sentences, in which `backticks` set off what can be typed.

/// A sentence in pieces, as a template goes through them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Prose(pub(super) Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Words(String),
    Code(String),
}

impl From<&str> for Prose {
    fn from(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, (code, behind))) = rest
            .split_once('`')
            .and_then(|(words, behind)| Some((words, behind.split_once('`')?)))
        {
            pieces.push(Piece::Words(words.to_owned()));
            pieces.push(Piece::Code(code.to_owned()));
            rest = behind;
        }
        pieces.push(Piece::Words(rest.to_owned()));
        Prose(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_backticks_is_code_and_a_single_one_stays() {
        let (words, code) = (
            |text: &str| Piece::Words(text.into()),
            |text: &str| Piece::Code(text.into()),
        );
        let pieces = vec![words("greets with "), code("hello"), words(", then")];
        assert_eq!(Prose::from("greets with `hello`, then"), Prose(pieces));
        assert_eq!(Prose::from("a ` b"), Prose(vec![words("a ` b")]));
    }
}
