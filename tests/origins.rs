//! `REGISTRATION.allowed_origins`: whose pages may register clients and manage them.

use rollcall::issuer::{Config, Settings};
use rollcall_support::{Answer, Call, ORIGIN, Server, path_of, settings};
use serde_json::{Value, json};

const LISTED: &str = "https://app.example";
const FOREIGN: &str = "https://evil.example";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const SEED: &str = r#"{"redirect_uris":["https://app.example/cb"]}"#;

fn listing(origins: &Value) -> Server {
    Server::with_registration(json!({"allowed_origins": origins}))
}

/// Headers that say which pages may read an answer: one origin, `*`, or none.
fn readers(answer: &Answer) -> (Option<&str>, Option<&str>) {
    let reader = answer.header("access-control-allow-origin");
    assert_eq!(answer.header("access-control-expose-headers").is_some(), reader.is_some());
    (reader, answer.header("vary"))
}

#[test]
fn page_on_a_listed_origin_registers_and_manages_and_reads_refusals() {
    let server = listing(&json!(["https://other.example", LISTED]));
    let only = (Some(LISTED), Some("Origin"));
    let preflight = server.send(Call::new("OPTIONS", "/reg").header("origin", LISTED));
    assert_eq!((preflight.status(), readers(&preflight)), (204, only));
    assert_eq!(preflight.header("access-control-allow-methods"), Some("POST, OPTIONS"));
    let registered = server.send(Call::register(SEED).header("origin", LISTED));
    assert_eq!(readers(&registered), only);
    let client = registered.created();
    for (call, status) in [
        (Call::of("GET", &client), 200),
        (Call::update(&client, &json!({"redirect_uris": ["https://app.example/2"]})), 200),
        (Call::of("OPTIONS", &client), 204),
        (Call::new("GET", path_of(&client)), 401),
        (Call::new("PATCH", path_of(&client)), 405),
        (Call::register("{}"), 400),
        (Call::register(SEED).header("content-type", "text/plain"), 415),
        (Call::of("DELETE", &client), 204),
    ] {
        let answer = server.send(call.header("origin", LISTED));
        assert_eq!((answer.status(), readers(&answer)), (status, only));
    }
}

#[test]
fn page_on_another_origin_is_rejected_before_any_work() {
    for list in [json!([LISTED]), json!([])] {
        let server = listing(&list);
        let client = server.send(Call::register(SEED)).created();
        let before = server.store.operations();
        server.counted.borrow_mut().clear();
        for origin in
            [FOREIGN, "null", "", "https://app.example.evil.example", "https://app.example:8443"]
        {
            for call in [
                Call::new("OPTIONS", "/reg"),
                Call::register(SEED),
                Call::new("POST", "/register").body(SEED),
                Call::of("GET", &client),
                Call::of("PUT", &client),
                Call::of("DELETE", &client),
                Call::of("OPTIONS", &client),
            ] {
                let answer = server.send_unread(call.header("origin", origin));
                assert_eq!((answer.status(), readers(&answer)), (403, (None, Some("Origin"))));
                assert_eq!(answer.json()["error"], "access_denied");
                assert!(!answer.0.is_audited());
            }
        }
        assert_eq!((server.store.operations(), server.counted.borrow().len()), (before, 0));
    }
}

#[test]
fn program_that_sends_no_origin_and_our_own_page_are_not_asked() {
    let server = listing(&json!([LISTED]));
    let program = server.send(Call::register(SEED));
    assert_eq!((program.status(), readers(&program)), (201, (None, Some("Origin"))));
    let page = server.send(Call::register(SEED).header("origin", ORIGIN));
    assert_eq!((page.status(), readers(&page)), (201, (Some(ORIGIN), Some("Origin"))));
    // Another name in front of us, or none.
    for own in ["https://front.example", ORIGIN] {
        let call = Call::register(SEED).origin("https://front.example").header("origin", own);
        assert_eq!(server.send(call).status(), 201, "{own}");
    }
}

#[test]
fn discovery_stays_open_to_all_pages_and_so_does_all_without_a_list() {
    let server = listing(&json!([LISTED]));
    let answer = server.send(Call::new("GET", OAUTH).header("origin", FOREIGN));
    assert_eq!((answer.status(), readers(&answer)), (200, (Some("*"), None)));
    let answer = Server::new().send(Call::register(SEED).header("origin", FOREIGN));
    assert_eq!((answer.status(), readers(&answer)), (201, (Some("*"), None)));
}

#[test]
fn issuer_of_several_has_a_list_of_its_own() {
    let other = "https://other.example";
    let server = Server::configured(Settings {
        registration: json!({"allowed_origins": [LISTED]}),
        issuers: json!({
            ORIGIN: {},
            other: {"REGISTRATION": {"allowed_origins": [FOREIGN]}},
        }),
        ..settings(&json!({"ISSUER": ""}))
    });
    for (at, origin, status) in
        [(ORIGIN, LISTED, 201), (ORIGIN, FOREIGN, 403), (other, LISTED, 403), (other, FOREIGN, 201)]
    {
        let answer = server.send(Call::register(SEED).origin(at).header("origin", origin));
        assert_eq!(answer.status(), status, "{origin} at {at}");
    }
}

#[test]
fn list_with_something_that_is_no_origin_is_named_at_the_start() {
    let origin =
        "an origin as browsers send it, like https://app.example (no path, no default port)";
    for (list, named) in [
        (
            json!("https://app.example"),
            " is \"https://app.example\", but must be a list; each entry is ",
        ),
        (json!([LISTED, "https://app.example/"]), "[1] is \"https://app.example/\", but must be "),
        (json!(["*"]), "[0] is \"*\", but must be "),
        (json!([1]), "[0] is 1, but must be "),
    ] {
        let vars = json!({"REGISTRATION": {"allowed_origins": list}});
        let message = Config::parse(settings(&vars)).unwrap_err().to_string();
        let expected = format!("REGISTRATION.allowed_origins{named}{origin}");
        assert_eq!(message, expected);
    }
}
