//! Clients that wait for the operator's approval.

use rollcall_support::apis::{
    authenticate, change_state, id, import, look_up, operator, operator_post, server_post,
};
use rollcall_support::gated::{gate, mint, with};
use rollcall_support::{Answer, Call, Server, settings};
use serde_json::{Value, json};

fn body() -> Value {
    json!({"redirect_uris": ["https://a.example/cb"], "client_name": "App"})
}

/// A server whose policy asks for approval, with these settings of `REGISTRATION` besides.
fn server(registration: &Value) -> Server {
    let vars = json!({"POLICY": {"approval": true}, "REGISTRATION": registration});
    Server::configured(settings(&vars))
}

/// A client that registered two seconds ago.
fn registered(server: &Server) -> Value {
    let client = server.register(&body()).created();
    server.store.pass(2_000);
    client
}

fn get(server: &Server, client: &Value) -> Value {
    server.send(operator("GET", &format!("/{}", id(client)))).json()
}

fn approve(server: &Server, client: &Value, version: &Value) -> Answer {
    operator_post(server, &format!("/{}/approve", id(client)), &json!({"version": version}))
}

fn reject(server: &Server, client: &Value, reason: &str) -> Answer {
    operator_post(server, &format!("/{}/reject", id(client)), &json!({"reason": reason}))
}

/// Approves the version that is there.
fn approve_latest(server: &Server, client: &Value) {
    let version = get(server, client)["version"].clone();
    assert_eq!(approve(server, client, &version).status(), 204);
    server.store.pass(2_000);
}

/// What an authorization server learns: the status, whether there are metadata, whether the secret authenticates, and
/// whether the redirect URI matches.
fn seen(server: &Server, client: &Value) -> (String, bool, u16, bool) {
    let found = look_up(server, client).json();
    let secret = client["client_secret"].as_str().unwrap();
    let path = format!("/as/clients/{}/redirect-uri", id(client));
    let uri = json!({"redirect_uri": "https://a.example/cb"});
    (
        found["status"].as_str().unwrap().to_owned(),
        found.get("metadata").is_some(),
        authenticate(server, client, secret).status(),
        server_post(server, &path, &uri).json()["matches"] == true,
    )
}

fn unusable(status: &str) -> (String, bool, u16, bool) {
    (status.into(), false, 401, false)
}

fn active() -> (String, bool, u16, bool) {
    ("active".into(), true, 200, true)
}

#[test]
fn pending_client_is_registered_and_cannot_be_used_until_it_is_approved() {
    let server = server(&json!({}));
    let answer = server.register(&body());
    let client = answer.created();
    assert_eq!(client["status"], "pending");
    assert_eq!(answer.0.event.name, Some("client.pending"));
    server.store.pass(2_000);
    assert_eq!(seen(&server, &client), unusable("pending"));
    let decided = approve(&server, &client, &get(&server, &client)["version"]);
    assert_eq!((decided.status(), decided.0.event.name), (204, Some("client.approved")));
    server.store.pass(2_000);
    assert_eq!(seen(&server, &client), active());
    assert_eq!(server.read_back(&client).json().get("status"), None);
    let known = get(&server, &client);
    assert!(known["approved_at"].is_u64() && known.get("approval").is_none(), "{known}");
}

#[test]
fn client_of_a_server_without_approval_is_active_and_its_record_unchanged() {
    let server = Server::new();
    let client = server.register(&body()).created();
    assert_eq!(client.get("status"), None);
    let record = server.store.records()[0].1.clone();
    assert!(record.contains("\"v\":3") && !record.contains("approv"), "{record}");
}

#[test]
fn every_kind_of_policy_can_ask_for_approval() {
    let anonymous = gate("tiered", |settings| {
        settings.anonymous_policy = json!({"approval": true});
    });
    let token = mint(&anonymous, &json!({}));
    assert_eq!(anonymous.register(&body()).created()["status"], "pending");
    assert_eq!(anonymous.send(with(&token, &body())).created().get("status"), None);
    let of_token = gate("token", |_| {});
    let token = mint(&of_token, &json!({"policy": {"approval": true}}));
    assert_eq!(of_token.send(with(&token, &body())).created()["status"], "pending");
    // The operator vouches for these.
    let created = operator_post(&server(&json!({})), "", &json!({"metadata": body()})).created();
    assert_eq!(created.get("status"), None);
}

#[test]
fn dry_run_says_that_the_client_would_wait() {
    let answer = server(&json!({})).send(
        Call::new("POST", "/reg?dry_run=true")
            .header("content-type", "application/json")
            .body(body().to_string()),
    );
    assert_eq!((answer.json()["status"].clone(), answer.0.event.name), (json!("pending"), None));
}

#[test]
fn management_works_while_a_client_waits() {
    let server = server(&json!({}));
    let client = registered(&server);
    let read = server.read_back(&client);
    assert_eq!((read.status(), &read.json()["status"]), (200, &json!("pending")));
    let updated = server.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]}));
    assert_eq!((updated.status(), &updated.json()["status"]), (200, &json!("pending")));
    assert_eq!(updated.0.event.name, Some("client.pending"));
    server.store.pass(2_000);
    assert_eq!(server.delete(&client).status(), 204);
}

#[test]
fn approval_names_the_version_that_was_seen() {
    let server = server(&json!({}));
    let client = registered(&server);
    let seen_version = get(&server, &client)["version"].clone();
    let mut other = body();
    other["client_name"] = "Another app".into();
    assert_eq!(server.update(&client, &other).status(), 200);
    server.store.pass(2_000);
    let refused = approve(&server, &client, &seen_version);
    assert_eq!(refused.refusal_off_browsers(), (412, "invalid_request".into()));
    assert_eq!(look_up(&server, &client).json()["status"], "pending");
    for wrong in [json!({}), json!({"version": 7}), json!({"version": "x", "force": true})] {
        let refused = operator_post(&server, &format!("/{}/approve", id(&client)), &wrong);
        assert_eq!(refused.status(), 400, "{wrong}");
    }
    approve_latest(&server, &client);
    // Again, as after a lost answer.
    assert_eq!(approve(&server, &client, &seen_version).status(), 204);
    let unknown = json!({"client_id": format!("{}A", "B".repeat(21))});
    assert_eq!(approve(&server, &unknown, &json!("x")).status(), 404);
}

#[test]
fn update_of_name_redirects_or_keys_makes_a_client_pending_again_and_no_other_does() {
    let keys = rollcall_support::profiles::keys();
    for (name, value, again) in [
        ("client_name", json!("Other"), true),
        ("client_name#de", json!("Anders"), true),
        ("redirect_uris", json!(["https://a.example/cb", "https://b.example/cb"]), true),
        ("jwks", keys, true),
        ("jwks_uri", json!("https://a.example/jwks"), true),
        ("contacts", json!(["ops@a.example"]), false),
        ("logo_uri", json!("https://a.example/logo"), false),
        ("software_version", json!("2"), false),
    ] {
        let server = server(&json!({}));
        let client = registered(&server);
        approve_latest(&server, &client);
        let mut changed = body();
        changed[name] = value;
        let updated = server.update(&client, &changed);
        assert_eq!(updated.status(), 200, "{}", updated.json());
        assert_eq!(updated.json().get("status").is_some(), again, "{name}");
        server.store.pass(2_000);
        assert_eq!(seen(&server, &client), if again { unusable("pending") } else { active() });
        // The former approval says nothing about the new state.
        if again {
            approve_latest(&server, &client);
            assert_eq!(seen(&server, &client), active(), "{name}");
        }
    }
}

#[test]
fn client_of_before_the_policy_stays_active_until_it_changes() {
    let former = Server::configured(settings(&json!({})));
    let client = registered(&former);
    let today = server(&json!({}));
    today.store.clock.set(former.store.clock.get());
    for (key, record) in former.store.records() {
        today.store.plant(&key, &record);
    }
    assert_eq!(seen(&today, &client), active());
    assert_eq!(today.update(&client, &body()).json().get("status"), None);
    today.store.pass(2_000);
    let updated = today.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]}));
    assert_eq!(updated.json()["status"], "pending");
}

#[test]
fn rejected_client_can_read_why_and_delete_itself_and_nothing_else() {
    let server = server(&json!({}));
    let client = registered(&server);
    let decided = reject(&server, &client, "We do not know “App”");
    assert_eq!((decided.status(), decided.0.event.name), (204, Some("client.rejected")));
    server.store.pass(2_000);
    assert_eq!(seen(&server, &client), unusable("rejected"));
    let read = server.read_back(&client).json();
    assert_eq!(
        (&read["status"], &read["status_reason"]),
        (&json!("rejected"), &json!("We do not know “App”"))
    );
    assert_eq!(server.update(&client, &body()).refusal(), (403, "access_denied".into()));
    let known = get(&server, &client);
    assert!(known["approval"]["rejected_at"].is_u64(), "{known}");
    // The operator may think again.
    approve_latest(&server, &client);
    assert_eq!(seen(&server, &client), active());
    let refused = reject(&server, &client, "too late");
    assert_eq!(refused.refusal_off_browsers(), (400, "invalid_request".into()));
    assert_eq!(server.delete(&client).status(), 204);
    for wrong in ["", " ", "a\nb", &"x".repeat(201)] {
        assert_eq!(reject(&server, &client, wrong).status(), 400, "{wrong:?}");
    }
}

/// RFC 9110 §13.1.2: a client that polls must see the decision.
#[test]
fn etag_changes_with_the_decision() {
    let server = server(&json!({}));
    let client = registered(&server);
    let etag = server.read_back(&client).header("etag").unwrap().to_owned();
    let poll = |etag: &str| server.send(Call::of("GET", &client).header("if-none-match", etag));
    assert_eq!(poll(&etag).status(), 304);
    let at_server = look_up(&server, &client).header("etag").unwrap().to_owned();
    approve_latest(&server, &client);
    assert_eq!(poll(&etag).status(), 200);
    assert_ne!(look_up(&server, &client).header("etag").unwrap(), at_server);
}

#[test]
fn disabled_client_that_waits_is_disabled_first() {
    let server = server(&json!({}));
    let client = registered(&server);
    for (action, status) in [("disable", "disabled"), ("enable", "pending")] {
        assert_eq!(change_state(&server, &client, action).status(), 204);
        server.store.pass(2_000);
        assert_eq!(look_up(&server, &client).json()["status"], status);
    }
}

#[test]
fn pending_and_rejected_clients_expire_and_approved_ones_do_not() {
    for decision in ["none", "reject", "approve"] {
        let server = server(&json!({"pending_ttl": 3_600, "idle_client_ttl": 600_000}));
        let client = registered(&server);
        let end = server.read_back(&client).json()["client_id_expires_at"].as_u64().unwrap();
        assert!((3_590..=3_600).contains(&(end - server.now())), "{end}");
        match decision {
            "reject" => assert_eq!(reject(&server, &client, "no").status(), 204),
            "approve" => approve_latest(&server, &client),
            _ => {}
        }
        server.store.pass(3_700_000);
        let status = look_up(&server, &client).status();
        assert_eq!(status, if decision == "approve" { 200 } else { 404 }, "{decision}");
        // From then on, it ends like every client that nobody uses.
        server.store.pass(700_000_000);
        assert_eq!(look_up(&server, &client).status(), 404, "{decision}");
    }
}

#[test]
fn approval_counts_as_a_sign_of_life() {
    let server = server(&json!({"unused_client_ttl": 86_400}));
    let client = registered(&server);
    server.store.pass(80_000_000);
    approve_latest(&server, &client);
    server.store.pass(80_000_000);
    assert_eq!(look_up(&server, &client).status(), 200);
}

#[test]
fn list_shows_who_waits_and_can_be_narrowed_to_them() {
    let server = server(&json!({}));
    let [waiting, approved, rejected] = [(); 3].map(|()| registered(&server));
    approve_latest(&server, &approved);
    assert_eq!(reject(&server, &rejected, "no").status(), 204);
    let listed = |query: &str| -> Vec<Value> {
        let found = server.send(operator("GET", query)).json();
        found["clients"].as_array().unwrap().clone()
    };
    let pending = listed("?pending=true");
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0]["client_id"], waiting["client_id"]);
    assert!(pending[0]["pending_since"].is_u64());
    let others = listed("?pending=false");
    assert_eq!(others.len(), 2);
    assert_eq!(others.iter().filter(|one| one["rejected_at"].is_u64()).count(), 1);
}

/// An earlier version of the program would take the client for an active one.
#[test]
fn record_of_a_waiting_client_has_a_schema_version_that_earlier_programs_reject() {
    let server = server(&json!({}));
    let client = registered(&server);
    let version = || -> Value {
        serde_json::from_str::<Value>(&server.store.records()[0].1).unwrap()["v"].clone()
    };
    assert_eq!(version(), 4);
    approve_latest(&server, &client);
    assert_eq!(version(), 3);
}

#[test]
fn export_and_import_keep_a_client_waiting() {
    let server = server(&json!({}));
    let client = registered(&server);
    assert_eq!(reject(&server, &client, "no").status(), 204);
    let record = server.store.records()[0].1.clone();
    let elsewhere = Server::configured(settings(&json!({})));
    elsewhere.store.clock.set(server.store.clock.get());
    assert_eq!(import(&elsewhere, &record).json()["imported"], 1);
    assert_eq!(seen(&elsewhere, &client), unusable("rejected"));
    for (member, value) in [
        ("reason", json!("a\u{1}b")),
        ("since", json!(1)),
        ("rejected_at", json!(9_999_999_999_u64)),
    ] {
        let mut spoilt: Value = serde_json::from_str(&record).unwrap();
        spoilt["client_id"] = format!("{}A", "B".repeat(21)).into();
        spoilt["approval"][member] = value;
        let refused = import(&elsewhere, &spoilt.to_string()).json();
        let at = format!("/approval/{member}");
        assert_eq!(refused["refused"][0]["member"], json!(at), "{refused}");
    }
}

/// The decision holds for the latest state, also at a location that sees an earlier one.
#[test]
fn stale_location_neither_approves_another_version_nor_undoes_a_decision() {
    let server = server(&json!({}));
    let client = registered(&server);
    server.store.location.set(1);
    let seen_version = get(&server, &client)["version"].clone();
    server.store.location.set(0);
    assert_eq!(
        server.update(&client, &json!({"redirect_uris": ["https://b.example/cb"]})).status(),
        200
    );
    server.store.pass(2_000);
    server.store.location.set(1);
    assert_eq!(get(&server, &client)["version"], seen_version, "the location is stale");
    assert_eq!(approve(&server, &client, &seen_version).status(), 412);
    server.store.location.set(0);
    assert_eq!(reject(&server, &client, "no").status(), 204);
    server.store.pass(2_000);
    server.store.location.set(1);
    assert_eq!(server.update(&client, &body()).status(), 403, "it was rejected elsewhere");
}
