//! Everything that earlier code stored, in one deployment: clients in every state, the ledger with a deletion, initial access
//! tokens with a use in doubt, a copy of an upstream document, and an export. This code reads and imports all of it.

use rollcall_support::apis::{authenticate, bearer, change_state, import, look_up};
use rollcall_support::gated::with;
use rollcall_support::{ADMIN_TOKEN, Answer, Book, Call, Server, settings};
use serde_json::{Value, json};

fn stored() -> Value {
    serde_json::from_str(include_str!("vectors/stored.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// A server that goes on with what was stored, at the time of the fixture.
fn restored(stored: &Value) -> Server {
    let server = Server::configured(settings(&stored["vars"]));
    server.store.clock.set(stored["now"].as_u64().unwrap() * 1000);
    restore(&server, &stored["kv"]);
    for (issuer, book) in stored["books"].as_object().unwrap() {
        let tokens = serde_json::from_value(book["tokens"].clone()).unwrap();
        let clients = serde_json::from_value(book["clients"].clone()).unwrap();
        let book = Book { 0: tokens, 1: clients, ..Book::default() };
        server.books.borrow_mut().insert(issuer.clone(), book);
    }
    server
}

fn restore(server: &Server, values: &Value) {
    for value in values.as_array().unwrap() {
        server.store.restore(text(&value[0]), text(&value[1]), value[2].as_str());
    }
}

/// Status and body, as the fixture has them: it is from a time when bodies did not end with a newline.
fn outcome(answer: &Answer) -> Value {
    json!([answer.status(), answer.0.body.as_deref().unwrap_or_default().trim_end()])
}

fn path(client: &Value) -> String {
    format!("/admin/clients/{}", text(&client["client_id"]))
}

#[test]
fn every_answer_about_a_stored_client_is_the_same() {
    let stored = stored();
    let server = restored(&stored);
    let ask = |path: &str| server.send(bearer("GET", path, ADMIN_TOKEN));
    assert_eq!(ask("/admin/clients").json(), stored["list"]);
    assert_eq!(ask("/admin/initial-access-tokens").json(), stored["listed_tokens"]);
    assert_eq!(ask("/admin/clients/export?limit=200").0.body.as_deref(), stored["export"].as_str());
    // One after the other, as in the fixture: a look-up records a use, which can take a second.
    for (name, kept) in stored["clients"].as_object().unwrap() {
        let client = &kept["client"];
        let read = outcome(&server.send(Call::of("GET", client)));
        let look_up = outcome(&look_up(&server, client));
        let found =
            json!({"read": read, "look_up": look_up, "operator": outcome(&ask(&path(client)))});
        let mut expected = kept["answers"].clone();
        if expected["read"][0] == 403 {
            // The sentence of a refusal may change.
            expected["read"][1] = found["read"][1].clone();
        }
        assert_eq!(without_kind(found), expected, "{name}");
    }
}

/// The answers without the member that was added since they were stored: `kind`.
fn without_kind(mut answers: Value) -> Value {
    for reader in ["look_up", "operator"] {
        let text = answers[reader][1].as_str().unwrap().replacen("\"kind\":\"registered\",", "", 1);
        answers[reader][1] = text.into();
    }
    answers
}

#[test]
fn every_stored_credential_works_and_every_stored_client_can_be_changed() {
    let stored = stored();
    let server = restored(&stored);
    for (name, kept) in stored["clients"].as_object().unwrap() {
        let client = &kept["client"];
        let disabled = name == "disabled";
        for member in ["client_secret", "former_client_secret"] {
            let Some(secret) = client[member].as_str() else { continue };
            assert_eq!(
                authenticate(&server, client, secret).status(),
                if disabled { 401 } else { 200 },
                "{name} {member}"
            );
        }
        server.store.pass(2_000);
        let metadata: Value = serde_json::from_str(text(&kept["answers"]["operator"][1])).unwrap();
        let mut metadata = metadata["metadata"].clone();
        for assigned in ["client_id_issued_at", "client_secret_expires_at"] {
            metadata.as_object_mut().unwrap().remove(assigned);
        }
        let updated = server.update(client, &metadata);
        assert_eq!(updated.status(), if disabled { 403 } else { 200 }, "{name}");
        if disabled {
            assert_eq!(change_state(&server, client, "enable").status(), 204);
        }
        server.store.pass(2_000);
        let deleted = server.send(bearer("DELETE", &path(client), ADMIN_TOKEN));
        assert_eq!(deleted.status(), 204, "{name}");
    }
}

#[test]
fn stored_deletion_is_final() {
    let stored = stored();
    let (server, deleted) = (restored(&stored), &stored["deleted"]);
    assert_eq!(server.read_back(&deleted["client"]).status(), 401);
    let response = import(&server, text(&deleted["record"])).json();
    assert_eq!((&response["imported"], &response["deleted"]), (&json!(0), &json!(1)));
}

#[test]
fn stored_tokens_have_the_uses_that_are_left() {
    let stored = stored();
    let server = restored(&stored);
    let tokens = &stored["initial_access_tokens"];
    let metadata = json!({"redirect_uris": ["https://a.example/cb"], "client_name": "Name"});
    let register = |token: &str| {
        server.store.pass(2_000);
        server.send(with(&tokens[token], &metadata)).status()
    };
    // Of five uses one is settled, and one is in doubt: its client does not exist, so the use is given back.
    assert_eq!([(); 5].map(|()| register("partner")), [201, 201, 201, 201, 401]);
    assert_eq!([(); 3].map(|()| register("spare")), [201, 201, 401]);
    let bare = json!({"redirect_uris": ["https://a.example/cb"]});
    let server = restored(&stored);
    let refused = server.send(with(&tokens["partner"], &bare));
    assert_eq!(refused.problems()[0].1, "policy_required_member");
}

#[test]
fn export_of_earlier_code_is_imported() {
    let stored = stored();
    let server = Server::configured(settings(&stored["vars"]));
    server.store.clock.set(stored["now"].as_u64().unwrap() * 1000);
    let lines = text(&stored["export"]);
    let response = import(&server, lines).json();
    let count = lines.lines().count();
    assert_eq!((count, &response["imported"]), (9, &json!(9)), "{response}");
    assert_eq!((&response["refused"], response.get("warnings")), (&json!([]), None));
    for (name, kept) in stored["clients"].as_object().unwrap() {
        let found = server.send(bearer("GET", &path(&kept["client"]), ADMIN_TOKEN)).json();
        let expected: Value = serde_json::from_str(text(&kept["answers"]["operator"][1])).unwrap();
        for member in ["metadata", "status", "issued_at", "provenance", "version"] {
            assert_eq!(found[member], expected[member], "{name}");
        }
    }
}

#[test]
fn stored_copy_of_an_upstream_document_is_served() {
    let stored = stored();
    let upstream = &stored["upstream"];
    let vars = json!({"METADATA": {}, "UPSTREAM_METADATA": upstream["url"]});
    let server = Server::configured(settings(&vars));
    restore(&server, &upstream["kv"]);
    let found = outcome(&server.get("/.well-known/oauth-authorization-server"));
    assert_eq!(found, upstream["document"], "the server itself cannot be reached");
}
