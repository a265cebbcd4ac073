//! `jwks`: a set of public keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Map, Value};

use super::limits;
use super::raw::RawMetadata;
use super::rule::{KeyFault, Rule};
use crate::vocabulary::{Algorithm, Use};

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

/// What a key is needed for.
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
struct Key {
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
    /// The key has none, and may be used with any that fits its type.
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
}

impl RawMetadata {
    /// The points of the keys, which are none for a set that is malformed: it is rejected for that. An update asks
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
            points.push(["kty", "crv", "x", "y"].map(part).into_iter().collect::<Value>());
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
    fn read(json: &Map<String, Value>) -> Result<Self, KeyFault> {
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

    fn serves(&self, need: Need, wanted: Option<Algorithm>) -> bool {
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

/// How many bits a number has, most significant byte first.
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn b64(bytes: usize) -> String {
        BASE64URL.encode(vec![0xc1; bytes])
    }

    fn outcome(keys: &Value) -> Result<(), (Option<usize>, &'static str)> {
        let set = json!({ "keys": keys });
        let read = KeySet::read(set.as_object().unwrap().clone());
        read.map(drop).map_err(|(index, rule)| (index, rule.id()))
    }

    fn serves(set: &Value, need: Need, alg: Option<&str>) -> bool {
        let set = KeySet::read(set.as_object().unwrap().clone()).unwrap();
        set.serves(need, alg.and_then(Algorithm::find))
    }

    #[test]
    fn threat_40_weak_secret_and_malformed_keys_are_refused() {
        let rsa = |n: usize| json!({"kty": "RSA", "n": b64(n), "e": "AQAB"});
        let ec = |crv: &str, n: usize| json!({"kty": "EC", "crv": crv, "x": b64(n), "y": b64(n)});
        let with = |mut key: Value, name: &str, value: Value| {
            key[name] = value;
            key
        };
        let zero = BASE64URL.encode([0; 32]);
        for (key, fault) in [
            (json!({"kty": "oct", "k": "AQ"}), "key_private"),
            (json!({"kty": "oct"}), "key_private"),
            (with(rsa(256), "d", json!("AQ")), "key_private"),
            (with(ec("P-256", 32), "d", json!("AQ")), "key_private"),
            (rsa(128), "key_rsa_size"),
            (with(rsa(256), "n", json!(format!("{}{}", "A".repeat(256), b64(64)))), "key_rsa_size"),
            (rsa(1025), "key_rsa_size"),
            (with(rsa(256), "e", json!("AQ")), "key_rsa_exponent"),
            (with(rsa(256), "e", json!("AAAB")), "key_rsa_exponent"),
            (with(rsa(256), "e", json!("AA")), "key_rsa_exponent"),
            (with(rsa(256), "e", json!("")), "key_rsa_exponent"),
            (with(rsa(256), "e", json!("AQAC")), "key_rsa_exponent"),
            (with(rsa(256), "e", json!(b64(9))), "key_rsa_exponent"),
            (with(rsa(256), "e", json!(b64(2000))), "key_rsa_exponent"),
            (
                with(rsa(256), "n", json!(BASE64URL.encode([vec![0xc1; 255], vec![2]].concat()))),
                "key_rsa_modulus",
            ),
            (
                with(rsa(256), "n", json!(BASE64URL.encode([vec![0x80], vec![0; 255]].concat()))),
                "key_rsa_modulus",
            ),
            (with(with(ec("P-256", 32), "x", json!(zero)), "y", json!(zero)), "key_point"),
            (with(with(ec("secp256k1", 32), "x", json!(zero)), "y", json!(zero)), "key_point"),
            (json!({"kty": "OKP", "crv": "X25519", "x": zero}), "key_point"),
            (with(rsa(256), "n", json!("a+b")), "key_material"),
            (json!({"kty": "RSA", "e": "AQAB"}), "key_material"),
            (ec("P-256", 31), "key_material"),
            (ec("P-257", 32), "key_curve"),
            (ec("Ed25519", 32), "key_curve"),
            (json!({"kty": "OKP", "crv": "Ed25519", "x": b64(31)}), "key_material"),
            (json!({"kty": "AKP", "pub": "AQ", "priv": "AQ"}), "key_private"),
            (json!({"kty": 7}), "key_kind"),
            (json!({}), "key_kind"),
            (with(rsa(256), "use", json!("both")), "key_purpose"),
            (with(rsa(256), "alg", json!("ES256")), "key_purpose"),
            (with(rsa(256), "alg", json!("HS256")), "key_purpose"),
            (with(ec("P-256", 32), "alg", json!("ES384")), "key_purpose"),
            (with(with(rsa(256), "use", json!("enc")), "alg", json!("RS256")), "key_purpose"),
            (with(rsa(256), "key_ops", json!(["sign"])), "key_purpose"),
            (with(rsa(256), "key_ops", json!(["decrypt"])), "key_purpose"),
            (with(rsa(256), "kid", json!(7)), "key_purpose"),
            (with(ec("P-256", 32), "alg", json!("ES256K")), "key_purpose"),
            (with(ec("secp256k1", 32), "alg", json!("ECDH-ES")), "key_purpose"),
            (json!("key"), "type"),
        ] {
            assert_eq!(outcome(&json!([rsa(256), key])), Err((Some(1), fault)), "{key}");
        }
        for member in SECRET_MEMBERS {
            let key = with(rsa(256), member, json!("AQ"));
            assert_eq!(outcome(&json!([key])), Err((Some(0), "key_private")), "{member}");
        }
        for key in [
            rsa(256),
            with(rsa(256), "e", json!(b64(8))),
            with(rsa(256), "e", json!("Aw")),
            ec("P-521", 66),
            with(rsa(256), "alg", json!("RSA-OAEP-256")),
            json!({"kty": "OKP", "crv": "X25519", "x": b64(32), "use": "enc", "kid": "a", "x5t": "?"}),
        ] {
            assert_eq!(outcome(&json!([key])), Ok(()), "{key}");
        }
    }

    #[test]
    fn a_set_has_one_to_twenty_keys_with_distinct_kids() {
        let key = |kid: usize| json!({"kty": "EC", "crv": "P-256", "x": b64(32), "y": b64(32), "kid": kid.to_string()});
        assert_eq!(outcome(&json!([])), Err((None, "type")));
        assert_eq!(outcome(&json!("x")), Err((None, "type")));
        assert_eq!(outcome(&json!([key(1), key(1)])), Err((Some(1), "key_duplicate_kid")));
        let of_another_type = json!({"kty": "RSA", "n": b64(256), "e": "AQAB", "kid": "1"});
        assert_eq!(outcome(&json!([key(1), of_another_type])), Ok(()), "RFC 7517 section 4.5");
        assert_eq!(outcome(&(0..20).map(key).collect()), Ok(()));
        assert_eq!(outcome(&(0..21).map(key).collect()), Err((None, "count")));
    }

    #[test]
    fn rfc_7517_5_a_key_of_an_unknown_type_is_passed_over_and_serves_nothing() {
        let post_quantum = json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": b64(1312), "kid": "1"});
        let usual = json!({"kty": "EC", "crv": "P-256", "x": b64(32), "y": b64(32), "kid": "2"});
        assert_eq!(outcome(&json!([post_quantum, usual])), Ok(()));
        for need in [Need::Verify, Need::Encrypt] {
            assert!(!serves(&json!({"keys": [post_quantum]}), need, None));
            assert!(serves(&json!({"keys": [post_quantum, usual]}), need, None));
        }
    }

    #[test]
    fn a_key_serves_what_its_type_and_use_allow() {
        let set = json!({"keys": [
            {"kty": "EC", "crv": "P-256", "x": b64(32), "y": b64(32), "use": "sig"},
            {"kty": "RSA", "n": b64(256), "e": "AQAB", "use": "enc"},
        ]});
        assert!(serves(&set, Need::Verify, Some("ES256")));
        assert!(serves(&set, Need::Verify, None));
        assert!(!serves(&set, Need::Verify, Some("RS256")), "the RSA key is for encryption");
        assert!(serves(&set, Need::Encrypt, Some("RSA-OAEP")));
        assert!(!serves(&set, Need::Encrypt, Some("ECDH-ES")));
        let exchange = json!({"keys": [{"kty": "OKP", "crv": "X25519", "x": b64(32)}]});
        assert!(serves(&exchange, Need::Encrypt, Some("ECDH-ES")));
        assert!(!serves(&exchange, Need::Verify, None), "it agrees on keys and signs nothing");
        for (name, value) in [("alg", json!("RSA-OAEP")), ("key_ops", json!(["encrypt"]))] {
            let mut key = json!({"kty": "RSA", "n": b64(256), "e": "AQAB"});
            assert!(serves(&json!({"keys": [key]}), Need::Verify, None));
            key[name] = value;
            let set = json!({"keys": [key]});
            assert!(!serves(&set, Need::Verify, None), "{name}");
            assert!(serves(&set, Need::Encrypt, None), "{name}");
        }
    }
}
