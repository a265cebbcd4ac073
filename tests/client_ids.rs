//! Client identifiers that are signed with `ID_KEY`.

use std::collections::BTreeSet;

use crate::cases::cases;
use rollcall::issuer::Config;
use rollcall::vocabulary::{ClientId, KeyRing};
use rollcall_support::apis::{authenticate, bearer, id, import, look_up, operator, server_post};
use rollcall_support::gated::body;
use rollcall_support::{AS_TOKEN, Answer, Call, Server, settings};
use serde_json::{Value, json};

/// A key ring with these keys, each of one repeated letter.
fn ring(keys: &[(u8, char)]) -> String {
    let keys =
        keys.iter().map(|(number, letter)| format!("{number}:{}A", letter.to_string().repeat(42)));
    keys.collect::<Vec<_>>().join(",")
}

fn server(keys: &[(u8, char)], required: bool) -> Server {
    let vars = json!({"ID_KEY": ring(keys), "ID_KEY_REQUIRED": required});
    Server::configured(settings(&vars))
}

/// A server that has the records of another one, at the same time.
fn with_records_of(server: Server, other: &Server) -> Server {
    server.store.clock.set(other.store.clock.get());
    for (key, record) in other.store.records() {
        server.store.plant(&key, &record);
    }
    server
}

fn register(server: &Server) -> Value {
    server.register(&body()).created()
}

/// Asks for `client_id` at every route that takes one; the statuses.
fn ask_everywhere(server: &Server, client_id: &str) -> Vec<u16> {
    let token = "A".repeat(43);
    let json = |call: Call, body: &Value| {
        call.header("content-type", "application/json").body(body.to_string())
    };
    let redirect_uri = json!({"redirect_uri": "https://a.example/cb"});
    let credentials = json!({"client_id": client_id, "client_secret": "A".repeat(86)});
    let own = format!("/reg/{client_id}");
    let of_server = format!("/as/clients/{client_id}");
    let path = |below: &str| format!("/{client_id}{below}");
    let calls = vec![
        bearer("GET", &own, &token),
        json(bearer("PUT", &own, &token), &body()),
        bearer("DELETE", &own, &token),
        bearer("GET", &of_server, AS_TOKEN),
        json(bearer("POST", &format!("{of_server}/redirect-uri"), AS_TOKEN), &redirect_uri),
        json(bearer("POST", "/as/clients/authenticate", AS_TOKEN), &credentials),
        operator("GET", &path("")),
        operator("DELETE", &path("")),
        json(operator("PATCH", &path("")), &json!({"metadata": {}})),
        operator("POST", &path("/disable")),
        operator("POST", &path("/enable")),
        json(operator("POST", &path("/rotate")), &json!({"credential": "client_secret"})),
    ];
    calls.into_iter().map(|call| server.send(call).status()).collect()
}

/// The statuses of an identifier that nobody has, at every route.
const UNKNOWN: [u16; 12] = [401, 401, 401, 404, 404, 401, 404, 404, 404, 404, 404, 404];

/// Pseudo-random text in the alphabet of identifiers.
struct Letters(u64);

impl Letters {
    fn text(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut letter = || {
            // Knuth's multiplier; the upper bits are the random ones.
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(ALPHABET[(self.0 >> 58) as usize])
        };
        (0..length).map(|_| letter()).collect()
    }
}

#[test]
fn signed_identifier_has_thirty_characters_and_begins_with_a_letter_or_digit() {
    let ring = KeyRing::from_config(&ring(&[(1, 'k')])).unwrap();
    let mut known = BTreeSet::new();
    for first in 0..=255 {
        let mut random = [7; 12];
        random[0] = first;
        let client_id = ClientId::signed(random, 1_795_485_281, "https://a.example", ring.newest());
        let text = client_id.as_str();
        assert_eq!(text.len(), 30);
        assert!(text.as_bytes()[0].is_ascii_alphanumeric(), "{text}");
        assert_eq!(ClientId::parse(text).as_ref(), Some(&client_id));
        let issued_at = client_id.issued_at().unwrap();
        assert!((1_795_485_273..=1_795_485_281).contains(&issued_at), "{issued_at}");
        known.insert(text.to_owned());
    }
    assert!(known.len() >= 248, "{}", known.len());
    for text in ["-", "_"].map(|first| format!("{first}{}", "A".repeat(29))) {
        assert_eq!(ClientId::parse(&text), None, "{text}");
    }
    assert_eq!(ClientId::parse(&"A".repeat(22)).unwrap().issued_at(), None);
}

#[test]
fn signed_identifier_works_at_every_route() {
    for required in [false, true] {
        let server = server(&[(1, 'k')], required);
        let client = register(&server);
        assert_eq!(id(&client).len(), 30);
        server.store.pass(2_000);
        assert_eq!(look_up(&server, &client).status(), 200);
        let secret = client["client_secret"].as_str().unwrap();
        assert_eq!(authenticate(&server, &client, secret).status(), 200);
        assert_eq!(server.read_back(&client).status(), 200);
        assert_eq!(server.update(&client, &body()).status(), 200);
        let created = server.send(
            operator("POST", "")
                .header("content-type", "application/json")
                .body(json!({"metadata": body()}).to_string()),
        );
        assert_eq!(id(&created.created()).len(), 30);
        assert_eq!(server.delete(&client).status(), 204);
    }
}

#[test]
fn forged_identifiers_and_a_thousand_near_misses_cost_no_read() {
    let server = server(&[(2, 'k'), (1, 'j')], true);
    let client = register(&server);
    let genuine = id(&client).to_owned();
    let (reads, _) = server.store.operations();
    let mut letters = Letters(1);
    let mut near: Vec<String> = Vec::new();
    for at in 0..genuine.len() {
        for _ in 0..40 {
            let other = letters.text(1);
            let missed = format!("{}{other}{}", &genuine[..at], &genuine[at + 1..]);
            if missed != genuine {
                near.push(missed);
            }
        }
    }
    near.extend(
        [&genuine[..22], &genuine[..29], "", &genuine.to_ascii_lowercase()].map(str::to_owned),
    );
    assert!(near.len() > 1_000, "{}", near.len());
    for missed in near.iter().filter(|text| !text.is_empty()) {
        assert_eq!(ask_everywhere(&server, missed), UNKNOWN, "{missed}");
    }
    // Every thousandth at every route, the others where an authorization server asks.
    for n in 0..cases(1_000_000) {
        let forged = letters.text(if n % 2 == 0 { 30 } else { 22 });
        if n % 1_000 == 0 {
            assert_eq!(ask_everywhere(&server, &forged), UNKNOWN, "{forged}");
        } else {
            let path = format!("/as/clients/{forged}");
            assert_eq!(server.send(bearer("GET", &path, AS_TOKEN)).status(), 404, "{forged}");
        }
    }
    assert_eq!(server.store.operations().0, reads);
    assert_eq!(look_up(&server, &client).status(), 200);
}

#[test]
fn unsigned_identifier_costs_one_read_unless_keys_are_required() {
    for (required, reads) in [(false, 1), (true, 0)] {
        let server = server(&[(1, 'k')], required);
        for unknown in ["A".repeat(22), "A".repeat(30)] {
            let before = server.store.operations().0;
            let path = format!("/as/clients/{unknown}");
            let refused = server.send(bearer("GET", &path, AS_TOKEN));
            assert_eq!(refused.refusal_off_browsers(), (404, "not_found".into()));
            assert_eq!(server.store.operations().0 - before, reads, "{unknown} {required}");
        }
    }
}

#[test]
fn client_of_before_the_key_works_until_keys_are_required() {
    let former = Server::configured(settings(&json!({})));
    let old = register(&former);
    assert_eq!(id(&old).len(), 22);
    former.store.pass(120_000);
    let today = with_records_of(server(&[(1, 'k')], false), &former);
    assert_eq!(look_up(&today, &old).status(), 200);
    assert_eq!(today.update(&old, &body()).status(), 200);
    let strict = with_records_of(server(&[(1, 'k')], true), &former);
    let before = strict.store.operations();
    assert_eq!(ask_everywhere(&strict, id(&old)), UNKNOWN);
    assert_eq!(strict.store.operations(), before);
}

#[test]
fn client_of_a_lost_key_works_until_keys_are_required() {
    let former = server(&[(1, 'j')], false);
    let old = register(&former);
    former.store.pass(120_000);
    for today in [server(&[(1, 'k')], false), Server::configured(settings(&json!({})))] {
        let today = with_records_of(today, &former);
        assert_eq!(look_up(&today, &old).status(), 200);
        assert_eq!(today.read_back(&old).status(), 200);
    }
    let strict = with_records_of(server(&[(1, 'k')], true), &former);
    assert_eq!(look_up(&strict, &old).status(), 404);
}

#[test]
fn every_key_of_the_ring_verifies_and_the_first_one_signs() {
    let former = server(&[(1, 'j')], true);
    let old = register(&former);
    former.store.pass(120_000);
    let today = with_records_of(server(&[(2, 'k'), (1, 'j')], true), &former);
    assert_eq!(look_up(&today, &old).status(), 200);
    let new = register(&today);
    assert_eq!(look_up(&today, &new).status(), 200);
    today.store.pass(120_000);
    let next = with_records_of(server(&[(2, 'k')], true), &today);
    assert_eq!((look_up(&next, &old).status(), look_up(&next, &new).status()), (404, 200));
}

#[test]
fn tag_of_another_issuer_or_environment_is_rejected_without_a_read() {
    let at = |issuer: &str, letter| {
        let vars =
            json!({"ISSUER": issuer, "ID_KEY": ring(&[(1, letter)]), "ID_KEY_REQUIRED": true});
        Server::configured(settings(&vars))
    };
    let client = register(&server(&[(1, 'k')], true));
    for other in [at("https://other.example.com", 'k'), at("https://auth.example.com", 'j')] {
        assert_eq!(look_up(&other, &client).status(), 404);
        assert_eq!(other.store.operations(), (0, 0));
    }
}

/// A server whose store shows no client, and whose clock differs from that of other servers.
fn elsewhere(keys: &[(u8, char)], seconds: i64) -> Server {
    let elsewhere = server(keys, false);
    let clock = &elsewhere.store.clock;
    clock.set(clock.get().checked_add_signed(seconds * 1_000).unwrap());
    elsewhere
}

fn is_retry(answer: &Answer) -> bool {
    let retry = answer.header("retry-after") == Some("2");
    let unavailable = (503, "temporarily_unavailable".to_owned());
    retry && answer.refusal_off_browsers() == unavailable
}

#[test]
fn authorization_server_is_asked_to_retry_while_a_new_client_may_be_hidden() {
    let client = register(&server(&[(1, 'k')], false));
    // A clock may be off by 90 seconds in either direction.
    for seconds in [-90, -30, 0, 2, 45, 89] {
        let elsewhere = elsewhere(&[(2, 'j'), (1, 'k')], seconds);
        assert!(is_retry(&look_up(&elsewhere, &client)), "{seconds}");
        assert!(is_retry(&authenticate(&elsewhere, &client, "wrong")), "{seconds}");
        let path = format!("/as/clients/{}/redirect-uri", id(&client));
        let uri = json!({"redirect_uri": "https://a.example/cb"});
        assert!(is_retry(&server_post(&elsewhere, &path, &uri)), "{seconds}");
        assert_eq!(*elsewhere.counted.borrow(), [], "this is no wrong secret");
    }
    for seconds in [-200, 100, 3_600] {
        let elsewhere = elsewhere(&[(1, 'k')], seconds);
        assert_eq!(look_up(&elsewhere, &client).status(), 404, "{seconds}");
        assert_eq!(authenticate(&elsewhere, &client, "wrong").status(), 401, "{seconds}");
    }
    // Without the key nothing says how old the client is.
    let elsewhere = elsewhere(&[(1, 'j')], 0);
    assert_eq!(look_up(&elsewhere, &client).status(), 404);
}

#[test]
fn import_keeps_identifiers_of_every_form_unless_keys_are_required() {
    let mut lines = Vec::new();
    for former in [Server::configured(settings(&json!({}))), server(&[(9, 'z')], false)] {
        register(&former);
        lines.push(former.store.records()[0].1.clone());
    }
    let today = server(&[(1, 'k')], false);
    assert_eq!(import(&today, &lines.join("\n")).json()["imported"], 2);
    let strict = server(&[(1, 'k')], true);
    let refused = import(&strict, &lines.join("\n")).json();
    assert_eq!(refused["imported"], 0);
    for line in refused["refused"].as_array().unwrap() {
        assert_eq!((&line["member"], &line["rule"]), (&json!("/client_id"), &json!("client_id")));
        assert!(line["reason"].as_str().unwrap().contains("ID_KEY_REQUIRED"), "{line}");
    }
}

#[test]
fn list_can_be_narrowed_to_the_whole_of_a_signed_identifier() {
    let server = server(&[(1, 'k')], false);
    let client = register(&server);
    let listed = server.send(operator("GET", &format!("?prefix={}", id(&client)))).json();
    assert_eq!(listed["clients"][0]["client_id"], client["client_id"]);
}

#[test]
fn malformed_key_ring_is_rejected_by_name_and_never_shown() {
    let key = format!("{}A", "x".repeat(42));
    for wrong in [
        key.clone(),
        format!("0:{key}"),
        format!("01:{key}"),
        format!("256:{key}"),
        format!("1:{key},1:{}", key.replace('x', "y")),
        format!("1:{key},2:{key}"),
        format!("1:{}", &key[1..]),
        format!("1:{key}="),
        format!("1:{key},"),
        ring(&[(1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')]),
    ] {
        let errors = Config::parse(settings(&json!({"ID_KEY": wrong}))).unwrap_err().to_string();
        assert_eq!(errors, format!("ID_KEY must be {}", KeyRing::FORMAT), "{wrong}");
    }
    let four = ring(&[(4, 'a'), (2, 'b'), (255, 'c'), (1, 'd')]).replace(',', " , ");
    let config = Config::parse(settings(&json!({"ID_KEY": four}))).unwrap();
    assert!(!format!("{config:?}").contains("aaaa"), "keys are not shown");
}

#[test]
fn required_keys_need_a_key_ring() {
    let parse = |vars: Value| Config::parse(settings(&vars)).map_err(|errors| errors.to_string());
    let missing = "ID_KEY is missing; ID_KEY_REQUIRED needs it";
    for flag in [json!(true), json!("true")] {
        assert_eq!(parse(json!({"ID_KEY_REQUIRED": flag})).unwrap_err(), missing);
        assert!(parse(json!({"ID_KEY_REQUIRED": flag, "ID_KEY": ring(&[(1, 'k')])})).is_ok());
    }
    assert!(parse(json!({"ID_KEY_REQUIRED": "false"})).is_ok());
}
