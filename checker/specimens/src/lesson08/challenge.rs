//! What a stranger is asked, and whether the answer is right.

use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};

use super::secret::{Secret, hex};
use specimens::Flaw;

pub(super) struct Challenges {
    /// Drawn once, for the mistakes that draw once.
    first: [u8; 32],
    given: Vec<Vec<u8>>,
    flaw: Flaw,
}

impl Challenges {
    pub(super) fn new(flaw: Flaw) -> Result<Challenges> {
        Ok(Challenges {
            first: random()?,
            given: Vec::new(),
            flaw,
        })
    }

    pub(super) fn next(&mut self) -> Result<Vec<u8>> {
        let mut challenge = match self.flaw {
            Flaw::FixedChallenge => [7; 32],
            Flaw::OneChallengePerRun => self.first,
            Flaw::ChallengesStartAnew => Sha256::digest(self.given.len().to_be_bytes()).into(),
            _ => random()?,
        };
        if self.flaw == Flaw::HalfRandomChallenge {
            challenge[16..].copy_from_slice(&self.first[16..]);
        }
        if self.flaw == Flaw::FewFreshBytes {
            for half in [4..16, 20..32] {
                challenge[half.clone()].copy_from_slice(&self.first[half]);
            }
        }
        let challenge = match self.flaw {
            Flaw::HexChallenge => hex(&challenge[..16]).into_bytes(),
            Flaw::ChallengeOf16 => challenge[..16].to_vec(),
            _ => challenge.to_vec(),
        };
        self.given.push(challenge.clone());
        Ok(challenge)
    }

    /// Whether `answer` is the right one to the last challenge.
    pub(super) fn accepts(&self, answer: &[u8], secret: &Secret) -> bool {
        let right_to = |challenge: &Vec<u8>| secret.answer(challenge, self.flaw);
        let right = self.given.last().map(right_to).unwrap_or_default();
        match self.flaw {
            Flaw::AcceptsAnyone => true,
            Flaw::ComparesWhatCame => right.starts_with(answer),
            Flaw::ComparesTheBeginning => answer.starts_with(&right),
            Flaw::ComparesPairs => answer.iter().zip(&right).all(|(a, b)| a == b),
            Flaw::Compares16 => answer.len() == right.len() && answer[..16] == right[..16],
            Flaw::ComparesTheEnds => {
                answer.len() == right.len() && answer[..8] == right[..8] && answer[24..] == right[24..]
            }
            Flaw::ComparesASum => {
                let differences = answer.iter().zip(&right).map(|(a, b)| a ^ b);
                answer.len() == right.len() && differences.fold(0, |all, one| all ^ one) == 0
            }
            Flaw::ForgetsTheFirstByte => answer.len() == right.len() && answer[1..] == right[1..],
            Flaw::AcceptsNoAnswer if answer.is_empty() => true,
            Flaw::AcceptsOldAnswers => self.given.iter().any(|challenge| answer == right_to(challenge)),
            _ => same(answer, &right),
        }
    }
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random bytes: {error}"))?;
    Ok(bytes)
}

/// Takes the same time wherever the two differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differing, (a, b)| differing | (a ^ b)) == 0
}
