//! Clients that are identified by the URL of their own metadata document: look-up, fetching, copies and limits.

use rollcall::gate::Limit;
use rollcall::issuer::Config;
use rollcall::runtime::FetchError;
use rollcall_support::apis::{bearer, registered, server_post};
use rollcall_support::kv::Fault;
use rollcall_support::{
    AS_TOKEN, Answer, ORIGIN, Server, Web, answered, served, settings, shipped_metadata,
};
use serde_json::{Value, json};

const URL: &str = "https://client.example/oauth/client.json";

fn document() -> Value {
    json!({
        "client_id": URL,
        "client_name": "Example",
        "redirect_uris": ["https://client.example/cb", "http://127.0.0.1/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    })
}

/// A server with these settings of `DOCUMENTS`; without a mode, it resolves every document.
fn resolver(documents: &Value) -> Server {
    let mut table = json!({"mode": "open"});
    table.as_object_mut().unwrap().extend(documents.as_object().unwrap().clone());
    Server::configured(settings(&json!({"DOCUMENTS": table})))
}

fn json_with(headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Web {
    let mut fetched = served(body)?;
    let headers = [&[("content-type", "application/json")], headers].concat();
    fetched.headers =
        headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Ok(fetched)
}

fn publish(server: &Server, answer: Web) {
    server.web.borrow_mut().insert(URL.into(), answer);
}

fn publish_document(server: &Server) {
    publish(server, json_with(&[], document().to_string()));
}

fn look_up(server: &Server, client_id: &str) -> Answer {
    server_post(server, "/as/clients/look-up", &json!({"client_id": client_id}))
}

/// The names of what happened to documents during a request.
fn events(answer: &Answer) -> Vec<&'static str> {
    answer.0.document_events.iter().map(|event| event.action).collect()
}

#[test]
fn document_has_the_shape_of_a_registered_client_and_no_credential() {
    let server = resolver(&json!({}));
    publish_document(&server);
    let found = look_up(&server, URL);
    assert_eq!(found.status(), 200);
    let now = server.now();
    let client = found.json();
    for (member, expected) in [
        ("kind", json!("metadata_document")),
        ("client_id", json!(URL)),
        ("status", json!("active")),
        ("document_host", json!("client.example")),
        ("fetched_at", json!(now)),
        ("fresh_until", json!(now + 3_600)),
        ("source", json!("live")),
        ("self_asserted", json!(true)),
    ] {
        assert_eq!(client[member], expected, "{member}");
    }
    assert_eq!(client["metadata"]["client_id"], URL);
    assert_eq!(client["metadata"]["redirect_uris"], document()["redirect_uris"]);
    assert_eq!(client["metadata"]["application_type"], "web");
    for text in ["client_secret", "registration_access_token", "registration_client_uri"] {
        assert!(!client.to_string().contains(text), "{text}");
    }
    assert_eq!(found.0.event.client_id.as_deref(), Some(URL));
    assert_eq!(events(&found), ["document.first_seen"]);

    let client = registered(&server);
    let other = look_up(&server, client["client_id"].as_str().unwrap()).json();
    assert_eq!((&other["kind"], &other["client_id"]), (&json!("registered"), &client["client_id"]));
}

#[test]
fn redirect_uri_of_a_request_is_compared_in_the_same_response() {
    let server = resolver(&json!({}));
    publish_document(&server);
    let client = registered(&server);
    let registered_uri = client["redirect_uris"][0].as_str().unwrap();
    for (client_id, redirect_uri, matches) in [
        (URL, "https://client.example/cb", true),
        (URL, "http://127.0.0.1:5000/cb", true),
        (URL, "https://client.example/cb/", false),
        (client["client_id"].as_str().unwrap(), registered_uri, true),
        (client["client_id"].as_str().unwrap(), "https://evil.example/cb", false),
    ] {
        let body = json!({"client_id": client_id, "redirect_uri": redirect_uri});
        let found = server_post(&server, "/as/clients/look-up", &body);
        assert_eq!(found.json()["redirect_uri_matches"], matches, "{redirect_uri}");
    }
    assert_eq!(look_up(&server, URL).json().get("redirect_uri_matches"), None);
}

#[test]
fn nothing_is_fetched_for_what_is_rejected_by_its_url() {
    let server = resolver(&json!({"denied_hosts": ["*.denied.example"]}));
    for (client_id, refusal) in [
        ("http://client.example/c", (400, "invalid_client")),
        ("https://client.example", (400, "invalid_client")),
        ("https://client.example/c?x=1", (400, "invalid_client")),
        ("https://client.example/c#", (400, "invalid_client")),
        ("https://client.example/a/../c", (400, "invalid_client")),
        ("https://@client.example/c", (400, "invalid_client")),
        ("https://localhost/c", (400, "invalid_client")),
        ("https://127.0.0.1/c", (400, "invalid_client")),
        ("https://intranet/c", (400, "invalid_client")),
        ("https://auth.example.com/c", (400, "invalid_client")),
        ("https://docs.auth.example.com/c", (400, "invalid_client")),
        ("https://a.denied.example/c", (403, "unapproved_client")),
        ("AAAAAAAAAAAAAAAAAAAAAA", (404, "not_found")),
        ("app", (404, "not_found")),
    ] {
        let answer = look_up(&server, client_id);
        assert_eq!(answer.refusal_off_browsers(), (refusal.0, refusal.1.into()), "{client_id}");
        assert_eq!(server.fetched.get(), 0, "{client_id}");
    }
    // Another host that only ends like the issuer's.
    publish_document(&server);
    server.web.borrow_mut().insert("https://notauth.example.com/c".into(), answered(404));
    look_up(&server, "https://notauth.example.com/c");
    assert_eq!(server.fetched.get(), 1);
}

/// On a developer's machine the issuer and the documents have one host, on two ports.
#[test]
fn document_on_the_loopback_host_of_the_issuer_is_resolved_in_development() {
    const ISSUER: &str = "http://localhost:8787";
    const LOCAL: &str = "https://localhost:8443/client.json";
    for (allow_loopback, status) in [(true, 200), (false, 400)] {
        let documents = json!({"mode": "open", "allow_loopback": allow_loopback});
        let vars = json!({"ISSUER": ISSUER, "DOCUMENTS": documents});
        let server = Server::configured(settings(&vars));
        let mut document = document();
        document["client_id"] = json!(LOCAL);
        server.web.borrow_mut().insert(LOCAL.into(), json_with(&[], document.to_string()));
        let call = bearer("POST", "/as/clients/look-up", AS_TOKEN).origin(ISSUER);
        let call = call.header("content-type", "application/json");
        let answer = server.send(call.body(json!({"client_id": LOCAL}).to_string()));
        assert_eq!(answer.status(), status, "{allow_loopback}");
    }
}

#[test]
fn mode_decides_which_documents_are_resolved_and_whether_the_server_says_so() {
    const OAUTH: &str = "/.well-known/oauth-authorization-server";
    for (documents, status, announced, vouched) in [
        (json!({"mode": "off"}), 404, Value::Null, false),
        (json!({"mode": "by_as"}), 404, json!(true), false),
        (json!({"mode": "listed"}), 403, json!(true), false),
        (json!({"mode": "listed", "hosts": ["*.example"]}), 200, json!(true), true),
        (
            json!({"mode": "listed", "urls": ["https://client.example/oauth/*"]}),
            200,
            json!(true),
            true,
        ),
        (json!({"mode": "listed", "urls": [URL]}), 200, json!(true), true),
        (json!({"mode": "listed", "urls": ["https://client.example/o"]}), 403, json!(true), false),
        (json!({"mode": "open"}), 200, json!(true), false),
        (json!({"mode": "open", "hosts": ["client.example"]}), 200, json!(true), true),
        (json!({"mode": "open", "denied_hosts": ["client.example"]}), 403, json!(true), false),
    ] {
        let server = resolver(&documents);
        publish_document(&server);
        let answer = look_up(&server, URL);
        assert_eq!(answer.status(), status, "{documents}");
        let published = server.get(OAUTH).json();
        let flag = published.get("client_id_metadata_document_supported").unwrap_or(&Value::Null);
        assert_eq!(*flag, announced, "{documents}");
        if status == 200 {
            let client = answer.json();
            assert_eq!(client["self_asserted"], !vouched, "{documents}");
            assert_eq!(client.get("vouched_by").is_some(), vouched, "{documents}");
        } else {
            assert_eq!(server.fetched.get(), 0, "{documents}");
        }
    }
}

#[test]
fn feature_that_no_client_could_use_is_an_error_at_start() {
    let mut metadata = shipped_metadata();
    metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]);
    let vars = json!({"DOCUMENTS": {"mode": "open"}, "METADATA": metadata});
    let error = Config::parse(settings(&vars)).unwrap_err().to_string();
    assert!(error.contains("has neither none nor private_key_jwt"), "{error}");
    for (documents, message) in [
        (json!({"min_ttl": 600, "max_ttl": 500}), "DOCUMENTS.default_ttl"),
        (json!({"allow_loopback": true}), "DOCUMENTS.allow_loopback"),
        (json!({"urls": ["https://client.example*"]}), "DOCUMENTS.urls[0]"),
        (json!({"urls": ["*"]}), "DOCUMENTS.urls[0]"),
        (
            json!({"pinned": {"https://a.example/c": {"client_id": "https://b.example/c"}}}),
            "pinned",
        ),
        (
            json!({"pinned": {"https://localhost/c": {"client_id": "https://localhost/c"}}}),
            "pinned",
        ),
    ] {
        let error = Config::parse(settings(&json!({"DOCUMENTS": documents}))).unwrap_err();
        assert!(error.to_string().contains(message), "{error} instead of {message}");
    }
    // No operator sets it by hand.
    let mut metadata = shipped_metadata();
    metadata["client_id_metadata_document_supported"] = true.into();
    let error = Config::parse(settings(&json!({"METADATA": metadata}))).unwrap_err().to_string();
    assert!(error.contains("left out: it follows from DOCUMENTS.mode"), "{error}");
}

#[test]
fn upstream_that_offers_no_usable_method_is_not_announced() {
    const UPSTREAM: &str = "https://auth.example.com/.well-known/openid-configuration";
    for (methods, own, mode, announced) in [
        (json!(["none"]), Value::Null, "open", json!(true)),
        (json!(["client_secret_basic"]), Value::Null, "open", Value::Null),
        (json!(["client_secret_basic"]), json!(true), "off", json!(true)),
        (json!(["none"]), Value::Null, "off", Value::Null),
        (json!(["none"]), Value::Null, "by_as", json!(true)),
    ] {
        let vars =
            json!({"DOCUMENTS": {"mode": mode}, "METADATA": {}, "UPSTREAM_METADATA": UPSTREAM});
        let server = Server::configured(settings(&vars));
        let theirs = json!({
            "issuer": ORIGIN,
            "authorization_endpoint": "https://auth.example.com/a",
            "token_endpoint": "https://auth.example.com/t",
            "response_types_supported": ["code"],
            "token_endpoint_auth_methods_supported": methods,
            "client_id_metadata_document_supported": own,
        });
        server.web.borrow_mut().insert(UPSTREAM.into(), served(theirs.to_string()));
        let published = server.get("/.well-known/oauth-authorization-server").json();
        let flag = published.get("client_id_metadata_document_supported").unwrap_or(&Value::Null);
        assert_eq!(*flag, announced, "{methods} {own} {mode}");
    }
}

#[test]
fn answer_that_is_no_document_has_an_outcome_of_its_own() {
    let html = || {
        let mut page = served("<html>").unwrap();
        page.headers.push(("content-type".into(), "text/html; charset=utf-8".into()));
        Ok(page)
    };
    let large = format!("{}{}", document(), " ".repeat(5_121));
    let invalid = (400, "invalid_client");
    let unreachable = (503, "temporarily_unavailable");
    for (answer, refusal) in [
        (answered(404), invalid),
        (answered(410), invalid),
        (answered(201), invalid),
        (answered(204), invalid),
        (answered(206), invalid),
        (answered(304), invalid),
        (answered(401), invalid),
        (json_with(&[], large), invalid),
        (json_with(&[], "[]"), invalid),
        (json_with(&[], json!({"client_id": "https://client.example/other"}).to_string()), invalid),
        (answered(301), unreachable),
        (answered(302), unreachable),
        (answered(307), unreachable),
        (answered(403), unreachable),
        (answered(429), unreachable),
        (answered(500), unreachable),
        (answered(599), unreachable),
        (html(), unreachable),
        (json_with(&[], "<html>"), unreachable),
        (json_with(&[], &document().to_string()[..40]), unreachable),
        (Err(FetchError::Failed("timed out".into())), unreachable),
    ] {
        let server = resolver(&json!({}));
        publish(&server, answer.clone());
        let shown = format!("{answer:?}");
        assert_eq!(
            look_up(&server, URL).refusal_off_browsers(),
            (refusal.0, refusal.1.into()),
            "{shown}"
        );
        assert_eq!(server.fetched.get(), 1, "{shown}: no second request");
        assert_eq!(server.store.records(), [], "{shown}: nothing is stored");
        // Failures are not remembered.
        publish_document(&server);
        server.store.pass(1_000);
        assert_eq!(look_up(&server, URL).status(), 200, "{shown}");

        // With a copy from before.
        server.store.pass(3_600_000);
        publish(&server, answer);
        let with_copy = look_up(&server, URL);
        if refusal == unreachable {
            assert_eq!(with_copy.json()["source"], "last_good", "{shown}");
            continue;
        }
        // A conditional request was sent only with a validator, so its 304 is one without.
        assert_eq!(with_copy.refusal_off_browsers(), (400, "invalid_client".into()), "{shown}");
        publish(&server, answered(500));
        server.store.pass(61_000);
        assert_eq!(look_up(&server, URL).status(), 503, "{shown}: the copy is not used again");
    }
}

#[test]
fn problems_of_a_document_are_listed_with_their_places() {
    let server = resolver(&json!({}));
    let mut wrong = document();
    wrong["client_secret"] = Value::Null;
    wrong["redirect_uris"] = json!(["https://a.example/*", "ftp:x"]);
    publish(&server, json_with(&[], wrong.to_string()));
    let answer = look_up(&server, URL);
    let problems = answer.problems();
    assert!(problems.len() >= 2, "{problems:?}");
    assert!(problems.iter().any(|(at, _)| at == "/client_secret"), "{problems:?}");
    assert!(problems.iter().any(|(at, _)| at == "/redirect_uris/0"), "{problems:?}");
}

#[test]
fn fresh_copy_costs_one_read_and_no_write_and_no_fetch() {
    let server = resolver(&json!({}));
    publish(&server, json_with(&[("cache-control", "max-age=600")], document().to_string()));
    let first = look_up(&server, URL).json();
    // The operator's decisions are read once a minute.
    assert_eq!(server.store.operations(), (2, 1));
    server.store.pass(598_000);
    look_up(&server, URL);
    assert_eq!(server.store.operations(), (4, 1));
    server.store.pass(1_000);
    let second = look_up(&server, URL).json();
    assert_eq!((server.store.operations(), server.fetched.get()), ((5, 1), 1));
    assert_eq!(second["source"], "cache");
    for member in ["version", "redirects_version", "metadata", "fetched_at", "fresh_until"] {
        assert_eq!(first[member], second[member], "{member}");
    }
    // Another isolate reads the same copy.
    let other = resolver(&json!({}));
    other.store.clock.set(server.store.clock.get());
    for (key, value) in server.store.records() {
        other.store.plant(&key, &value);
    }
    assert_eq!(look_up(&other, URL).json()["source"], "cache");
    assert_eq!((other.store.operations(), other.fetched.get()), ((2, 0), 0));
}

#[test]
fn validators_are_sent_back_and_a_304_renews_the_copy() {
    let server = resolver(&json!({}));
    let headers = [("etag", "\"1\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")];
    publish(&server, json_with(&headers, document().to_string()));
    let first = look_up(&server, URL).json();
    assert_eq!(server.fetch_headers.borrow().get("if-none-match"), None);
    server.store.pass(3_600_000);
    publish(&server, answered(304));
    let renewed = look_up(&server, URL);
    let sent = server.fetch_headers.borrow().clone();
    assert_eq!(sent["if-none-match"], "\"1\"");
    assert_eq!(sent["if-modified-since"], "Sun, 06 Nov 1994 08:49:37 GMT");
    assert!(sent["user-agent"].starts_with("rollcall/"));
    assert_eq!(sent.len(), 4, "{sent:?}");
    let client = renewed.json();
    assert_eq!((&client["source"], &client["version"]), (&json!("live"), &first["version"]));
    assert_eq!(client["fresh_until"], server.now() + 3_600);
    assert_eq!(events(&renewed), [""; 0]);
    server.store.pass(1_000_000);
    assert_eq!(look_up(&server, URL).json()["source"], "cache");
    assert_eq!(server.fetched.get(), 2);
}

#[test]
fn change_of_a_document_is_an_event_and_another_version() {
    let server = resolver(&json!({}));
    publish_document(&server);
    let first = look_up(&server, URL).json();
    for (member, value, kinds, redirects_change) in [
        ("redirect_uris", json!(["https://client.example/new"]), json!(["redirects"]), true),
        ("client_name", json!("Other"), json!(["display", "redirects"]), false),
    ] {
        let mut changed = document();
        changed[member] = value;
        publish(&server, json_with(&[], changed.to_string()));
        server.store.pass(3_600_000);
        let answer = look_up(&server, URL);
        let [event] = &*answer.0.document_events else { panic!("{member}") };
        assert_eq!((event.action, &*event.client_id), ("document.changed", URL));
        assert_eq!(serde_json::to_value(&event.kinds).unwrap(), kinds);
        assert!(event.members.iter().any(|changed| changed == member), "{:?}", event.members);
        let client = answer.json();
        assert_ne!(client["version"], first["version"]);
        assert_eq!(client["redirects_version"] != first["redirects_version"], redirects_change);
    }
    // Members that mean nothing here change nothing.
    let mut same = document();
    same["client_name"] = "Other".into();
    same["x_unknown"] = 1.into();
    publish(&server, json_with(&[], same.to_string()));
    server.store.pass(3_600_000);
    assert_eq!(events(&look_up(&server, URL)), [""; 0]);
}

#[test]
fn document_that_is_gone_or_invalid_is_an_event_once() {
    for (answer, event) in [
        (answered(404), "document.gone"),
        (answered(410), "document.gone"),
        (json_with(&[], "{}"), "document.invalid"),
    ] {
        let server = resolver(&json!({}));
        publish_document(&server);
        look_up(&server, URL);
        publish(&server, answer);
        server.store.pass(3_600_000);
        let first = look_up(&server, URL);
        assert_eq!((first.status(), events(&first)), (400, vec![event]));
        server.store.pass(61_000);
        let second = look_up(&server, URL);
        assert_eq!((second.status(), events(&second)), (400, vec![]));
        // It may come back.
        publish_document(&server);
        server.store.pass(61_000);
        let third = look_up(&server, URL);
        assert_eq!((third.status(), events(&third)), (200, vec!["document.changed"]));
    }
}

#[test]
fn document_that_must_not_be_stored_is_not_and_is_still_not_fetched_for_each_request() {
    let server = resolver(&json!({}));
    publish(&server, json_with(&[("cache-control", "no-store")], document().to_string()));
    for source in ["live", "cache", "cache"] {
        let answer = look_up(&server, URL);
        assert_eq!((answer.json()["source"].as_str(), events(&answer)), (Some(source), vec![]));
        server.store.pass(100_000);
    }
    assert_eq!((server.store.records(), server.fetched.get()), (vec![], 1));
    assert_eq!(look_up(&server, URL).json()["source"], "live");
}

#[test]
fn limit_is_counted_before_a_fetch_and_a_copy_goes_on_being_used() {
    let server = resolver(&json!({}));
    for limit in [Limit::Document, Limit::DocumentHost, Limit::Documents] {
        server.reached.replace(vec![limit]);
        let answer = look_up(&server, URL);
        assert_eq!(
            answer.refusal_off_browsers(),
            (503, "temporarily_unavailable".into()),
            "{limit:?}"
        );
        assert_eq!(answer.header("retry-after"), Some("10"));
        assert_eq!(server.fetched.get(), 0, "{limit:?}");
        assert_eq!(answer.0.event.client_id.as_deref(), Some(URL), "the log says which document");
    }
    server.reached.replace(Vec::new());
    publish_document(&server);
    look_up(&server, URL);
    server.store.pass(3_600_000);
    server.reached.replace(vec![Limit::Documents]);
    assert_eq!(look_up(&server, URL).json()["source"], "last_good");
    assert_eq!(server.fetched.get(), 1);
}

#[test]
fn strangers_with_new_urls_do_not_spend_what_known_documents_need() {
    let server = resolver(&json!({}));
    publish_document(&server);
    look_up(&server, URL);
    server.allowances.replace(vec![(Limit::Documents, 3)]);
    server.counted.replace(Vec::new());
    for index in 0..10 {
        look_up(&server, &format!("https://stranger{index}.example/c"));
    }
    assert_eq!(server.fetched.get(), 4);
    server.store.pass(3_600_000);
    assert_eq!(look_up(&server, URL).json()["source"], "live");
}

#[test]
fn last_good_copy_ends_when_the_operator_says() {
    let server = resolver(&json!({"last_good": 86_400}));
    publish_document(&server);
    look_up(&server, URL);
    publish(&server, answered(403));
    server.store.pass(86_399_000);
    let answer = look_up(&server, URL);
    assert_eq!(answer.json()["source"], "last_good");
    let note = answer.0.event.detail.unwrap();
    assert!(note.ends_with("the last good copy is used"), "{note}");
    server.store.pass(1_000);
    let refused = look_up(&server, URL);
    assert_eq!(refused.refusal_off_browsers(), (503, "temporarily_unavailable".into()));
    assert_eq!(refused.header("retry-after"), Some("30"));
}

#[test]
fn pinned_document_covers_what_cannot_be_reached_and_never_what_is_gone() {
    let pinned = json!({URL: document()});
    // Listed: nothing is fetched at all.
    let server = resolver(&json!({"mode": "listed", "pinned": pinned}));
    assert_eq!(look_up(&server, URL).json()["source"], "pinned");
    assert_eq!(server.fetched.get(), 0);
    // Open: the live one comes first.
    let server = resolver(&json!({"pinned": pinned}));
    publish(&server, answered(403));
    assert_eq!(look_up(&server, URL).json()["source"], "pinned");
    publish_document(&server);
    assert_eq!(look_up(&server, URL).json()["source"], "live");
    publish(&server, answered(404));
    server.store.pass(3_600_000);
    assert_eq!(look_up(&server, URL).refusal_off_browsers(), (400, "invalid_client".into()));
}

#[test]
fn store_that_is_down_does_not_matter_to_a_live_document_nor_the_web_to_a_stored_one() {
    let server = resolver(&json!({}));
    publish_document(&server);
    server.store.fail(vec![Fault::Error; 10]);
    let answer = look_up(&server, URL);
    assert_eq!(answer.json()["source"], "live");
    assert!(answer.0.event.detail.is_some());
    server.store.fail([]);
    server.store.pass(3_600_000);
    look_up(&server, URL);
    publish(&server, Err(FetchError::Failed("offline".into())));
    server.store.pass(100_000);
    assert_eq!(look_up(&server, URL).json()["source"], "cache");
}

#[test]
fn policy_of_today_holds_for_a_copy_of_yesterday() {
    let server = resolver(&json!({}));
    publish_document(&server);
    look_up(&server, URL);
    let vars = json!({
        "DOCUMENTS": {"mode": "open"},
        "POLICY": {"redirect_hosts": ["other.example"]},
    });
    let stricter = Server::configured(settings(&vars));
    stricter.store.clock.set(server.store.clock.get());
    for (key, value) in server.store.records() {
        stricter.store.plant(&key, &value);
    }
    publish_document(&stricter);
    let answer = look_up(&stricter, URL);
    assert_eq!(answer.refusal_off_browsers(), (400, "invalid_client".into()));
    assert_eq!(answer.problems()[0].1, "policy_redirect_host");
}

#[test]
fn policy_that_asks_for_approval_leaves_only_listed_documents() {
    for (documents, status) in [
        (json!({"mode": "open"}), 403),
        (json!({"mode": "open", "hosts": ["client.example"]}), 200),
    ] {
        let vars = json!({"DOCUMENTS": documents, "POLICY": {"approval": true}});
        let server = Server::configured(settings(&vars));
        publish_document(&server);
        assert_eq!(look_up(&server, URL).status(), status, "{documents}");
    }
}

#[test]
fn same_document_under_other_rules_is_no_change_of_the_document() {
    let server = resolver(&json!({}));
    publish_document(&server);
    look_up(&server, URL);
    let vars = json!({"DOCUMENTS": {"mode": "open"}, "POLICY": {"scopes": ["openid"], "default_scope": "openid"}});
    let other = Server::configured(settings(&vars));
    other.store.clock.set(server.store.clock.get() + 3_600_000);
    for (key, value) in server.store.records() {
        other.store.plant(&key, &value);
    }
    publish_document(&other);
    let answer = look_up(&other, URL);
    assert_eq!((answer.json()["source"].as_str(), events(&answer)), (Some("live"), vec![]));
}

#[test]
fn waiting_look_ups_of_one_url_take_what_one_fetch_brings() {
    let server = resolver(&json!({}));
    publish_document(&server);
    server.sleeps.set(true);
    let body = json!({"client_id": URL}).to_string();
    let call = || {
        let call = rollcall_support::apis::bearer(
            "POST",
            "/as/clients/look-up",
            rollcall_support::AS_TOKEN,
        );
        call.header("content-type", "application/json").body(body.clone())
    };
    server.stalled.set(true);
    let mut under_way: Vec<_> = (0..100).map(|_| server.begin(call())).collect();
    let mut answers = Vec::new();
    for _ in 0..20 {
        under_way.retain_mut(|one| one.poll().map(|answer| answers.push(answer)).is_none());
        server.store.pass(50);
    }
    server.stalled.set(false);
    for _ in 0..2 {
        server.store.pass(50);
        under_way.retain_mut(|one| one.poll().map(|answer| answers.push(answer)).is_none());
    }
    assert_eq!((answers.len(), server.fetched.get()), (100, 1));
    assert!(answers.iter().all(|answer| answer.status() == 200));
}

#[test]
fn registration_keeps_working_beside_documents() {
    let server = resolver(&json!({}));
    let client = registered(&server);
    let id = client["client_id"].as_str().unwrap();
    assert!(!id.starts_with("https://"));
    assert_eq!(look_up(&server, id).status(), 200);
}
