//! Requests that overlap: whatever one does while another waits, for its body or for the store, the
//! other goes on from there.

use std::cell::RefCell;

use rollcall_support::apis::rotating;
use rollcall_support::kv::Fault;
use rollcall_support::{Call, Server};
use serde_json::{Value, json};

fn metadata(name: &str) -> Value {
    json!({"redirect_uris": ["https://a.example/cb"], "client_name": name})
}

/// A client and its `ETag`.
fn registered(server: &Server) -> (Value, String) {
    let answer = server.register(&metadata("first"));
    (answer.created(), answer.header("etag").unwrap().to_owned())
}

/// RFC 9110 §13.1.1.
#[test]
fn one_of_two_updates_of_the_same_state_fails() {
    for slowly in [true, false] {
        let server = Server::new();
        let (client, etag) = registered(&server);
        // The second of them waits for its body; or, right after the registration, for the store.
        server.store.pass(if slowly { 5_000 } else { 100 });
        let update = |name| Call::update(&client, &metadata(name)).header("if-match", &etag);
        // While one of them writes, the other gets no turn.
        let other = |status| assert_eq!(server.send(update("B")).status(), status);
        let (winner, loser) = if slowly {
            ("B", server.send_slowly(update("A"), || other(200)))
        } else {
            assert_eq!(server.send_waiting(update("A"), || other(503)).status(), 200);
            ("A", server.send(update("B")))
        };
        assert_eq!(loser.refusal().0, 412, "slowly: {slowly}");
        assert_eq!(server.read_back(&client).json()["client_name"], winner);
    }
}

#[test]
fn body_that_arrives_late_is_judged_by_the_token_that_works_then() {
    let server = rotating("on_update");
    let (first, _) = registered(&server);
    server.store.pass(5_000);
    let newest = RefCell::new(Value::Null);
    let answer = server.send_slowly(Call::update(&first, &metadata("late")), || {
        let second = server.update(&first, &metadata("B")).json();
        server.store.pass(2_000);
        assert_eq!(server.read_back(&second).status(), 200);
        server.store.pass(300_000);
        newest.replace(second);
    });
    assert_eq!(answer.status(), 401, "its successor was used");
    let read = server.read_back(&newest.borrow());
    assert_eq!((read.status(), &read.json()["client_name"]), (200, &json!("B")));
}

#[test]
fn secret_that_was_dropped_meanwhile_stays_dead() {
    let server = Server::new();
    let (client, _) = registered(&server);
    let digest = |at: usize| {
        let record: Value = serde_json::from_str(&server.store.records()[0].1).unwrap();
        record["secrets"][at]["sha256"].as_str().map(str::to_owned)
    };
    let dropped = digest(0).unwrap();
    server.store.pass(5_000);
    let mut late = metadata("late");
    late["token_endpoint_auth_method"] = "client_secret_basic".into();
    server.send_slowly(Call::update(&client, &late), || {
        let mut public = metadata("public");
        public["token_endpoint_auth_method"] = "none".into();
        assert_eq!(server.update(&client, &public).status(), 200);
        server.store.pass(2_000);
        let mut again = metadata("again");
        again["token_endpoint_auth_method"] = "client_secret_basic".into();
        assert!(server.update(&client, &again).json()["client_secret"].is_string());
        server.store.pass(2_000);
    });
    assert!(digest(0).is_some_and(|digest| digest != dropped));
    assert_eq!(digest(1), None);
}

/// Threat 42.
#[test]
fn client_that_is_deleted_while_an_update_waits_stays_deleted() {
    let server = Server::new();
    let (client, _) = registered(&server);
    server.store.pass(100);
    let answer = server.send_waiting(Call::update(&client, &metadata("A")), || {
        assert_eq!(server.delete(&client).status(), 503, "it gets no turn meanwhile");
    });
    assert_eq!(answer.status(), 200);
    assert_eq!(server.delete(&client).status(), 204);
    server.store.pass(1_000);
    assert_eq!(server.update(&client, &metadata("B")).status(), 401);
    server.store.pass(120_000);
    assert_eq!(server.read_back(&client).status(), 401);
}

#[test]
fn read_that_retires_a_token_undoes_no_update() {
    let server = rotating("on_update");
    let (first, _) = registered(&server);
    server.store.pass(5_000);
    let second = server.update(&first, &metadata("second")).json();
    server.store.pass(100);
    let newest = RefCell::new(Value::Null);
    let answer = server.send_waiting(Call::of("HEAD", &second), || {
        assert_eq!(server.update(&second, &metadata("third")).status(), 503, "no turn meanwhile");
    });
    assert_eq!(answer.status(), 200);
    let third = server.update(&second, &metadata("third"));
    assert_eq!(third.status(), 200);
    newest.replace(third.json());
    server.store.pass(120_000);
    let read = server.read_back(&newest.borrow());
    assert_eq!((read.status(), &read.json()["client_name"]), (200, &json!("third")));
}

#[test]
fn deletion_that_waits_is_judged_by_what_is_there_then() {
    let server = Server::new();
    let (client, etag) = registered(&server);
    server.store.pass(5_000);
    *server.ledger_faults.borrow_mut() = [Fault::Error].into();
    let delete = Call::of("DELETE", &client).header("if-match", &etag);
    let answer = server.send_waiting(delete, || {
        assert_eq!(server.update(&client, &metadata("B")).status(), 200);
    });
    assert_eq!(answer.refusal().0, 412);
    assert_eq!(server.read_back(&client).json()["client_name"], "B");

    let server = rotating("on_update");
    let (first, _) = registered(&server);
    server.store.pass(5_000);
    let second = server.update(&first, &metadata("B")).json();
    server.store.pass(5_000);
    *server.ledger_faults.borrow_mut() = [Fault::Error].into();
    let answer = server.send_waiting(Call::of("DELETE", &first), || {
        assert_eq!(server.read_back(&second).status(), 200);
    });
    assert_eq!(answer.status(), 401, "its successor was used");
    assert_eq!(server.read_back(&second).status(), 200);
}
