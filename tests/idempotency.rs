//! Registrations that their client may repeat (`Idempotency-Key`).

use rollcall_support::apis::{authenticate, change_state, id, operator_post};
use rollcall_support::gated::{mint, with};
use rollcall_support::kv::Fault;
use rollcall_support::{Answer, Call, Server, settings};
use serde_json::{Value, json};

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

fn ring(letters: &str) -> String {
    let keys = letters.bytes().map(|b| format!("{b}:{}A", char::from(b).to_string().repeat(42)));
    keys.collect::<Vec<_>>().join(",")
}

fn server_with(registration: &Value) -> Server {
    Server::configured(settings(&json!({"ID_KEY": ring("k"), "REGISTRATION": registration})))
}

fn body() -> Value {
    json!({"redirect_uris": ["https://a.example/cb"], "client_name": "App"})
}

fn call(key: &str, metadata: &Value) -> Call {
    Call::register(metadata.to_string()).header("idempotency-key", key)
}

fn register(server: &Server) -> Answer {
    server.send(call(KEY, &body()))
}

/// The clients that are stored.
fn stored(server: &Server) -> usize {
    server.store.records().iter().filter(|(key, _)| key.starts_with("c:")).count()
}

/// How a client, or one of its credentials, ends.
type End<'e> = (&'e str, &'e dyn Fn(&Server, &Value));

fn ended(answer: &Answer) {
    assert_eq!(answer.refusal(), (409, "registration_changed".into()));
}

#[test]
fn repeat_gets_the_same_client_with_the_same_credentials_for_one_read_and_no_write() {
    for method in ["client_secret_basic", "none"] {
        let server = server_with(&json!({}));
        let mut metadata = body();
        metadata["token_endpoint_auth_method"] = method.into();
        let first = server.send(call(KEY, &metadata)).created();
        assert_eq!((server.store.operations(), server.claim_requests.get()), ((0, 1), 3));
        for pause in [0, 2_000, 120_000, 80_000_000 - 122_000] {
            server.store.pass(pause);
            let before = server.store.operations();
            let again = server.send(call(KEY, &metadata));
            assert_eq!(again.created(), first, "after {pause} ms");
            let after = server.store.operations();
            assert_eq!((after.0 - before.0, after.1 - before.1), (1, 0));
        }
        assert_eq!((stored(&server), id(&first).len()), (1, 30));
        assert_eq!(server.read_back(&first).status(), 200);
        if let Some(secret) = first["client_secret"].as_str() {
            assert_eq!(authenticate(&server, &first, secret).status(), 200);
        }
    }
}

#[test]
fn key_is_free_again_after_a_day_and_makes_another_client() {
    let server = server_with(&json!({}));
    let first = register(&server).created();
    server.store.pass(86_400_000);
    let second = register(&server).created();
    for name in ["client_id", "client_secret", "registration_access_token"] {
        assert_ne!(first[name], second[name], "{name}");
    }
    assert_eq!(stored(&server), 2);
}

#[test]
fn keys_bodies_and_issuers_have_credentials_of_their_own() {
    let server = server_with(&json!({}));
    let one = register(&server).created();
    let other = server.send(call(&KEY.to_uppercase(), &body())).created();
    let elsewhere = Server::configured(settings(
        &json!({"ID_KEY": ring("k"), "ISSUER": "https://other.example.com"}),
    ));
    let foreign = elsewhere.send(call(KEY, &body()).origin("https://other.example.com")).created();
    for name in ["client_id", "client_secret", "registration_access_token"] {
        assert!(one[name] != other[name] && one[name] != foreign[name], "{name}");
    }
}

#[test]
fn another_body_or_token_under_the_same_key_is_rejected_everywhere() {
    let server = server_with(&json!({"mode": "tiered"}));
    register(&server).created();
    let token = mint(&server, &json!({"uses": 5}));
    for location in 0..3 {
        server.store.location.set(location);
        let mut other = body();
        other["client_name"] = "Other".into();
        let refused = server.send(call(KEY, &other));
        assert_eq!(refused.refusal(), (422, "idempotency_key_reused".into()));
        let refused = server.send(with(&token, &body()).header("idempotency-key", KEY));
        assert_eq!(refused.status(), 422);
    }
    assert_eq!(stored(&server), 1);
}

#[test]
fn malformed_key_is_rejected_before_the_body_is_read() {
    let server = server_with(&json!({}));
    for wrong in
        ["", "short", &"x".repeat(21), &"x".repeat(256), &format!("{KEY} {KEY}"), &"ä".repeat(30)]
    {
        let answer = server.send_unread(call(wrong, &body()));
        assert_eq!(answer.refusal(), (400, "invalid_request".into()), "{wrong:?}");
    }
    for good in ["x".repeat(22), "!".repeat(255)] {
        assert_eq!(server.send(call(&good, &body())).status(), 201, "{good}");
    }
}

#[test]
fn header_is_ignored_without_keys_and_in_a_dry_run() {
    let server = Server::new();
    let [first, second] = [(); 2].map(|()| register(&server).created());
    assert_ne!(first["client_id"], second["client_id"]);
    assert_eq!(server.send(call("short", &body())).status(), 201);
    let server = server_with(&json!({}));
    let dry = Call::new("POST", "/reg?dry_run=true").header("idempotency-key", "short");
    let dry = dry.header("content-type", "application/json").body(body().to_string());
    assert_eq!(server.send(dry).status(), 200);
    assert_eq!((stored(&server), server.claim_requests.get()), (0, 0));
}

#[test]
fn repeat_is_rejected_once_a_credential_has_ended() {
    let metadata = json!({"redirect_uris": ["https://b.example/cb"]});
    let ends: [End<'_>; 6] = [
        ("update", &|server, client| assert_eq!(server.update(client, &metadata).status(), 200)),
        ("deletion", &|server, client| assert_eq!(server.delete(client).status(), 204)),
        ("disabled", &|server, client| {
            assert_eq!(change_state(server, client, "disable").status(), 204);
        }),
        ("secret rotated", &|server, client| {
            let wanted = json!({"credential": "client_secret", "keep_former": true});
            let path = format!("/{}/rotate", id(client));
            assert_eq!(operator_post(server, &path, &wanted).status(), 200);
        }),
        ("token rotated", &|server, client| {
            let wanted = json!({"credential": "registration_access_token"});
            let path = format!("/{}/rotate", id(client));
            assert_eq!(operator_post(server, &path, &wanted).status(), 200);
        }),
        ("expired", &|server, _| server.store.pass(4_000_000)),
    ];
    for (what, end) in ends {
        let server = server_with(&json!({"client_secret_lifetime": 3_600}));
        let client = register(&server).created();
        // Other locations have seen it as it was.
        for location in 0..3 {
            server.store.location.set(location);
            assert_eq!(register(&server).status(), 201, "{what}");
        }
        server.store.pass(2_000);
        end(&server, &client);
        let before = server.store.operations().1;
        for location in [2, 0, 1] {
            server.store.location.set(location);
            ended(&register(&server));
            server.store.pass(70_000);
            ended(&register(&server));
        }
        assert_eq!(server.store.operations().1, before, "{what}: nothing is written");
    }
}

#[test]
fn client_that_has_expired_is_not_made_again() {
    let server = server_with(&json!({"unused_client_ttl": 60}));
    register(&server).created();
    server.store.pass(95_000_000 / 1000 * 1000 - 94_900_000);
    server.store.pass(100_000);
    ended(&register(&server));
    assert_eq!(stored(&server), 0);
}

#[test]
fn use_keeps_a_repeat_working() {
    let server = server_with(&json!({"idle_client_ttl": 100_000}));
    let client = register(&server).created();
    server.store.pass(2_000);
    let secret = client["client_secret"].as_str().unwrap();
    assert_eq!(authenticate(&server, &client, secret).status(), 200);
    let again = register(&server).created();
    assert_eq!(again["client_secret"], client["client_secret"]);
}

#[test]
fn lost_response_killed_worker_and_failing_store_make_one_client() {
    for faults in [
        vec![Fault::LostAnswer],
        vec![Fault::Error],
        vec![Fault::Error, Fault::Error],
        vec![Fault::LostAnswer, Fault::LostAnswer],
        vec![Fault::Conflict, Fault::LostAnswer],
    ] {
        let server = server_with(&json!({}));
        server.store.fail(faults.clone());
        let first = register(&server);
        server.store.pass(2_000);
        let second = register(&server).created();
        if first.status() == 201 {
            assert_eq!(first.json(), second, "{faults:?}");
        }
        assert_eq!(stored(&server), 1, "{faults:?}");
        assert_eq!(server.read_back(&second).status(), 200, "{faults:?}");
    }
    // Killed after each step.
    for steps in 0..8 {
        let server = server_with(&json!({}));
        server.store.interleaved.set(true);
        {
            let mut killed = server.begin(call(KEY, &body()));
            for _ in 0..steps {
                if killed.poll().is_some() {
                    break;
                }
            }
        }
        server.store.interleaved.set(false);
        server.store.pass(31_000);
        let client = register(&server).created();
        assert_eq!(register(&server).created(), client, "{steps}");
        assert_eq!(stored(&server), 1, "{steps}");
    }
}

#[test]
fn fifty_parallel_requests_make_one_client() {
    let server = server_with(&json!({}));
    let answers = server.send_at_once(50, || call(KEY, &body()), |_| ());
    let mut clients: Vec<_> = answers.iter().map(Answer::created).collect();
    clients.dedup();
    assert_eq!((clients.len(), stored(&server)), (1, 1));
    assert_eq!(server.store.operations().1, 1, "one write");
}

#[test]
fn one_use_of_a_token_is_taken_in_total() {
    let server = server_with(&json!({"mode": "token"}));
    let token = mint(&server, &json!({"uses": 1}));
    let send = |key: &str| server.send(with(&token, &body()).header("idempotency-key", key));
    server.store.fail([Fault::Error, Fault::Error]);
    assert_eq!(send(KEY).status(), 503);
    // The use belongs to this key now.
    assert_eq!(send(&"x".repeat(30)).refusal(), (401, "invalid_token".into()));
    let client = send(KEY).created();
    for _ in 0..3 {
        assert_eq!(send(KEY).created(), client);
    }
    assert_eq!(server.send(with(&token, &body())).status(), 401, "it is used up");
    let path = format!("/admin/initial-access-tokens/{}", token["id"].as_str().unwrap());
    let revoke = rollcall_support::gated::admin(&server, "DELETE", &path, &json!({}));
    assert_eq!(revoke.status(), 204);
    assert_eq!(send(KEY).status(), 401, "a revoked token admits nobody");
}

#[test]
fn key_of_the_ring_that_is_gone_ends_repeats_and_a_former_one_does_not() {
    let first = server_with(&json!({}));
    let client = register(&first).created();
    for (letters, works) in [("jk", true), ("j", false)] {
        let next = Server::configured(settings(&json!({"ID_KEY": ring(letters)})));
        next.store.clock.set(first.store.clock.get());
        for (key, record) in first.store.records() {
            next.store.plant(&key, &record);
        }
        std::mem::swap(&mut *next.books.borrow_mut(), &mut *first.books.borrow_mut());
        let again = register(&next);
        if works {
            assert_eq!(again.created(), client);
        } else {
            ended(&again);
        }
        std::mem::swap(&mut *next.books.borrow_mut(), &mut *first.books.borrow_mut());
    }
}

/// Threat 29.
#[test]
fn nothing_that_is_stored_tells_the_key_or_a_credential() {
    let server = server_with(&json!({"mode": "token"}));
    let token = mint(&server, &json!({}));
    let client = server.send(with(&token, &body()).header("idempotency-key", KEY)).created();
    let books = server.books.borrow();
    let books: Vec<_> = books.values().map(|book| (&book.0, &book.1, &book.4)).collect();
    let shown = format!("{:?}{books:?}", server.store.records());
    assert!(shown.contains(id(&client)));
    for secret in [
        KEY,
        client["client_secret"].as_str().unwrap(),
        client["registration_access_token"].as_str().unwrap(),
    ] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn without_the_durable_object_nothing_is_registered_under_a_key() {
    let server = server_with(&json!({}));
    *server.ledger_faults.borrow_mut() = [Fault::Error; 2].into();
    assert_eq!(register(&server).refusal(), (503, "temporarily_unavailable".into()));
    assert_eq!(stored(&server), 0);
    // A message that fails once is sent again.
    *server.ledger_faults.borrow_mut() = [Fault::LostAnswer, Fault::None, Fault::LostAnswer].into();
    let client = register(&server).created();
    assert_eq!(register(&server).created(), client);
    assert_eq!(stored(&server), 1);
}
