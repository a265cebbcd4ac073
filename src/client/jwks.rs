//! `jwks`: a set of public keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value};

use super::limits;
use super::raw::RawMetadata;
use super::rule::{KeyFault, Rule};
use crate::vocabulary::{Algorithm, Use, insert_all};

/// Members that hold private or symmetric material in some key type (RFC 7518 §6; `priv` of `AKP`).
const SECRET_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// The curve of a key.
#[derive(Debug, PartialEq, Eq)]
struct Curve {
    /// The key type it belongs to.
    kty: &'static str,
    name: &'static str,
    /// The bytes of a coordinate.
    size: usize,
}

const fn curve(kty: &'static str, name: &'static str, size: usize) -> Curve {
    Curve { kty, name, size }
}

static CURVES: [Curve; 8] = [
    curve("EC", "P-256", 32),
    curve("EC", "P-384", 48),
    curve("EC", "P-521", 66),
    curve("EC", "secp256k1", 32),
    curve("OKP", "Ed25519", 32),
    curve("OKP", "Ed448", 57),
    curve("OKP", "X25519", 32),
    curve("OKP", "X448", 56),
];

/// The purpose that a key is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Checking the client's signatures.
    Verify,
    /// Knowing the client's certificate again, which is in `x5c` (RFC 8705 §2.2.2).
    Certificate,
    /// Encrypting to the client.
    Encrypt,
}

/// A checked set of public keys: the JSON that is registered, and what rules ask about each key.
#[derive(Debug, Clone)]
pub(super) struct KeySet {
    json: Map<String, Value>,
    keys: Vec<Key>,
}

/// The properties of a key that rules ask about.
#[derive(Debug, Clone)]
pub(super) struct Key {
    /// `RSA`, `EC` or `OKP`; empty for a type that is not known here, which serves nothing (RFC 7517 §5).
    kty: &'static str,
    curve: Option<&'static Curve>,
    /// Its `use` (RFC 7517 §4.2): for signatures or for key wrapping.
    purpose: Option<Use>,
    alg: KeyAlgorithm,
    /// Whether its `key_ops` (RFC 7517 §4.3) allow to verify signatures, and to encrypt.
    verifies: bool,
    encrypts: bool,
    /// Whether it comes with a certificate.
    has_certificate: bool,
}

/// The `alg` of a key (RFC 7517 §4.4).
#[derive(Debug, Clone, Copy)]
enum KeyAlgorithm {
    /// No `alg`: the key may be used with any algorithm that fits its type.
    Any,
    /// One that is not registered for the purposes here.
    Unknown,
    Known(Algorithm),
}

/// The keys of a set on curves that Web Crypto knows: their indexes, and a list of them.
pub type Points = (Vec<usize>, Value);

impl KeySet {
    /// Reads and checks a whole JWK set.
    ///
    /// # Errors
    /// The first fault, with the index of its key where it is about one.
    pub fn read(json: Map<String, Value>) -> Result<Self, (Option<usize>, Rule)> {
        let keys = read_keys(&json)?;
        Ok(Self { json, keys })
    }

    /// The set as it was sent.
    pub fn json(&self) -> &Map<String, Value> {
        &self.json
    }

    /// Whether some key can serve `need` with `alg` (any algorithm where `None`).
    pub fn serves(&self, need: Need, alg: Option<Algorithm>) -> bool {
        self.keys.iter().any(|key| key.serves(need, alg))
    }

    pub fn points(&self) -> Points {
        points(&self.json, &self.keys)
    }

    /// The index and the `x5u` (RFC 7517 §4.6) of each key that has one.
    pub fn certificate_uris(&self) -> impl Iterator<Item = (usize, &Value)> {
        let keys = self.json.get("keys").and_then(Value::as_array).into_iter().flatten();
        keys.enumerate().filter_map(|(index, key)| Some((index, key.get("x5u")?)))
    }
}

impl RawMetadata {
    /// The points of the keys; empty for a malformed set, which is rejected anyway. An update asks
    /// Web Crypto about them before it is verified.
    #[must_use]
    pub fn points(&self) -> Points {
        let set = self.find("jwks").and_then(Value::as_object);
        let read = set.and_then(|set| Some(points(set, &read_keys(set).ok()?)));
        read.unwrap_or_default()
    }
}

fn points(set: &Map<String, Value>, keys: &[Key]) -> Points {
    let (mut places, mut points) = (Vec::new(), Vec::new());
    let json = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    for (index, (key, json)) in keys.iter().zip(json).enumerate() {
        if key.curve.is_some_and(|curve| curve.name.starts_with("P-")) {
            places.push(index);
            let part = |name: &str| (name.to_owned(), json.get(name).cloned().unwrap_or_default());
            let point: Map<String, Value> = insert_all(["kty", "crv", "x", "y"].map(part));
            points.push(Value::from(point));
        }
    }
    (places, points.into())
}

fn read_keys(set: &Map<String, Value>) -> Result<Vec<Key>, (Option<usize>, Rule)> {
    const NO_KEYS: Rule = Rule::Type { expected: "an object with a non-empty list 'keys'" };
    let keys = set.get("keys").and_then(Value::as_array).filter(|keys| !keys.is_empty());
    let keys = keys.ok_or((None, NO_KEYS))?;
    if keys.len() > limits::KEYS {
        return Err((None, Rule::Count { limit: limits::KEYS }));
    }
    let mut known: Vec<(&Value, Option<&Value>)> = Vec::new();
    let mut read = Vec::with_capacity(keys.len());
    for (index, key) in keys.iter().enumerate() {
        let fault = |rule| (Some(index), rule);
        let key = key.as_object().ok_or(fault(Rule::Type { expected: "a JSON Web Key" }))?;
        read.push(Key::read(key).map_err(|key_fault| fault(Rule::Key(key_fault)))?);
        if let Some(kid) = key.get("kid") {
            // Keys of several types may be alternatives of one name (RFC 7517 §4.5).
            let named = (kid, key.get("kty"));
            if known.contains(&named) {
                return Err(fault(Rule::Key(KeyFault::DuplicateKid)));
            }
            known.push(named);
        }
    }
    Ok(read)
}

impl Key {
    /// Reads and checks a JSON Web Key.
    ///
    /// # Errors
    /// The first fault.
    pub fn read(json: &Map<String, Value>) -> Result<Self, KeyFault> {
        if SECRET_MEMBERS.iter().any(|member| json.contains_key(*member)) {
            return Err(KeyFault::Private);
        }
        let (kty, curve) = match text(json, "kty").ok_or(KeyFault::Kind)? {
            "RSA" => {
                check_rsa(json)?;
                ("RSA", None)
            }
            "oct" => return Err(KeyFault::Private),
            kty @ ("EC" | "OKP") => {
                let name = text(json, "crv").ok_or(KeyFault::Curve)?;
                let curve = CURVES.iter().find(|curve| curve.kty == kty && curve.name == name);
                let curve = curve.ok_or(KeyFault::Curve)?;
                check_point(json, curve)?;
                (curve.kty, Some(curve))
            }
            _ => ("", None),
        };
        let operations = match json.get("key_ops") {
            None => None,
            Some(list) => {
                let list = list.as_array().ok_or(KeyFault::Purpose)?.iter().map(Value::as_str);
                Some(list.collect::<Option<Vec<&str>>>().ok_or(KeyFault::Purpose)?)
            }
        };
        let allows = |some: &[&str]| {
            operations.as_ref().is_none_or(|stated| stated.iter().any(|one| some.contains(one)))
        };
        let private = operations.is_some() && allows(&["sign", "decrypt"]);
        let purpose = match json.get("use") {
            None => None,
            Some(value) => match value.as_str() {
                Some("sig") => Some(Use::Signature),
                Some("enc") => Some(Use::KeyWrap),
                _ => return Err(KeyFault::Purpose),
            },
        };
        let alg = match json.get("alg") {
            None => KeyAlgorithm::Any,
            Some(value) => Algorithm::find(value.as_str().ok_or(KeyFault::Purpose)?)
                .map_or(KeyAlgorithm::Unknown, KeyAlgorithm::Known),
        };
        let chain = json.get("x5c").and_then(Value::as_array);
        let key = Self {
            kty,
            curve,
            purpose,
            alg,
            verifies: allows(&["verify"]),
            encrypts: allows(&["encrypt", "wrapKey", "deriveKey", "deriveBits"]),
            has_certificate: chain.and_then(|chain| chain.first()).is_some_and(Value::is_string),
        };
        let alg_fits = match alg {
            KeyAlgorithm::Known(algorithm) => key.fits(algorithm),
            KeyAlgorithm::Any | KeyAlgorithm::Unknown => true,
        };
        let kid_is_text = json.get("kid").is_none_or(Value::is_string);
        if kid_is_text && !private && alg_fits { Ok(key) } else { Err(KeyFault::Purpose) }
    }

    /// Whether its type, and its `use` where it has one, allow this algorithm.
    fn fits(&self, algorithm: Algorithm) -> bool {
        let kty_fits = match (algorithm.purpose, algorithm.kty) {
            (Use::KeyWrap, "") => self.curve.is_some(),
            (_, wanted) => self.kty == wanted,
        };
        let is_asymmetric = matches!(algorithm.purpose, Use::Signature | Use::KeyWrap);
        let use_fits = self.purpose.is_none_or(|stated| stated == algorithm.purpose);
        kty_fits && is_asymmetric && use_fits && self.curve_fits(algorithm.name)
    }

    /// Each ECDSA algorithm belongs to one curve (RFC 7518 §3.4, RFC 8812 §3.2, RFC 9864 §2.2).
    fn curve_fits(&self, alg: &str) -> bool {
        let allowed: &[&str] = match alg {
            "ES256" => &["P-256"],
            "ES384" => &["P-384"],
            "ES512" => &["P-521"],
            "ES256K" => &["secp256k1"],
            "EdDSA" => &["Ed25519", "Ed448"],
            "Ed25519" => &["Ed25519"],
            "Ed448" => &["Ed448"],
            _ if alg.starts_with("ECDH-ES") => &["P-256", "P-384", "P-521", "X25519", "X448"],
            _ => return true,
        };
        self.curve.is_some_and(|curve| allowed.contains(&curve.name))
    }

    /// Whether it can serve `need` with `wanted` (any algorithm where `None`).
    pub fn serves(&self, need: Need, wanted: Option<Algorithm>) -> bool {
        let agrees_only = self.curve.is_some_and(|curve| matches!(curve.name, "X25519" | "X448"));
        let (purpose, operation_fits, type_fits) = match need {
            Need::Verify | Need::Certificate => (Use::Signature, self.verifies, !agrees_only),
            Need::Encrypt => (Use::KeyWrap, self.encrypts, true),
        };
        let alg_fits = match (self.alg, wanted) {
            (KeyAlgorithm::Known(own), Some(wanted)) => own == wanted,
            (KeyAlgorithm::Known(own), None) => own.purpose == purpose,
            (KeyAlgorithm::Unknown, wanted) => wanted.is_none(),
            (KeyAlgorithm::Any, _) => true,
        };
        !self.kty.is_empty()
            && type_fits
            && operation_fits
            && alg_fits
            && wanted.is_none_or(|wanted| self.fits(wanted))
            && self.purpose.is_none_or(|stated| stated == purpose)
            && (need != Need::Certificate || self.has_certificate)
    }
}

fn check_rsa(key: &Map<String, Value>) -> Result<(), KeyFault> {
    let modulus = material(key, "n")?;
    if !limits::RSA_BITS.contains(&bits(&modulus)) {
        return Err(KeyFault::RsaSize);
    }
    // A product of odd primes is odd, and a power of two is even.
    if !is_odd(&modulus) {
        return Err(KeyFault::RsaModulus);
    }
    // 1 would make every message its own signature; even exponents have no inverse; long ones make verification slow.
    let exponent = material(key, "e")?;
    let sound = (2..=limits::RSA_EXPONENT_BITS).contains(&bits(&exponent));
    if sound && is_odd(&exponent) { Ok(()) } else { Err(KeyFault::RsaExponent) }
}

fn check_point(key: &Map<String, Value>, curve: &Curve) -> Result<(), KeyFault> {
    let coordinates: &[&str] = if curve.kty == "EC" { &["x", "y"] } else { &["x"] };
    let mut zero = true;
    for coordinate in coordinates {
        let bytes = material(key, coordinate)?;
        if bytes.len() != curve.size {
            return Err(KeyFault::Material);
        }
        zero &= bytes.iter().all(|byte| *byte == 0);
    }
    // On no curve here; as a key of X25519 or X448 it makes the shared secret zero.
    if zero { Err(KeyFault::Point) } else { Ok(()) }
}

/// The number of bits of a number, most significant byte first.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let leading = number.get(zeros).map_or(0, |byte| byte.leading_zeros());
    let bits = number.len().saturating_sub(zeros).saturating_mul(8);
    bits.saturating_sub(usize::try_from(leading).unwrap_or(0))
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte & 1 == 1)
}

fn text<'k>(key: &'k Map<String, Value>, member: &str) -> Option<&'k str> {
    key.get(member).and_then(Value::as_str)
}

fn material(key: &Map<String, Value>, member: &str) -> Result<Vec<u8>, KeyFault> {
    let encoded = text(key, member).ok_or(KeyFault::Material)?;
    BASE64URL.decode(encoded).map_err(|_| KeyFault::Material)
}
