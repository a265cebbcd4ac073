//! [`KeyRing`]: the format of every secret of Rollcall that consists of keys, so that a key can be replaced.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// The most keys of a ring.
const MOST: usize = 4;

/// A key of 32 bytes, and its number in the ring; 0 for a single key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    number: u8,
    bytes: [u8; 32],
}

/// Keys as an operator has set them. The first key signs, and all keys verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRing {
    newest: Key,
    former: Vec<Key>,
}

impl KeyRing {
    /// The format, as it completes the sentence "must be …".
    pub const FORMAT: &str = "one to four keys like 1:KEY,2:KEY, with distinct numbers from 1 to 255, and each KEY 32 bytes \
                              as 43 base64url characters";

    /// Reads a ring; `None` for a text that does not have the [format](Self::FORMAT), or has a key twice.
    #[must_use]
    pub fn from_config(text: &str) -> Option<Self> {
        let mut keys: Vec<Key> = Vec::new();
        for entry in text.split(',') {
            let key = Key::parse(entry.trim())?;
            let is_known = |known: &Key| known.number == key.number || known.bytes == key.bytes;
            if keys.len() >= MOST || keys.iter().any(is_known) {
                return None;
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        Some(Self { newest: keys.next()?, former: keys.collect() })
    }

    /// The key that signs.
    #[must_use]
    pub fn newest(&self) -> &Key {
        &self.newest
    }

    /// Every key, the one that signs first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.newest).chain(&self.former)
    }
}

impl Key {
    /// The format of a single key, as it completes the sentence "must be …".
    pub const FORMAT: &str = "32 bytes as 43 base64url characters";

    /// Reads a single key, which is in no ring; `None` for a text that does not have the [format](Self::FORMAT).
    #[must_use]
    pub fn from_config(text: &str) -> Option<Self> {
        let bytes = BASE64URL.decode(text).ok()?.try_into().ok()?;
        Some(Self { number: 0, bytes })
    }

    fn parse(entry: &str) -> Option<Self> {
        let (number, key) = entry.split_once(':')?;
        let is_plain = number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
        let number = number.parse().ok().filter(|_| is_plain)?;
        Some(Self { number, ..Self::from_config(key)? })
    }

    /// Its number in the ring.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// The HMAC-SHA256 of `parts` for one `purpose`. Each part is written with its length, so that no two lists of parts
    /// have the same text.
    #[must_use]
    pub fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        // HMAC fills a short key with zeros (RFC 2104 §2): a key of a whole block cannot be rejected.
        let mut block = [0; 64];
        block.iter_mut().zip(self.bytes).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            mac.update(&length.to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, redacted)", self.number)
    }
}
