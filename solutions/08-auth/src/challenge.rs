//! A question that only who knows the secret can answer, and whose answer does not tell it.

use anyhow::{Result, anyhow};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How many bytes a challenge has, and, because of SHA-256, its answer too.
pub const SIZE: usize = 32;

// ANCHOR: fresh
/// Random bytes from the kernel, others each time. If a challenge came twice, who has overheard
/// the answer to the first could give it to the second.
pub fn fresh() -> Result<[u8; SIZE]> {
    let mut challenge = [0; SIZE];
    getrandom::fill(&mut challenge).map_err(|error| anyhow!("cannot get random bytes: {error}"))?;
    Ok(challenge)
}
// ANCHOR_END: fresh

// ANCHOR: answer
/// The right answer, HMAC-SHA256.
pub fn answer(secret: &[u8], challenge: &[u8]) -> [u8; SIZE] {
    hmac(secret, challenge).finalize().into_bytes().into()
}

/// Is this the right answer?
///
/// `==` would return at the first byte that differs, so the time it takes tells how many bytes
/// were right, and who has enough tries finds one after another. This takes as long for any
/// answer of the right length.
pub fn is_right(secret: &[u8], challenge: &[u8], answer: &[u8]) -> bool {
    hmac(secret, challenge).verify_slice(answer).is_ok()
}

fn hmac(secret: &[u8], challenge: &[u8]) -> Hmac<Sha256> {
    let mut hmac = Hmac::new_from_slice(secret).expect("a key of HMAC may have any length");
    hmac.update(challenge);
    hmac
}
// ANCHOR_END: answer

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 4231, section 4, but for its fifth case, which is about a shortened answer.
    #[test]
    fn the_known_answers_come_out() {
        let long_key = [0xaa; 131];
        let counting: Vec<u8> = (0x01..=0x19).collect();
        let cases: [(&[u8], &[u8], &str); 6] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &counting,
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                &long_key,
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &long_key,
                b"This is a test using a larger than block-size key and a larger than block-size data. \
                  The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (secret, message, expected) in cases {
            assert_eq!(hex(&answer(secret, message)), expected);
        }
    }

    #[test]
    fn only_the_whole_right_answer_is_right() {
        let challenge = fresh().expect("random bytes");
        let right = answer(b"open sesame", &challenge);
        assert!(is_right(b"open sesame", &challenge, &right));

        for at in [0, SIZE - 1] {
            let mut wrong = right;
            wrong[at] ^= 1;
            assert!(!is_right(b"open sesame", &challenge, &wrong));
        }
        assert!(!is_right(b"open sesame", &challenge, &right[..16]));
        assert!(!is_right(b"open sesame", &challenge, b""));
        assert!(!is_right(b"open sesame", &challenge, &[&right[..], b"x"].concat()));
        assert!(!is_right(b"open sesame ", &challenge, &right));
        assert!(!is_right(b"open", &challenge, &right));
    }

    #[test]
    fn no_challenge_comes_twice() {
        assert_ne!(fresh().expect("random bytes"), fresh().expect("random bytes"));
    }
}
