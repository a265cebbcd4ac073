//! Registration (RFC 7591 §3) through `http::handle`.

use rollcall_support::differences::differences;
use rollcall_support::{ADMIN_TOKEN, Call, NOW, Server, settings};
use serde_json::{Value, json};

/// The request everything starts from, byte for byte.
const SEED: &str = r#"{"client_name": "Oauth client",
"redirect_uris":
  ["http://localhost:9000/callback"],
"client_uri": "http://localhost:9000",
"grant_types": ["authorization_code"],
"scope": "openid"}"#;

/// The names of the members of an object without objects in it.
fn members_in_order(text: &str) -> Vec<&str> {
    let quoted = text.split('"').skip(1).step_by(2);
    let after = text.split('"').skip(2).step_by(2);
    quoted.zip(after).filter(|(_, rest)| rest.starts_with(':')).map(|(name, _)| name).collect()
}

/// RFC 7591 §3.2.1. The expected response is the one that README.md shows.
#[test]
fn whole_response_to_the_first_request() {
    let server = Server::new();
    let answer = server.send(Call::register(SEED));
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let block = include_str!("../README.md").split("```json\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    let mut expected: Value = serde_json::from_str(block).unwrap();
    // Those that differ in every response, or with the server.
    for (member, value) in [
        ("client_id", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        ("client_id_issued_at", json!(NOW)),
        ("client_secret", json!("A".repeat(86))),
        ("registration_access_token", json!("A".repeat(43))),
        ("registration_client_uri", json!("https://auth.example.com/reg/AAAAAAAAAAAAAAAAAAAAAA")),
    ] {
        assert!(expected[member].is_string() || expected[member].is_u64(), "README.md: {member}");
        expected[member] = value;
    }
    let differing = differences("response", &expected, &answer.json());
    assert!(differing.is_empty(), "the first response in README.md is another one:\n{differing}");
    assert_eq!(
        members_in_order(block),
        members_in_order(answer.0.body.as_deref().unwrap()),
        "the order of README.md"
    );
    assert_eq!(server.store.operations(), (0, 1), "one write, no read");
}

/// R24.
#[test]
fn public_client_gets_no_secret_and_no_expiry_of_one() {
    let body =
        json!({"redirect_uris": ["https://app.example/cb"], "token_endpoint_auth_method": "none"});
    let client = Server::new().register(&body).created();
    assert_eq!(client["token_endpoint_auth_method"], "none");
    assert_eq!((client.get("client_secret"), client.get("client_secret_expires_at")), (None, None));
}

/// R07, R08.
#[test]
fn null_and_empty_are_absent_and_unknown_members_are_not_echoed() {
    let plain = json!({"redirect_uris": ["https://app.example/cb"]});
    let mut padded = plain.clone();
    for (name, value) in [
        ("client_name", Value::Null),
        ("client_uri", json!("")),
        ("scope", json!("")),
        ("grant_types", json!([])),
        ("jwks", Value::Null),
        ("resource", json!("https://mcp.example")),
        ("__proto__", json!({"admin": true})),
        ("client_secret", json!("mine")),
        ("client_id", json!("mine")),
        ("registration_access_token", json!("mine")),
        ("client_id_issued_at", json!(1)),
    ] {
        padded[name] = value;
    }
    assert_eq!(Server::new().register(&padded).created(), Server::new().register(&plain).created());
}

#[test]
fn redirect_uris_are_echoed_byte_for_byte() {
    let uris = json!([
        "https://claude.ai/api/mcp/auth_callback",
        "http://127.0.0.1:33418",
        "http://127.0.0.1/",
        "HTTP://LocalHost:8080/CB?x=%7e",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ]);
    let client = Server::new().register(&json!({"redirect_uris": uris})).created();
    assert_eq!(client["redirect_uris"], uris);
    assert_eq!(client["application_type"], "native", "a private-use scheme makes a native client");
}

/// R06.
#[test]
fn text_that_is_no_redirect_uri_is_rejected_with_its_rule() {
    for (uris, member, rule) in [
        (json!(null), "/redirect_uris", "redirect_uris_required"),
        (json!([]), "/redirect_uris", "redirect_uris_required"),
        (json!(["/callback"]), "/redirect_uris/0", "uri_relative"),
        (
            json!(["https://a.example/cb", "https://a.example/cb#x"]),
            "/redirect_uris/1",
            "redirect_uri_fragment",
        ),
        (json!(["http://a.example/cb"]), "/redirect_uris/0", "redirect_uri_remote_http"),
        (json!(["https://*.a.example/cb"]), "/redirect_uris/0", "redirect_uri_wildcard"),
        (json!(["https://u:p@a.example/cb"]), "/redirect_uris/0", "uri_userinfo"),
        (json!(["javascript:alert(1)"]), "/redirect_uris/0", "redirect_uri_scheme"),
    ] {
        let server = Server::new();
        let answer = server.register(&json!({"redirect_uris": uris}));
        assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".into()), "{uris}");
        assert_eq!(answer.problems(), [(member.to_owned(), rule.to_owned())], "{uris}");
        assert_eq!(server.store.operations(), (0, 0), "a refused request touches no storage");
    }
}

/// R31.
#[test]
fn malformed_bodies_are_rejected_and_never_a_server_error() {
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"redirect_uris\":\"https://a.example\"}",
        "\u{feff}{}",
        "{\"a\":1,\"a\":2}",
        deep.as_str(),
        "{\"client_name\":\"\\ud800\"}",
        "{\"redirect_uris\":[null]}",
    ] {
        let answer = Server::new().send(Call::register(body));
        assert_eq!(answer.refusal(), (400, "invalid_client_metadata".into()), "{body:.60}");
    }
}

/// R16.
#[test]
fn another_media_type_is_415_before_the_body_is_looked_at() {
    for media_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let call = Call::register(SEED).header("content-type", media_type);
        assert_eq!(
            Server::new().send(call).refusal(),
            (415, "invalid_request".into()),
            "{media_type}"
        );
    }
    let call = Call::register(SEED).without("content-type");
    assert_eq!(Server::new().send(call).status(), 415);
    let call = Call::register(SEED).header("content-type", "application/json, text/plain");
    assert_eq!(Server::new().send(call).status(), 415);
    for media_type in ["application/json; charset=utf-8", "application/json, application/json"] {
        let call = Call::register(SEED).header("content-type", media_type);
        assert_eq!(Server::new().send(call).status(), 201, "{media_type}");
    }
}

/// RFC 9110 §15.5.16.
#[test]
fn accept_of_a_415_is_the_expected_media_type() {
    for (name, value, header, taken, named) in [
        ("content-type", "text/plain", "accept", "application/json", "media type application/json"),
        ("content-encoding", "gzip", "accept-encoding", "identity", "not be compressed"),
        ("content-encoding", "br, identity", "accept-encoding", "identity", "not be compressed"),
        (
            "content-encoding",
            "UTF-8",
            "accept-encoding",
            "identity",
            "'UTF-8' is not a content coding; leave that header out (a charset belongs in Content-Type)",
        ),
    ] {
        let answer = Server::new().send(Call::register(SEED).header(name, value));
        assert_eq!((answer.status(), answer.header(header)), (415, Some(taken)), "{value}");
        let description = answer.json()["error_description"].to_string();
        assert!(description.contains(named), "{description}");
    }
    for coding in ["a\"b", "a\\b", "\u{fc}\n", &"x".repeat(9_000)] {
        let answer = Server::new().send(Call::register(SEED).header("content-encoding", coding));
        assert_eq!(answer.refusal().0, 415);
        assert!(answer.json()["error_description"].as_str().unwrap().len() < 250);
    }
    for plain in ["", "Identity", "identity, identity"] {
        let call = Call::register(SEED).header("content-encoding", plain);
        assert_eq!(Server::new().send(call).status(), 201, "{plain}");
    }
}

/// Threat 23.
#[test]
fn body_over_64_kib_is_413_whether_its_length_is_declared_or_not() {
    let padded = |total: usize| {
        let rest = r#"{"redirect_uris":["https://a.example/cb"],"x":""}"#;
        rest.replace("\"x\":\"\"", &format!("\"x\":\"{}\"", "y".repeat(total - rest.len())))
    };
    let limit = 64 * 1024;
    assert_eq!(Server::new().send(Call::register(padded(limit))).status(), 201);
    let whole = Call::register(padded(limit + 1));
    assert_eq!(Server::new().send(whole).refusal(), (413, "invalid_request".into()));
    let pieces: Vec<Vec<u8>> =
        padded(limit + 1).into_bytes().chunks(1000).map(<[u8]>::to_vec).collect();
    let chunked = Call::register("").chunks(pieces);
    assert_eq!(Server::new().send(chunked).status(), 413);
    let declared = Call::register("{}").header("content-length", "65537");
    assert_eq!(Server::new().send(declared).status(), 413, "judged by the declared length alone");
}

#[test]
fn body_of_a_small_declared_length_is_413_once_it_passes_the_limit() {
    let call = Call::register(vec![b' '; 64 * 1024 + 1]).header("content-length", "2");
    assert_eq!(Server::new().send(call).status(), 413);
}

#[test]
fn body_that_takes_longer_than_ten_seconds_is_408_and_a_cut_off_one_is_400() {
    for (call, status, text) in [
        (Call::register(SEED).taking(10_000), 201, None),
        (
            Call::register(SEED).taking(10_001),
            408,
            Some("The body did not arrive within 10 seconds; send it again"),
        ),
        (Call::register(SEED).broken(), 400, Some("The body is incomplete; send it again")),
    ] {
        let server = Server::new();
        let answer = server.send(call);
        assert_eq!(answer.status(), status);
        assert_eq!(answer.json()["error_description"].as_str(), text);
        if text.is_some() {
            assert_eq!(
                (answer.refusal().1.as_str(), server.store.records().len()),
                ("invalid_request", 0)
            );
        }
    }
}

/// A URL of 16 KB has room for 8,000 of them, and each is decoded twice.
#[test]
fn query_has_a_hundred_parameters_at_most() {
    let server = Server::new();
    for (count, status) in [(100, 200), (101, 400), (8_000, 400)] {
        let query = format!("dry_run=true{}", "&a".repeat(count - 1));
        let call = Call::new("POST", &format!("/reg?{query}"));
        let answer = server.send(call.header("content-type", "application/json").body(SEED));
        assert_eq!(answer.status(), status, "{count}");
    }
}

/// A caller who tries out an update or a deletion must not have it done.
#[test]
fn dry_run_of_anything_but_a_registration_is_rejected() {
    let server = Server::configured(settings(&json!({})));
    let metadata = json!({"redirect_uris": ["https://a.example/cb"]});
    let client = server.register(&metadata).created();
    server.store.pass(2_000);
    let before = server.store.records();
    let id = client["client_id"].as_str().unwrap();
    let token = client["registration_access_token"].as_str().unwrap();
    let admin = |below: &str| format!("/admin/{below}");
    let calls = [
        ("PUT", format!("/reg/{id}"), token),
        ("DELETE", format!("/reg/{id}"), token),
        ("DELETE", admin(&format!("clients/{id}")), ADMIN_TOKEN),
        ("POST", admin(&format!("clients/{id}/disable")), ADMIN_TOKEN),
        ("POST", admin(&format!("clients/{id}/enable")), ADMIN_TOKEN),
        ("POST", admin(&format!("clients/{id}/rotate")), ADMIN_TOKEN),
        ("POST", admin("clients/delete"), ADMIN_TOKEN),
        ("POST", admin("clients/import"), ADMIN_TOKEN),
        ("POST", admin("initial-access-tokens"), ADMIN_TOKEN),
        ("DELETE", admin("initial-access-tokens/AAAAAAAAAAAA"), ADMIN_TOKEN),
    ];
    for (method, path, token) in calls {
        for query in ["dry_run=true", "dry%5Frun=true", "dryRun=true", "dry_run=1"] {
            let lines = path.ends_with("import");
            let media = if lines { "application/x-ndjson" } else { "application/json" };
            let call = Call::new(method, &format!("{path}?{query}"))
                .header("authorization", &format!("Bearer {token}"))
                .header("content-type", media)
                .body(r#"{"credential": "registration_access_token"}"#);
            let answer = server.send(call);
            assert_eq!(answer.status(), 400, "{method} {path} {query}");
            assert_eq!(answer.json()["error"], "invalid_request", "{method} {path} {query}");
        }
        assert_eq!(server.store.records(), before, "{method} {path}");
    }
    let plain = Call::update(&client, &metadata);
    assert_eq!(server.send(plain).status(), 200);
}

#[test]
fn dry_run_is_understood_however_it_is_encoded_or_rejected_and_never_a_registration() {
    for (query, status) in [
        ("dry_run=true", 200),
        ("dry%5Frun=true", 200),
        ("dry%5frun=%74rue", 200),
        ("a=b&dry_run=true&", 200),
        ("dry_run=true&dry%5Frun=true", 200),
        ("dry_run=true&dry_run=false", 400),
        ("dry_run=false&dry_run=true", 400),
        ("dry_run", 400),
        ("dry_run=", 400),
        ("dry_run=1", 400),
        ("dry_run=True", 400),
        ("dry_run=+true", 400),
        ("DRY_RUN=true", 400),
        ("dry%5FRun=true", 400),
        ("dry-run=true", 400),
        ("dry+run=true", 400),
        ("dryRun=true", 400),
        ("dryrun", 400),
        ("dry_run%5B%5D=true", 400),
        ("dry_run=true%", 400),
        ("dry%5run=true", 400),
        ("%ff=true", 400),
        ("x=1&amp;dry_run=true", 400),
        ("x=1;dry_run=true", 400),
        ("dry_run=true;x=1", 400),
        ("dry_run%3Dtrue", 400),
        ("dry_run%253Dtrue", 400),
        ("dry%255Frun=true", 400),
        ("dry_run:true", 400),
        ("query[dry_run]=true", 400),
        ("query=dry_run%3Dtrue", 400),
        ("=dry_run", 400),
        ("?dry_run=true", 400),
        ("dry_runs=true", 400),
        ("dry_run1=true", 400),
        ("dry_run=false&x=DryRun", 400),
        ("dry_run=false", 201),
        ("dry=run", 201),
        ("dry=true&utm=a%20b&utm=c", 201),
    ] {
        for path in ["/reg", "/register"] {
            let server = Server::new();
            let call = Call::new("POST", &format!("{path}?{query}"))
                .header("content-type", "application/json")
                .body(SEED);
            let answer = server.send(call);
            assert_eq!(answer.status(), status, "{query}");
            assert_eq!(server.store.records().len(), usize::from(status == 201), "{query}");
            let action = if status == 200 { "dry_run" } else { "register" };
            assert_eq!(answer.0.event.action, action, "{query}");
        }
    }
}

#[test]
fn registrations_are_distinct_and_stored_as_digests() {
    let server = Server::new();
    let clients: Vec<Value> = (0..3).map(|_| server.send(Call::register(SEED)).created()).collect();
    assert!(clients[0]["client_id"] != clients[1]["client_id"] && clients[1] != clients[2]);
    let stored = format!("{:?}", server.store.records());
    for client in &clients {
        assert!(stored.contains(client["client_id"].as_str().unwrap()));
        for credential in ["client_secret", "registration_access_token"] {
            assert!(
                !stored.contains(client[credential].as_str().unwrap()),
                "{credential} is stored"
            );
        }
    }
}
