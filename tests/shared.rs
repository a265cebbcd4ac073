//! Shared clients: public clients without keys, of which all with equal metadata are one client.

use rollcall::issuer::Config;
use rollcall_support::apis::{
    authenticate, bearer, change_state, id, import, look_up, operator, operator_post, server_post,
};
use rollcall_support::gated::{mint, with};
use rollcall_support::kv::Fault;
use rollcall_support::{AS_TOKEN, Answer, Call, Server, settings};
use serde_json::{Value, json};

use crate::cases::cases;

/// A key of one repeated letter.
fn key(letter: char) -> String {
    format!("{}A", letter.to_string().repeat(42))
}

fn server_with(registration: &Value, vars: &Value) -> Server {
    let mut own = registration.clone();
    own["shared_public_clients"] = true.into();
    let mut all = json!({"SHARED_ID_KEY": key('s'), "REGISTRATION": own});
    all.as_object_mut().unwrap().extend(vars.as_object().unwrap().clone());
    Server::configured(settings(&all))
}

fn server() -> Server {
    server_with(&json!({}), &json!({}))
}

/// A connector of a web application, which registers whenever one of its users connects.
fn connector() -> Value {
    json!({
        "client_name": "Claude", "client_name#fr": "Claude, en français",
        "redirect_uris": ["https://claude.ai/cb", "https://claude.com/cb"],
        "grant_types": ["authorization_code", "refresh_token"], "scope": "openid email",
        "token_endpoint_auth_method": "none", "software_id": "claude", "software_version": "1",
    })
}

/// The connector with `name` set to `value`.
fn connector_with(name: &str, value: Value) -> Value {
    let mut metadata = connector();
    metadata[name] = value;
    metadata
}

/// The keys of the clients that are stored.
fn stored(server: &Server) -> Vec<String> {
    let records = server.store.records().into_iter().map(|(key, _)| key);
    records.filter(|key| key.starts_with("c:")).collect()
}

fn ended(answer: &Answer) {
    assert_eq!(answer.refusal(), (403, "access_denied".into()));
    assert!(answer.json()["error_description"].as_str().unwrap().contains("with these metadata"));
}

/// What listing shows of the only client.
fn listed(server: &Server) -> Value {
    let page = server.send(operator("GET", "")).json();
    assert_eq!(page["clients"].as_array().unwrap().len(), 1, "{page}");
    page["clients"][0].clone()
}

#[test]
fn equal_registrations_make_one_record_with_one_write() {
    let all = cases(10_000);
    let server = server();
    let first = server.register(&connector()).created();
    assert_eq!((server.store.operations(), server.ledger_requests.get()), ((1, 1), 2));
    for n in 1..all {
        server.store.location.set(n as usize % 3);
        server.store.pass(100);
        let again = server.register(&connector_with("software_version", n.to_string().into()));
        assert_eq!(again.created(), first, "{n}");
    }
    let all = u64::from(all);
    assert_eq!(server.store.operations(), (all, 1));
    assert_eq!((stored(&server).len(), server.ledger_requests.get()), (1, 2));
    assert_eq!(first["client_id_issued_at"], rollcall_support::NOW);
    // The counts of the last minute are not passed on yet.
    let requests = listed(&server)["requests"].as_u64().unwrap();
    assert!((all - 600..=all).contains(&requests), "{requests}");
}

#[test]
fn response_has_no_credential_and_no_address_of_management() {
    let server = server();
    let answers = [(); 2].map(|()| server.register(&connector()));
    for (answer, event) in answers.iter().zip([None, Some("client.repeated")]) {
        let client = answer.created();
        for absent in [
            "client_secret",
            "client_secret_expires_at",
            "registration_access_token",
            "registration_client_uri",
        ] {
            assert!(client.get(absent).is_none(), "{absent}");
        }
        assert_eq!((answer.header("location"), answer.0.event.name), (None, event));
        assert_eq!(answer.0.is_audited(), event.is_none());
        assert_eq!(answer.0.event.client_id.as_deref(), Some(id(&client)));
        assert_eq!((id(&client).len(), &id(&client)[..1]), (30, "s"));
    }
    let record = &server.store.records()[0].1;
    assert!(record.contains("\"shared\":true") && record.contains("\"tokens\":[]"), "{record}");
}

#[test]
fn order_of_lists_versions_and_unknown_members_do_not_matter() {
    let server = server();
    let first = server.register(&connector()).created();
    let equal = [
        connector_with(
            "redirect_uris",
            json!(["https://claude.com/cb", "https://claude.ai/cb", "https://claude.ai/cb"]),
        ),
        connector_with("grant_types", json!(["refresh_token", "authorization_code"])),
        connector_with("scope", "email openid".into()),
        connector_with("software_version", Value::Null),
        connector_with("misspelt_name", "x".into()),
        connector_with("client_uri", "".into()),
        connector_with("response_types", json!(["code"])),
    ];
    for (n, metadata) in equal.iter().enumerate() {
        assert_eq!(server.register(metadata).created()["client_id"], first["client_id"], "{n}");
    }
    let others = [
        connector_with("client_name", "claude".into()),
        connector_with("client_name#fr", "Claude".into()),
        connector_with("client_name#de", "Claude".into()),
        connector_with("redirect_uris", json!(["https://claude.ai/cb"])),
        connector_with("software_id", "other".into()),
        connector_with("scope", "openid".into()),
        connector_with("default_acr_values", json!(["a", "b"])),
        // Values "appearing in order of preference".
        connector_with("default_acr_values", json!(["b", "a"])),
    ];
    let mut ids = vec![first["client_id"].clone()];
    for metadata in &others {
        let other = server.register(metadata).created();
        assert!(!ids.contains(&other["client_id"]), "{metadata}");
        ids.push(other["client_id"].clone());
    }
    assert_eq!(stored(&server).len(), 1 + others.len());
}

#[test]
fn clients_with_a_secret_or_keys_are_never_shared() {
    let server = server();
    let keys = json!({"keys": [{"kty": "RSA", "kid": "1", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}]});
    let own = [
        connector_with("token_endpoint_auth_method", "client_secret_basic".into()),
        connector_with("token_endpoint_auth_method", Value::Null),
        connector_with("jwks", keys),
        connector_with("jwks_uri", "https://claude.ai/keys".into()),
        connector_with("signed_jwks_uri", "https://claude.ai/keys".into()),
    ];
    for metadata in &own {
        let [one, other] = [(); 2].map(|()| server.register(metadata).created());
        assert_ne!(one["client_id"], other["client_id"], "{metadata}");
        assert!(one.get("registration_access_token").is_some());
    }
    assert_eq!(stored(&server).len(), 2 * own.len());
}

#[test]
fn request_of_more_than_eight_kilobytes_gets_a_client_of_its_own() {
    let server = server();
    let padded = |bytes: usize| {
        let without = connector_with("x_padding", "".into()).to_string().len();
        connector_with("x_padding", "x".repeat(bytes - without).into())
    };
    let shared = server.register(&connector()).created();
    assert_eq!(padded(8_192).to_string().len(), 8_192);
    assert_eq!(server.register(&padded(8_192)).created(), shared);
    let own = [(); 2].map(|()| server.register(&padded(8_193)).created());
    assert_ne!(own[0]["client_id"], own[1]["client_id"]);
    assert!(own[0].get("registration_access_token").is_some());
}

#[test]
fn sharing_is_off_by_default_and_turning_it_off_leaves_shared_clients_as_they_are() {
    let server = Server::configured(settings(&json!({"SHARED_ID_KEY": key('s')})));
    let [one, other] = [(); 2].map(|()| server.register(&connector()).created());
    assert_ne!(one["client_id"], other["client_id"]);
    let ring = format!("1:{}", key('k'));
    let required = json!({"ID_KEY": ring, "ID_KEY_REQUIRED": true});
    let shared = server_with(&json!({}), &required);
    let client = shared.register(&connector()).created();
    let mut off = required.clone();
    off["SHARED_ID_KEY"] = key('s').into();
    let off = Server::configured(settings(&off));
    shared.store.records().iter().for_each(|(key, record)| off.store.plant(key, record));
    assert_eq!(look_up(&off, &client).status(), 200);
    assert_ne!(off.register(&connector()).created()["client_id"], client["client_id"]);
}

#[test]
fn identifiers_differ_by_key_issuer_and_policy() {
    let default = server().register(&connector()).created();
    let elsewhere = json!({"ISSUER": "https://other.example.com"});
    let other = server_with(&json!({}), &elsewhere);
    let call = Call::register(connector().to_string()).origin("https://other.example.com");
    let mut ids = vec![id(&default).to_owned(), id(&other.send(call).created()).to_owned()];
    for (registration, vars) in [
        (json!({}), json!({"SHARED_ID_KEY": key('t')})),
        (json!({}), json!({"POLICY": {"https_links": true}})),
        (json!({}), json!({"ANONYMOUS_POLICY": {"approval": true}})),
        // The same policies; the mode decides that the second applies.
        (json!({"mode": "tiered"}), json!({"ANONYMOUS_POLICY": {"approval": true}})),
        (json!({"client_id": "url"}), json!({})),
    ] {
        let client = server_with(&registration, &vars).register(&connector()).created();
        let id = id(&client).rsplit('/').next().unwrap().to_owned();
        assert!(!ids.contains(&id), "{registration} {vars}");
        ids.push(id);
    }
}

/// Row 1 of the security section: nobody manages a shared client.
#[test]
fn no_token_manages_a_shared_client() {
    let server = server();
    let client = server.register(&connector()).created();
    let own = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    let path = format!("/reg/{}", id(&client));
    let foreign = own["registration_access_token"].as_str().unwrap();
    for method in ["GET", "PUT", "DELETE"] {
        for token in [foreign, &"A".repeat(43), ""] {
            let call = bearer(method, &path, token).header("content-type", "application/json");
            let answer = server.send(call.body(connector().to_string()));
            assert_eq!(answer.refusal(), (401, "invalid_token".into()), "{method} {token}");
        }
        assert_eq!(server.send(Call::new(method, &path)).status(), 401, "{method}");
    }
    assert_eq!(server.register(&connector()).created(), client);
    // Not even the operator makes a token, or changes what the identifier stands for.
    let rotation = json!({"credential": "registration_access_token"});
    let refused = operator_post(&server, &format!("/{}/rotate", id(&client)), &rotation);
    assert_eq!(refused.refusal_off_browsers(), (400, "invalid_request".into()));
    let edit = operator("PATCH", &format!("/{}", id(&client)));
    let edit = edit.header("content-type", "application/json");
    let refused = server.send(edit.body(json!({"metadata": {"client_name": "X"}}).to_string()));
    assert_eq!(refused.refusal_off_browsers(), (400, "invalid_request".into()));
}

#[test]
fn no_secret_authenticates_a_shared_client() {
    let server = server();
    let client = server.register(&connector()).created();
    for secret in ["", "secret", &"A".repeat(86)] {
        assert_eq!(authenticate(&server, &client, secret).status(), 401, "{secret}");
    }
    let rotation = json!({"credential": "client_secret"});
    let refused = operator_post(&server, &format!("/{}/rotate", id(&client)), &rotation);
    assert_eq!(refused.status(), 400);
}

#[test]
fn look_up_says_that_the_client_is_shared() {
    let server = server();
    let client = server.register(&connector()).created();
    let seen = look_up(&server, &client).json();
    assert_eq!(
        (&seen["shared"], &seen["metadata"]["client_name"]),
        (&json!(true), &json!("Claude"))
    );
    let own = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    assert_eq!(look_up(&server, &own).json().get("shared"), None);
    let get = server.send(operator("GET", &format!("/{}", id(&client)))).json();
    assert_eq!(get["shared"], true);
}

#[test]
fn deleted_shared_client_is_not_made_again_for_a_year() {
    let server = server();
    let client = server.register(&connector()).created();
    server.store.pass(2_000);
    let path = format!("/{}", id(&client));
    assert_eq!(server.send(operator("DELETE", &path)).status(), 204);
    let writes = server.store.operations().1;
    for pause in [0, 70_000, 86_400_000, 300 * 86_400_000] {
        server.store.pass(pause);
        for location in 0..3 {
            server.store.location.set(location);
            ended(&server.register(&connector()));
            assert_eq!(look_up(&server, &client).status(), 404);
        }
    }
    assert_eq!((stored(&server).len(), server.store.operations().1), (0, writes));
    // Other metadata are another client.
    server.register(&connector_with("client_name", "Other".into())).created();
}

#[test]
fn disabled_shared_client_stays_disabled_until_the_operator_enables_it() {
    let server = server_with(&json!({"unused_client_ttl": 3_600}), &json!({}));
    let client = server.register(&connector()).created();
    server.store.pass(2_000);
    assert_eq!(change_state(&server, &client, "disable").status(), 204);
    for pause in [0, 70_000, 86_400_000_000] {
        server.store.pass(pause);
        let writes = server.store.operations().1;
        ended(&server.register(&connector()));
        assert_eq!(server.store.operations().1, writes);
    }
    assert_eq!(change_state(&server, &client, "enable").status(), 204);
    assert_eq!(server.register(&connector()).created()["client_id"], client["client_id"]);
}

#[test]
fn shared_client_waits_for_approval_once_for_all_who_request_it() {
    let server = server_with(&json!({}), &json!({"POLICY": {"approval": true}}));
    let answer = server.register(&connector());
    let client = answer.created();
    assert_eq!(
        (&client["status"], answer.0.event.name),
        (&json!("pending"), Some("client.pending"))
    );
    server.store.pass(2_000);
    let again = server.register(&connector());
    assert_eq!((again.created(), again.0.event.name), (client.clone(), Some("client.repeated")));
    let decide = |what: &str, body: &Value| {
        server.store.pass(2_000);
        let answer = operator_post(&server, &format!("/{}/{what}", id(&client)), body);
        assert_eq!(answer.status(), 204, "{what}");
    };
    decide("reject", &json!({"reason": "unknown"}));
    for location in 0..3 {
        server.store.location.set(location);
        server.store.pass(70_000);
        ended(&server.register(&connector()));
    }
    let seen = server.send(operator("GET", &format!("/{}", id(&client)))).json();
    decide("approve", &json!({"version": seen["version"]}));
    let approved = server.register(&connector()).created();
    assert_eq!((approved.get("status"), id(&approved)), (None, id(&client)));
    assert_eq!(look_up(&server, &client).json()["status"], "active");
    assert_eq!(stored(&server).len(), 1);
}

#[test]
fn client_of_a_token_is_never_given_to_others() {
    let server = server_with(&json!({"mode": "tiered"}), &json!({}));
    let tokens: Vec<Value> = (0..2).map(|_| mint(&server, &json!({"uses": 3}))).collect();
    let anonymous = server.register(&connector()).created();
    let mut ids = vec![id(&anonymous).to_owned()];
    for token in &tokens {
        let clients: Vec<Value> =
            (0..3).map(|_| server.send(with(token, &connector())).created()).collect();
        assert!(clients.iter().all(|client| *client == clients[0]), "one client for each token");
        assert!(!ids.contains(&id(&clients[0]).to_owned()));
        assert_eq!(look_up(&server, &clients[0]).json()["self_asserted"], false);
        ids.push(id(&clients[0]).to_owned());
    }
    assert_eq!(look_up(&server, &anonymous).json()["self_asserted"], true);
    assert_eq!(used(&server), [1, 1], "repeats take no use");
}

#[test]
fn client_of_a_certificate_is_never_given_to_others() {
    let server =
        server_with(&json!({}), &json!({"POLICY": {"certificate": {"subjects": ["CN=Bank"]}}}));
    let call = || Call::register(connector().to_string());
    let report = |sha256| ["1", "SUCCESS", "0", "CN=Bank", "CN=CA", sha256];
    let prints = ["a".repeat(64), "b".repeat(64)];
    let mut ids = vec![id(&server.send(call()).created()).to_owned()];
    for print in &prints {
        let clients = [(); 2].map(|()| server.send(call().certificate(report(print))).created());
        assert_eq!(clients[0], clients[1]);
        ids.push(id(&clients[0]).to_owned());
    }
    ids.dedup();
    assert_eq!((ids.len(), stored(&server).len()), (3, 3));
}

/// The uses of each token.
fn used(server: &Server) -> Vec<u64> {
    let books = server.books.borrow();
    let entries = books.values().flat_map(|book| book.0.values());
    let used = entries.map(|entry| serde_json::from_str::<Value>(entry).unwrap()["used"].clone());
    used.map(|used| used.as_u64().unwrap()).collect()
}

#[test]
fn repeat_needs_a_token_that_still_works_and_no_further_use_of_it() {
    let server = server_with(&json!({"mode": "token"}), &json!({}));
    let token = mint(&server, &json!({"uses": 1}));
    let once = server.send(with(&token, &connector())).created();
    assert_eq!(server.send(with(&token, &connector())).status(), 401, "it is used up");
    let token = mint(&server, &json!({"uses": 2}));
    let client = server.send(with(&token, &connector())).created();
    assert_ne!(client["client_id"], once["client_id"]);
    for _ in 0..5 {
        assert_eq!(server.send(with(&token, &connector())).created(), client);
    }
    let other = connector_with("client_name", "Other".into());
    server.send(with(&token, &other)).created();
    assert_eq!(server.send(with(&token, &connector())).status(), 401);
    let mut all = used(&server);
    all.sort_unstable();
    assert_eq!(all, [1, 2]);
}

#[test]
fn idempotency_key_adds_nothing_to_a_shared_client() {
    let server = server_with(&json!({}), &json!({"ID_KEY": format!("1:{}", key('k'))}));
    let call = |key: &str, metadata: &Value| {
        server.send(Call::register(metadata.to_string()).header("idempotency-key", key))
    };
    let keys = ["8e03978e-40d5-43e8-bc93-6894a57f9324", "9e03978e-40d5-43e8-bc93-6894a57f9324"];
    let client = server.register(&connector()).created();
    assert_eq!(id(&client).len(), 30);
    for key in keys {
        assert_eq!(call(key, &connector()).created(), client);
    }
    assert_eq!(call("short", &connector()).status(), 400);
    assert!(server.books.borrow().values().all(|book| book.4.is_empty()), "no key is claimed");
    // A client with a secret still has its key.
    let secret = json!({"redirect_uris": ["https://a.example/cb"]});
    let [one, other] = [(); 2].map(|()| call(keys[0], &secret).created());
    assert_eq!(one, other);
    assert!(one.get("registration_access_token").is_some());
    assert_eq!(call(keys[0], &connector()).status(), 422);
}

#[test]
fn dry_run_neither_reads_nor_tells_whether_the_client_is_there() {
    let server = server();
    let dry = || {
        let call =
            Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
        server.send(call.body(connector().to_string())).json()
    };
    let before = dry();
    let client = server.register(&connector()).created();
    let operations = server.store.operations();
    assert_eq!((dry(), server.store.operations()), (before.clone(), operations));
    assert!(before.get("client_id").is_none() && !before.to_string().contains(id(&client)));
}

#[test]
fn repeat_is_a_use_that_is_recorded_once_a_day() {
    let server =
        server_with(&json!({"unused_client_ttl": 100_000, "idle_client_ttl": 200_000}), &json!({}));
    let client = server.register(&connector()).created();
    assert_eq!(listed(&server).get("last_used"), None, "the registration itself is no use");
    for day in 0..4 {
        server.store.pass(86_500_000);
        let writes = server.store.operations().1;
        for _ in 0..20 {
            assert_eq!(server.register(&connector()).created()["client_id"], client["client_id"]);
            server.store.pass(1_000);
        }
        assert_eq!(server.store.operations().1, writes + 1, "day {day}");
        assert!(listed(&server)["last_used"].as_u64().unwrap() > server.now() - 100);
    }
    server.store.pass(400_000_000);
    assert_eq!((stored(&server).len(), look_up(&server, &client).status()), (0, 404));
    // Nobody has ended it, so it may begin again.
    let later = server.register(&connector()).created();
    assert_eq!(later["client_id"], client["client_id"]);
    assert_eq!(later["client_id_issued_at"], server.now());
}

#[test]
fn uses_are_not_recorded_unless_the_operator_wants_it() {
    let server = server();
    server.register(&connector()).created();
    server.store.pass(90_000_000);
    server.register(&connector()).created();
    assert_eq!(server.store.operations().1, 1);
}

#[test]
fn client_that_has_just_expired_begins_again_and_takes_another_use() {
    let server = server_with(&json!({"mode": "token", "unused_client_ttl": 60}), &json!({}));
    let token = mint(&server, &json!({"uses": 5}));
    let first = server.send(with(&token, &connector())).created();
    server.store.pass(61_000);
    let second = server.send(with(&token, &connector())).created();
    assert_eq!(first["client_id"], second["client_id"]);
    assert!(second["client_id_issued_at"].as_u64() > first["client_id_issued_at"].as_u64());
    assert_eq!((stored(&server).len(), used(&server)), (1, vec![2]));
}

#[test]
fn failing_store_and_lost_answers_make_one_client_and_take_one_use() {
    for faults in [
        vec![Fault::None, Fault::LostAnswer],
        vec![Fault::None, Fault::Error],
        vec![Fault::None, Fault::Error, Fault::Error],
        vec![Fault::None, Fault::LostAnswer, Fault::LostAnswer],
        vec![Fault::None, Fault::Conflict, Fault::Conflict, Fault::Conflict, Fault::Conflict],
    ] {
        let server = server_with(&json!({"mode": "token"}), &json!({}));
        let token = mint(&server, &json!({"uses": 5}));
        server.store.fail(faults.clone());
        let first = server.send(with(&token, &connector()));
        assert!([201, 503].contains(&first.status()), "{}", first.status());
        server.store.pass(62_000);
        let second = server.send(with(&token, &connector())).created();
        assert_eq!((stored(&server).len(), used(&server)), (1, vec![1]), "{faults:?}");
        assert_eq!(look_up(&server, &second).status(), 200, "{faults:?}");
    }
}

/// KV takes one write per second and key.
#[test]
fn conflict_with_an_equal_registration_is_answered_with_the_client_that_is_there() {
    let server = server();
    let client = server.register(&connector()).created();
    let (key, record) = server.store.records()[0].clone();
    server.books.borrow_mut().clear();
    // A location that does not see the client; all its writes are rejected, since another one has just written it.
    let other = self::server();
    other.store.fail([Fault::None].into_iter().chain([Fault::Conflict; 3]));
    let answer = other.send_waiting(Call::register(connector().to_string()), || {
        other.store.plant(&key, &record);
    });
    assert_eq!(answer.created(), client);
}

#[test]
fn fifty_parallel_requests_at_three_locations_make_one_client() {
    let server = server();
    let call = || Call::register(connector().to_string());
    let pass = |server: &Server| {
        server.sleeps.set(true);
        server.store.pass(10);
    };
    let answers = server.send_at_once(50, call, pass);
    let mut clients: Vec<_> = answers.iter().map(Answer::created).collect();
    clients.dedup();
    assert_eq!((clients.len(), stored(&server).len(), server.store.operations().1), (1, 1, 1));
}

#[test]
fn shared_client_that_a_location_does_not_see_yet_is_not_called_unknown() {
    let server = server();
    server.store.interleaved.set(true);
    server.store.location.set(1);
    let mut waiting = server.begin(Call::register(connector().to_string()));
    assert!(waiting.poll().is_none(), "it has found that there is no client");
    server.store.interleaved.set(false);
    server.store.location.set(0);
    let client = server.register(&connector()).created();
    server.store.location.set(1);
    assert_eq!(waiting.poll().unwrap().created(), client);
    let early = look_up(&server, &client);
    assert_eq!(early.refusal_off_browsers(), (503, "temporarily_unavailable".into()));
    assert_eq!(authenticate(&server, &client, "x").status(), 503);
    server.store.pass(61_000);
    assert_eq!(look_up(&server, &client).status(), 200);
    // A forged identifier, or one that is long gone, is unknown.
    let body = json!({"client_id": "sAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"});
    let before = server.ledger_requests.get();
    assert_eq!(server_post(&server, "/as/clients/look-up", &body).status(), 404);
    assert_eq!(server.ledger_requests.get(), before, "the ledger is not asked about a forged one");
}

#[test]
fn required_signatures_accept_shared_identifiers_and_cost_no_read_for_forged_ones() {
    let ring = format!("1:{}", key('k'));
    let server = server_with(&json!({}), &json!({"ID_KEY": ring, "ID_KEY_REQUIRED": true}));
    let client = server.register(&connector()).created();
    let own = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    for client in [&client, &own] {
        assert_eq!(look_up(&server, client).status(), 200);
    }
    let reads = server.store.operations().0;
    let genuine = id(&client);
    let mut forged: Vec<String> = (0..genuine.len())
        .flat_map(|at| {
            ["A", "z", "0", "-"]
                .map(|other| format!("{}{other}{}", &genuine[..at], &genuine[at + 1..]))
        })
        .filter(|id| id != genuine)
        .collect();
    // Of another issuer, and under another key.
    forged.push(
        id(&server_with(&json!({}), &json!({"SHARED_ID_KEY": key('t')}))
            .register(&connector())
            .created())
        .to_owned(),
    );
    let elsewhere = server_with(&json!({}), &json!({"ISSUER": "https://other.example.com"}));
    let call = Call::register(connector().to_string()).origin("https://other.example.com");
    forged.push(id(&elsewhere.send(call).created()).to_owned());
    for id in &forged {
        let call = bearer("GET", &format!("/as/clients/{id}"), AS_TOKEN);
        assert_eq!(server.send(call).status(), 404, "{id}");
    }
    assert_eq!(server.store.operations().0, reads);
}

#[test]
fn shared_client_can_have_a_hosted_document() {
    let server = server_with(&json!({"client_id": "url"}), &json!({}));
    let [one, other] = [(); 2].map(|()| server.register(&connector()).created());
    assert_eq!(one, other);
    let url = id(&one).to_owned();
    assert!(url.starts_with("https://auth.example.com/clients/s"), "{url}");
    let path = url.strip_prefix("https://auth.example.com").unwrap();
    let document = server.get(path).json();
    assert_eq!((&document["client_id"], &document["client_name"]), (&json!(url), &json!("Claude")));
    assert_eq!((stored(&server).len(), server.store.operations().1), (1, 1));
    let body = json!({"client_id": url, "redirect_uri": "https://claude.ai/cb"});
    let seen = server_post(&server, "/as/clients/look-up", &body).json();
    assert_eq!((&seen["shared"], &seen["redirect_uri_matches"]), (&json!(true), &json!(true)));
    let name = path.rsplit('/').next().unwrap();
    server.store.pass(2_000);
    assert_eq!(server.send(operator("DELETE", &format!("/{name}"))).status(), 204);
    ended(&server.register(&connector()));
    assert_eq!(server.get(path).status(), 404);
}

#[test]
fn list_shows_how_often_each_was_requested() {
    let server = server();
    server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    let shown = server.send(operator("GET", "")).json();
    assert_eq!((shown["clients"][0].get("requests"), server.booked.get()), (None, 0));
    let client = server.register(&connector()).created();
    let booked = server.booked.get();
    for _ in 0..30 {
        server.register(&connector());
    }
    assert_eq!(server.booked.get(), booked, "at most once a minute");
    server.store.pass(60_000);
    server.get("/.well-known/oauth-authorization-server");
    assert_eq!(server.booked.get(), booked + 1, "any response passes counts on");
    let find = |page: &Value| {
        let clients = page["clients"].as_array().unwrap();
        clients.iter().find(|one| one["client_id"] == client["client_id"]).unwrap().clone()
    };
    let shown = find(&server.send(operator("GET", "")).json());
    assert_eq!((&shown["requests"], &shown["shared"]), (&json!(31), &json!(true)));
    // Rejected requests count, too.
    assert_eq!(change_state(&server, &client, "disable").status(), 204);
    server.store.pass(60_000);
    ended(&server.register(&connector()));
    let shown = find(&server.send(operator("GET", "")).json());
    assert_eq!(shown["requests"], 32);
    // A list without the Durable Object is a list without counts.
    *server.book_failure.borrow_mut() =
        Some(rollcall::records::StoreError::Unavailable("down".into()));
    let answer = server.send(operator("GET", ""));
    assert_eq!(find(&answer.json()).get("requests"), None);
    assert!(answer.0.event.detail.unwrap().contains("counts of requests"));
}

#[test]
fn shared_clients_are_exported_and_imported() {
    let old = server();
    let client = old.register(&connector()).created();
    let line = old.store.records()[0].1.clone();
    let new = server();
    assert_eq!(import(&new, &line).json()["imported"], 1);
    assert_eq!(new.register(&connector()).created()["client_id"], client["client_id"]);
    assert_eq!(new.store.operations().1, 1);
    let mut record: Value = serde_json::from_str(&line).unwrap();
    record["metadata"]["token_endpoint_auth_method"] = "client_secret_basic".into();
    let refused = import(&server(), &record.to_string()).json();
    assert_eq!(refused["refused"][0]["rule"], "shared", "{refused}");
    let mut record: Value = serde_json::from_str(&line).unwrap();
    record.as_object_mut().unwrap().remove("shared");
    let refused = import(&server(), &record.to_string()).json();
    assert_eq!(refused["refused"][0]["member"], "/tokens", "{refused}");
}

#[test]
fn without_the_durable_object_no_new_client_is_shared_and_repeats_still_work() {
    let server = server();
    let client = server.register(&connector()).created();
    *server.ledger_faults.borrow_mut() = [Fault::Error; 9].into();
    assert_eq!(server.register(&connector()).created(), client);
    let other = server.register(&connector_with("client_name", "Other".into()));
    assert_eq!(other.refusal(), (503, "temporarily_unavailable".into()));
    assert_eq!(stored(&server).len(), 1);
}

#[test]
fn repeats_count_for_the_limits_of_their_place_and_only_new_clients_for_the_issuer() {
    use rollcall::gate::Limit;
    let server = server();
    for _ in 0..5 {
        let call = Call::register(connector().to_string()).from("192.0.2.1");
        server.send(call).created();
    }
    let count = |limit| server.counted.borrow().iter().filter(|(one, _)| *one == limit).count();
    assert_eq!((count(Limit::Address), count(Limit::Issuer)), (5, 1));
}

#[test]
fn missing_or_malformed_key_is_an_error() {
    let parse = |vars: Value| Config::parse(settings(&vars)).map_err(|errors| errors.to_string());
    let on = json!({"shared_public_clients": true});
    let missing = "SHARED_ID_KEY is missing; REGISTRATION.shared_public_clients needs it";
    assert_eq!(parse(json!({"REGISTRATION": on})).unwrap_err(), missing);
    for wrong in
        ["short", &"A".repeat(42), &"A".repeat(44), &format!("1:{}", key('s')), &"!".repeat(43)]
    {
        for vars in
            [json!({"SHARED_ID_KEY": wrong}), json!({"SHARED_ID_KEY": wrong, "REGISTRATION": on})]
        {
            let error = parse(vars).unwrap_err();
            assert!(
                error.starts_with("SHARED_ID_KEY must be 32 bytes as 43 base64url characters"),
                "{error}"
            );
        }
    }
    let config = parse(json!({"SHARED_ID_KEY": key('s'), "REGISTRATION": on})).unwrap();
    assert!(!format!("{config:?}").contains(&key('s')), "a key is shown");
    // One issuer of several.
    let several = json!({"ISSUER": Value::Null, "ISSUERS": {
        "https://a.example": {"REGISTRATION": on}, "https://b.example": {},
    }});
    let error = parse(several).unwrap_err();
    assert_eq!(error, format!("ISSUERS.\"https://a.example\": {missing}"));
}
