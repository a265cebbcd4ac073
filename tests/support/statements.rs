//! A server that trusts an issuer of software statements, and that issuer.

use serde_json::{Value, json};

use super::signing::{jws, key};
use super::{Call, NOW, Server, settings};

/// The issuer.
pub const ISS: &str = "https://directory.example";
/// Where its keys are, unless they are pinned.
pub const KEYS: &str = "https://directory.example/jwks";

/// Its key.
pub fn issuer_key() -> Value {
    key("PS256", "k1", 7)
}

/// Settings of the issuer, with its key pinned, and others laid over them.
pub fn issuer(with: &Value) -> Value {
    settled(json!({"iss": ISS, "jwks": {"keys": [issuer_key()]}}), with)
}

/// A server with these settings of the issuer.
pub fn trusting(with: &Value) -> Server {
    with_vars(with, &json!({}))
}

/// The same, with other variables.
pub fn with_vars(with: &Value, vars: &Value) -> Server {
    let statements = json!({"SOFTWARE_STATEMENTS": {"issuers": [issuer(with)]}});
    Server::configured(settings(&laid(statements, vars)))
}

/// `members` laid over those of `base`.
pub fn laid(base: Value, members: &Value) -> Value {
    let Value::Object(mut merged) = base else { panic!("{base} is no object") };
    merged.extend(members.as_object().unwrap().clone());
    merged.into()
}

/// The same, without those that are null then.
fn settled(base: Value, members: &Value) -> Value {
    let Value::Object(mut merged) = laid(base, members) else { unreachable!() };
    merged.retain(|_, value| !value.is_null());
    merged.into()
}

/// A statement with these claims besides the usual ones, with which it may be used.
pub fn statement(claims: &Value) -> String {
    signed(&json!({"alg": "PS256", "kid": "k1"}), claims)
}

/// The same with this header.
pub fn signed(header: &Value, claims: &Value) -> String {
    let usual =
        json!({"iss": ISS, "iat": NOW, "exp": NOW + 3_600, "jti": "1", "software_id": "app"});
    jws(header, &settled(usual, claims), &issuer_key())
}

/// A registration with a statement, and other members.
pub fn with_statement(statement: &str, members: &Value) -> Value {
    let base = json!({"redirect_uris": ["https://a.example/cb"], "software_statement": statement});
    settled(base, members)
}

/// A dry run of that registration.
pub fn dry_run(metadata: &Value) -> Call {
    let call = Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
    call.body(metadata.to_string())
}
