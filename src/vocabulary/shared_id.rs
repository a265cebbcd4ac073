//! Shared client identifiers: equal metadata have the same one.
//!
//! A shared identifier has the form of a [signed](super::signed_id) one: 22 bytes as 30 base64url characters. The first byte
//! is its version, so it begins with `s`; 15 bytes are a keyed digest of everything that two registrations must have in
//! common; and 6 bytes are a keyed tag of those and the issuer. The tag tells a forged identifier from a genuine one without
//! a read of the store.

use super::credential::ClientId;
use super::key_ring::Key;
use super::signed_id::{BODY, sign, verify};

/// The version: `s` as the first character.
const VERSION: u8 = 44 << 2;
/// The purpose of the digest.
const CONTENT: &str = "rollcall shared client 1";
/// The purpose of the tag.
const TAG: &str = "rollcall shared client id 1";

impl ClientId {
    /// The identifier of the shared client that has all these `parts` in common at `issuer`, under `key`.
    #[must_use]
    pub fn shared(parts: &[&[u8]], issuer: &str, key: &Key) -> Self {
        let content = key.derive(CONTENT, &[&[issuer.as_bytes()], parts].concat());
        let mut body = [VERSION; BODY];
        body.iter_mut().skip(1).zip(content).for_each(|(to, from)| *to = from);
        sign(TAG, issuer, body, key)
    }

    /// Whether `issuer` has made this identifier for a shared client, under `key`.
    #[must_use]
    pub fn is_shared(&self, issuer: &str, key: &Key) -> bool {
        verify(TAG, issuer, self, std::iter::once(key))
    }
}
