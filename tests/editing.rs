//! Clients that the operator creates and edits.

use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, settings, shipped_metadata};
use serde_json::{Value, json};

const URI: &str = "https://a.example/cb";

fn metadata() -> Value {
    let mut metadata = shipped_metadata();
    metadata["scopes_supported"] = json!(["read", "write"]);
    metadata
}

/// A server with a policy.
fn server() -> Server {
    Server::configured(settings(&json!({
        "METADATA": metadata(),
        "POLICY": {"redirect_hosts": ["a.example"], "scopes": ["read"], "reserved_names": ["Bank"]},
        "ANONYMOUS_POLICY": {"required_members": ["client_uri"]},
        "REGISTRATION": {"mode": "tiered"},
    })))
}

fn ask(server: &Server, method: &str, path: &str, body: &Value) -> Answer {
    server.send(request(method, path, body))
}

fn request(method: &str, path: &str, body: &Value) -> Call {
    let call = Call::new(method, &format!("/admin{path}"));
    let call = call.header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
    call.header("content-type", "application/json").body(body.to_string())
}

fn create(server: &Server, metadata: &Value, override_policy: bool) -> Answer {
    let body = json!({"metadata": metadata, "override_policy": override_policy});
    ask(server, "POST", "/clients", &body)
}

fn get(server: &Server, id: &str) -> Answer {
    let call = Call::new("GET", &format!("/admin/clients/{id}"));
    server.send(call.header("authorization", &format!("Bearer {ADMIN_TOKEN}")))
}

fn path_of(client: &Value) -> String {
    format!("/clients/{}", client["client_id"].as_str().unwrap())
}

#[test]
fn created_client_has_credentials_that_work_and_is_vouched_for() {
    let server = server();
    let created = create(&server, &json!({"redirect_uris": [URI], "scope": "read"}), false);
    assert!(created.header("location").is_some());
    let client = created.created();
    assert_eq!(client.get("policy_overrides"), None);
    // Whoever has no token of the gate needs client_uri; an operator's client does not, in updates either.
    let id = client["client_id"].as_str().unwrap();
    let known = get(&server, id).json();
    assert_eq!((&known["self_asserted"], &known["status"]), (&json!(false), &json!("active")));
    let updated = server.update(&client, &json!({"redirect_uris": [URI], "client_name": "New"}));
    assert_eq!(updated.json()["client_name"], "New");
    let body = json!({"client_id": id, "client_secret": client["client_secret"]}).to_string();
    let call = Call::new("POST", "/as/clients/authenticate").body(body);
    let call = call.header("authorization", &format!("Bearer {AS_TOKEN}"));
    assert_eq!(server.send(call.header("content-type", "application/json")).status(), 200);
}

#[test]
fn policy_violation_is_a_warning_that_can_be_overridden_and_is_recorded() {
    let server = server();
    let metadata = json!({"redirect_uris": ["https://b.example/cb"], "client_name": "Bank", "scope": "read write"});
    let warned = create(&server, &metadata, false);
    assert_eq!(warned.refusal_off_browsers(), (409, "policy_violation".into()));
    let rules: Vec<String> = warned.problems().into_iter().map(|(_, rule)| rule).collect();
    assert_eq!(rules, ["policy_redirect_host", "policy_reserved_name"]);
    let text = warned.json()["error_description"].to_string();
    assert!(text.contains("override_policy"), "{text}");
    let client = create(&server, &metadata, true).created();
    assert_eq!(client["policy_overrides"], json!(["policy_redirect_host", "policy_reserved_name"]));
    assert_eq!(client["scope"], "read write");
    let known = get(&server, client["client_id"].as_str().unwrap()).json();
    assert_eq!(known["provenance"]["overridden"], client["policy_overrides"]);
    // The client's own updates are held to the policy.
    assert_eq!(server.update(&client, &metadata).status(), 400);
    let narrowed = create(&server, &json!({"redirect_uris": [URI], "scope": "write read"}), true);
    assert_eq!(narrowed.created()["policy_overrides"], json!(["narrowed"]));
}

#[test]
fn specification_cannot_be_overridden() {
    let server = server();
    for (metadata, rule) in [
        (json!({"redirect_uris": ["http://a.example/cb"]}), "redirect_uri_remote_http"),
        (json!({"redirect_uris": [URI], "grant_types": ["implicit"]}), "unsupported"),
        (json!({}), "redirect_uris_required"),
    ] {
        let refused = create(&server, &metadata, true);
        assert_eq!(
            (refused.status(), refused.problems()[0].1.contains(rule)),
            (400, true),
            "{}",
            refused.json()
        );
    }
    for body in [
        json!({}),
        json!({"metadata": []}),
        json!({"metadata": {"redirect_uris": [URI]}, "override_policy": 1}),
        json!({"metadata": {"redirect_uris": [URI]}, "overide_policy": true}),
        json!({"metadata": {"redirect_uris": [URI], "client_id": "mine"}}),
        json!({"metadata": {"redirect_uris": [URI], "client_secret": "mine"}}),
    ] {
        let refused = ask(&server, "POST", "/clients", &body);
        assert_eq!(refused.refusal_off_browsers(), (400, "invalid_request".into()), "{body}");
    }
}

#[test]
fn edit_changes_what_it_names_and_keeps_the_rest() {
    let server = server();
    let client = create(
        &server,
        &json!({"redirect_uris": [URI], "client_name": "Old", "contacts": ["a@a.example"]}),
        false,
    )
    .created();
    let path = path_of(&client);
    let edit = json!({"metadata": {"client_name": "New", "contacts": null, "redirect_uris": [URI, "https://a.example/2"]}});
    let edited = ask(&server, "PATCH", &path, &edit).json();
    let metadata = &edited["client"]["metadata"];
    assert_eq!((&metadata["client_name"], metadata.get("contacts")), (&json!("New"), None));
    assert_eq!(metadata["redirect_uris"].as_array().unwrap().len(), 2);
    assert_eq!(edited.get("client_secret"), None);
    assert_eq!(metadata["token_endpoint_auth_method"], "client_secret_basic");
    // Its credentials stay.
    let read = server.read_back(&client).json();
    assert_eq!(read["client_name"], "New");
    let warned = ask(
        &server,
        "PATCH",
        &path,
        &json!({"metadata": {"redirect_uris": ["https://b.example/cb"]}}),
    );
    assert_eq!(warned.status(), 409);
    let forced =
        json!({"metadata": {"redirect_uris": ["https://b.example/cb"]}, "override_policy": true});
    assert_eq!(
        ask(&server, "PATCH", &path, &forced).json()["policy_overrides"],
        json!(["policy_redirect_host"])
    );
    // Metadata that break nothing any more have no overrides.
    let back = ask(&server, "PATCH", &path, &json!({"metadata": {"redirect_uris": [URI]}})).json();
    assert_eq!(back["client"]["provenance"].get("overridden"), None);
    for (path, body, status) in [
        ("/clients/BBBBBBBBBBBBBBBBBBBBBB", json!({"metadata": {}}), 404),
        ("/clients/nonsense", json!({"metadata": {}}), 404),
        (&*path, json!({"metadata": {"client_id": "x"}}), 400),
        (&*path, json!({"metadata": {"redirect_uris": null}}), 400),
    ] {
        assert_eq!(ask(&server, "PATCH", path, &body).status(), status, "{path} {body}");
    }
}

#[test]
fn change_of_the_method_shows_a_new_secret_once_or_ends_the_former_one() {
    let server = server();
    let public = json!({"redirect_uris": [URI], "token_endpoint_auth_method": "none"});
    let client = create(&server, &public, false).created();
    let path = path_of(&client);
    let method = |method: &str| json!({"metadata": {"token_endpoint_auth_method": method}});
    let edited = ask(&server, "PATCH", &path, &method("client_secret_post")).json();
    assert_eq!(edited["client_secret"].as_str().unwrap().len(), 86);
    assert_eq!(edited["client_secret_expires_at"], 0);
    assert_eq!(edited["client"]["metadata"].get("client_secret"), None);
    let again = ask(&server, "PATCH", &path, &method("client_secret_basic")).json();
    assert_eq!(again.get("client_secret"), None);
    let ended = ask(&server, "PATCH", &path, &method("none")).json();
    assert_eq!(ended["client"]["metadata"].get("client_secret_expires_at"), None);
}

#[test]
fn edit_of_a_state_that_is_no_longer_the_latest_is_412() {
    let server = server();
    let client = create(&server, &json!({"redirect_uris": [URI]}), false).created();
    let path = path_of(&client);
    let seen = get(&server, client["client_id"].as_str().unwrap());
    let etag = seen.header("etag").unwrap().to_owned();
    let edit = |name: &str| {
        let body = json!({"metadata": {"client_name": name}});
        server.send(request("PATCH", &path, &body).header("if-match", &etag)).status()
    };
    assert_eq!((edit("First"), edit("Second")), (200, 412));
}
