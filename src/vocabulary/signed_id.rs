//! Signed client identifiers: a forged or mistyped one is recognised without asking the store.
//!
//! A signed identifier is 22 bytes as 30 base64url characters: 12 random bytes, the time of issue in four bytes (units of 8
//! seconds since 1970), and the first 6 bytes of a keyed tag of the other 16 and the issuer. It has no payload. The tag is
//! not a credential: an identifier is public. It only says that this issuer has made the identifier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use subtle::ConstantTimeEq as _;

use super::credential::ClientId;
use super::key_ring::{Key, KeyRing};

/// The length of a signed identifier, in characters.
const CHARACTERS: usize = 30;
/// The bytes before the tag.
pub(super) const BODY: usize = 16;
/// The bytes of the tag: a guess is right once in 2^48 times.
const TAG: usize = 6;
/// The unit of the time of issue, in seconds: four bytes last for a thousand years.
const UNIT: u64 = 8;
/// The purpose of the tag, which no other use of the keys has.
const PURPOSE: &str = "rollcall client id 1";

/// Whether `text` has the form of a signed identifier.
pub(super) fn has_form(text: &str) -> bool {
    // Never a hyphen or an underscore first: command lines and spreadsheets read those in their own way.
    let starts_plain = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    text.len() == CHARACTERS && starts_plain && bytes_of(text).is_some()
}

fn bytes_of(text: &str) -> Option<[u8; BODY + TAG]> {
    BASE64URL.decode(text).ok()?.try_into().ok()
}

fn tag(purpose: &str, issuer: &str, body: &[u8], key: &Key) -> [u8; TAG] {
    let mut tag = [0; TAG];
    let whole = key.derive(purpose, &[issuer.as_bytes(), body]);
    tag.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    tag
}

/// The identifier of `body` and its tag for one `purpose`.
pub(super) fn sign(purpose: &str, issuer: &str, body: [u8; BODY], key: &Key) -> ClientId {
    let tag = tag(purpose, issuer, &body, key);
    ClientId::of_text(BASE64URL.encode([&body[..], &tag].concat()))
}

/// Whether the tag of `client_id` for one `purpose` is of one of `keys`.
pub(super) fn verify<'k>(
    purpose: &str,
    issuer: &str,
    client_id: &ClientId,
    keys: impl Iterator<Item = &'k Key>,
) -> bool {
    let Some(bytes) = bytes_of(client_id.as_str()) else { return false };
    let Some((body, signature)) = bytes.split_at_checked(BODY) else { return false };
    // Every key is tried: the time says nothing about which one matched.
    let found = keys.map(|key| tag(purpose, issuer, body, key).ct_eq(signature));
    found.fold(false, |any, one| any | bool::from(one))
}

impl ClientId {
    /// Makes an identifier of `random` bytes that `issuer` gives out at `now`, in seconds since 1970, signed by `key`.
    #[must_use]
    pub fn signed(random: [u8; 12], now: u64, issuer: &str, key: &Key) -> Self {
        let [first, rest @ ..] = random;
        // The first six bits are the first character: 62 and 63 would be a hyphen and an underscore.
        let first = if first >= 62 << 2 { first & 0x7f } else { first };
        let time = u32::try_from(now / UNIT).unwrap_or(u32::MAX).to_be_bytes();
        let mut body = [0; BODY];
        body.iter_mut()
            .zip([first].into_iter().chain(rest).chain(time))
            .for_each(|(to, from)| *to = from);
        sign(PURPOSE, issuer, body, key)
    }

    /// Whether `issuer` has signed this identifier with a key of `ring`.
    #[must_use]
    pub fn is_signed(&self, issuer: &str, ring: &KeyRing) -> bool {
        verify(PURPOSE, issuer, self, ring.keys())
    }

    /// When it was issued, in seconds since 1970 and up to 8 seconds too early; `None` for an identifier without a time.
    /// Only the time of a [signed](Self::is_signed) identifier is true.
    #[must_use]
    pub fn issued_at(&self) -> Option<u64> {
        let time = bytes_of(self.as_str())?.get(12..BODY)?.try_into().ok()?;
        Some(u64::from(u32::from_be_bytes(time)).saturating_mul(UNIT))
    }
}
