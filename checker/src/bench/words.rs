//! What is sent, drawn anew for every run: nothing can be answered by heart. The seed that the report prints repeats it.

use fastrand::Rng;

/// Letters of words: none is `q`, so that no word is, or holds, the quit word.
const LETTERS: &[u8] = b"abcdefghijklmnoprstuvwxyz";

#[derive(Debug)]
pub struct Words {
    rng: Rng,
}

impl Words {
    /// Every check draws its own sequence from the one seed, whatever runs beside it.
    pub fn new(seed: u64, lesson: &str, check: &str) -> Self {
        // FNV-1a over the names.
        let hash = lesson
            .bytes()
            .chain(check.bytes())
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Words {
            rng: Rng::with_seed(hash),
        }
    }

    /// A word of 4 to 9 lower-case letters.
    pub fn word(&mut self) -> String {
        let length = self.rng.usize(4..=9);
        self.letters(length)
    }

    /// Exactly so many lower-case letters.
    pub fn letters(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(LETTERS[self.rng.usize(..LETTERS.len())]))
            .collect()
    }

    /// Two to four words with a space between.
    pub fn line(&mut self) -> String {
        let words: Vec<String> = (0..self.rng.usize(2..=4)).map(|_| self.word()).collect();
        words.join(" ")
    }

    /// A number in the range.
    pub fn between(&mut self, from: usize, to: usize) -> usize {
        self.rng.usize(from..=to)
    }

    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.rng.u8(..)).take(length).collect()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        self.rng.shuffle(items);
    }

    /// The text cut into `pieces` (at least one byte each), at places drawn by chance.
    pub fn cut<'a>(&mut self, text: &'a [u8], pieces: usize) -> Vec<&'a [u8]> {
        let mut places: Vec<usize> = (1..text.len()).collect();
        self.rng.shuffle(&mut places);
        places.truncate(pieces.saturating_sub(1));
        places.sort_unstable();
        places.insert(0, 0);
        places.push(text.len());
        places.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
    }
}

/// ASCII upper case, byte by byte.
pub fn shout(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    bytes.as_ref().to_ascii_uppercase()
}
