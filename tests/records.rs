//! Records of clients as earlier code stored them: `tests/vectors/records.json` holds, for some clients of the corpus and
//! one with a value of every kind, the record, what a list shows of it, and every answer about it.
//!
//! `UPDATE_VECTORS=1 cargo test --test native -- vectors:: records::` writes the file anew; read the diff. Records in a store
//! stay as they are, so an entry whose record changes is kept as `NAME, former N`: it must be read and updated as before.
//! Delete a former entry if no release has written such a record.

use std::collections::BTreeMap;

use rollcall::client::table::{Kind, find};
use rollcall::client::{Record, RecordError};
use rollcall::vocabulary::ClientId;
use rollcall_support::apis::operator;
use rollcall_support::differences::differences;
use rollcall_support::{
    ADMIN_TOKEN, AS_TOKEN, Answer, Call, Server, UPDATE_VECTORS, path_of, profiles, settings,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

const RECORDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/records.json");

/// The part of an entry's key between its name and its number, if the entry has the record of earlier code.
const FORMER: &str = ", former ";

/// Clients of the corpus that differ in what they register.
const CLIENTS: [&str; 10] = [
    "claude-code",
    "mod-auth-openidc",
    "matrix-localized",
    "oidf-conformance-mtls",
    "ciba-ping",
    "federation-explicit",
    "oidc-registration-example",
    "rfc7591-example",
    "machine-client-credentials",
    "punycode-host",
];

/// A request with a value of every kind of member.
fn every_kind() -> Value {
    json!({
        "redirect_uris": ["HTTPS://App.Example:443/cb?x=%41", "http://127.0.0.1:8080/cb", "app.example:/cb"],
        "grant_types": ["refresh_token", "authorization_code", "urn:x:unknown"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "application_type": "native",
        "scope": "openid  email openid",
        "client_name": "Ünïcode \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \"quoted\"",
        "client_name#de-AT": "Name",
        "client_uri": "http://homeassistant.local:8123/",
        "client_uri#EN": "https://app.example/%7Een#top",
        "contacts": ["ops@example.com", "ops@example.com", "schlüssel"],
        "jwks": {"keys": profiles::keys()["keys"], "extra": {"z": 1, "a": [1.5, null]}},
        "software_id": "4NRB1-0XZABZI9E6-5SM3R \u{30af}",
        "software_statement": "eyJhbGciOiJub25lIn0.e30.c2ln",
        "sector_identifier_uri": "https://App.example/sector",
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "ES256",
        "id_token_encrypted_response_alg": "RSA-OAEP-256",
        "token_endpoint_auth_signing_alg": "HS256",
        "default_max_age": 3600,
        "require_auth_time": true,
        "default_acr_values": ["urn:mace:incommon:iap:silver", "2"],
        "initiate_login_uri": "https://app.example/login",
        "request_uris": ["https://app.example/request.jwt#GkurKxf5T0Y"],
        "tls_client_auth_san_dns": "app.example",
        "frontchannel_logout_uri": "https://app.example/logout",
        "frontchannel_logout_session_required": true,
        "post_logout_redirect_uris": ["https://app.example/out", "com.example.app:/out"],
        "client_registration_types": ["explicit", "automatic"],
        "encrypted_response_enc_values_supported": ["A128GCM", "A256GCM"],
        "vp_formats_supported": {"jwt_vp": {"alg": ["ES256"]}, "a": {}},
        "userinfo_signing_alg_values_supported": ["XYZ", "PS256", "ES256"],
    })
}

fn clients() -> Vec<(String, Server, Value)> {
    let corpus: Value = serde_json::from_str(include_str!("vectors/clients.json")).unwrap();
    let vectors = corpus["vectors"].as_array().unwrap().iter();
    let some = vectors.filter(|vector| CLIENTS.iter().any(|name| vector["name"] == *name));
    let some = some.map(|vector| {
        let everything = vector["server"] == "everything";
        (vector["name"].as_str().unwrap().to_owned(), everything, vector["request"].clone())
    });
    let each = some.chain([("every-kind".to_owned(), true, every_kind())]);
    each.map(|(name, everything, request)| (name, server(everything), request)).collect()
}

fn server(everything: bool) -> Server {
    let vars =
        if everything { json!({"METADATA": profiles::everything()}) } else { Value::default() };
    Server::configured(settings(&vars))
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status(), 200);
    body_of(answer)
}

/// Without the newline at its end.
fn body_of(answer: &Answer) -> String {
    let body = answer.0.body.as_deref().unwrap();
    body.strip_suffix('\n').unwrap().to_owned()
}

/// Every answer about a client that is stored.
fn answers(server: &Server, client: &Value) -> Map<String, Value> {
    let id = client["client_id"].as_str().unwrap();
    let ask = |token: &str, path: &str| {
        let call = Call::new("GET", path).header("authorization", &format!("Bearer {token}"));
        text(&server.send(call))
    };
    let found = json!({
        "read": text(&server.send(Call::of("GET", client))),
        "look_up": ask(AS_TOKEN, &format!("/as/clients/{id}")),
        "operator": ask(ADMIN_TOKEN, &format!("/admin/clients/{id}")),
        "redirects": client["redirect_uris"].as_array().into_iter().flatten().map(|uri| {
            let call = Call::new("POST", &format!("/as/clients/{id}/redirect-uri"))
                .header("authorization", &format!("Bearer {AS_TOKEN}"))
                .header("content-type", "application/json")
                .body(json!({"redirect_uri": uri}).to_string());
            server.send(call).json()["matches"].clone()
        }).collect::<Vec<_>>(),
    });
    found.as_object().unwrap().clone()
}

/// The clients of an operator's list.
fn listed(server: &Server) -> Value {
    server.send(operator("GET", "")).json()["clients"][0].clone()
}

fn fixture() -> Map<String, Value> {
    serde_json::from_str(&std::fs::read_to_string(RECORDS).unwrap()).unwrap()
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_VECTORS").is_some()
}

/// Plants the record of an entry, and gives the client as it was created.
fn plant(server: &Server, entry: &Value) -> Value {
    server.store.plant(entry["key"].as_str().unwrap(), entry["record"].as_str().unwrap());
    serde_json::from_str(entry["created"].as_str().unwrap()).unwrap()
}

/// The server of the client that an entry belongs to.
fn server_of(key: &str) -> Server {
    let name = key.split(FORMER).next().unwrap();
    clients().into_iter().find(|(known, ..)| known == name).unwrap().1
}

/// `latest` with the entries of `before` whose records differ: they keep their records, and get the answers of today.
fn with_former(before: &Map<String, Value>, latest: &Map<String, Value>) -> Map<String, Value> {
    let mut entries = latest.clone();
    for (name, now) in latest {
        let former = before.iter().filter(|(key, _)| key.starts_with(&format!("{name}{FORMER}")));
        let theirs = former.chain(before.get_key_value(name));
        let theirs = theirs.filter(|(_, entry)| entry["record"] != now["record"]);
        for (number, (key, entry)) in theirs.enumerate() {
            let (server, mut entry) = (server_of(key), entry.clone());
            let client = plant(&server, &entry);
            entry.as_object_mut().unwrap().extend(answers(&server, &client));
            entries.insert(format!("{name}{FORMER}{}", number + 1), entry);
        }
    }
    entries
}

#[test]
fn registration_stores_and_answers_the_bytes_of_the_fixture() {
    let mut latest = Map::new();
    for (name, server, request) in clients() {
        let answer = server.register(&request);
        let (key, record) = server.store.records().pop().unwrap();
        let mut entry = answers(&server, &answer.created());
        for (member, value) in [
            ("created", json!(body_of(&answer))),
            ("key", json!(key)),
            ("record", json!(record)),
            ("listed", listed(&server)),
        ] {
            entry.insert(member.to_owned(), value);
        }
        latest.insert(name, entry.into());
    }
    assert_eq!(latest.len(), CLIENTS.len() + 1, "a name of CLIENTS is not in the corpus");
    let fixture = fixture();
    if is_update() {
        let entries = with_former(&fixture, &latest);
        let text = serde_json::to_string_pretty(&entries).unwrap() + "\n";
        std::fs::write(RECORDS, text).unwrap();
        return;
    }
    let known = |name: &str| fixture.get(name).unwrap_or(&Value::Null);
    let each = latest.iter().map(|(name, entry)| differences(name, known(name), entry));
    let differing: String = each.collect();
    assert!(differing.is_empty(), "tests/vectors/records.json: {UPDATE_VECTORS}\n{differing}");
}

/// The metadata of a record, each member with its bytes.
fn metadata_of(record: &str) -> BTreeMap<String, Box<RawValue>> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(record).unwrap();
    serde_json::from_str(members["metadata"].get()).unwrap()
}

#[test]
fn records_of_the_fixture_are_read_and_updated() {
    // The other test is writing the entries at this moment.
    if is_update() {
        return;
    }
    for (key, entry) in &fixture() {
        let server = server_of(key);
        let client = plant(&server, entry);
        let found = Value::Object(answers(&server, &client));
        let mut expected = entry.clone();
        for other in ["created", "key", "record", "listed"] {
            expected.as_object_mut().unwrap().remove(other);
        }
        let differing = differences(key, &expected, &found);
        assert!(differing.is_empty(), "tests/vectors/records.json: {UPDATE_VECTORS}\n{differing}");
        let mut request = client.clone();
        for assigned in [
            "client_id_issued_at",
            "client_secret_expires_at",
            "registration_access_token",
            "registration_client_uri",
        ] {
            request.as_object_mut().unwrap().remove(assigned);
        }
        server.store.pass(2_000);
        let updated = server.send(
            Call::new("PUT", path_of(&client))
                .header(
                    "authorization",
                    &format!("Bearer {}", client["registration_access_token"].as_str().unwrap()),
                )
                .header("content-type", "application/json")
                .body(request.to_string()),
        );
        assert_eq!(updated.status(), 200, "{key}: {}", updated.json());
        // The update may add members that have got a default since the record was written. It drops lists of choices, which
        // former versions stored.
        let stored = metadata_of(&server.store.records().pop().unwrap().1);
        for (member, value) in metadata_of(entry["record"].as_str().unwrap()) {
            if find(&member).is_some_and(|row| matches!(row.kind, Kind::Choices { .. })) {
                continue;
            }
            let stored = stored.get(&member).map(|value| value.get());
            assert_eq!(stored, Some(value.get()), "{key}: {member}");
        }
    }
}

const V1: &str = r#"{"v":1,"client_id":"x","issued_at":7,"secrets":[{"sha256":"8lZyPLDpwLZ1HqDk1gGqRd7YP5-mJAI0yFO3kXxC8YE","expires_at":0}],"tokens":["kUJnbrqpgwSW3dHgCpVtnNAVdL1RzFbVVZ-AaAK3Xuk"],"metadata":{}}"#;

#[test]
fn records_of_former_versions_are_read_and_written_as_this_one() {
    let second = V1.replace("\"v\":1", "\"v\":2");
    let written = Record::parse(second.as_bytes()).unwrap().to_json().unwrap();
    assert!(written.starts_with("{\"v\":3,") && written.contains("\"changes\":0"));
    let record = Record::parse(V1.as_bytes()).unwrap();
    assert_eq!(record.version.to_string(), "\"1\"");
    assert_eq!(record.secrets.expires_at(), Some(0));
    assert!(record.to_json().unwrap().starts_with("{\"v\":3,"));
}

#[test]
fn record_of_another_version_is_not_guessed_at() {
    for body in [V1.replace("\"v\":1", "\"v\":5"), r#"{"v":7,"shape":"unknown"}"#.to_owned()] {
        assert!(matches!(Record::parse(body.as_bytes()), Err(RecordError::Newer { .. })), "{body}");
    }
    for body in ["", "{}", "null", "{\"v\":1}", "{\"v\":2}", "\u{0}"] {
        assert!(
            matches!(Record::parse(body.as_bytes()), Err(RecordError::Corrupt { .. })),
            "{body}"
        );
    }
    let other = ClientId::from_entropy([0; 16]);
    assert!(matches!(Record::parse_of(&other, V1.as_bytes()), Err(RecordError::Misplaced)));
}
