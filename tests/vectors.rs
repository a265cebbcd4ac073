//! The corpus: requests of real clients with their outcome, for any implementation to use.
//!
//! `UPDATE_VECTORS=1 cargo test --test native vectors::` writes the outcomes anew; read the diff.

use crate::support::{Server, profiles};
use serde_json::{Value, json};

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/clients.json");

/// The members that differ in each answer.
const CREDENTIALS: [&str; 6] = [
    "client_id",
    "client_id_issued_at",
    "client_secret",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

fn outcome(vector: &Value) -> Value {
    let server = match vector["server"].as_str() {
        Some("everything") => Server::with(profiles::everything()),
        _ => Server::new(),
    };
    let answer = server.register(&vector["request"]);
    let mut body = answer.json();
    if answer.status() == 201 {
        let members = body.as_object_mut().unwrap();
        for name in CREDENTIALS {
            members.remove(name);
        }
        return json!({"status": 201, "effective": body});
    }
    let errors: Vec<Value> = body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| json!({"member": error["member"], "rule": error["rule"], "spec": error["spec"]}))
        .collect();
    json!({"status": answer.status(), "error": body["error"], "errors": errors})
}

#[test]
fn every_client_of_the_corpus_gets_its_outcome() {
    let mut corpus: Value =
        serde_json::from_str(&std::fs::read_to_string(CLIENTS).unwrap()).unwrap();
    let update = std::env::var_os("UPDATE_VECTORS").is_some();
    for vector in corpus["vectors"].as_array_mut().unwrap() {
        let outcome = outcome(vector);
        if update {
            vector["outcome"] = outcome;
        } else {
            assert_eq!(vector["outcome"], outcome, "{}", vector["name"]);
        }
    }
    if update {
        std::fs::write(CLIENTS, serde_json::to_string_pretty(&corpus).unwrap() + "\n").unwrap();
    }
}

#[test]
fn corpus_is_sound() {
    let corpus: Value = serde_json::from_str(&std::fs::read_to_string(CLIENTS).unwrap()).unwrap();
    let vectors = corpus["vectors"].as_array().unwrap();
    let mut names: Vec<&str> =
        vectors.iter().map(|vector| vector["name"].as_str().unwrap()).collect();
    assert!(names.len() >= 40);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), vectors.len(), "a name stands twice");
    assert!(
        vectors.iter().all(|vector| vector["source"].as_str().is_some_and(|text| !text.is_empty()))
    );
}
