//! KV that fails: retries, responses, and states that must not occur.

use rollcall_support::kv::Fault::{self, Conflict, Error, LostAnswer, Slow, SlowConflict};
use rollcall_support::{Answer, Call, NOW, Server};
use serde_json::{Value, json};

const OK: Fault = Fault::None;

fn body() -> Value {
    json!({"redirect_uris": ["https://a.example/cb"], "client_name": "after"})
}

/// A server with one client, registered long ago.
fn established() -> (Server, Value) {
    let server = Server::new();
    let mut registration = body();
    registration["client_name"] = "before".into();
    let client = server.register(&registration).created();
    server.store.pass(120_000);
    (server, client)
}

/// The operations of each request on KV, in order: an update reads the client and writes it; a deletion reads the
/// client and deletes it.
fn action(server: &Server, client: &Value, what: &str) -> Answer {
    match what {
        "register" => server.register(&body()),
        "read" => server.read_back(client),
        "update" => server.update(client, &body()),
        "delete" => server.delete(client),
        other => panic!("{other}"),
    }
}

#[test]
fn passing_failure_is_tried_again_and_nobody_notices() {
    for (what, faults, status) in [
        ("register", vec![Error], 201),
        ("register", vec![LostAnswer], 201),
        ("read", vec![Error], 200),
        ("update", vec![Error], 200),
        ("update", vec![OK, Error], 200),
        ("update", vec![OK, Conflict], 200),
        ("update", vec![OK, Conflict, Conflict], 200),
        ("update", vec![OK, Conflict, Error], 200),
        ("update", vec![OK, Error, Conflict], 200),
        ("update", vec![Error, OK, Error], 200),
        ("update", vec![OK, LostAnswer], 200),
        ("update", vec![Slow(8_000), Slow(8_000)], 200),
        ("delete", vec![OK, Conflict, Conflict], 204),
        ("delete", vec![OK, LostAnswer], 204),
        ("delete", vec![OK, Error, Conflict], 204),
    ] {
        let (server, client) = established();
        server.store.fail(faults.iter().copied());
        let from = server.store.clock.get();
        assert_eq!(action(&server, &client, what).status(), status, "{what} {faults:?}");
        let slow = faults.iter().any(|fault| matches!(fault, Slow(_)));
        let took = server.store.clock.get() - from;
        assert!(slow || took < 10_000, "{what} {faults:?} took {took} ms");
    }
}

#[test]
fn failure_that_stays_is_503_with_retry_after_inside_the_time_budget() {
    for (what, faults) in [
        ("register", vec![Error; 9]),
        ("read", vec![Error; 9]),
        ("update", vec![Error; 9]),
        ("update", [vec![OK], vec![Conflict; 9]].concat()),
        ("update", [vec![OK], vec![Error; 9]].concat()),
        ("update", vec![OK, LostAnswer, Error, Error]),
        ("update", vec![OK, SlowConflict(4_500)]),
        ("delete", vec![OK, Error, Error]),
        ("delete", [vec![OK], vec![Conflict; 9]].concat()),
    ] {
        let (server, client) = established();
        let keys = server.store.records().len();
        server.store.fail(faults.iter().copied());
        let from = server.store.clock.get();
        let answer = action(&server, &client, what);
        assert_eq!(answer.refusal(), (503, "temporarily_unavailable".into()), "{what} {faults:?}");
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert!(
            answer
                .0
                .event
                .detail
                .as_deref()
                .is_some_and(|detail| detail.contains("store") || detail.contains("writes"))
        );
        assert!(server.store.clock.get() - from < 10_000, "{what} {faults:?}");
        let response = answer.json();
        for credential in ["client_id", "client_secret", "registration_access_token"] {
            assert_eq!(response.get(credential), None, "{what} {faults:?}");
        }
        // No half-done change: the client is in its former or its new state, and can go on.
        server.store.fail([]);
        server.store.pass(2_000);
        let read = server.read_back(&client);
        assert_eq!(read.status(), 200, "{what} {faults:?}");
        assert!(["before", "after"].contains(&read.json()["client_name"].as_str().unwrap()));
        assert!(server.store.records().len() <= keys + usize::from(what == "register"));
        assert_eq!(
            server.delete(&client).status(),
            204,
            "{what} {faults:?}: it may be asked again"
        );
        assert_eq!(server.read_back(&client).status(), 401);
    }
}

#[test]
fn update_right_after_the_registration_waits_for_its_turn() {
    let server = Server::new();
    let client = server.register(&body()).created();
    assert_eq!(server.update(&client, &body()).status(), 200);
    let waited = server.store.clock.get() - NOW * 1000;
    assert!((1_000..1_300).contains(&waited), "{waited} ms");
}

#[test]
fn record_that_is_newer_or_corrupt_is_never_overwritten_and_logged() {
    let (server, client) = established();
    let current = server.store.records()[0].1.clone();
    let newer = current.replacen("{\"v\":3,", "{\"v\":5,", 1);
    assert_ne!(newer, current);
    for planted in
        ["", "{", "{\"v\":5,\"client_id\":\"s3cret\"}", &newer, "{\"v\":2}", "[]", "\u{0}"]
    {
        let key = server.store.records()[0].0.clone();
        server.store.plant(&key, planted);
        for what in ["read", "update", "delete"] {
            let answer = action(&server, &client, what);
            assert_eq!(answer.refusal(), (500, "server_error".into()), "{what} {planted}");
            let detail = answer.0.event.detail.clone().unwrap();
            assert!(detail.starts_with("the record ") && !detail.contains("s3cret"), "{detail}");
        }
        assert_eq!(server.store.records(), [(key, planted.to_owned())]);
    }
}

#[test]
fn record_under_the_key_of_another_client_is_a_server_error() {
    let (server, client) = established();
    let other = server.register(&body()).created();
    let records = server.store.records();
    let record_of = |client: &Value| {
        records
            .iter()
            .find(|(key, _)| key.ends_with(client["client_id"].as_str().unwrap()))
            .unwrap()
    };
    server.store.plant(&record_of(&client).0, &record_of(&other).1);
    let mut confused = client.clone();
    confused["registration_access_token"] = other["registration_access_token"].clone();
    assert_eq!(server.read_back(&confused).refusal(), (500, "server_error".into()));
    assert_eq!(server.read_back(&other).status(), 200);
}

/// Threat 42.
#[test]
fn location_that_still_sees_a_deleted_client_cannot_revive_it() {
    let (server, client) = established();
    server.store.location.set(1);
    assert_eq!(server.read_back(&client).status(), 200);
    server.store.location.set(2);
    assert_eq!(server.delete(&client).status(), 204);
    assert_eq!(server.read_back(&client).status(), 401, "dead at once where it was deleted");

    server.store.location.set(1);
    assert_eq!(server.read_back(&client).status(), 200, "KV shows this for up to a minute");
    assert_eq!(server.update(&client, &body()).status(), 401);
    server.store.location.set(3);
    assert_eq!(server.read_back(&client).status(), 401);
    server.store.location.set(1);
    server.store.pass(60_000);
    assert_eq!(server.read_back(&client).status(), 401);
}

/// Threat 42.
#[test]
fn location_that_has_just_written_a_client_cannot_revive_it() {
    let (server, client) = established();
    server.store.location.set(1);
    assert_eq!(server.update(&client, &body()).status(), 200);
    server.store.location.set(2);
    server.store.pass(2_000);
    assert_eq!(server.delete(&client).status(), 204);
    server.store.location.set(1);
    assert_eq!(server.update(&client, &body()).status(), 401);
    server.store.location.set(3);
    assert_eq!(server.read_back(&client).status(), 401);
}

#[test]
fn client_that_keeps_updating_itself_stays_deleted() {
    let (server, client) = established();
    server.store.location.set(1);
    for _ in 0..20 {
        assert_eq!(server.update(&client, &body()).status(), 200);
        server.store.pass(3_000);
    }
    server.store.location.set(2);
    assert_eq!(server.delete(&client).status(), 204);
    server.store.location.set(1);
    for _ in 0..40 {
        assert_eq!(server.update(&client, &body()).status(), 401);
        server.store.pass(3_000);
    }
    server.store.location.set(3);
    assert_eq!(server.read_back(&client).status(), 401);
    assert_eq!(server.store.records(), []);
}

#[test]
fn ledger_that_fails_for_a_moment_is_asked_again() {
    for (what, faults, status) in [
        ("update", vec![Error], 200),
        ("update", vec![LostAnswer], 200),
        ("update", vec![OK, Error], 200),
        ("update", vec![OK, LostAnswer], 200),
        ("delete", vec![Error], 204),
        ("delete", vec![LostAnswer], 204),
    ] {
        let (server, client) = established();
        *server.ledger_faults.borrow_mut() = faults.clone().into();
        assert_eq!(action(&server, &client, what).status(), status, "{what} {faults:?}");
        assert_eq!(server.store.operations().1, 2, "{what} {faults:?}: one write");
    }
}

#[test]
fn without_the_ledger_nothing_is_changed_or_deleted_and_everything_else_works() {
    let (server, client) = established();
    for what in ["update", "delete"] {
        *server.ledger_faults.borrow_mut() = [Error, Error].into();
        let refused = action(&server, &client, what);
        assert_eq!(refused.refusal(), (503, "temporarily_unavailable".into()), "{what}");
        assert_eq!(refused.header("retry-after"), Some("2"), "{what}");
        let detail = refused.0.event.detail.unwrap();
        assert!(detail.contains("The Durable Object failed"), "{detail}");
    }
    assert_eq!(server.store.operations().1, 1, "the registration");
    *server.ledger_faults.borrow_mut() = [Error; 9].into();
    assert_eq!(server.read_back(&client).json()["client_name"], "before");
    assert_eq!(server.register(&body()).status(), 201);
}

#[test]
fn writer_that_cannot_report_its_end_delays_the_next_one_for_half_a_minute() {
    let (server, client) = established();
    *server.ledger_faults.borrow_mut() = [OK, Error, Error].into();
    let done = server.update(&client, &body());
    assert_eq!(done.status(), 200);
    let note = done.0.event.detail.unwrap();
    assert!(note.starts_with("other writes of this client wait for half a minute"), "{note}");
    let busy = server.update(&client, &body());
    assert_eq!(busy.refusal(), (503, "temporarily_unavailable".into()));
    assert_eq!(busy.header("retry-after"), Some("2"));
    server.store.pass(30_000);
    assert_eq!(server.update(&client, &body()).status(), 200);
}

/// Threat 29.
#[test]
fn no_credential_is_in_a_log_an_error_a_key_or_a_debug_output() {
    use rollcall::client::{RawMetadata, Record};
    let server = Server::with_registration(
        json!({"registration_access_token_rotation": "always", "client_secret_lifetime": 60}),
    );
    let mut client = server.register(&body()).created();
    let mut shown = Vec::new();
    let mut credentials = Vec::new();
    let mut note = |client: &Value| {
        for name in ["client_secret", "registration_access_token"] {
            credentials.extend(client[name].as_str().map(str::to_owned));
        }
    };
    note(&client);
    for step in 0..12 {
        server.store.pass(40_000);
        let mut request = body();
        if let Some(secret) = client.get("client_secret") {
            request["client_secret"] = secret.clone();
        }
        let call = match step % 4 {
            0 => Call::update(&client, &request),
            1 => Call::of("GET", &client),
            2 => Call::update(
                &client,
                &json!({"client_secret": client["registration_access_token"], "registration_access_token": client["registration_access_token"]}),
            ),
            _ => Call::of("GET", &client)
                .header("if-match", client["registration_access_token"].as_str().unwrap()),
        };
        if step == 5 {
            server.store.fail([Error, Error]);
        }
        let answer = server.send(call);
        shown.push(format!("{:?} {:?}", answer.0, answer.0.event));
        if answer.status() == 200 {
            for (name, value) in answer.json().as_object().unwrap() {
                client[name] = value.clone();
            }
            note(&client);
        } else {
            shown.push(answer.json().to_string());
        }
        let raw = RawMetadata::parse(request.to_string().as_bytes()).unwrap();
        shown.push(format!("{raw:?}"));
    }
    for (key, record) in server.store.records() {
        let read = Record::parse(record.as_bytes()).unwrap();
        shown.push(format!("{key} {record} {read:?}"));
    }
    let shown = shown.concat();
    assert!(credentials.len() > 10 && shown.contains("invalid_client_metadata"));
    for credential in credentials {
        assert!(!shown.contains(&credential));
    }
}
