//! Keys of clients: which are sound, what each can serve, and points that only Web Crypto can judge.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use rollcall_support::registering::{client, everything};
use rollcall_support::{Call, OFF_CURVE, OFF_CURVE_TOO, Server, profiles};
use serde_json::{Value, json};

/// A set with a sound RSA key and then P-256 keys of these `x`.
fn set(points: &[&str]) -> Value {
    let keys = profiles::keys();
    let rsa = keys["keys"].as_array().unwrap().iter().find(|key| key["kty"] == "RSA").unwrap();
    let ec = |x: &&str| json!({"kty": "EC", "crv": "P-256", "x": x, "y": x});
    let keys: Vec<Value> = [rsa.clone()].into_iter().chain(points.iter().map(ec)).collect();
    json!({ "keys": keys })
}

const ON_CURVE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

fn with(jwks: &Value) -> Value {
    client(&json!({"jwks": jwks}))
}

/// Threat 40.
#[test]
fn point_that_is_not_on_its_curve_is_rejected_everywhere() {
    let server = Server::new();
    let jwks = set(&[ON_CURVE, OFF_CURVE, OFF_CURVE_TOO]);
    let expected = [2, 3].map(|at| (format!("/jwks/keys/{at}"), "key_point".to_owned()));
    let registered = server.register(&with(&jwks));
    assert_eq!((registered.status(), registered.problems()), (400, expected.to_vec()));
    assert_eq!(server.store.operations(), (0, 0));
    let dry = Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
    let dry = server.send(dry.body(with(&jwks).to_string()));
    assert_eq!((dry.status(), dry.problems()), (400, expected.to_vec()));

    let client = server.register(&with(&set(&[ON_CURVE]))).created();
    server.store.pass(2_000);
    let updated = server.update(&client, &with(&jwks));
    assert_eq!((updated.status(), updated.problems()), (400, expected.to_vec()));
    assert_eq!(server.read_back(&client).json()["jwks"], client["jwks"]);
    assert_eq!(server.update(&client, &with(&set(&[ON_CURVE, ON_CURVE]))).status(), 200);
}

#[test]
fn web_crypto_is_asked_once_and_only_where_its_answer_matters() {
    let server = Server::new();
    for (body, status) in [
        (client(&json!({})), 201),
        (with(&set(&[])), 201),
        (client(&json!({"jwks": set(&[ON_CURVE]), "client_name": 7})), 400),
        (client(&json!({"jwks": set(&[ON_CURVE]), "grant_types": ["password"]})), 400),
        (client(&json!({"jwks": set(&[ON_CURVE; 20])})), 400),
        (with(&json!({"keys": [{"kty": "EC", "crv": "P-256", "x": ON_CURVE}]})), 400),
        (
            with(
                &json!({"keys": [{"kty": "EC", "crv": "secp256k1", "x": ON_CURVE, "y": ON_CURVE}]}),
            ),
            201,
        ),
        // RFC 7517, section 5: keys of types that are not known are passed over.
        (with(&json!({"keys": [{"kty": "X", "crv": "P-256", "x": "AQ"}]})), 201),
        (with(&json!({"keys": [{"kty": "ec", "crv": "P-384", "x": ON_CURVE, "y": 7}]})), 201),
    ] {
        assert_eq!(server.register(&body).status(), status, "{body}");
        assert_eq!(*server.judged.borrow(), [0; 0], "{body}");
    }
    server.register(&with(&set(&[ON_CURVE; 19]))).created();
    assert_eq!(*server.judged.borrow(), [19], "one question for all of them");
}

/// RFC 7517, section 4.6: whoever verifies with the key may fetch the certificate from there.
#[test]
fn certificate_uri_of_a_key_is_https_on_a_public_host() {
    let server = Server::new();
    let set = |uri: Value| {
        let mut keys = profiles::keys();
        keys["keys"][0]["x5u"] = uri;
        with(&keys)
    };
    for uri in [
        json!("https://169.254.169.254/latest"),
        json!("https://[fd00::]/x"),
        json!("https://printer.local/x"),
        json!("https://intranet/x"),
        json!("https://xn--a/x"),
        json!("http://a.example/x"),
        json!("file:///etc/passwd"),
        json!("x"),
        json!(""),
        json!(7),
        json!(["https://a.example/x"]),
        json!(format!("https://a.example/{}", "x".repeat(2048))),
    ] {
        let answer = server.register(&set(uri.clone()));
        let expected = [("/jwks/keys/0".to_owned(), "key_certificate_uri".to_owned())];
        assert_eq!((answer.status(), answer.problems()), (400, expected.to_vec()), "{uri}");
    }
    let sound = set(json!("https://a.example/x"));
    assert_eq!(server.register(&sound).created()["jwks"], sound["jwks"]);
}

#[test]
fn keys_are_not_taken_while_web_crypto_cannot_tell() {
    let server = Server::new();
    let client = server.register(&with(&set(&[ON_CURVE]))).created();
    server.crypto_fails.set(true);
    let answer = server.register(&with(&set(&[ON_CURVE])));
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".into()));
    assert!(answer.header("retry-after").is_some());
    server.store.pass(2_000);
    let answer = server.update(&client, &with(&set(&[ON_CURVE])));
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".into()));
    assert_eq!(server.register(&with(&set(&[]))).status(), 201, "it is not needed for these");
    let stranger =
        Call::update(&client, &with(&set(&[ON_CURVE]))).header("authorization", "Bearer x");
    assert_eq!(server.send(stranger).status(), 401);
}

/// Bytes of a key that is sound for the model of Web Crypto, as base64url.
fn b64(bytes: usize) -> String {
    BASE64URL.encode(vec![0xc3; bytes])
}

/// The problem of a client with these keys, if there is one.
fn outcome(keys: &Value) -> Option<(String, String)> {
    let answer = everything().register(&with(&json!({ "keys": keys })));
    if answer.status() == 201 { None } else { answer.problems().pop() }
}

fn at(index: usize, rule: &str) -> (String, String) {
    (format!("/jwks/keys/{index}"), rule.to_owned())
}

/// Whether a client with these keys can register with `members`; if not, no key fits.
fn serves(keys: &Value, members: &Value) -> bool {
    let mut request = client(members);
    request["jwks"] = json!({ "keys": keys });
    let answer = everything().register(&request);
    if answer.status() != 201 {
        assert_eq!(answer.problems(), [("/jwks".to_owned(), "key_unfit".to_owned())]);
    }
    answer.status() == 201
}

fn signs(keys: &Value, alg: Option<&str>) -> bool {
    let method = "private_key_jwt";
    let members =
        json!({"token_endpoint_auth_method": method, "token_endpoint_auth_signing_alg": alg});
    serves(keys, &members)
}

fn encrypts(keys: &Value, alg: &str) -> bool {
    serves(keys, &json!({"id_token_encrypted_response_alg": alg}))
}

/// Threat 40.
#[test]
fn weak_secret_and_malformed_keys_are_rejected() {
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
        assert_eq!(outcome(&json!([rsa(256), key])), Some(at(1, fault)), "{key}");
    }
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        let key = with(rsa(256), member, json!("AQ"));
        assert_eq!(outcome(&json!([key])), Some(at(0, "key_private")), "{member}");
    }
    for key in [
        rsa(256),
        with(rsa(256), "e", json!(b64(8))),
        with(rsa(256), "e", json!("Aw")),
        ec("P-521", 66),
        with(rsa(256), "alg", json!("RSA-OAEP-256")),
        json!({"kty": "OKP", "crv": "X25519", "x": b64(32), "use": "enc", "kid": "a", "x5t": "?"}),
    ] {
        assert_eq!(outcome(&json!([key])), None, "{key}");
    }
}

#[test]
fn set_has_one_to_twenty_keys_with_distinct_kids() {
    let key = |kid: usize| json!({"kty": "EC", "crv": "P-256", "x": b64(32), "y": b64(32), "kid": kid.to_string()});
    assert_eq!(outcome(&json!("x")), Some(("/jwks".into(), "type".into())));
    assert_eq!(outcome(&json!([key(1), key(1)])), Some(at(1, "key_duplicate_kid")));
    let of_another_type = json!({"kty": "RSA", "n": b64(256), "e": "AQAB", "kid": "1"});
    assert_eq!(outcome(&json!([key(1), of_another_type])), None, "RFC 7517 section 4.5");
    assert_eq!(outcome(&(0..20).map(key).collect()), None);
    assert_eq!(outcome(&(0..21).map(key).collect()), Some(("/jwks".into(), "count".into())));
}

/// RFC 7517 §5.
#[test]
fn key_of_an_unknown_type_is_ignored_and_serves_nothing() {
    let post_quantum = json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": b64(1312), "kid": "1"});
    let usual = json!({"kty": "EC", "crv": "P-256", "x": b64(32), "y": b64(32), "kid": "2"});
    assert_eq!(outcome(&json!([post_quantum, usual])), None);
    assert!(!signs(&json!([post_quantum]), None) && signs(&json!([post_quantum, usual]), None));
    assert!(!encrypts(&json!([post_quantum]), "ECDH-ES"));
    assert!(encrypts(&json!([post_quantum, usual]), "ECDH-ES"));
}

#[test]
fn key_serves_what_its_type_and_use_allow() {
    let keys = json!([
        {"kty": "EC", "crv": "P-256", "x": b64(32), "y": b64(32), "use": "sig"},
        {"kty": "RSA", "n": b64(256), "e": "AQAB", "use": "enc"},
    ]);
    assert!(signs(&keys, Some("ES256")) && signs(&keys, None));
    assert!(!signs(&keys, Some("RS256")), "the RSA key is for encryption");
    assert!(encrypts(&keys, "RSA-OAEP") && !encrypts(&keys, "ECDH-ES"));
    let exchange = json!([{"kty": "OKP", "crv": "X25519", "x": b64(32)}]);
    assert!(encrypts(&exchange, "ECDH-ES"));
    assert!(!signs(&exchange, None), "it agrees on keys and signs nothing");
    for (name, value) in [("alg", json!("RSA-OAEP")), ("key_ops", json!(["encrypt"]))] {
        let mut key = json!({"kty": "RSA", "n": b64(256), "e": "AQAB"});
        assert!(signs(&json!([key]), None));
        key[name] = value;
        assert!(!signs(&json!([key]), None) && encrypts(&json!([key]), "RSA-OAEP"), "{name}");
    }
}
