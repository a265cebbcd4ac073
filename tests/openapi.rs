//! The `OpenAPI` document and the routes are about the same thing. Whether answers are as it says, a contract
//! fuzzer finds out (`tests/contract/`).

use std::collections::BTreeSet;

use crate::support::{Call, Server, settings};
use rollcall::client::table::{Kind, MEMBERS};
use serde_json::{Value, json};

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    serde_json::from_str(include_str!("../public/openapi.json")).unwrap()
}

fn server() -> Server {
    Server::configured(settings(&json!({})))
}

#[test]
fn the_document_has_every_path_with_every_method_and_no_other() {
    let (server, document) = (server(), document());
    let mut operations = 0;
    for (template, item) in document["paths"].as_object().unwrap() {
        let path = template.replace("{client_id}", "AAAAAAAAAAAAAAAAAAAAAA");
        let path = path.replace("{id}", "AAAAAAAAAAAA");
        for method in METHODS {
            let answer = server.send(Call::new(&method.to_ascii_uppercase(), &path));
            assert_eq!(answer.0.event.route, template);
            let documented = item.get(method).is_some();
            assert_eq!(answer.status() != 405, documented, "{method} {template}");
            operations += usize::from(documented);
        }
    }
    // Every route of the source is among them, but for those of a developer's machine.
    let source = include_str!("../src/http/routes.rs").split("#[cfg(test)]").next().unwrap();
    let templates = source.lines().filter_map(|line| line.trim().split_once("=> \"/"));
    let routes: BTreeSet<String> = templates
        .map(|(_, rest)| format!("/{}", rest.trim_end_matches(',').trim_end_matches('"')))
        .filter(|path| !["/authorize", "/token", "/jwks"].contains(&path.as_str()))
        .collect();
    let documented: BTreeSet<String> =
        document["paths"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(routes, documented);
    assert!(operations > 20, "{operations}");
}

#[test]
fn the_document_has_every_member_of_the_table() {
    let schemas = &document()["components"]["schemas"];
    let (mut sent, mut answered) = (0, 0);
    for member in &MEMBERS {
        let assigned = member.kind == Kind::ServerAssigned;
        let in_request = schemas["ClientMetadata"]["properties"].get(member.name);
        let in_answer = schemas["ClientInformation"]["properties"].get(member.name);
        assert_eq!(
            (in_request.is_some(), in_answer.is_some()),
            (!assigned, true),
            "{}",
            member.name
        );
        sent += usize::from(!assigned);
        answered += 1;
    }
    let count = |name: &str| schemas[name]["properties"].as_object().unwrap().len();
    // And the one that is ours: client_id_expires_at.
    assert_eq!((count("ClientMetadata"), count("ClientInformation")), (sent, answered + 1));
}
