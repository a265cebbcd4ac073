//! Rules for every path: CORS, unknown paths and methods, the log event.

use rollcall::http::HeaderSet;
use rollcall::http::{REFUSALS, RefusalRow};
use rollcall_support::{Call, Server, settings};
use serde_json::json;

const PATHS: [(&str, &str); 4] = [
    ("/.well-known/oauth-authorization-server", "GET, HEAD, OPTIONS"),
    ("/.well-known/openid-configuration", "GET, HEAD, OPTIONS"),
    ("/reg", "POST, OPTIONS"),
    ("/reg/AAAAAAAAAAAAAAAAAAAAAA", "GET, HEAD, PUT, DELETE, OPTIONS"),
];

/// R50.
#[test]
fn preflights_are_204_without_authentication() {
    let server = Server::new();
    for (path, methods) in PATHS {
        let answer = server.send(Call::new("OPTIONS", path));
        assert_eq!((answer.status(), &answer.0.body), (204, &None), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some(methods));
        // Pages with tracing add headers of their own to every request.
        assert_eq!(
            answer.header("access-control-allow-headers"),
            Some(
                "*, Authorization, Content-Type, Accept, MCP-Protocol-Version, If-Match, If-None-Match, Idempotency-Key"
            )
        );
    }
    assert_eq!(server.store.operations(), (0, 0));
}

/// R51.
#[test]
fn every_response_can_be_read_by_a_page_and_allows_no_credentials() {
    let server = Server::new();
    let wrong_token = Call::new("GET", PATHS[3].0).header("authorization", "Bearer x");
    let answers = [
        server.get(PATHS[0].0),
        server.get(PATHS[3].0),
        server.get("/nowhere"),
        server.send(Call::new("PUT", "/reg")),
        server.send(Call::register("{}")),
        server.send(Call::register("{}").header("content-type", "text/plain")),
        server.send(Call::register("x".repeat(70_000))),
        server.send(wrong_token),
        server.register(&json!({"redirect_uris": ["https://a.example/cb"]})),
    ];
    let statuses: Vec<u16> = answers.iter().map(rollcall_support::Answer::status).collect();
    assert_eq!(statuses, [200, 401, 404, 405, 400, 415, 413, 401, 201]);
    for answer in &answers {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["WWW-Authenticate", "Retry-After", "Location", "ETag"] {
            assert!(exposed.contains(name), "{name}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
}

/// R45.
#[test]
fn unknown_paths_are_404_json() {
    let server = Server::new();
    for path in [
        "/",
        "/nowhere",
        "/.well-known/",
        "/.well-known/oauth-protected-resource",
        "/reg/a/b",
        "//reg",
        "",
    ] {
        for method in ["GET", "POST", "OPTIONS", "BREW"] {
            let answer = server.send(Call::new(method, path));
            assert_eq!(answer.refusal(), (404, "invalid_request".into()), "{method} {path}");
        }
    }
}

#[test]
fn path_outside_the_issuer_has_no_route() {
    let server = Server::configured(settings(&json!({"ISSUER": "https://auth.example.com/t"})));
    for path in "/ /reg /treg /t /t/ /t/reg/a/b /t/reg// /t/registers /t/registration /t/register/abc /register /reg/t \
         /x/t/reg /t/as/clients//redirect-uri /t/admin/clients/a/b/disable \
         /.well-known/oauth-authorization-server /.well-known/oauth-authorization-server/u /.well-known/other/t"
        .split_ascii_whitespace()
        .chain([""])
    {
        let event = server.get(path).0.event;
        assert_eq!((event.issuer, event.route), (None, "-"), "{path}");
    }
    for (path, route) in [
        ("/t/reg", "/reg"),
        ("/t/register", "/reg"),
        ("/t/reg/", "/reg"),
        ("/t/reg/abc", "/reg/{client_id}"),
    ] {
        assert_eq!(server.get(path).0.event.route, route, "{path}");
    }
}

/// R16.
#[test]
fn json_with_parameters_is_accepted_and_no_other_media_type() {
    let server = Server::new();
    let body = r#"{"redirect_uris":["https://a.example/cb"]}"#;
    for (texts, status) in [(JSON_TYPES, 201), (OTHER_TYPES, 415)] {
        for text in texts.split(" / ") {
            let call = Call::new("POST", "/reg").header("content-type", text).body(body);
            assert_eq!(server.send(call).status(), status, "{text}");
        }
    }
}

/// Separated by ` / `.
const JSON_TYPES: &str = "application/json / Application/JSON / application/json;charset=utf-8 /  application/json ; x=y / \
    application/json, application/json / application/json; charset=utf-8,APPLICATION/JSON, / \
    application/json; x=\"a, b\"";
const OTHER_TYPES: &str = " / text/plain / application/jsonx / application/json, text/plain / , / text/plain, application/json / \
    text/json / application/problem+json / application/x-www-form-urlencoded";

#[test]
fn unknown_method_is_405_with_what_is_allowed() {
    let server = Server::new();
    for (path, methods) in PATHS {
        for method in ["PROPFIND", "QUERY", "TRACE", "Get", ""] {
            let answer = server.send(Call::new(method, path));
            assert_eq!(
                (answer.refusal().0, answer.header("allow")),
                (405, Some(methods)),
                "{method} {path}"
            );
        }
    }
}

/// Threat 38.
#[test]
fn log_event_has_no_text_of_the_caller() {
    let server = Server::new();
    let evil = "\u{1b}[31m\"}\n{\"forged\":1";
    let events = [
        server.get(&format!("/{evil}")),
        server.get(&format!("/reg/{evil}")),
        server.send(Call::new(evil, "/reg")),
        server.register(&json!({"client_name": evil, "redirect_uris": [evil], evil: 1})),
        server.send(
            Call::new("GET", "/reg/AAAAAAAAAAAAAAAAAAAAAA")
                .header("authorization", "Bearer s3cret"),
        ),
    ]
    .map(|answer| format!("{:?}", answer.0.event));
    for event in &events {
        assert!(!event.contains("forged") && !event.contains("s3cret"), "{event}");
    }
    assert!(events[4].contains("AAAAAAAAAAAAAAAAAAAAAA"), "a well-formed client_id is logged");
    let registered = server.register(&json!({"redirect_uris": ["https://a.example/cb"]}));
    let event = format!("{:?}", registered.0.event);
    let client = registered.created();
    assert!(event.contains(client["client_id"].as_str().unwrap()));
    for credential in ["client_secret", "registration_access_token"] {
        assert!(!event.contains(client[credential].as_str().unwrap()));
    }
}

/// A shell that shows a response begins its prompt on a line of its own.
#[test]
fn json_body_ends_with_a_newline() {
    let server = Server::new();
    let created = server.register(&json!({"redirect_uris": ["https://a.example/cb"]}));
    let refused = server.register(&json!({"redirect_uris": ["nonsense"]}));
    let document = server.get("/.well-known/oauth-authorization-server");
    for answer in [&created, &refused, &document, &server.get("/nowhere")] {
        let body = answer.0.body.as_deref().unwrap();
        assert!(body.ends_with("}\n") && !body.ends_with("\n\n"), "{body:?}");
    }
}

#[test]
fn every_set_but_those_of_documents_forbids_storing() {
    for set in HeaderSet::ALL {
        let documents = matches!(set, HeaderSet::Document | HeaderSet::DocumentUnmodified);
        assert_eq!(set.headers().contains(&("cache-control", "no-store")), !documents, "{set:?}");
    }
}

#[test]
fn no_set_has_a_header_twice() {
    for set in HeaderSet::ALL {
        let mut names: Vec<&str> = set.headers().iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), set.headers().len(), "{set:?}");
    }
}

#[test]
fn every_row_is_a_refusal_that_clients_understand() {
    for row in REFUSALS {
        let name = format!("{} {}", row.status, row.sentence);
        assert!((400..600).contains(&row.status), "{name}");
        // RFC 6749 §5.2.
        let allowed = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        assert!(row.sentence.chars().chain(row.code.chars()).all(allowed), "{name}");
        assert!(row.sentence.matches("{}").count() <= 1, "{name}");
        let can_be_retried = matches!(row.status, 429 | 503);
        assert_eq!(row.retry_after.is_some(), can_be_retried, "Retry-After of {name}");
        assert_eq!(row.code == "temporarily_unavailable", can_be_retried, "code of {name}");
        assert_eq!(
            row.code == "server_error",
            row.status >= 500 && row.status != 503,
            "code of {name}"
        );
    }
}

/// RFC 9110 §15.5.2. A client in a form (RFC 6749 §5.2) gets none: it is the authorization server that asked.
#[test]
fn every_401_but_one_has_a_challenge() {
    let (challenged, others): (Vec<&RefusalRow>, Vec<&RefusalRow>) =
        REFUSALS.iter().partition(|row| row.challenge.is_some());
    assert!(challenged.iter().all(|row| row.status == 401), "{challenged:?}");
    let without: Vec<_> = others.iter().filter(|row| row.status == 401).collect();
    assert!(matches!(&without[..], [row] if row.code == "invalid_client"), "{without:?}");
    for row in challenged {
        let names_error = row.challenge.is_some_and(|text| text.contains("error="));
        assert_eq!(names_error, row.code == "invalid_token" && !row.unlimited, "{row:?}");
    }
}

/// All headers together may have 128 KB, and a list in them thousands of elements.
#[test]
fn lists_in_headers_that_are_too_long_match_nothing() {
    let server = Server::new();
    let path = PATHS[0].0;
    let tag = server.get(path).header("etag").unwrap().to_owned();
    for (others, status) in [("\"a\",".repeat(1000), 304), ("\"a\",".repeat(1100), 200)] {
        let call = Call::new("GET", path).header("if-none-match", &format!("{others}{tag}"));
        assert_eq!(server.send(call).status(), status);
    }
    let body = r#"{"redirect_uris": ["https://a.example/cb"]}"#;
    for (count, status) in [(60, 201), (61, 415)] {
        let media_types = "application/json,".repeat(count);
        let call = Call::register(body).header("content-type", &media_types);
        assert_eq!(server.send(call).status(), status, "{count}");
        let codings = "identity,        ".repeat(count);
        let call = Call::register(body).header("content-encoding", &codings);
        assert_eq!(server.send(call).status(), status, "{count}");
    }
}
