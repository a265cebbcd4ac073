//! Records from elsewhere: each is verified like a registration, and rejected alone.

use rollcall_support::apis::operator;
use rollcall_support::{Answer, NOW, Server, profiles, settings};
use serde_json::{Value, json};

fn server_with(vars: &Value) -> Server {
    Server::configured(settings(vars))
}

fn server() -> Server {
    server_with(&json!({}))
}

fn send(server: &Server, method: &str, path: &str, lines: &str) -> Answer {
    let call = operator(method, path).header("content-type", "application/x-ndjson");
    server.send(if lines.is_empty() { call } else { call.body(lines) })
}

fn import(server: &Server, lines: &str) -> Value {
    let answer = send(server, "POST", "/import", lines);
    assert_eq!(answer.status(), 200, "{}", answer.json());
    answer.json()
}

/// The record of a client of `metadata`, as an export of `vars` has it.
fn record(vars: &Value, metadata: &Value) -> Value {
    let server = server_with(vars);
    server.register(metadata).created();
    serde_json::from_str(&server.store.records()[0].1).unwrap()
}

fn usual() -> Value {
    record(&json!({}), &json!({"redirect_uris": ["https://a.example/cb"], "client_name": "x"}))
}

/// `record` with `value` at the place that `pointer` names; its parent has to be there.
fn with(mut record: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = record.pointer_mut(parent).unwrap();
    match parent.as_array_mut() {
        Some(list) => list[name.parse::<usize>().unwrap()] = value,
        None => drop(parent.as_object_mut().unwrap().insert(name.to_owned(), value)),
    }
    record
}

/// Imports a record with each value at its place, and expects a refusal of this member by this rule, and of no other
/// line.
fn refused(rows: &[(&str, Value, &str, &str)]) {
    for (at, value, member, rule) in rows {
        let changed = with(usual(), at, value.clone());
        let mut good = usual();
        good["client_id"] = json!("AQEBAQEBAQEBAQEBAQEBAQ");
        let response = import(&server(), &format!("{changed}\n{good}\n"));
        let refused = &response["refused"][0];
        let found = (&refused["line"], &refused["member"], &refused["rule"]);
        assert_eq!(found, (&json!(1), &json!(member), &json!(rule)), "{at} {value}: {response}");
        assert_eq!(response["imported"], 1, "the other line is taken: {at}");
        let reason = refused["reason"].as_str().unwrap();
        assert!((10..400).contains(&reason.len()), "{reason}");
        assert!(reason.bytes().all(|b| b == b' ' || b.is_ascii_graphic()), "{reason}");
    }
}

#[test]
fn imported_metadata_that_no_client_could_register_is_rejected_with_the_member_and_the_rule() {
    refused(&[
        (
            "/metadata/redirect_uris",
            json!(["javascript:alert(1)"]),
            "/metadata/redirect_uris/0",
            "redirect_uri_scheme",
        ),
        (
            "/metadata/redirect_uris",
            json!(["https://a.example/cb#x"]),
            "/metadata/redirect_uris/0",
            "redirect_uri_fragment",
        ),
        ("/metadata/redirect_uris", json!([7]), "/metadata/redirect_uris/0", "type"),
        ("/metadata/redirect_uris", json!([]), "/metadata/redirect_uris", "redirect_uris_required"),
        ("/metadata/client_name", json!(9), "/metadata/client_name", "type"),
        ("/metadata/client_name", json!("\u{202e}x"), "/metadata/client_name", "display_text"),
        ("/metadata/client_name#en", json!("\u{0}"), "/metadata/client_name#en", "display_text"),
        ("/metadata/jwks_uri", json!("http://a.example/jwks"), "/metadata/jwks_uri", "uri_https"),
        (
            "/metadata/token_endpoint_auth_method",
            json!("password"),
            "/metadata/token_endpoint_auth_method",
            "unsupported",
        ),
        (
            "/metadata/token_endpoint_auth_method",
            json!("private_key_jwt"),
            "/metadata/jwks",
            "keys_required",
        ),
        (
            "/metadata/id_token_signed_response_alg",
            json!("HS256"),
            "/metadata/id_token_signed_response_alg",
            "algorithm_shared_key",
        ),
        (
            "/metadata/id_token_signed_response_alg",
            json!("none"),
            "/metadata/id_token_signed_response_alg",
            "unsupported",
        ),
        ("/metadata/token_endpoint_auth_method", json!("none"), "/secrets", "count"),
        ("/metadata/default_max_age", json!(u64::MAX), "/metadata/default_max_age", "range"),
    ]);
}

#[test]
fn imported_metadata_that_this_server_never_stores_are_rejected() {
    refused(&[
        // Members that only the server assigns, even without a value.
        ("/metadata/client_id", json!(""), "/metadata/client_id", "server_assigned"),
        (
            "/metadata/client_id",
            json!("AAAAAAAAAAAAAAAAAAAAAA"),
            "/metadata/client_id",
            "server_assigned",
        ),
        (
            "/metadata/registration_client_uri",
            Value::Null,
            "/metadata/registration_client_uri",
            "server_assigned",
        ),
        (
            "/metadata/registration_access_token",
            json!([]),
            "/metadata/registration_access_token",
            "server_assigned",
        ),
        ("/metadata/client_secret", json!("x"), "/metadata/client_secret", "server_assigned"),
        (
            "/metadata/client_id_issued_at",
            json!(0),
            "/metadata/client_id_issued_at",
            "server_assigned",
        ),
        (
            "/metadata/client_secret_expires_at",
            json!(0),
            "/metadata/client_secret_expires_at",
            "server_assigned",
        ),
        // Values that are never stored, since they would be answered as they are.
        ("/metadata/colour", json!("red"), "/metadata/colour", "unknown_member"),
        ("/metadata/__proto__", json!({}), "/metadata/__proto__", "unknown_member"),
        ("/metadata/client_uri", Value::Null, "/metadata/client_uri", "not_kept"),
        ("/metadata/client_uri", json!(""), "/metadata/client_uri", "not_kept"),
        ("/metadata/jwks", json!([]), "/metadata/jwks", "not_kept"),
        ("/metadata/scope", json!("openid  openid"), "/metadata/scope", "not_kept"),
        ("/metadata", json!([]), "/metadata", "json_object"),
        ("/metadata", json!("x"), "/metadata", "json_object"),
    ]);
}

#[test]
fn imported_number_that_no_clock_and_no_setting_makes_is_rejected() {
    let far = NOW + 69 * 365 * 86_400;
    refused(&[
        ("/issued_at", json!(0), "/issued_at", "range"),
        ("/issued_at", json!(u64::MAX), "/issued_at", "range"),
        ("/issued_at", json!(NOW + 2 * 86_400), "/issued_at", "range"),
        ("/updated_at", json!(u64::MAX), "/updated_at", "range"),
        ("/last_used", json!(u64::MAX), "/last_used", "range"),
        ("/uses_recorded_since", json!(u64::MAX), "/uses_recorded_since", "range"),
        ("/disabled_at", json!(u64::MAX), "/disabled_at", "range"),
        ("/expires_at", json!(u64::MAX), "/expires_at", "range"),
        ("/expires_at", json!(far), "/expires_at", "range"),
        ("/idle_expires_at", json!(u64::MAX), "/idle_expires_at", "range"),
        ("/secrets/0/issued_at", json!(u64::MAX), "/secrets/0/issued_at", "range"),
        ("/secrets/0/expires_at", json!(u64::MAX), "/secrets/0/expires_at", "range"),
        ("/changes", json!(u64::MAX), "/changes", "range"),
        ("/changes", json!(u32::MAX), "/changes", "range"),
    ]);
}

#[test]
fn imported_line_that_is_no_record_of_this_server_is_rejected() {
    let digest = usual()["tokens"][0].clone();
    refused(&[
        ("/v", json!(0), "", "record"),
        ("/v", json!(5), "/v", "schema_version"),
        ("/v", json!("3"), "", "record"),
        ("/issued_at", json!(-1), "", "record"),
        ("/issued_at", json!(1.5), "", "record"),
        ("/changes", json!("0"), "", "record"),
        ("/expires_at", json!("x".repeat(10_000)), "", "record"),
        ("/secrets", json!([{"sha256": "short", "expires_at": 0}]), "", "record"),
        ("/secrets", json!({}), "", "record"),
        ("/client_id", json!("short"), "/client_id", "client_id"),
        ("/version", json!("a\"\r\nx: 1"), "/version", "version"),
        ("/version", json!(""), "/version", "version"),
        ("/tokens", json!([]), "/tokens", "count"),
        ("/tokens", json!([digest, digest, digest]), "/tokens", "count"),
        (
            "/secrets",
            json!(vec![json!({"sha256": digest, "expires_at": 0}); 3]),
            "/secrets",
            "count",
        ),
        (
            "/provenance/token_policy",
            json!({"colour": "red"}),
            "/provenance/token_policy",
            "policy",
        ),
        ("/provenance/policy", json!("x".repeat(201)), "/provenance/policy", "text"),
        (
            "/provenance/token",
            json!({"id": "x", "label": "\u{1b}[2J"}),
            "/provenance/token/label",
            "text",
        ),
    ]);
}

#[test]
fn repeated_key_in_an_imported_record_is_rejected() {
    let line = usual().to_string();
    for (from, to) in [
        ("\"client_name\":\"x\"", "\"client_name\":\"x\",\"client_name\":\"y\""),
        ("\"changes\":0", "\"changes\":0,\"changes\":1"),
    ] {
        let response = import(&server(), &line.replace(from, to));
        assert_eq!(
            (&response["imported"], &response["refused"][0]["line"]),
            (&json!(0), &json!(1)),
            "{to}"
        );
    }
}

#[test]
fn imported_value_that_is_no_longer_offered_is_kept_with_a_warning() {
    let generous = json!({"METADATA": {
        "authorization_endpoint": "/authorize",
        "token_endpoint": "/token",
        "grant_types_supported": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["read", "write"],
        "userinfo_signing_alg_values_supported": ["RS512"],
        "subject_types_supported": ["public", "pairwise"],
    }});
    let frugal = json!({"METADATA": {
        "authorization_endpoint": "/authorize",
        "token_endpoint": "/token",
        "grant_types_supported": ["authorization_code"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "scopes_supported": ["read"],
        "userinfo_signing_alg_values_supported": ["ES256"],
        "subject_types_supported": ["public"],
    }, "POLICY": {"redirect_hosts": ["other.example"], "client_ttl": 3600}});
    let metadata = json!({
        "redirect_uris": ["https://a.example/cb"],
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
        "token_endpoint_auth_method": "client_secret_post",
        "scope": "read write",
        "userinfo_signed_response_alg": "RS512",
        "subject_type": "pairwise",
    });
    let exported = record(&generous, &metadata);
    let to = server_with(&frugal);
    let response = import(&to, &exported.to_string());
    assert_eq!(response["imported"], 1, "{response}");
    let warned: Vec<_> = response["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["member"].as_str().unwrap(), one["rule"].as_str().unwrap()))
        .collect();
    let members = [
        "grant_types",
        "token_endpoint_auth_method",
        "scope",
        "subject_type",
        "userinfo_signed_response_alg",
    ];
    let expected: Vec<String> = members.iter().map(|name| format!("/metadata/{name}")).collect();
    let expected: Vec<_> = expected.iter().map(|at| (at.as_str(), "not_offered")).collect();
    assert_eq!(warned, expected);
    let stored: Value = serde_json::from_str(&to.store.records()[0].1).unwrap();
    assert_eq!(stored["metadata"], exported["metadata"], "nothing is lost");
}

#[test]
fn imported_list_is_narrowed_as_in_a_registration_with_a_warning() {
    let line = with(usual(), "/metadata/response_types", json!(["code", "code"]));
    let to = server();
    let response = import(&to, &line.to_string());
    assert_eq!(
        (&response["imported"], &response["warnings"][0]["rule"]),
        (&json!(1), &json!("narrowed"))
    );
    let stored: Value = serde_json::from_str(&to.store.records()[0].1).unwrap();
    assert_eq!(stored["metadata"]["response_types"], json!(["code"]));
}

#[test]
fn report_of_an_import_names_fifty_lines_and_counts_the_others() {
    let bad = with(usual(), "/metadata/redirect_uris", json!(["javascript:alert(1)"])).to_string();
    let response = import(&server(), &format!("{bad}\n").repeat(190));
    assert_eq!(response["refused"].as_array().unwrap().len(), 50);
    assert_eq!(response["more_refused"], 140);
    assert!(response.to_string().len() < 20_000);
    let narrowed = with(usual(), "/metadata/response_types", json!(["code", "code"]));
    let lines: Vec<String> = (0..60_u8)
        .map(|n| {
            let id = format!("{n:02}AAAAAAAAAAAAAAAAAAAA");
            with(narrowed.clone(), "/client_id", json!(id)).to_string()
        })
        .collect();
    let response = import(&server(), &lines.join("\n"));
    assert_eq!(
        (response["warnings"].as_array().unwrap().len(), &response["imported"]),
        (50, &json!(60))
    );
    assert_eq!(response["more_warnings"], 10);
}

#[test]
fn exports_of_all_schema_versions_are_imported() {
    let digest = usual()["tokens"][0].clone();
    let metadata = usual()["metadata"].clone();
    let first = json!({
        "v": 1, "client_id": "AAAAAAAAAAAAAAAAAAAAAA", "issued_at": NOW - 1000,
        "secrets": [{"sha256": digest, "expires_at": 0}], "tokens": [digest], "metadata": metadata,
    });
    let mut second = first.clone();
    for (name, value) in [
        ("v", json!(2)),
        ("client_id", json!("AQEBAQEBAQEBAQEBAQEBAQ")),
        ("updated_at", json!(NOW - 500)),
        ("version", json!("AAECAwQFBgcI")),
        (
            "provenance",
            json!({"self_asserted": false, "token": {"id": "8lZyPLDpwLZ1", "label": "partner"}, "policy": "kUJnbrqpgwSW", "token_policy": {"scopes": ["openid"]}}),
        ),
    ] {
        second[name] = value;
    }
    let mut third = second.clone();
    for (name, value) in [
        ("v", json!(3)),
        ("client_id", json!("AgICAgICAgICAgICAgICAg")),
        ("changes", json!(7)),
        ("last_used", json!(NOW - 100)),
        ("idle_expires_at", json!(NOW + 86_400)),
        ("disabled_at", json!(NOW - 50)),
    ] {
        third[name] = value;
    }
    let to = server();
    let response = import(&to, &format!("{first}\n{second}\n{third}\n"));
    assert_eq!(
        response,
        json!({"imported": 3, "existing": 0, "deleted": 0, "expired": 0, "refused": []})
    );
}

#[test]
fn every_client_of_the_corpus_is_exported_and_imported_again() {
    let corpus: Value = serde_json::from_str(include_str!("vectors/clients.json")).unwrap();
    for everything in [false, true] {
        let new = || {
            let vars =
                if everything { json!({"METADATA": profiles::everything()}) } else { json!({}) };
            server_with(&vars)
        };
        let (from, to) = (new(), new());
        let mut registered = 0;
        for vector in corpus["vectors"].as_array().unwrap() {
            if (vector["server"] == "everything") == everything
                && new().register(&vector["request"]).status() == 201
            {
                from.register(&vector["request"]).created();
                registered += 1;
            }
        }
        assert!(registered > 3, "{registered}");
        let records = from.store.records();
        let lines: Vec<&str> = records.iter().map(|(_, text)| text.as_str()).collect();
        let lines = lines.join("\n");
        let response = import(&to, &lines);
        let found = (&response["imported"], &response["refused"], response.get("warnings"));
        assert_eq!(found, (&json!(registered), &json!([]), None));
    }
}
