//! Reading a registration back (RFC 7592 §2.1) through `http::handle`.

use rollcall_support::{Call, Server, path_of};
use serde_json::{Value, json};

fn registered(server: &Server) -> Value {
    server
        .register(&json!({"redirect_uris": ["https://a.example/cb"], "client_name": "A"}))
        .created()
}

/// RFC 7592 §3.
#[test]
fn read_returns_the_registration_without_its_secret() {
    let server = Server::new();
    let mut expected = registered(&server);
    let answer = server.read_back(&expected);
    expected.as_object_mut().unwrap().remove("client_secret");
    assert_eq!((answer.status(), answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!(answer.json(), expected);
    assert_eq!(server.store.operations(), (1, 1), "one read");
}

#[test]
fn bearer_scheme_is_case_insensitive() {
    let server = Server::new();
    let client = registered(&server);
    let token = client["registration_access_token"].as_str().unwrap();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let call = Call::new("GET", path_of(&client))
            .header("authorization", &format!("{scheme} {token}"));
        assert_eq!(server.send(call).status(), 200, "{scheme}");
    }
}

#[test]
fn record_that_cannot_be_read_is_a_server_error_for_that_client_alone() {
    let server = Server::new();
    let (broken, sound) = (registered(&server), registered(&server));
    let key = server.store.records()[0].0.clone();
    for planted in ["", "{", "{\"v\":3}", "{\"v\":1}", "[]", "{\"v\":\"s3cret\"}"] {
        server.store.plant(&key, planted);
        let refused = server.read_back(&broken);
        assert_eq!(refused.refusal(), (500, "server_error".into()), "{planted}");
        assert!(refused.0.event.detail.unwrap().starts_with("the record "), "{planted}");
        assert_eq!(server.read_back(&sound).status(), 200);
    }
}
