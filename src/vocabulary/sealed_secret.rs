//! [`SealedSecret`]: an encrypted client secret at rest.
//!
//! Its text is the number of a key of `SEALING_KEY`, a dot, and base64url of the nonce (12 bytes), the ciphertext and the
//! tag (16 bytes) of AES-256-GCM (NIST SP 800-38D). The AES key is derived from the key of the ring. The associated data
//! are the purpose, a zero byte and the client identifier, so that a copy opens only in the record of its client.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::{Deserialize, Serialize};

use super::key_ring::Key;

/// The purpose of the AES key and of what it encrypts, which no other use of a key ring has.
const PURPOSE: &str = "rollcall client secret 1";
/// The bytes of a nonce.
const NONCE: usize = 12;
/// The bytes of a nonce, of the text of a client secret, and of a tag.
const LENGTH: usize = NONCE + 86 + 16;

/// An encrypted client secret. The text is read only when it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedSecret(String);

impl SealedSecret {
    /// Puts together what the key with this number has encrypted.
    #[must_use]
    pub fn new(number: u8, nonce: [u8; NONCE], ciphertext: &[u8]) -> Self {
        let content = BASE64URL.encode([&nonce[..], ciphertext].concat());
        Self(format!("{number}.{content}"))
    }

    /// The number of the key; `None` if there is none in the text.
    #[must_use]
    pub fn key_number(&self) -> Option<u8> {
        self.0.split_once('.')?.0.parse().ok()
    }

    /// The nonce, and the ciphertext with its tag; `None` for a text of another form.
    #[must_use]
    pub fn read(&self) -> Option<([u8; NONCE], Vec<u8>)> {
        self.key_number()?;
        let bytes = BASE64URL.decode(self.0.split_once('.')?.1).ok()?;
        let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE>()?;
        (bytes.len() == LENGTH).then(|| (*nonce, ciphertext.to_vec()))
    }
}

impl Key {
    /// The AES key that encrypts client secrets.
    #[must_use]
    pub fn sealing_key(&self) -> [u8; 32] {
        self.derive(PURPOSE, &[])
    }
}

/// The associated data of a secret of the client with this identifier.
#[must_use]
pub fn associated_data(client_id: &str) -> Vec<u8> {
    [PURPOSE.as_bytes(), &[0], client_id.as_bytes()].concat()
}
