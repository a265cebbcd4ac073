//! The corpus: requests of real clients with their outcome, for any implementation to use.
//!
//! `UPDATE_VECTORS=1 cargo test --test native -- vectors:: records::` writes the outcomes anew; read the diff.

use rollcall_support::differences::differences;
use rollcall_support::pages::hold_table;
use rollcall_support::{Server, UPDATE_VECTORS, profiles};
use serde_json::{Value, json};

const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/clients.json");

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
    let mut differing = String::new();
    for vector in corpus["vectors"].as_array_mut().unwrap() {
        let outcome = outcome(vector);
        let name = vector["name"].as_str().unwrap();
        differing += &differences(name, &vector["outcome"], &outcome);
        vector["outcome"] = outcome;
    }
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(CLIENTS, serde_json::to_string_pretty(&corpus).unwrap() + "\n").unwrap();
        return;
    }
    assert!(differing.is_empty(), "tests/vectors/clients.json: {UPDATE_VECTORS}\n{differing}");
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

/// A row of the table of `docs/mcp.md`.
fn row_of_application(vector: &Value) -> Option<String> {
    let application = vector["application"].as_str()?;
    let request = &vector["request"];
    let texts = request["redirect_uris"].as_array().into_iter().flatten();
    let callbacks: Vec<String> = texts.map(|uri| format!("`{}`", uri.as_str().unwrap())).collect();
    let method = match request["token_endpoint_auth_method"].as_str() {
        Some(method) => format!("`{method}`"),
        None => "left out".into(),
    };
    let outcome = &vector["outcome"];
    let result = match outcome["errors"].as_array() {
        None => "registered".into(),
        Some(errors) => {
            let rules: Vec<String> = errors
                .iter()
                .map(|error| {
                    format!(
                        "`{}` [`{}`]",
                        &error["member"].as_str().unwrap()[1..],
                        error["rule"].as_str().unwrap()
                    )
                })
                .collect();
            format!("{}: {}", outcome["status"], rules.join(", "))
        }
    };
    let (seen, callbacks) = (vector["seen"].as_str().unwrap(), callbacks.join(", "));
    Some(format!("| {application} | {seen} | {callbacks} | {method} | {result} |\n"))
}

/// `UPDATE_DOCS=1 cargo test --test native` writes the table anew.
#[test]
fn mcp_page_lists_the_applications_of_the_corpus() {
    const HEAD: &str =
        "| Application | Seen | Callback | Method | Result |\n| --- | --- | --- | --- | --- |\n";
    let corpus: Value = serde_json::from_str(&std::fs::read_to_string(CLIENTS).unwrap()).unwrap();
    let rows = corpus["vectors"].as_array().unwrap().iter().filter_map(row_of_application);
    hold_table("mcp.md", HEAD, &rows.collect::<String>());
}

#[test]
fn differences_name_only_the_members_that_differ() {
    let one = json!({"same": 1, "read": r#"{"a":1,"b":[2]}"#, "gone": true});
    let other = json!({"same": 1, "read": r#"{"a":1,"b":[3]}"#});
    assert_eq!(
        differences("x", &one, &other),
        "x/gone\n  expected: true\n  found:    absent\nx/read/b\n  expected: [2]\n  found:    [3]\n"
    );
    let (one, other) = (json!(r#"{"a":1,"b":2}"#), json!(r#"{"b":2,"a":1}"#));
    assert_eq!(differences("x", &one, &one), "");
    assert!(differences("x", &one, &other).starts_with("x\n"), "bytes count");
}
