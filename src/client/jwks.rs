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

/// Curves by key type, with the bytes of a coordinate.
const CURVES: [(&str, &str, usize); 8] = [
    ("EC", "P-256", 32),
    ("EC", "P-384", 48),
    ("EC", "P-521", 66),
    ("EC", "secp256k1", 32),
    ("OKP", "Ed25519", 32),
    ("OKP", "Ed448", 57),
    ("OKP", "X25519", 32),
    ("OKP", "X448", 56),
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

impl Need {
    /// What a key may say that it is for, each if it does: its `use`, what its `alg` does, and one of its
    /// `key_ops` (RFC 7517 §4.2 to §4.4).
    fn terms(self) -> (&'static str, Use, &'static [&'static str]) {
        match self {
            Self::Verify | Self::Certificate => ("sig", Use::Signature, &["verify"]),
            Self::Encrypt => {
                ("enc", Use::KeyWrap, &["encrypt", "wrapKey", "deriveKey", "deriveBits"])
            }
        }
    }
}

/// Checks a whole JWK set.
///
/// # Errors
/// The first fault, with the index of its key where it is about one.
pub(super) fn check(set: &Map<String, Value>) -> Result<(), (Option<usize>, Rule)> {
    const NO_KEYS: Rule = Rule::Type { expected: "an object with a non-empty list 'keys'" };
    let keys = set.get("keys").and_then(Value::as_array).filter(|keys| !keys.is_empty());
    let keys = keys.ok_or((None, NO_KEYS))?;
    if keys.len() > limits::KEYS {
        return Err((None, Rule::Count { limit: limits::KEYS }));
    }
    let mut known: Vec<(&Value, Option<&Value>)> = Vec::new();
    for (index, key) in keys.iter().enumerate() {
        let fault = |rule| (Some(index), rule);
        let key = key.as_object().ok_or(fault(Rule::Type { expected: "a JSON Web Key" }))?;
        check_key(key).map_err(|key_fault| fault(Rule::Key(key_fault)))?;
        if let Some(kid) = key.get("kid") {
            // Keys of several types may be alternatives of one name (RFC 7517 §4.5).
            let named = (kid, key.get("kty"));
            if known.contains(&named) {
                return Err(fault(Rule::Key(KeyFault::DuplicateKid)));
            }
            known.push(named);
        }
    }
    Ok(())
}

fn check_key(key: &Map<String, Value>) -> Result<(), KeyFault> {
    if SECRET_MEMBERS.iter().any(|member| key.contains_key(*member)) {
        return Err(KeyFault::Private);
    }
    match text(key, "kty").ok_or(KeyFault::Kind)? {
        "RSA" => {
            let modulus = material(key, "n")?;
            if !limits::RSA_BITS.contains(&bits(&modulus)) {
                return Err(KeyFault::RsaSize);
            }
            // A product of odd primes is odd, and a power of two is even.
            if !is_odd(&modulus) {
                return Err(KeyFault::RsaModulus);
            }
            // 1 would make every message its own signature; even exponents have no inverse; long ones
            // make whoever verifies work.
            let exponent = material(key, "e")?;
            let sound = (2..=limits::RSA_EXPONENT_BITS).contains(&bits(&exponent));
            if sound && is_odd(&exponent) { Ok(()) } else { Err(KeyFault::RsaExponent) }
        }
        "oct" => Err(KeyFault::Private),
        kty @ ("EC" | "OKP") => {
            let curve = text(key, "crv").ok_or(KeyFault::Curve)?;
            let (_, _, size) = CURVES
                .into_iter()
                .find(|(of, name, _)| *of == kty && *name == curve)
                .ok_or(KeyFault::Curve)?;
            let coordinates: &[&str] = if kty == "EC" { &["x", "y"] } else { &["x"] };
            let mut zero = true;
            for coordinate in coordinates {
                let bytes = material(key, coordinate)?;
                if bytes.len() != size {
                    return Err(KeyFault::Material);
                }
                zero &= bytes.iter().all(|byte| *byte == 0);
            }
            // On no curve here; as a key of X25519 or X448 it makes the shared secret zero.
            if zero { Err(KeyFault::Point) } else { Ok(()) }
        }
        // RFC 7517 §5: keys of types that are not known are passed over. They serve nothing here.
        _ => Ok(()),
    }?;
    let kid_is_text = key.get("kid").is_none_or(Value::is_string);
    let key_ops_fit = key.get("key_ops").is_none_or(|ops| {
        ops.as_array().is_some_and(|ops| {
            ops.iter().all(|op| op.as_str().is_some_and(|op| op != "sign" && op != "decrypt"))
        })
    });
    let use_fits = match key.get("use") {
        None => true,
        Some(value) => matches!(value.as_str(), Some("sig" | "enc")),
    };
    let alg_fits = match key.get("alg") {
        None => true,
        Some(value) => value.as_str().is_some_and(|alg| alg_fits(key, alg)),
    };
    if kid_is_text && key_ops_fit && use_fits && alg_fits { Ok(()) } else { Err(KeyFault::Purpose) }
}

/// Whether the key's type, and `use` where it has one, allow this algorithm. An algorithm nobody
/// here knows is the client's own business.
fn alg_fits(key: &Map<String, Value>, alg: &str) -> bool {
    let Some(algorithm) = Algorithm::find(alg) else { return true };
    let kty = text(key, "kty").unwrap_or_default();
    let kty_fits = match (algorithm.purpose, algorithm.kty) {
        (Use::KeyWrap, "") => kty == "EC" || kty == "OKP",
        (_, wanted) => kty == wanted,
    };
    let use_fits = match (algorithm.purpose, text(key, "use")) {
        (Use::Signature, Some("enc")) | (Use::KeyWrap, Some("sig")) => false,
        (purpose, _) => matches!(purpose, Use::Signature | Use::KeyWrap),
    };
    kty_fits && use_fits && curve_fits(key, alg)
}

/// Each ECDSA algorithm belongs to one curve (RFC 7518 §3.4, RFC 8812 §3.2, RFC 9864 §2.2).
fn curve_fits(key: &Map<String, Value>, alg: &str) -> bool {
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
    text(key, "crv").is_some_and(|curve| allowed.contains(&curve))
}

/// Whether some key of a checked set can serve `need` with `alg` (any algorithm where `None`).
pub(super) fn serves(set: &Value, need: Need, alg: Option<&str>) -> bool {
    let (own_use, purpose, operations) = need.terms();
    let keys = set.get("keys").and_then(Value::as_array);
    keys.into_iter().flatten().filter_map(Value::as_object).any(|key| {
        let type_fits = match (text(key, "kty"), text(key, "crv")) {
            // These agree on keys and sign nothing.
            (Some("OKP"), Some("X25519" | "X448")) => need == Need::Encrypt,
            (Some("RSA" | "EC" | "OKP"), _) => true,
            _ => false,
        };
        let use_fits = text(key, "use").is_none_or(|stated| stated == own_use);
        let alg_fits = text(key, "alg").is_none_or(|own| match alg {
            Some(alg) => own == alg,
            None => Algorithm::find(own).is_none_or(|own| own.purpose == purpose),
        }) && alg.is_none_or(|alg| alg_fits(key, alg));
        let stated = key.get("key_ops").and_then(Value::as_array);
        let operations_fit = stated.is_none_or(|stated| {
            stated.iter().filter_map(Value::as_str).any(|one| operations.contains(&one))
        });
        let chain = key.get("x5c").and_then(Value::as_array);
        let certificate_fits = need != Need::Certificate
            || chain.and_then(|chain| chain.first()).is_some_and(Value::is_string);
        type_fits && use_fits && alg_fits && operations_fit && certificate_fits
    })
}

impl RawMetadata {
    /// The keys of `jwks` on curves that Web Crypto knows: their indexes, and a list of them. None of a set
    /// that is malformed, which is rejected for that.
    #[must_use]
    pub fn points(&self) -> (Vec<usize>, Value) {
        let (mut places, mut points) = (Vec::new(), Vec::new());
        let set = self.find("jwks").and_then(Value::as_object).filter(|set| check(set).is_ok());
        let keys = set.and_then(|set| set.get("keys")).and_then(Value::as_array);
        for (index, key) in keys.into_iter().flatten().enumerate() {
            let member = |name| key.get(name).and_then(Value::as_str);
            let kind = (member("kty"), member("crv"));
            if matches!(kind, (Some("EC"), Some("P-256" | "P-384" | "P-521"))) {
                places.push(index);
                let part =
                    |name: &str| (name.to_owned(), key.get(name).cloned().unwrap_or_default());
                points.push(["kty", "crv", "x", "y"].map(part).into_iter().collect::<Value>());
            }
        }
        (places, points.into())
    }
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
        check(set.as_object().unwrap()).map_err(|(index, rule)| (index, rule.id()))
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
