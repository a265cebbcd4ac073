//! [`VerificationKeys`]: a JWK set (RFC 7517 §5) that signatures are verified with, and the one key that a JWS needs.

use serde_json::{Map, Value};

use super::jwks::{Key, Need};
use super::jws::JwsHeader;
use crate::vocabulary::{Algorithm, insert_all};

/// The most keys of a set: each is looked at for every signature.
const MOST: usize = 100;
/// Curves of signatures that Web Crypto does not know.
const UNKNOWN_CURVES: [&str; 2] = ["Ed448", "secp256k1"];

/// Public keys that verify signatures. Others of their set are left out.
#[derive(Debug, Clone, Default)]
pub struct VerificationKeys(Vec<VerificationKey>);

/// A public key.
#[derive(Debug, Clone)]
pub struct VerificationKey {
    kid: Option<String>,
    key: Key,
    /// The members that make the key, as a JWK: Web Crypto needs no other.
    pub jwk: Value,
}

/// Why a set has not exactly one key for a JWS. The sentence follows the name of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// No key has this `kid` and fits the algorithm.
    #[error("must be signed with a key of its issuer: no key has its kid and fits its algorithm")]
    Unknown,
    /// Several keys could have signed it. Trying one after another would cost a verification for each.
    #[error("must name its key: several keys of its issuer fit its kid and its algorithm")]
    Ambiguous,
}

impl VerificationKeys {
    /// Takes the keys of a JWK set that are sound and verify signatures; `None` if it is no set, or has too many keys. A key
    /// of another kind is passed over (RFC 7517 §5).
    #[must_use]
    pub fn read(set: &Map<String, Value>) -> Option<Self> {
        let keys = set.get("keys")?.as_array().filter(|keys| keys.len() <= MOST)?;
        Some(Self(keys.iter().filter_map(VerificationKey::read).collect()))
    }

    /// The number of keys.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a set without keys is one like any other")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether some key can verify signatures of `algorithm`.
    #[must_use]
    pub fn serve(&self, algorithm: Algorithm) -> bool {
        self.0.iter().any(|key| key.serves(algorithm))
    }

    /// The one key for a JWS with this header. Without a `kid` only one key of the set may fit the algorithm.
    ///
    /// # Errors
    /// [`NoKey`]
    pub fn find(&self, header: &JwsHeader<'_>) -> Result<&VerificationKey, NoKey> {
        let has_kid =
            |key: &&VerificationKey| header.kid.is_none() || key.kid.as_deref() == header.kid;
        let mut fitting = self.0.iter().filter(has_kid).filter(|key| key.serves(header.algorithm));
        let key = fitting.next().ok_or(NoKey::Unknown)?;
        if fitting.next().is_some() { Err(NoKey::Ambiguous) } else { Ok(key) }
    }
}

impl VerificationKey {
    fn read(json: &Value) -> Option<Self> {
        let json = json.as_object()?;
        let curve = json.get("crv").and_then(Value::as_str).unwrap_or_default();
        let key = Key::read(json).ok().filter(|_| !UNKNOWN_CURVES.contains(&curve))?;
        let kid = json.get("kid").and_then(Value::as_str).map(str::to_owned);
        let members = ["kty", "n", "e", "crv", "x", "y"].into_iter();
        let members = members.filter_map(|name| Some((name.to_owned(), json.get(name)?.clone())));
        let jwk: Map<String, Value> = insert_all(members);
        Some(Self { kid, key, jwk: jwk.into() })
    }

    fn serves(&self, algorithm: Algorithm) -> bool {
        self.key.serves(Need::Verify, Some(algorithm))
    }
}
