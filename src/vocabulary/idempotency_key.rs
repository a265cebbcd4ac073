//! [`IdempotencyKey`]: the name that a client gives to a registration, so that it can be repeated
//! (draft-ietf-httpapi-idempotency-key-header).

use std::fmt;

use super::credential::Digest;

/// A text that only the client knows: whoever knows it, and the body, gets the client's credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Takes the value of the header: 22 to 255 visible ASCII characters, which have room for 128 random bits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_sound =
            (22..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        is_sound.then(|| Self(text.to_owned()))
    }

    /// Its text, for a derivation.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The digest that stands for it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdempotencyKey(redacted)")
    }
}
