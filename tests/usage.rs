//! Clients that nobody uses end by themselves; those in use never do.

mod support;

use serde_json::{Value, json};
use support::kv::Fault;
use support::{AS_TOKEN, Answer, Call, Server, settings};

const HOUR_MS: u64 = 3_600_000;
const DAY: u64 = 86_400;

fn server(registration: &Value, policy: &Value) -> Server {
    Server::configured(settings(&json!({"REGISTRATION": registration, "POLICY": policy})))
}

fn register(server: &Server) -> Value {
    let client = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    server.store.pass(2_000);
    client
}

fn use_it(server: &Server, client: &Value) -> Answer {
    let path = format!("/as/clients/{}", client["client_id"].as_str().unwrap());
    server.send(Call::new("GET", &path).header("authorization", &format!("Bearer {AS_TOKEN}")))
}

fn writes(server: &Server) -> u64 {
    server.store.operations().1
}

#[test]
fn by_default_no_client_ever_ends() {
    let server = server(&json!({}), &json!({}));
    let client = register(&server);
    assert_eq!(client.get("client_id_expires_at"), None);
    server.store.pass(20 * 365 * 24 * HOUR_MS);
    assert_eq!(server.read_back(&client).status(), 200);
}

#[test]
fn r60_a_client_that_is_never_used_ends_when_it_was_said() {
    let server = server(&json!({"unused_client_ttl": 7 * DAY}), &json!({}));
    let begun = server.now();
    let client = register(&server);
    assert_eq!(client["client_id_expires_at"], begun + 7 * DAY);
    assert_eq!(server.read_back(&client).json()["client_id_expires_at"], begun + 7 * DAY);
    server.store.pass(7 * 24 * HOUR_MS - 3_000);
    assert_eq!(server.read_back(&client).status(), 200);
    server.store.pass(1_000);
    assert_eq!(server.read_back(&client).status(), 401);
    assert_eq!(use_it(&server, &client).status(), 404);
    assert_eq!(server.store.records(), [], "the store has forgotten it");
}

#[test]
fn r61_a_client_in_use_outlives_every_ttl_for_a_write_a_day() {
    let server = server(&json!({"unused_client_ttl": DAY, "idle_client_ttl": DAY}), &json!({}));
    let client = register(&server);
    let before = writes(&server);
    for _ in 0..40 * 12 {
        server.store.pass(2 * HOUR_MS);
        assert_eq!(use_it(&server, &client).status(), 200);
    }
    let days = writes(&server) - before;
    assert!((39..=41).contains(&days), "{days} writes in 40 days");
    let end = server.read_back(&client).json()["client_id_expires_at"].as_u64().unwrap();
    let left = end - server.now();
    assert!((DAY..=2 * DAY).contains(&left), "not before it has been idle for a day: {left}");
    server.store.pass(left * 1000 - 1_000);
    assert_eq!(server.read_back(&client).status(), 200, "the date is honest");
    server.store.pass(1_000);
    assert_eq!(server.read_back(&client).status(), 401, "in both directions");
}

#[test]
fn a_use_is_noted_once_however_many_ask_one_after_another() {
    let server = server(&json!({}), &json!({}));
    let client = register(&server);
    let tag = server.read_back(&client).header("etag").unwrap().to_owned();
    let before = writes(&server);
    for _ in 0..50 {
        assert_eq!(use_it(&server, &client).status(), 200);
    }
    assert_eq!(writes(&server), before + 1);
    server.store.pass(2_000);
    let read = server.read_back(&client);
    assert_eq!((read.status(), read.header("etag")), (200, Some(&*tag)), "nothing else changes");
}

#[test]
fn an_update_is_a_sign_of_life_and_a_hard_end_is_not_moved_by_anything() {
    let server = server(&json!({"unused_client_ttl": DAY}), &json!({"client_ttl": 3 * DAY}));
    let client = register(&server);
    for _ in 0..4 {
        server.store.pass(16 * HOUR_MS);
        let updated = server.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]}));
        assert_eq!(updated.status(), 200);
        let told = updated.json()["client_id_expires_at"].as_u64().unwrap();
        assert!(told <= client["client_id_issued_at"].as_u64().unwrap() + 3 * DAY);
    }
    use_it(&server, &client);
    server.store.pass(9 * HOUR_MS);
    assert_eq!(server.read_back(&client).status(), 401);
}

#[test]
fn a_use_that_cannot_be_noted_is_answered_all_the_same_and_noted_later() {
    let server =
        server(&json!({"unused_client_ttl": DAY, "idle_client_ttl": 30 * DAY}), &json!({}));
    let client = register(&server);
    let ok = Fault::None;
    server.store.fail([ok, ok, Fault::Error, Fault::Error]);
    assert_eq!(use_it(&server, &client).status(), 200);
    let told = server.followed_up.borrow().clone().unwrap();
    assert!(told.contains("was not noted: the store failed"), "{told}");
    server.store.pass(HOUR_MS);
    assert_eq!(use_it(&server, &client).status(), 200);
    server.store.pass(25 * HOUR_MS);
    assert_eq!(server.read_back(&client).status(), 200);
}

#[test]
fn threat_42_noting_a_use_undoes_no_change_and_revives_no_client() {
    for deletes in [false, true] {
        let server = server(&json!({}), &json!({}));
        let client = register(&server);
        server.store.location.set(1);
        use_it(&server, &client);
        server.store.pass(25 * HOUR_MS);
        // This location reads, and a moment later another changes what was read.
        assert_eq!(server.read_back(&client).status(), 200);
        server.store.location.set(2);
        if deletes {
            assert_eq!(server.delete(&client).status(), 204);
        } else {
            let changed = json!({"redirect_uris": ["https://b.example/cb"], "token_endpoint_auth_method": "none"});
            assert_eq!(server.update(&client, &changed).status(), 200);
        }
        server.store.pass(5_000);
        server.store.location.set(1);
        assert_eq!(use_it(&server, &client).status(), 200, "KV shows the former state");
        server.store.pass(70_000);
        server.store.location.set(3);
        let read = server.read_back(&client);
        if deletes {
            assert_eq!(read.status(), 401);
        } else {
            assert_eq!(read.json()["redirect_uris"], json!(["https://b.example/cb"]));
            assert_eq!(read.json()["token_endpoint_auth_method"], "none");
        }
        assert_eq!(*server.followed_up.borrow(), None);
    }
}
