//! The life of credentials: registration access tokens that rotate, client secrets that expire.

use rollcall::client::{Record, Secrets, Standing};
use rollcall::vocabulary::{ClientSecret, RegistrationToken};
use rollcall_support::apis::rotating;
use rollcall_support::gated::body;
use rollcall_support::kv::Fault;
use rollcall_support::{Answer, Call, Server};
use serde_json::{Value, json};

/// Sends what `action` does a second later, and returns what is known of the client after it.
fn after(server: &Server, action: impl Fn() -> Answer) -> Value {
    server.store.pass(1_000);
    let answer = action();
    assert_eq!(answer.status(), 200, "{}", answer.json());
    answer.json()
}

fn token(client: &Value) -> &Value {
    &client["registration_access_token"]
}

#[test]
fn rotation_never_keeps_the_token_and_reads_write_nothing() {
    let server = Server::new();
    let client = server.register(&body()).created();
    let updated = after(&server, || server.update(&client, &body()));
    let read = after(&server, || server.read_back(&client));
    assert_eq!((token(&updated), token(&read)), (token(&client), token(&client)));
    assert_eq!(server.store.operations().1, 2, "the registration and the update");
}

#[test]
fn rotation_on_update_issues_a_token_and_the_former_works_until_the_new_one_is_used() {
    let server = rotating("on_update");
    let first = server.register(&body()).created();
    assert_eq!(token(&after(&server, || server.read_back(&first))), token(&first));
    let second = after(&server, || server.update(&first, &body()));
    assert_ne!(token(&second), token(&first));
    // The answer may have been lost: both work, however often the former one is used.
    for _ in 0..2 {
        assert_eq!(token(&after(&server, || server.read_back(&first))), token(&first));
    }
    let writes = server.store.operations().1;
    after(&server, || server.read_back(&second));
    assert_eq!(server.store.operations().1, writes + 1);
    assert_eq!(server.read_back(&first).status(), 401, "its successor was used");
    after(&server, || server.read_back(&second));
    assert_eq!(server.store.operations().1, writes + 1, "a token is retired once");
}

/// Threat 31.
#[test]
fn event_says_when_a_former_token_ends_the_newest() {
    const ENDED: &str = "a former registration access token was used: the newest one has ended";
    for (when, method) in [("on_update", "PUT"), ("always", "PUT"), ("always", "GET")] {
        let server = rotating(when);
        let first = server.register(&body()).created();
        let change = |client: &Value| {
            server.store.pass(1_000);
            let call = if method == "PUT" {
                Call::update(client, &body())
            } else {
                Call::of("GET", client)
            };
            server.send(call)
        };
        let answer = change(&first);
        assert_eq!(
            (answer.status(), answer.0.event.detail.clone()),
            (200, None),
            "{when} {method}"
        );
        let owners = answer.json();
        // Somebody who knows the former token comes before the owner uses the new one.
        let thiefs = change(&first);
        assert_eq!(thiefs.status(), 200);
        assert_eq!(thiefs.0.event.detail.as_deref(), Some(ENDED), "{when} {method}");
        assert_eq!(change(&owners).status(), 401);
        let next = change(&thiefs.json());
        assert_eq!((next.status(), next.0.event.detail.clone()), (200, None), "{when} {method}");
        // An update that was not stored ends no credential.
        server.store.pass(1_000);
        server.store.fail([vec![Fault::None], vec![Fault::Error; 20]].concat());
        let failed = change(&thiefs.json());
        assert_eq!(failed.status(), 503);
        assert!(!failed.0.event.detail.unwrap().contains(ENDED));
    }
}

/// Threat 31.
#[test]
fn lost_answer_locks_no_client_out() {
    let server = rotating("on_update");
    let first = server.register(&body()).created();
    let lost = after(&server, || server.update(&first, &body()));
    let second = after(&server, || server.update(&first, &body()));
    assert_ne!(token(&lost), token(&second));
    assert_eq!(server.read_back(&lost).status(), 401, "two are kept at most");
    after(&server, || server.read_back(&second));
    assert_eq!(server.read_back(&first).status(), 401);
    // An update ends the former token too.
    let third = after(&server, || server.update(&second, &body()));
    let fourth = after(&server, || server.update(&third, &body()));
    assert_eq!(server.read_back(&second).status(), 401);
    assert_eq!(server.read_back(&fourth).status(), 200);
}

#[test]
fn rotation_always_issues_a_token_with_every_read_that_has_a_body() {
    let server = rotating("always");
    let first = server.register(&body()).created();
    let before = server.store.records();
    server.store.pass(1_000);
    assert_eq!(server.send(Call::of("HEAD", &first)).status(), 200);
    assert_eq!(server.store.records(), before, "a HEAD could not bring a new token");
    let second = after(&server, || server.read_back(&first));
    assert_ne!(token(&second), token(&first));
    let third = after(&server, || server.read_back(&second));
    assert_eq!(server.read_back(&first).status(), 401);
    let tag = server.read_back(&third).header("etag").unwrap().to_owned();
    let created = server.register(&body());
    assert_ne!(created.header("etag"), Some(&*tag));
    assert_eq!(after(&server, || server.read_back(&third))["client_id"], first["client_id"]);
    assert_eq!(server.read_back(&third).header("etag"), Some(&*tag), "the metadata did not change");
}

#[test]
fn operator_who_ends_rotation_ends_former_tokens_with_the_next_update() {
    let server = rotating("on_update");
    let first = server.register(&body()).created();
    let second = after(&server, || server.update(&first, &body()));
    let never = Server::new();
    server.store.records().iter().for_each(|(key, value)| never.store.plant(key, value));
    assert_eq!(token(&after(&never, || never.update(&second, &body()))), token(&second));
    assert_eq!(never.read_back(&first).status(), 401);
}

#[test]
fn client_that_names_no_secret_gets_another_once_the_one_it_may_know_has_expired() {
    let server = Server::with_registration(json!({"client_secret_lifetime": 3600}));
    let client = server.register(&body()).created();
    server.store.pass(3_300_000);
    let lost = after(&server, || server.update(&client, &body()));
    assert!(lost["client_secret"].is_string());
    server.store.pass(600_000);
    let again = after(&server, || server.update(&client, &body()));
    assert!(again["client_secret"].is_string());
    // A client that did receive the former one may go on using it.
    let mut request = body();
    request["client_secret"] = lost["client_secret"].clone();
    assert_eq!(
        after(&server, || server.update(&client, &request))["client_id"],
        client["client_id"]
    );
}

#[test]
fn token_that_could_not_be_stored_does_not_leave() {
    let server = rotating("always");
    let client = server.register(&body()).created();
    server.store.pass(1_000);
    let drawn = server.read_back(&client).json();
    for action in [&|| server.read_back(&drawn) as Answer, &|| server.update(&drawn, &body())]
        as [&dyn Fn() -> Answer; 2]
    {
        server.store.pass(1_000);
        // The read succeeds, the writes do not.
        server.store.fail([Fault::None, Fault::Error, Fault::Error]);
        let refused = action();
        assert_eq!(refused.refusal(), (503, "temporarily_unavailable".into()));
        assert_eq!(refused.json().get("registration_access_token"), None);
    }
    assert_eq!(after(&server, || server.read_back(&drawn))["client_id"], client["client_id"]);
}

#[test]
fn read_that_sees_a_previous_state_returns_a_token_of_the_latest_state() {
    for when in ["always", "on_update"] {
        let server = rotating(when);
        let first = server.register(&body()).created();
        let second = after(&server, || server.update(&first, &body()));
        server.store.pass(60_000);
        // Location 1 remembers this state, and location 2 makes another.
        server.store.location.set(1);
        let wrong = format!("Bearer {}Q", "A".repeat(42));
        let stranger = Call::of("HEAD", &second).header("authorization", &wrong);
        assert_eq!(server.send(stranger).status(), 401);
        server.store.location.set(2);
        after(&server, || server.update(&second, &body()));
        server.store.location.set(1);
        let read = server.read_back(&second);
        assert_eq!(read.status(), 200, "{when}");
        server.store.pass(120_000);
        assert_eq!(server.read_back(&read.json()).status(), 200, "{when}: it works everywhere");
    }
}

/// RFC 7591 §3.2.1.
#[test]
fn secret_with_a_lifetime_says_when_it_expires() {
    let server = Server::with_registration(json!({"client_secret_lifetime": 3600}));
    let client = server.register(&body()).created();
    let expires_at = server.now() + 3600;
    assert_eq!(client["client_secret_expires_at"], expires_at);
    assert_eq!(
        after(&server, || server.read_back(&client))["client_secret_expires_at"],
        expires_at
    );

    // In the first half of its life an update leaves it alone.
    server.store.pass(1_000_000);
    let early = after(&server, || server.update(&client, &body()));
    assert_eq!(
        (early.get("client_secret"), &early["client_secret_expires_at"]),
        (None, &json!(expires_at))
    );

    // In the last half it brings a fresh one; the former stays until its own expiry.
    server.store.pass(1_000_000);
    let late = after(&server, || server.update(&client, &body()));
    assert_ne!(late["client_secret"], client["client_secret"]);
    assert_eq!(late["client_secret_expires_at"], server.now() + 3600);
    let record: Value = serde_json::from_str(&server.store.records()[0].1).unwrap();
    let secrets = record["secrets"].as_array().unwrap();
    assert_eq!(secrets.len(), 2);
    assert_eq!(secrets[0]["expires_at"], expires_at);

    // Expired or not, the secret that a client knows may accompany its update.
    server.store.pass(3_600_000);
    let mut with_secret = body();
    with_secret["client_secret"] = late["client_secret"].clone();
    let renewed = after(&server, || server.update(&client, &with_secret));
    assert_eq!(renewed["client_secret_expires_at"], server.now() + 3600);
    let record: Value = serde_json::from_str(&server.store.records()[0].1).unwrap();
    assert_eq!(record["secrets"].as_array().unwrap().len(), 2, "two at most");
}

#[test]
fn client_that_never_saw_its_new_secret_gets_another() {
    let server = Server::with_registration(json!({"client_secret_lifetime": 3600}));
    let client = server.register(&body()).created();
    server.store.pass(2_000_000);
    let mut request = body();
    request["client_secret"] = client["client_secret"].clone();
    let lost = after(&server, || server.update(&client, &request));
    let again = after(&server, || server.update(&client, &request));
    assert!(lost["client_secret"].is_string() && again["client_secret"].is_string());
    assert_ne!(lost["client_secret"], again["client_secret"]);
    request["client_secret"] = lost["client_secret"].clone();
    assert_eq!(server.update(&client, &request).problems()[0].1, "client_secret");
}

#[test]
fn rotation_that_does_not_exist_is_named() {
    use rollcall::issuer::{Config, Settings};
    for value in [json!("sometimes"), json!(true)] {
        let registration = json!({"registration_access_token_rotation": value});
        let settings = Settings { registration, ..Settings::default() };
        let message = Config::parse(settings).unwrap_err().to_string();
        let response =
            format!("REGISTRATION.registration_access_token_rotation is {value}, but must ");
        assert!(message.starts_with(&response), "{message}");
    }
}

#[test]
fn unmodified_read_is_a_use_of_the_new_token_too() {
    let server = rotating("on_update");
    let first = server.register(&body()).created();
    server.store.pass(1_000);
    let updated = server.update(&first, &body());
    let tag = updated.header("etag").unwrap().to_owned();
    server.store.pass(1_000);
    let same = server.send(Call::of("GET", &updated.json()).header("if-none-match", &tag));
    assert_eq!(same.status(), 304);
    assert_eq!(server.read_back(&first).status(), 401);
}

fn secret(byte: u8) -> ClientSecret {
    ClientSecret::from_entropy([byte; 64])
}

#[test]
fn secret_is_due_in_the_last_half_of_its_life_and_after_it() {
    let mut secrets = Secrets::default();
    assert!(secrets.needs_another(None, 0), "there is none");
    secrets.issue(&secret(1), None, 1000, 600);
    assert_eq!(secrets.expires_at(), Some(1600));
    for (now, due) in [(1000, false), (1299, false), (1300, true), (1600, true), (9999, true)] {
        assert_eq!(secrets.needs_another(Some(Standing::Current), now), due, "{now}");
    }
    secrets.issue(&secret(2), None, 1300, 0);
    let current = Some(Standing::Current);
    assert!(!secrets.needs_another(current, u64::MAX), "0 is never");
    assert!(secrets.needs_another(None, 1600), "who presents none may know the expired one only");
}

#[test]
fn at_most_two_secrets_are_kept_the_one_the_client_knows_among_them() {
    let mut secrets = Secrets::default();
    secrets.issue(&secret(1), None, 0, 100);
    secrets.issue(&secret(2), Some(Standing::Current), 50, 100);
    let standings = |secrets: &Secrets| [1, 2, 3].map(|n| secrets.standing(&secret(n)));
    assert_eq!(standings(&secrets), [Some(Standing::Former), Some(Standing::Current), None]);
    // The answer with the second was lost: the client still presents the first.
    assert!(secrets.needs_another(Some(Standing::Former), 51));
    secrets.issue(&secret(3), Some(Standing::Former), 51, 100);
    assert_eq!(standings(&secrets), [Some(Standing::Former), None, Some(Standing::Current)]);
    secrets.clear();
    assert_eq!(standings(&secrets), [None; 3]);
}

#[test]
fn newest_credential_is_the_current_one_and_any_other_a_former() {
    let server = Server::new();
    server.register(&body()).created();
    let stored: Value = serde_json::from_str(&server.store.records()[0].1).unwrap();
    let token = |byte| RegistrationToken::from_entropy([byte; 32]);
    let with_tokens = |tokens: &[u8]| {
        let mut record = stored.clone();
        let digests: Vec<_> = tokens.iter().map(|byte| token(*byte).digest()).collect();
        record["tokens"] = serde_json::to_value(digests).unwrap();
        Record::parse(record.to_string().as_bytes()).unwrap()
    };
    let record = with_tokens(b"abc");
    let found = |byte| record.token_standing(&token(byte));
    assert_eq!(found(b'c'), Some(Standing::Current));
    assert_eq!((found(b'a'), found(b'b')), (Some(Standing::Former), Some(Standing::Former)));
    assert_eq!(found(b'd'), None);
    assert_eq!(with_tokens(b"").token_standing(&token(b'a')), None);
}
