//! What is said in a long talk: made as it is said, so that nobody has to hold it.

use std::ops::RangeInclusive;

use super::words::{Words, shout};

/// Bytes of a page, about.
const PAGE: usize = 16 << 10;
/// Digits of a page's number.
const DIGITS: usize = 8;

/// Lines without end: one page again and again, each with its number, so that none can be lost, doubled or moved unseen.
#[derive(Debug, Clone)]
pub struct Pages {
    page: Vec<u8>,
    number: usize,
}

impl Pages {
    /// Lines of these lengths, their newlines counted; the first of a page holds its number.
    pub fn new(words: &mut Words, lengths: RangeInclusive<usize>) -> Self {
        let mut page = vec![b'0'; DIGITS];
        while page.len() < PAGE {
            let length = words.between(*lengths.start(), *lengths.end());
            page.extend(words.letters(length - 1).into_bytes());
            page.push(b'\n');
        }
        Pages { page, number: 0 }
    }

    pub(super) fn shouted(&self) -> Self {
        Pages {
            page: shout(&self.page),
            number: self.number,
        }
    }

    /// The bytes at `offset`, up to the end of their page.
    pub(super) fn at(&mut self, offset: usize) -> &[u8] {
        let number = offset / self.page.len();
        if number != self.number {
            self.number = number;
            let digits = format!("{number:0DIGITS$}");
            self.page[..DIGITS].copy_from_slice(digits.as_bytes());
        }
        &self.page[offset % self.page.len()..]
    }

    /// The first so many bytes, cut behind their last whole line.
    pub fn text(&mut self, about: usize) -> Vec<u8> {
        let length = self.whole_lines(about);
        let mut text = Vec::with_capacity(length);
        while text.len() < length {
            let offset = text.len();
            let bytes = self.at(offset);
            text.extend_from_slice(&bytes[..bytes.len().min(length - offset)]);
        }
        text
    }

    /// The length of all lines that end within the first `about` bytes.
    pub(super) fn whole_lines(&self, about: usize) -> usize {
        let before = about - about % self.page.len();
        let page = &self.page[..about - before];
        before + page.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_whole_numbered_lines() {
        let mut pages = Pages::new(&mut Words::new(7, "lesson", "check"), 16..=1000);
        let text = pages.text(50_000);
        assert_eq!(text.last(), Some(&b'\n'));
        assert!((49_000..=50_000).contains(&text.len()), "{}", text.len());
        let page = pages.page.len();
        assert!(text[..page].starts_with(b"00000000"));
        assert!(text[page..].starts_with(b"00000001"));
        assert_eq!(text[DIGITS..page], text[page + DIGITS..2 * page]);
        assert_eq!(
            pages.shouted().at(page + DIGITS)[..100],
            shout(&text[page + DIGITS..][..100])
        );
    }
}
