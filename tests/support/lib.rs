//! A whole server without a runtime: a clock that stands still, counting entropy, KV in memory. The native tests and the
//! work budget send requests to it. A panic in here is the failure of a test.
#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::new_without_default,
    clippy::return_self_not_must_use,
    reason = "for those who call a library, and this one has only tests"
)]

mod answer;
pub mod apis;
mod book;
mod call;
pub mod differences;
pub mod gated;
pub mod host_names;
pub mod kv;
pub mod pages;
pub mod profiles;
pub mod reading;
pub mod registering;
mod runtime;
mod server;
pub mod signing;
pub mod statements;
mod web;

use rollcall::client::{Mistake, Policy, Reason};
use rollcall::issuer::Settings;
use serde_json::{Value, json};

pub use answer::Answer;
pub use book::Book;
pub use call::{Call, READ, read_header};
pub use runtime::{Names, OFF_CURVE, OFF_CURVE_TOO, TestRuntime};
pub use server::{Server, UnderWay};
pub use web::{Posted, Responder, Web, answered, served};

/// The advice of tests that compare a page with the code.
pub const UPDATE_DOCS: &str = "run UPDATE_DOCS=1 cargo test --test native";
/// The advice of tests that compare stored requests, responses and records with those of the code.
pub const UPDATE_VECTORS: &str = "run UPDATE_VECTORS=1 cargo test --test native -- vectors:: records:: metadata_documents::, then read the diff";

/// The origin of every request.
pub const ORIGIN: &str = "https://auth.example.com";
/// The time of the clock, in seconds since 1970.
pub const NOW: u64 = 1_663_687_515;

/// The metadata of the server as it is shipped, before it is configured.
pub fn shipped_metadata() -> Value {
    Value::Object(rollcall::issuer::development::metadata())
}

/// The secret of the operator.
pub const ADMIN_TOKEN: &str = "an operator's secret of 32 bytes at least";
/// The secret of the authorization server.
pub const AS_TOKEN: &str = "the authorization server's secret of 32 bytes";

/// The settings of a deployment: both secrets, and `vars` laid over what is shipped.
pub fn settings(vars: &Value) -> Settings {
    Settings::from_vars(|name| match name {
        _ if vars.get(name).is_some() => vars[name].clone(),
        "ISSUER" => ORIGIN.into(),
        "METADATA" => shipped_metadata(),
        "ADMIN_TOKEN" => ADMIN_TOKEN.into(),
        "AS_TOKEN" => AS_TOKEN.into(),
        _ => Value::Null,
    })
}

/// The path of a client's `registration_client_uri`.
pub fn path_of(registered: &Value) -> &str {
    registered["registration_client_uri"].as_str().unwrap().strip_prefix(ORIGIN).unwrap()
}

/// The settings of a policy in their order, and what each must be: as an error says for a value that is wrong for all.
pub fn policy_settings() -> Vec<(&'static str, String)> {
    let mistakes = |policy: Value| -> Vec<Mistake> {
        let policy = policy.as_object().unwrap().clone();
        Policy::parse_stored(&policy).unwrap_err()
    };
    let Reason::Unknown(names) = mistakes(json!({"?": 0}))[0].reason else { panic!() };
    let expected = |name: &&'static str| match mistakes(json!({*name: {}})).remove(0).reason {
        Reason::Value { expected, .. } => (*name, expected),
        reason => panic!("{name}: {reason:?}"),
    };
    names.iter().map(expected).collect()
}
