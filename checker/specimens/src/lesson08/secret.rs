//! The secret of the two sides, and what it makes of a challenge.

use std::env;
use std::os::unix::ffi::OsStringExt;
use std::process;

use anyhow::{Result, bail};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use specimens::Flaw;

const VARIABLE: &str = "LESSON08_SECRET";

pub(super) struct Secret(Vec<u8>);

impl Secret {
    pub(super) fn from_environment(flaw: Flaw) -> Result<Secret> {
        let found = env::var_os(VARIABLE).map(OsStringExt::into_vec);
        match (found, flaw) {
            (None, Flaw::MissingSecretPanics) => panic!("called `Option::unwrap()` on a `None` value"),
            (None, Flaw::UnsetSecretIsKnown) => Ok(Secret(b"secret".to_vec())),
            (Some(bytes), Flaw::EmptySecretIsASecret) => Ok(Secret(bytes)),
            (Some(bytes), _) if !bytes.is_empty() => Ok(Secret(bytes)),
            (_, Flaw::MissingSecretUnnamed) => bail!("there is no secret"),
            (_, Flaw::MissingSecretExits0) => {
                eprintln!("{VARIABLE} is not set");
                process::exit(0)
            }
            _ => bail!("{VARIABLE} is not set"),
        }
    }

    /// The right answer to a challenge.
    pub(super) fn answer(&self, challenge: &[u8], flaw: Flaw) -> Vec<u8> {
        let key = match flaw {
            // Keys of more than a block are to be hashed first, not cut.
            Flaw::KeyCutAt64 => &self.0[..self.0.len().min(64)],
            Flaw::KeyTrimmed => self.0.trim_ascii(),
            _ => &self.0,
        };
        match flaw {
            Flaw::HashWithoutHmac => Sha256::digest([key, challenge].concat()).to_vec(),
            Flaw::KeyAndMessageSwapped => hmac(challenge, key),
            Flaw::AnswersInHex => hex(&hmac(key, challenge)).into_bytes(),
            Flaw::HashesTheHexChallenge => hmac(key, hex(challenge).as_bytes()),
            _ => hmac(key, challenge),
        }
    }
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
