//! Signed objects: which are read, and which key of a set verifies them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use rollcall::client::{Jws, JwsFault, NoKey, VerificationKeys};
use rollcall::vocabulary::Algorithm;
use rollcall_support::signing::{jws, jws_of, key};
use serde_json::{Value, json};

fn fault(text: &str) -> Option<JwsFault> {
    match Jws::parse(text, 16 * 1024) {
        Ok(jws) => jws.header().err(),
        Err(fault) => Some(fault),
    }
}

fn with_header(header: &Value) -> String {
    jws(header, &json!({"iss": "a"}), &key("ES256", "1", 7))
}

/// RFC 7515, section 2: base64url without padding. One signed object has one text.
#[test]
fn jws_is_three_parts_of_strict_base64url() {
    let sound = with_header(&json!({"alg": "ES256"}));
    assert_eq!(fault(&sound), None);
    let [header, payload, signature] = *sound.split('.').collect::<Vec<_>>() else { panic!() };
    for text in [
        String::new(),
        "a".into(),
        format!("{header}.{payload}"),
        format!("{sound}."),
        format!("{sound}.{signature}"),
        format!("{sound}="),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}\n.{signature}"),
        format!(" {sound}"),
        format!("{header}.{}.{signature}", payload.replace('e', "+")),
        format!("{header}.{}.{signature}", payload.replace('e', "/")),
        // The last character of a byte alone has four bits that no byte uses.
        format!("{header}.{payload}.AB"),
        format!("{header}.{payload}.A"),
    ] {
        assert_eq!(fault(&text), Some(JwsFault::Form), "{text}");
    }
    let largest = 16 * 1024;
    assert!(Jws::parse(&sound, sound.len()).is_ok());
    assert_eq!(fault(&"a".repeat(largest + 1)), Some(JwsFault::Length(largest)));
}

#[test]
fn header_and_payload_are_objects_without_repeated_members() {
    let key = key("ES256", "1", 7);
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(20), "]".repeat(20));
    for bad in [
        "",
        "[]",
        "7",
        "{",
        "{} {}",
        "\u{feff}{}",
        r#"{"alg":"ES256","alg":"none"}"#,
        r#"{"alg":"ES256","\u0061lg":"none"}"#,
        r#"{"a":{"iss":"a","iss":"b"}}"#,
        &deep,
    ] {
        let text = jws_of(bad, "{}", &key, "ES256");
        assert_eq!(fault(&text), Some(JwsFault::Header), "{bad}");
        let text = jws_of(r#"{"alg":"ES256"}"#, bad, &key, "ES256");
        assert_eq!(fault(&text), Some(JwsFault::Payload), "{bad}");
    }
}

#[test]
fn header_names_an_asymmetric_algorithm_and_brings_no_key() {
    for alg in Algorithm::VERIFIABLE {
        let header = json!({"alg": alg, "kid": "1", "typ": "JWT", "cty": "x", "x5t": "AQ"});
        assert_eq!(fault(&with_header(&header)), None, "{alg}");
    }
    for alg in [
        json!("none"),
        json!("None"),
        json!("HS256"),
        json!("HS512"),
        json!("es256"),
        json!("ES256K"),
        json!("Ed448"),
        json!("RSA-OAEP"),
        json!("dir"),
        json!(""),
        json!(7),
        json!(["ES256"]),
        Value::Null,
    ] {
        assert_eq!(fault(&with_header(&json!({"alg": alg}))), Some(JwsFault::Algorithm), "{alg}");
    }
    assert_eq!(fault(&with_header(&json!({}))), Some(JwsFault::Algorithm));
    for member in ["crit", "b64", "jwk", "jku", "x5u", "x5c", "zip"] {
        for value in [json!(["exp"]), Value::Null, json!(false)] {
            let header = json!({"alg": "ES256", member: value});
            assert_eq!(fault(&with_header(&header)), Some(JwsFault::Member(member)), "{header}");
        }
    }
    for (name, value) in [
        ("kid", json!(7)),
        ("kid", json!("k".repeat(513))),
        ("typ", Value::Null),
        ("typ", json!(["JWT"])),
    ] {
        let header = json!({"alg": "ES256", name: value});
        assert_eq!(fault(&with_header(&header)), Some(JwsFault::Text(name)), "{header}");
    }
}

fn find(keys: &[Value], header: &Value) -> Result<u64, NoKey> {
    let set = json!({"keys": keys});
    let keys = VerificationKeys::read(set.as_object().unwrap()).unwrap();
    let text = with_header(header);
    let jws = Jws::parse(&text, text.len()).unwrap();
    let found = keys.find(&jws.header().unwrap())?;
    let material = found.jwk.get("n").or(found.jwk.get("x")).unwrap().as_str().unwrap();
    Ok(BASE64URL.decode(material).unwrap()[1].into())
}

#[test]
fn one_key_of_a_set_verifies_a_signature() {
    let keys = [
        key("RS256", "rsa", 1),
        key("ES256", "p256", 2),
        key("ES384", "p384", 3),
        key("EdDSA", "ed", 4),
    ];
    for (alg, kid, seed) in [
        ("RS256", "rsa", 1),
        ("PS512", "rsa", 1),
        ("ES256", "p256", 2),
        ("ES384", "p384", 3),
        ("EdDSA", "ed", 4),
        ("Ed25519", "ed", 4),
    ] {
        assert_eq!(find(&keys, &json!({"alg": alg, "kid": kid})), Ok(seed), "{alg}");
        assert_eq!(find(&keys, &json!({"alg": alg})), Ok(seed), "{alg} without kid");
    }
    for (alg, kid) in [
        ("ES256", "p384"),
        ("ES512", "p256"),
        ("RS256", "p256"),
        ("ES256", "rsa"),
        ("ES256", "P256"),
        ("ES256", ""),
    ] {
        assert_eq!(
            find(&keys, &json!({"alg": alg, "kid": kid})),
            Err(NoKey::Unknown),
            "{alg} {kid}"
        );
    }
}

#[test]
fn ambiguous_keys_verify_nothing() {
    let twins = [key("ES256", "a", 1), key("ES256", "a", 2), key("ES256", "b", 3)];
    assert_eq!(find(&twins, &json!({"alg": "ES256", "kid": "a"})), Err(NoKey::Ambiguous));
    assert_eq!(find(&twins, &json!({"alg": "ES256"})), Err(NoKey::Ambiguous));
    assert_eq!(find(&twins, &json!({"alg": "ES256", "kid": "b"})), Ok(3));
    // RFC 7517, section 4.5: keys of several types may share a name.
    let alternatives = [key("ES256", "a", 1), key("RS256", "a", 2)];
    assert_eq!(find(&alternatives, &json!({"alg": "PS256", "kid": "a"})), Ok(2));
}

#[test]
fn key_that_is_weak_secret_or_for_something_else_verifies_nothing() {
    let with = |alg: &str, name: &str, value: Value| {
        let mut key = key(alg, "1", 1);
        key[name] = value;
        key
    };
    for key in [
        with("ES256", "use", json!("enc")),
        with("ES256", "key_ops", json!(["encrypt"])),
        with("ES256", "alg", json!("ES384")),
        with("ES256", "d", json!("AQ")),
        with("ES256", "crv", json!("secp256k1")),
        with("ES256", "x", json!("AQ")),
        with("ES256", "kid", json!(1)),
        json!({"kty": "oct", "k": "AQ", "kid": "1"}),
        json!({"kty": "AKP", "kid": "1"}),
        json!("key"),
    ] {
        assert_eq!(
            find(std::slice::from_ref(&key), &json!({"alg": "ES256"})),
            Err(NoKey::Unknown),
            "{key}"
        );
    }
    let weak = with("RS256", "n", json!(BASE64URL.encode([0xc3; 128])));
    assert_eq!(find(&[weak], &json!({"alg": "RS256"})), Err(NoKey::Unknown));
    let other_algorithm = with("PS256", "alg", json!("PS256"));
    assert_eq!(find(std::slice::from_ref(&other_algorithm), &json!({"alg": "PS256"})), Ok(1));
    assert_eq!(find(&[other_algorithm], &json!({"alg": "RS256"})), Err(NoKey::Unknown));
    let goldilocks = json!({"kty": "OKP", "crv": "Ed448", "x": BASE64URL.encode([7; 57])});
    assert_eq!(find(&[goldilocks], &json!({"alg": "EdDSA"})), Err(NoKey::Unknown));
}

#[test]
fn set_has_at_most_a_hundred_keys() {
    let read = |set: Value| VerificationKeys::read(set.as_object().unwrap()).is_some();
    assert!(read(json!({"keys": []})) && read(json!({"keys": [7, {}]})));
    assert!(read(json!({"keys": vec![json!({}); 100]})));
    assert!(!read(json!({"keys": vec![json!({}); 101]})) && !read(json!({})));
    assert!(!read(json!({"keys": {}})));
}
