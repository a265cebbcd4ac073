//! Initial access tokens: made, used, given back, revoked.

use rollcall::gate::token_book::Rows as _;
use rollcall::records::StoreError;
use rollcall_support::gated::{TOKENS, admin, body, gate, mint, with};
use rollcall_support::kv::Fault;
use rollcall_support::{ADMIN_TOKEN, Call, Server};
use serde_json::{Value, json};

#[test]
fn token_registers_as_many_clients_as_it_has_uses_and_a_rejected_one_costs_none() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 2, "label": "partner"}));
    assert_eq!(server.send(with(&token, &json!({"redirect_uris": ["/x"]}))).status(), 400);
    assert_eq!(
        server.send(with(&token, &body()).header("content-type", "text/plain")).status(),
        415
    );
    let large = with(&token, &json!({"x": "y".repeat(70_000)}));
    assert_eq!(server.send(large).status(), 413);
    for _ in 0..2 {
        assert_eq!(server.send(with(&token, &body())).status(), 201);
    }
    assert_eq!(server.send(with(&token, &body())).refusal(), (401, "invalid_token".into()));
    assert_eq!(server.store.operations(), (0, 2), "no write for any refused request");
    let listed = admin(&server, "GET", TOKENS, &Value::Null).json();
    assert_eq!(
        (&listed["initial_access_tokens"][0]["used"], &listed["initial_access_tokens"][0]["uses"]),
        (&json!(2), &json!(2))
    );
}

/// Threat 41.
#[test]
fn use_of_a_token_is_taken_once_when_the_client_is_stored() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    // While one body arrives, another takes the last use.
    let answer = server.send_slowly(with(&token, &body()), || {
        assert_eq!(server.send(with(&token, &body())).status(), 201);
    });
    assert_eq!(answer.refusal(), (401, "invalid_token".into()));
    assert_eq!(server.store.operations(), (0, 1), "nothing was written for it");
    // However long a body takes, the use is there if no other registration has taken it.
    let token = mint(&server, &json!({"uses": 1}));
    let answer = server.send_slowly(with(&token, &body()), || server.store.pass(300_000));
    assert_eq!(answer.status(), 201);
    assert_eq!(server.send(with(&token, &body())).status(), 401);
}

#[test]
fn bodies_that_never_arrive_take_no_use_and_block_no_other_holder() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 2}));
    let half_open: Vec<_> = (0..300).map(|_| server.begin(with(&token, &body()).stuck())).collect();
    assert_eq!(server.send(with(&token, &body())).status(), 201);
    drop(half_open);
    assert_eq!(server.send(with(&token, &body())).status(), 201);
    assert_eq!(server.send(with(&token, &body())).status(), 401, "no use was lost");
}

#[test]
fn registrations_that_one_network_breaks_off_leave_uses_for_other_holders() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1000}));
    let call = |address: &str| with(&token, &body()).from(address);
    // The store never answers, and the caller goes away: each use stays reserved.
    let mut reserved = Vec::new();
    for n in 0..40 {
        server.store.fail([Fault::Error, Fault::Error]);
        reserved.push(server.send(call(&format!("2001:db8:0:{n:x}::1"))).status());
    }
    assert_eq!(reserved, [503; 40]);
    server.store.fail([]);
    let used = admin(&server, "GET", TOKENS, &Value::Null).json();
    assert_eq!(used["initial_access_tokens"][0]["used"], 30);
    let answer = server.send(call("2001:db8:0:ffff::1"));
    assert_eq!((answer.status(), answer.header("retry-after")), (503, Some("2")));
    let detail = "other registrations hold the last uses of the initial access token";
    assert_eq!(answer.0.event.detail.as_deref(), Some(detail));
    for other in ["2001:db8:1::1", "192.0.2.1"] {
        assert_eq!(server.send(call(other)).status(), 201, "{other}");
    }
    // After a minute the network's own reservations are looked at, and it goes on.
    server.store.pass(60_000);
    assert_eq!(server.send(call("2001:db8:0:ffff::1")).status(), 201);
    let kept = server.books.borrow_mut().values_mut().next().unwrap().all().pop().unwrap().1;
    assert!(kept.contains("\"place\":\"") && !kept.contains("2001:db8"), "{kept}");
}

#[test]
fn use_in_doubt_is_settled_by_whether_the_client_exists() {
    // The Worker died after the client was stored, or before: the book never heard.
    for (stored, status) in [(true, 401), (false, 201)] {
        let server = gate("token", |_| {});
        let token = mint(&server, &json!({"uses": 1}));
        if stored {
            // The store did it, and never said so.
            server.store.fail([Fault::LostAnswer, Fault::Error]);
        } else {
            server.store.fail([Fault::Error, Fault::Error]);
        }
        assert_eq!(server.send(with(&token, &body())).refusal().0, 503);
        server.store.fail([]);
        assert_eq!(server.send(with(&token, &body())).status(), 503, "it may still be stored");
        server.store.pass(60_000);
        assert_eq!(server.send(with(&token, &body())).status(), status, "stored: {stored}");
    }
}

#[test]
fn token_is_not_rejected_for_good_before_every_use_in_doubt_is_looked_at() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 25}));
    let clients: Vec<Value> = (0..20)
        .map(|_| server.send(with(&token, &body())).created()["client_id"].clone())
        .collect();
    server.store.pass(120_000);
    // The book has not heard of those that are stored, and five more never came to be.
    let never = (0..5).map(|n| Value::from(format!("{n}{}", "A".repeat(21))));
    let ids: Vec<Value> = clients.into_iter().chain(never).collect();
    {
        let mut books = server.books.borrow_mut();
        let book = books.values_mut().next().unwrap();
        let (digest, entry) = book.all().pop().unwrap();
        let mut entry: Value = serde_json::from_str(&entry).unwrap();
        entry["used"] = ids.len().into();
        entry["reservations"] = ids.iter().map(|id| json!({"client_id": id, "until": 1})).collect();
        book.put(&digest, &entry.to_string());
    }
    let (before, _) = server.store.operations();
    let answer = server.send(with(&token, &body()));
    assert_eq!((answer.status(), answer.header("retry-after")), (503, Some("2")));
    assert_eq!(server.store.operations().0 - before, 20, "as many as one request may look up");
    assert_eq!(server.send(with(&token, &body())).status(), 201);
}

#[test]
fn book_that_fails_registers_nobody() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({}));
    let failure = StoreError::Unavailable("the object is overloaded".into());
    server.book_failure.replace(Some(failure));
    assert_eq!(
        server.send(with(&token, &body())).refusal(),
        (503, "temporarily_unavailable".into())
    );
    server.book_failure.replace(None);
    assert_eq!(server.send(with(&token, &body())).status(), 201);
}

#[test]
fn token_ends_by_its_time_or_by_its_operator() {
    let server = gate("token", |_| {});
    let short = mint(&server, &json!({"expires_in": 60, "uses": 5}));
    let long = mint(&server, &json!({"expires_in": 3600, "uses": 5}));
    server.store.pass(60_000);
    assert_eq!(server.send(with(&short, &body())).status(), 401);
    let listed = admin(&server, "GET", TOKENS, &Value::Null).json();
    let listed = listed["initial_access_tokens"].as_array().unwrap();
    assert_eq!(
        (listed.len(), &listed[0]["id"]),
        (1, &long["id"]),
        "expired ones vanish by themselves"
    );

    let client = server.send(with(&long, &body())).created();
    let path = format!("{TOKENS}/{}", long["id"].as_str().unwrap());
    assert_eq!(admin(&server, "DELETE", &path, &Value::Null).status(), 204);
    assert_eq!(
        admin(&server, "DELETE", &path, &Value::Null).refusal_off_browsers(),
        (404, "not_found".into())
    );
    assert_eq!(server.send(with(&long, &body())).status(), 401);
    assert_eq!(server.read_back(&client).status(), 200, "what was registered stays");
}

#[test]
fn operators_api_is_off_without_a_secret_and_closed_to_pages_and_others() {
    let off = Server::new();
    for (method, path) in
        [("GET", TOKENS), ("POST", TOKENS), ("DELETE", "/admin/initial-access-tokens/x")]
    {
        let call =
            Call::new(method, path).header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
        assert_eq!(off.send(call).status(), 404, "{method} {path}");
    }
    let server = gate("open", |_| {});
    for (authorization, error, response) in [
        ("", "", "This request needs"),
        ("Basic x", "", "This request needs"),
        ("Bearer x", ", error=\"invalid_token\"", "This is not"),
    ] {
        let answer = server.send(Call::new("GET", TOKENS).header("authorization", authorization));
        assert_eq!(answer.refusal_off_browsers(), (401, "invalid_token".into()));
        let challenge = format!("Bearer realm=\"admin\"{error}");
        assert_eq!(answer.header("www-authenticate"), Some(&*challenge));
        assert!(
            answer.json()["error_description"].as_str().unwrap().starts_with(response),
            "{response}"
        );
    }
    let preflight = server.send(Call::new("OPTIONS", TOKENS));
    assert_eq!(preflight.refusal_off_browsers().0, 405);
    assert_eq!(
        admin(&server, "PUT", TOKENS, &Value::Null).header("allow"),
        Some("GET, HEAD, POST")
    );
    let listed = admin(&server, "GET", TOKENS, &Value::Null);
    assert_eq!((listed.status(), listed.header("access-control-allow-origin")), (200, None));
}

#[test]
fn token_is_told_once_and_kept_as_a_digest() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"label": "ümläut", "uses": 3, "expires_in": 3600}));
    let plain = token["initial_access_token"].as_str().unwrap();
    assert!(plain.starts_with("iat_") && plain.len() == 47, "{plain}");
    assert_eq!(
        (&token["label"], &token["uses"], &token["used"]),
        (&json!("ümläut"), &json!(3), &json!(0))
    );
    assert_eq!(token["expires_at"], server.now() + 3600);
    let listed = admin(&server, "GET", TOKENS, &Value::Null).json().to_string();
    assert!(listed.contains(token["id"].as_str().unwrap()) && !listed.contains(plain));
    let registered = server.send(with(&token, &body()));
    let kept = format!("{:?} {:?}", server.store.records(), registered.0);
    assert!(!kept.contains(plain));
}

#[test]
fn operators_request_that_cannot_be_understood_is_named() {
    let server = gate("token", |_| {});
    for (body, named) in [
        (json!([]), "The body"),
        (json!({"uses": 0}), "uses is 0, but must be a whole number from 1 to 1000000"),
        (json!({"uses": "5"}), "uses"),
        (json!({"expires_in": -1}), "expires_in"),
        (json!({"label": 7}), "label"),
        (json!({"label": "a\nb"}), "label"),
        (json!({"lable": "x"}), "lable is not known here (did you mean label?)"),
        (json!({"policy": []}), "policy"),
        (json!({"policy": {"scopes": "openid"}}), "policy.scopes is"),
        (json!({"policy": {"scope": []}}), "policy.scope is not known here"),
        (json!({"policy": {"scopes": vec!["a"; 101]}}), "policy.scopes has 101 entries"),
        (
            json!({"policy": {"scopes": vec!["a"; 99], "description": "x".repeat(4096)}}),
            "policy must be at most 2048 bytes of JSON",
        ),
    ] {
        let answer = admin(&server, "POST", TOKENS, &body);
        assert_eq!(answer.refusal_off_browsers(), (400, "invalid_request".into()), "{body}");
        let text = answer.json()["error_description"].to_string();
        assert!(text.contains(named), "{text}");
    }
    assert_eq!(server.booked.get(), 0);
}

#[test]
fn tokens_of_one_issuer_are_unknown_to_another() {
    let server = gate("token", |settings| {
        settings.issuer = None;
        settings.issuers =
            json!({"https://auth.example.com/a": {}, "https://auth.example.com/b": {}});
    });
    let token = admin(&server, "POST", &format!("/a{TOKENS}"), &json!({"uses": 2})).created();
    let bearer = format!("Bearer {}", token["initial_access_token"].as_str().unwrap());
    for (path, status) in [("/b/reg", 401), ("/a/reg", 201)] {
        let call = Call::new("POST", path).header("content-type", "application/json");
        assert_eq!(
            server.send(call.header("authorization", &bearer).body(body().to_string())).status(),
            status
        );
    }
    let listed = admin(&server, "GET", &format!("/b{TOKENS}"), &Value::Null).json();
    assert_eq!(listed["initial_access_tokens"], json!([]));
}

#[test]
fn token_that_is_revoked_while_a_body_arrives_registers_nobody() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    let path = format!("{TOKENS}/{}", token["id"].as_str().unwrap());
    let answer = server.send_slowly(with(&token, &body()), || {
        assert_eq!(admin(&server, "DELETE", &path, &Value::Null).status(), 204);
    });
    assert_eq!(answer.refusal().0, 401);
    assert_eq!(server.store.operations(), (0, 0));
}

#[test]
fn client_that_was_deleted_has_used_its_token_all_the_same() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    let client = server.send(with(&token, &body())).created();
    // As if the book had never heard that the client was stored.
    let id = client["client_id"].as_str().unwrap();
    server.books.borrow_mut().values_mut().next().unwrap().unsettle(id, server.now() + 60);
    server.store.pass(1_000);
    assert_eq!(server.delete(&client).status(), 204);
    server.store.pass(60_000);
    assert_eq!(server.send(with(&token, &body())).status(), 401);
}
