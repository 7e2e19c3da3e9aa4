//! Where the secret comes from.

use std::env;

use anyhow::{Result, bail};

const VARIABLE: &str = "LESSON08_SECRET";

// ANCHOR: secret
/// The bytes of the environment variable, just as they are: a space at the end is part of the
/// secret, and it need not be text.
///
/// An empty secret would let everybody in who has thought of it, so it is none.
pub fn from_environment() -> Result<Vec<u8>> {
    match env::var_os(VARIABLE) {
        Some(secret) if !secret.is_empty() => Ok(secret.into_encoded_bytes()),
        Some(_) => bail!("the environment variable {VARIABLE} is empty"),
        None => bail!("the environment variable {VARIABLE} is not set"),
    }
}
// ANCHOR_END: secret
