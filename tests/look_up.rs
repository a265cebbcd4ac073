//! The API of the authorization server: look-ups, secrets, redirect URIs, and who may call it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rollcall::gate::Limit;
use rollcall_support::apis::{
    authenticate, change_state, look_up, registered, server_post, server_with,
};
use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Call, Server, settings};
use serde_json::{Value, json};

fn server() -> Server {
    server_with(&json!({}), &json!({}))
}

fn path(client: &Value, rest: &str) -> String {
    format!("/as/clients/{}{rest}", client["client_id"].as_str().unwrap())
}

fn ask(call: Call) -> Call {
    call.header("authorization", &format!("Bearer {AS_TOKEN}"))
}

#[test]
fn look_up_tells_everything_but_credentials_for_one_read() {
    let server = server();
    let client = registered(&server);
    let (reads, _) = server.store.operations();
    let answer = look_up(&server, &client);
    let response = answer.json();
    assert_eq!((&response["status"], &response["self_asserted"]), (&json!("active"), &json!(true)));
    for member in ["client_id", "client_id_issued_at", "client_secret_expires_at", "redirect_uris"]
    {
        assert_eq!(response["metadata"][member], client[member], "{member}");
    }
    let text = response.to_string();
    for name in ["client_secret", "registration_access_token"] {
        assert!(!text.contains(client[name].as_str().unwrap()), "{name}");
    }
    assert!(!text.contains("sha256") && !text.contains("\"tokens\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (after, _) = server.store.operations();
    assert_eq!(after, reads + 1);
}

#[test]
fn oidc_core_8_1_a_sector_identifier_uri_is_told_to_be_unverified() {
    let mut metadata = rollcall_support::shipped_metadata();
    metadata["subject_types_supported"] = json!(["public", "pairwise"]);
    let server = Server::configured(settings(&json!({"METADATA": metadata})));
    let several = json!(["https://a.example/cb", "https://b.example/cb"]);
    for (sent, unverified) in [
        (json!({"subject_type": "pairwise"}), None),
        (json!({"client_name": "\"sector_identifier_uri\":1"}), None),
        (json!({"contacts": ["sector_identifier_uri"]}), None),
        (json!({"sector_identifier_uri": ""}), None),
        (
            json!({"subject_type": "pairwise", "sector_identifier_uri": "https://other.example/s.json"}),
            Some(json!(["sector_identifier_uri"])),
        ),
        (
            json!({"subject_type": "pairwise", "redirect_uris": several, "sector_identifier_uri": "https://other.example/s.json"}),
            Some(json!(["sector_identifier_uri"])),
        ),
        (
            json!({"sector_identifier_uri": "https://a.example/s.json"}),
            Some(json!(["sector_identifier_uri"])),
        ),
    ] {
        let mut body = json!({"redirect_uris": ["https://a.example/cb"]});
        body.as_object_mut().unwrap().extend(sent.as_object().unwrap().clone());
        let client = server.register(&body).created();
        assert_eq!(client.get("unverified"), None, "the client knows that itself");
        server.store.pass(2_000);
        let response = look_up(&server, &client);
        assert_eq!(response.json().get("unverified"), unverified.as_ref(), "{sent}");
        let secret = client["client_secret"].as_str().unwrap();
        let response = authenticate(&server, &client, secret).json();
        assert_eq!(response.get("unverified"), unverified.as_ref(), "{sent}");
        let path = format!("/admin/clients/{}", client["client_id"].as_str().unwrap());
        let call = Call::new("GET", &path);
        let response = server.send(call.header("authorization", &format!("Bearer {ADMIN_TOKEN}")));
        assert_eq!(response.json().get("unverified"), unverified.as_ref(), "{sent}");
    }
    // Several hosts without a sector are rejected.
    let body = json!({"subject_type": "pairwise", "redirect_uris": several});
    assert_eq!(server.register(&body).problems(), [("/subject_type".into(), "sector".into())]);
}

/// RFC 9110 §13.1.2.
#[test]
fn look_up_with_the_current_tag_is_304() {
    let server = server();
    let client = registered(&server);
    let tag = look_up(&server, &client).header("etag").unwrap().to_owned();
    let again = |tag: &str| {
        let call = ask(Call::new("GET", &path(&client, "")));
        server.send(call.header("if-none-match", tag)).status()
    };
    assert_eq!(again(&tag), 304);
    server.store.pass(90_000_000);
    assert_eq!(again(&tag), 304, "use does not change it");
    assert_eq!(again(&tag), 304);
    server.store.pass(2_000);
    assert_eq!(change_state(&server, &client, "disable").status(), 204);
    server.store.pass(2_000);
    assert_eq!(again(&tag), 200, "whatever the server is told does");
}

/// R62.
#[test]
fn look_up_of_an_unknown_deleted_or_expired_client_is_404() {
    let server = server_with(&json!({"unused_client_ttl": 600}), &json!({}));
    let (deleted, expired) = (registered(&server), registered(&server));
    assert_eq!(server.delete(&deleted).status(), 204);
    assert_eq!(look_up(&server, &deleted).refusal_off_browsers(), (404, "not_found".into()));
    server.store.pass(600_000);
    assert_eq!(look_up(&server, &expired).status(), 404);
    for id in ["AAAAAAAAAAAAAAAAAAAAAQ", "x"] {
        assert_eq!(look_up(&server, &json!({"client_id": id})).status(), 404, "{id}");
    }
}

#[test]
fn look_up_endpoints_accept_only_the_authorization_server() {
    let server = server();
    let client = registered(&server);
    let call = || Call::new("GET", &path(&client, ""));
    let missing = server.send(call());
    assert_eq!(missing.refusal_off_browsers(), (401, "invalid_token".into()));
    assert_eq!(missing.header("www-authenticate"), Some("Bearer realm=\"as\""));
    for wrong in [ADMIN_TOKEN, "x", "", client["registration_access_token"].as_str().unwrap()] {
        let refused = server.send(call().header("authorization", &format!("Bearer {wrong}")));
        assert_eq!(refused.refusal_off_browsers(), (401, "invalid_token".into()), "{wrong}");
    }
    assert_eq!(server.send(Call::new("OPTIONS", &path(&client, ""))).status(), 405);
    assert_eq!(server.send(call().bound()).status(), 200, "a service binding needs no secret");
    let counted = server.counted.borrow();
    assert_eq!(counted.iter().filter(|(limit, _)| *limit == Limit::Failures).count(), 4);
    // Without a secret there is nothing here, but for a binding.
    let off = Server::new();
    let client = registered(&off);
    let call = || Call::new("GET", &path(&client, ""));
    assert_eq!(off.send(ask(call())).refusal(), (404, "invalid_request".into()));
    assert_eq!(off.send(call().bound()).status(), 200);
}

/// RFC 6749 §2.3.1.
#[test]
fn secret_is_compared_as_the_token_endpoint_received_it() {
    let server = server();
    let client = registered(&server);
    let secret = client["client_secret"].as_str().unwrap();
    let id = client["client_id"].as_str().unwrap();
    assert_eq!(authenticate(&server, &client, secret).json()["client_id"], client["client_id"]);
    let percent = |text: &str| text.replace('-', "%2D").replace('_', "%5F");
    for pair in [format!("{id}:{secret}"), format!("{}:{}", percent(id), percent(secret))] {
        let body = json!({"authorization": format!("Basic {}", BASE64.encode(pair))});
        assert_eq!(server_post(&server, "/as/clients/authenticate", &body).status(), 200);
    }
    let wrong = json!({"authorization": format!("Basic {}", BASE64.encode(format!("{id}:x")))});
    let refused = server_post(&server, "/as/clients/authenticate", &wrong);
    assert_eq!(refused.refusal_off_browsers(), (401, "invalid_client".into()));
    assert_eq!(refused.header("www-authenticate"), Some("Basic realm=\"token\""), "RFC 6749 §5.2");
    assert_eq!(refused.0.event.client_id.as_deref(), Some(id));
    assert_eq!(authenticate(&server, &client, "x").header("www-authenticate"), None);
    for body in [
        json!({}),
        json!({"client_id": id}),
        json!({"client_id": id, "client_secret": secret, "authorization": "Basic x"}),
        json!({"client_id": id, "client_secret": 7}),
        json!({"client_id": id, "client_secret": secret, "scope": "a"}),
        json!([]),
    ] {
        let refused = server_post(&server, "/as/clients/authenticate", &body);
        assert_eq!(refused.refusal_off_browsers(), (400, "invalid_request".into()), "{body}");
    }
    for header in ["", "Basic", "Bearer x", "Basic !", &format!("Basic {}", BASE64.encode("x:y"))] {
        let refused =
            server_post(&server, "/as/clients/authenticate", &json!({"authorization": header}));
        assert_eq!(refused.refusal_off_browsers(), (401, "invalid_client".into()), "{header}");
    }
}

#[test]
fn wrong_client_or_secret_is_401_without_a_reason() {
    let server = server_with(&json!({"client_secret_lifetime": 3600}), &json!({}));
    let none =
        json!({"redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "none"});
    let public = server.register(&none).created();
    let (first, other, deleted) = (registered(&server), registered(&server), registered(&server));
    server.delete(&deleted);
    let secret = |client: &Value| client["client_secret"].as_str().unwrap_or_default().to_owned();
    let answers = [
        authenticate(&server, &first, &secret(&other)),
        authenticate(&server, &first, ""),
        authenticate(&server, &first, first["registration_access_token"].as_str().unwrap()),
        authenticate(&server, &deleted, &secret(&deleted)),
        authenticate(&server, &public, ""),
        authenticate(&server, &json!({"client_id": "AAAAAAAAAAAAAAAAAAAAAQ"}), &secret(&first)),
        authenticate(&server, &json!({"client_id": "x"}), &secret(&first)),
    ];
    for answer in answers {
        assert_eq!(answer.refusal_off_browsers(), (401, "invalid_client".into()));
        assert_eq!(answer.json().as_object().unwrap().len(), 2);
    }
    // Both secrets work while a client goes from one to the next, and then the former ends.
    server.store.pass(3_000_000);
    let renewed = server.update(&first, &json!({"redirect_uris": ["https://a.example/cb"]})).json();
    for client in [&first, &renewed] {
        assert_eq!(authenticate(&server, &first, &secret(client)).status(), 200);
    }
    server.store.pass(600_000);
    assert_eq!(authenticate(&server, &first, &secret(&first)).status(), 401, "it has expired");
    assert_eq!(authenticate(&server, &first, &secret(&renewed)).status(), 200);
}

#[test]
fn wrong_secrets_are_counted_for_each_client_and_a_right_one_never() {
    let server = server();
    let (first, other) = (registered(&server), registered(&server));
    server.reached.borrow_mut().push(Limit::Failures);
    let limited = authenticate(&server, &first, "wrong");
    assert_eq!(limited.refusal_off_browsers(), (429, "temporarily_unavailable".into()));
    assert_eq!(limited.header("retry-after"), Some("60"));
    let right = first["client_secret"].as_str().unwrap();
    assert_eq!(authenticate(&server, &first, right).status(), 200, "nobody can lock it out");
    authenticate(&server, &other, "wrong");
    let keys: Vec<String> =
        server.counted.borrow().iter().rev().take(2).map(|c| c.1.clone()).collect();
    assert_ne!(keys[0], keys[1]);
    assert!(keys[1].ends_with(first["client_id"].as_str().unwrap()));
}

#[test]
fn disabled_client_has_no_metadata_no_secret_and_no_redirect_uri() {
    let server = server();
    let client = registered(&server);
    let secret = client["client_secret"].as_str().unwrap();
    assert_eq!(change_state(&server, &client, "disable").status(), 204);
    server.store.pass(2_000);
    let response = look_up(&server, &client).json();
    assert_eq!((&response["status"], response.get("metadata")), (&json!("disabled"), None));
    assert_eq!(authenticate(&server, &client, secret).status(), 401);
    let uri = json!({"redirect_uri": "https://a.example/cb"});
    let check =
        || server_post(&server, &path(&client, "/redirect-uri"), &uri).json()["matches"].clone();
    assert_eq!(check(), false);
    for answer in
        [server.read_back(&client), server.update(&client, &json!({})), server.delete(&client)]
    {
        assert_eq!(answer.refusal(), (403, "access_denied".into()), "RFC 7592 §2.1");
    }
    let (_, writes) = server.store.operations();
    look_up(&server, &client);
    assert_eq!(server.store.operations().1, writes, "what it does is no use");
    assert_eq!(change_state(&server, &client, "enable").status(), 204);
    server.store.pass(2_000);
    assert_eq!(authenticate(&server, &client, secret).status(), 200);
    assert_eq!((check(), server.read_back(&client).status()), (json!(true), 200));
}

/// RFC 8252 §7.3.
#[test]
fn presented_redirect_uri_is_compared_except_for_a_loopback_port() {
    let server = server();
    let uris = ["https://a.example/cb", "http://127.0.0.1:7/cb", "cursor://host/cb"];
    let client = server.register(&json!({"redirect_uris": uris})).created();
    for (presented, matches) in [
        ("https://a.example/cb", true),
        ("http://127.0.0.1:54321/cb", true),
        ("http://127.0.0.1/cb", true),
        ("cursor://host/cb", true),
        ("https://a.example:443/cb", false),
        ("https://a.example/cb?x", false),
        ("http://localhost:7/cb", false),
        ("", false),
    ] {
        let body = json!({"redirect_uri": presented});
        let answer = server_post(&server, &path(&client, "/redirect-uri"), &body);
        assert_eq!(answer.json(), json!({"matches": matches}), "{presented}");
    }
    for body in [json!({}), json!({"redirect_uri": 7}), json!({"uri": "x"})] {
        assert_eq!(server_post(&server, &path(&client, "/redirect-uri"), &body).status(), 400);
    }
    let unknown = json!({"client_id": "AAAAAAAAAAAAAAAAAAAAAQ"});
    let body = json!({"redirect_uri": "https://a.example/cb"});
    assert_eq!(server_post(&server, &path(&unknown, "/redirect-uri"), &body).status(), 404);
}

#[test]
fn new_secret_works_at_once_however_long_a_location_remembers() {
    let server = server_with(&json!({}), &json!({"cache_ttl": 86_400}));
    let client = registered(&server);
    server.store.location.set(1);
    let old = client["client_secret"].as_str().unwrap();
    assert_eq!(authenticate(&server, &client, old).status(), 200);
    server.store.location.set(2);
    server.store.pass(7_200_000);
    let path = format!("/admin/clients/{}/rotate", client["client_id"].as_str().unwrap());
    let call = Call::new("POST", &path).header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
    let call = call.header("content-type", "application/json");
    let new = server.send(call.body("{\"credential\": \"client_secret\"}")).json();
    server.store.location.set(1);
    server.store.pass(3_600_000);
    let new = new["client_secret"].as_str().unwrap();
    assert_eq!(authenticate(&server, &client, new).status(), 200);
}

#[test]
fn location_may_answer_look_ups_from_what_it_has_read_for_as_long_as_is_set() {
    let server = server_with(&json!({}), &json!({"cache_ttl": 600}));
    let client = registered(&server);
    server.store.location.set(1);
    look_up(&server, &client);
    server.store.location.set(2);
    server.store.pass(2_000);
    assert_eq!(server.delete(&client).status(), 204);
    server.store.location.set(1);
    server.store.pass(500_000);
    assert_eq!(look_up(&server, &client).status(), 200);
    server.store.pass(100_000);
    assert_eq!(look_up(&server, &client).status(), 404);
}
