//! Keys whose points only Web Crypto can judge: when it is asked, and what follows from its answer.

use crate::support::registering::client;
use crate::support::{Call, OFF_CURVE, OFF_CURVE_TOO, Server, profiles};
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

#[test]
fn threat_40_point_that_is_not_on_its_curve_is_rejected_everywhere() {
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
