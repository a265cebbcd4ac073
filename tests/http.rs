//! What holds on every path: CORS, unknown paths and methods, the log event.

use crate::support::{Call, Server};
use serde_json::json;

const PATHS: [(&str, &str); 4] = [
    ("/.well-known/oauth-authorization-server", "GET, HEAD, OPTIONS"),
    ("/.well-known/openid-configuration", "GET, HEAD, OPTIONS"),
    ("/reg", "POST, OPTIONS"),
    ("/reg/AAAAAAAAAAAAAAAAAAAAAA", "GET, HEAD, PUT, DELETE, OPTIONS"),
];

#[test]
fn r50_preflights_are_204_without_authentication() {
    let server = Server::new();
    for (path, methods) in PATHS {
        let answer = server.send(Call::new("OPTIONS", path));
        assert_eq!((answer.status(), &answer.0.body), (204, &None), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some(methods));
        let allowed = answer.header("access-control-allow-headers").unwrap().to_ascii_lowercase();
        for header in ["*", "content-type", "authorization", "mcp-protocol-version", "accept"] {
            assert!(
                allowed.split(", ").any(|name| name == header),
                "{header} is missing in {allowed}"
            );
        }
    }
    assert_eq!(server.store.operations(), (0, 0));
}

#[test]
fn r51_every_answer_can_be_read_by_a_page_and_allows_no_credentials() {
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
    let statuses: Vec<u16> = answers.iter().map(crate::support::Answer::status).collect();
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

#[test]
fn r45_unknown_paths_are_404_json() {
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
fn an_unknown_method_is_405_with_what_is_allowed() {
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

#[test]
fn threat_38_the_log_event_holds_nothing_a_caller_wrote() {
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
