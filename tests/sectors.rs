//! `REGISTRATION.fetch_sector_identifiers`: the document at `sector_identifier_uri` (OpenID Connect Dynamic Client
//! Registration 1.0 §5).

use rollcall::gate::Limit;
use rollcall::runtime::FetchError;
use rollcall_support::apis::look_up;
use rollcall_support::{Call, Server, Web, answered, served, settings, shipped_metadata};
use serde_json::{Value, json};

const URL: &str = "https://sector.example/s.json";
const URIS: [&str; 2] = ["https://a.example/cb", "https://b.example/cb"];

fn server(fetches: bool) -> Server {
    let mut metadata = shipped_metadata();
    metadata["subject_types_supported"] = json!(["public", "pairwise"]);
    let registration = json!({"fetch_sector_identifiers": fetches});
    Server::configured(settings(&json!({"METADATA": metadata, "REGISTRATION": registration})))
}

fn body(uri: &str) -> Value {
    json!({"redirect_uris": URIS, "subject_type": "pairwise", "sector_identifier_uri": uri})
}

fn publish(server: &Server, answer: Web) {
    server.web.borrow_mut().insert(URL.into(), answer);
}

#[test]
fn sector_that_lists_every_redirect_uri_is_verified() {
    let server = server(true);
    publish(&server, served(json!(["https://c.example/", URIS[1], URIS[0]]).to_string()));
    let client = server.register(&body(URL)).created();
    server.store.pass(2_000);
    assert_eq!(look_up(&server, &client).json().get("unverified"), None);
    // An update reads it again.
    let update = json!({
        "client_id": client["client_id"], "redirect_uris": ["https://c.example/"],
        "subject_type": "pairwise", "sector_identifier_uri": URL,
    });
    assert_eq!(server.update(&client, &update).status(), 200);
    assert_eq!(server.fetched.get(), 2);
    server.store.pass(2_000);
    assert_eq!(look_up(&server, &client).json().get("unverified"), None);
    // A dry run does what a registration does.
    let dry_run = Call::new("POST", "/reg?dry_run=true").body(body(URL).to_string());
    let dry_run = dry_run.header("content-type", "application/json");
    assert_eq!(server.send(dry_run).status(), 200);
    assert_eq!(server.fetched.get(), 3);
}

#[test]
fn sector_that_cannot_be_read_or_lacks_a_redirect_uri_is_rejected() {
    for (answer, place, rule) in [
        (served(json!([URIS[0]]).to_string()), "/redirect_uris/1", "sector_redirect_uri"),
        (served("[]"), "/redirect_uris/0", "sector_redirect_uri"),
        (served("{}"), "/sector_identifier_uri", "sector_unreadable"),
        (served("<html>"), "/sector_identifier_uri", "sector_unreadable"),
        (served("[1]"), "/sector_identifier_uri", "sector_unreadable"),
        (served(vec![b' '; 300_000]), "/sector_identifier_uri", "sector_unreadable"),
        (answered(404), "/sector_identifier_uri", "sector_unreadable"),
        (answered(302), "/sector_identifier_uri", "sector_unreadable"),
        (Err(FetchError::Failed("lost".into())), "/sector_identifier_uri", "sector_unreadable"),
    ] {
        let server = server(true);
        publish(&server, answer);
        let problems = server.register(&body(URL)).problems();
        assert_eq!(problems[0], (place.into(), rule.into()));
        assert_eq!((server.fetched.get(), server.store.records().len()), (1, 0), "{rule}");
    }
}

#[test]
fn nothing_is_fetched_without_the_setting_or_from_a_host_that_must_not_be_reached() {
    let off = server(false);
    let client = off.register(&body(URL)).created();
    off.store.pass(2_000);
    assert_eq!(look_up(&off, &client).json()["unverified"], json!(["sector_identifier_uri"]));
    let on = server(true);
    on.register(&json!({"redirect_uris": URIS})).created();
    for uri in [
        "https://127.0.0.1/s.json",
        "https://localhost/s.json",
        "https://auth.example.com/s.json",
        "https://x.auth.example.com/s.json",
        "http://sector.example/s.json",
    ] {
        assert_eq!(on.register(&body(uri)).status(), 400, "{uri}");
    }
    on.reached.replace(vec![Limit::DocumentHost]);
    assert_eq!(on.register(&body(URL)).status(), 429);
    assert_eq!((off.fetched.get(), on.fetched.get()), (0, 0));
}
