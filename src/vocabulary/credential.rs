//! Credentials: client identifiers, client secrets, registration access tokens.
//!
//! The plain values have no `Display` and a redacted `Debug`; what is stored is their digest.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::signed_id;

/// A `client_id`: 16 random bytes as 22 base64url characters (RFC 7591 §3.2.1), or a signed one (`signed_id.rs`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientId(String);

impl ClientId {
    /// Makes an identifier of 128 random bits.
    #[must_use]
    pub fn from_entropy(bytes: [u8; 16]) -> Self {
        Self(BASE64URL.encode(bytes))
    }

    /// Reads an identifier that has the form of those that this server issues: anything else needs no look-up.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.len() == 22 && BASE64URL.decode(text).is_ok_and(|b| b.len() == 16);
        (is_plain || signed_id::has_form(text)).then(|| Self(text.to_owned()))
    }

    /// The identifier with this text, which has the right form.
    pub(super) fn of_text(text: String) -> Self {
        Self(text)
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A random credential: in the one response that issues it, stored as its digest, and never shown
/// again.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// Makes one of random bytes.
            #[must_use]
            pub fn from_entropy(bytes: [u8; $bytes]) -> Self {
                Self([$prefix, &BASE64URL.encode(bytes)].concat())
            }

            /// One as a caller presented it: any text, right or wrong.
            #[must_use]
            pub fn presented(text: &str) -> Self {
                Self(text.to_owned())
            }

            /// Whether it has the form of one that this server issues. Any other text needs no look-up.
            #[must_use]
            pub fn is_plausible(&self) -> bool {
                const CHARACTERS: usize = ($bytes * 8_usize).div_ceil(6);
                let body = self.0.strip_prefix($prefix);
                body.is_some_and(|b| b.len() == CHARACTERS && BASE64URL.decode(b).is_ok())
            }

            /// The digest that is stored of it.
            #[must_use]
            pub fn digest(&self) -> Digest {
                Digest::of(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
    };
}

secret!(
    /// A `client_secret`: 64 random bytes as 86 base64url characters. Leaves the server once.
    ClientSecret, "", 64
);

secret!(
    /// A `registration_access_token`: 32 random bytes as 43 base64url characters (RFC 7592 §3).
    RegistrationToken, "", 32
);

secret!(
    /// An initial access token (RFC 7591 §3): `iat_` and 32 random bytes as 43 base64url characters.
    InitialAccessToken, "iat_", 32
);

impl ClientSecret {
    /// The text, to encrypt it.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.0
    }
}

impl InitialAccessToken {
    /// A short name for `text`, which only a holder of this token can tell from any other.
    #[must_use]
    pub fn name(&self, text: &str) -> String {
        Digest::of(&format!("{} {text}", self.0)).short_name()
    }
}

/// A secret that an operator has set for a party of theirs, as its digest.
#[derive(Debug, Clone)]
pub struct OperatorToken(Digest);

impl OperatorToken {
    /// The fewest bytes that cannot be guessed.
    pub const SHORTEST: usize = 32;

    /// Takes a secret; `None` if it is too short to be one.
    #[must_use]
    pub fn from_config(text: &str) -> Option<Self> {
        (text.len() >= Self::SHORTEST).then(|| Self(Digest::of(text)))
    }

    /// Whether `other` is the same secret.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.0.matches(&other.0)
    }

    /// Whether `presented` is this secret, in a time that says nothing about it.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.matches(&Digest::of(presented))
    }
}

/// A secret that messages are signed with.
#[derive(Clone)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// The fewest bytes that cannot be guessed.
    pub const SHORTEST: usize = 24;

    /// Takes a secret: base64 behind `whsec_`, as Standard Webhooks writes them, or any text; `None` if it
    /// is too short to be one.
    #[must_use]
    pub fn from_config(text: &str) -> Option<Self> {
        let bytes = match text.strip_prefix("whsec_") {
            Some(encoded) => BASE64.decode(encoded).ok()?,
            None => text.as_bytes().to_vec(),
        };
        (bytes.len() >= Self::SHORTEST).then_some(Self(bytes))
    }

    /// The HMAC-SHA256 of `message`, as base64.
    #[must_use]
    pub fn sign(&self, message: &str) -> String {
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(message.as_bytes());
        BASE64.encode(mac.finalize().into_bytes())
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(redacted)")
    }
}

/// The SHA-256 of a credential's text. The credential has at least 256 random bits, so a plain
/// digest cannot be turned back.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// Digests `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Digests several parts, each with its length.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The first 9 bytes as 12 base64url characters: a short name for what was digested.
    #[must_use]
    pub fn short_name(&self) -> String {
        let head: Vec<u8> = self.0.iter().copied().take(9).collect();
        BASE64URL.encode(head)
    }

    /// Compares in a time that does not depend on where the two differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(redacted)")
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        BASE64URL.encode(digest.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64URL.decode(text).map_err(|_| "a digest must be base64url")?;
        bytes.try_into().map(Self).map_err(|_| "a digest must have 32 bytes")
    }
}
