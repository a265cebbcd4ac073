//! Several issuers in one deployment, by host and by path, through `http::handle`.

use rollcall::issuer::{Config, Settings};
use rollcall_support::{Call, Server, shipped_metadata};
use serde_json::{Value, json};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

fn settings(issuers: Value) -> Settings {
    Settings { issuers, metadata: shipped_metadata(), ..Settings::default() }
}

/// Two issuers below one host, one at its root, one on another host.
fn three() -> Server {
    Server::configured(settings(json!({
        "https://auth.example.com": {},
        "https://auth.example.com/t1": {
            "METADATA": {"scopes_supported": ["one"], "token_endpoint": "/oauth/token"},
            "REGISTRATION": {"client_secret_lifetime": 3600},
            "DISCOVERY": {"max_age": 60},
        },
        "https://login.other.example": {"METADATA": {"response_types_supported": ["code"]}},
    })))
}

fn get(server: &Server, url: &str) -> rollcall_support::Answer {
    server.send(at("GET", url))
}

fn at(method: &str, url: &str) -> Call {
    let path = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
    Call::new(method, &url[path..]).origin(&url[..path])
}

fn register(server: &Server, endpoint: &str) -> Value {
    let body = json!({"redirect_uris": ["https://a.example/cb"]}).to_string();
    let call = at("POST", endpoint).header("content-type", "application/json").body(body);
    server.send(call).created()
}

/// R40.
#[test]
fn every_form_of_every_issuer_answers_with_its_own_document() {
    let server = three();
    for (issuer, host, path) in [
        ("https://auth.example.com", "https://auth.example.com", ""),
        ("https://auth.example.com/t1", "https://auth.example.com", "/t1"),
        ("https://login.other.example", "https://login.other.example", ""),
    ] {
        let expected = get(&server, &format!("{host}{OAUTH}{path}"));
        let document = expected.json();
        assert_eq!(document["issuer"], issuer);
        assert_eq!(document["registration_endpoint"], format!("{issuer}/reg"));
        assert_eq!(document["jwks_uri"], format!("{issuer}/jwks"));
        for form in [
            format!("{host}{OAUTH}{path}"),
            format!("{host}{OAUTH}{path}/"),
            format!("{host}{path}{OAUTH}"),
            format!("{host}{path}{OAUTH}/"),
            format!("{host}{OPENID}{path}"),
            format!("{host}{path}{OPENID}"),
            format!("{host}{path}{OPENID}/"),
        ] {
            let answer = get(&server, &form);
            assert_eq!((answer.status(), &answer.0.body), (200, &expected.0.body), "{form}");
            assert_eq!(answer.header("etag"), expected.header("etag"), "{form}");
        }
    }
}

#[test]
fn host_port_and_path_of_an_issuer_are_compared_in_their_canonical_form() {
    for (issuer, endpoint) in [
        ("https://auth.example.com", "https://auth.example.com/reg"),
        ("http://LOCALHOST:80/t", "http://localhost/t/reg"),
        ("https://auth.example.com:443/", "https://auth.example.com/reg"),
        ("http://localhost:8787", "http://localhost:8787/reg"),
        ("http://[::1]:8787/t/", "http://[::1]:8787/t/reg"),
        ("https://a.example/x/y", "https://a.example/x/y/reg"),
    ] {
        let server = Server::configured(settings(json!({issuer: {}})));
        let event = get(&server, endpoint).0.event;
        assert_eq!((event.issuer.as_deref(), event.route), (Some(issuer), "/reg"));
    }
}

#[test]
fn each_issuer_has_its_own_metadata_and_settings() {
    let server = three();
    let one = get(&server, &format!("https://auth.example.com{OAUTH}/t1"));
    assert_eq!(one.json()["scopes_supported"], json!(["one"]));
    assert_eq!(one.json()["token_endpoint"], "https://auth.example.com/t1/oauth/token");
    assert_eq!(one.header("cache-control"), Some("public, max-age=60"));
    let root = get(&server, &format!("https://auth.example.com{OAUTH}"));
    assert_eq!(root.header("cache-control"), Some("public, max-age=300"));

    let client = register(&server, "https://auth.example.com/t1/reg");
    assert_eq!(client["grant_types"], json!(["authorization_code"]));
    assert_eq!(client["client_secret_expires_at"], server.now() + 3600);
    let client = register(&server, "https://auth.example.com/reg");
    assert_eq!(client["client_secret_expires_at"], 0);
}

/// Threat 33.
#[test]
fn client_and_its_token_are_unknown_to_every_other_issuer() {
    let server = three();
    let issuers =
        ["https://auth.example.com", "https://auth.example.com/t1", "https://login.other.example"];
    let clients = issuers.map(|issuer| register(&server, &format!("{issuer}/reg")));
    let keys: Vec<String> = server.store.records().into_iter().map(|(key, _)| key).collect();
    let prefixes: std::collections::BTreeSet<&str> = keys.iter().map(|key| &key[..15]).collect();
    assert_eq!(prefixes.len(), 3, "{keys:?}");
    for (home, client) in issuers.iter().zip(&clients) {
        let id = client["client_id"].as_str().unwrap();
        let bearer = format!("Bearer {}", client["registration_access_token"].as_str().unwrap());
        assert_eq!(client["registration_client_uri"], format!("{home}/reg/{id}"));
        for issuer in issuers {
            for method in ["GET", "DELETE"] {
                let call = at(method, &format!("{issuer}/reg/{id}"));
                let answer = server.send(call.header("authorization", &bearer));
                let expected = match (issuer == *home, method) {
                    (false, _) => 401,
                    (true, "GET") => 200,
                    (true, _) => continue,
                };
                assert_eq!(answer.status(), expected, "{method} {id} of {home} at {issuer}");
                assert_eq!(answer.0.event.issuer.as_deref(), Some(issuer));
            }
        }
    }
}

/// Threat 34.
#[test]
fn unknown_host_is_404_among_several_issuers_and_ignored_for_one() {
    let server = three();
    for host in ["https://evil.example", "https://auth.example.com.evil.example", "https://t1"] {
        for path in ["/reg", OAUTH, "/t1/reg"] {
            assert_eq!(get(&server, &format!("{host}{path}")).refusal().0, 404, "{host}{path}");
        }
    }
    for url in ["http://auth.example.com/reg", "https://AUTH.example.com:443/reg"] {
        assert_eq!(register(&server, url)["client_id"].as_str().unwrap().len(), 22, "{url}");
    }

    // All on one host: whatever name that host has in front of us.
    let server = Server::configured(settings(json!({
        "https://auth.example.com/a": {}, "https://auth.example.com/b": {},
    })));
    let document = get(&server, &format!("https://internal.example{OAUTH}/b")).json();
    assert_eq!(document["issuer"], "https://auth.example.com/b");
    assert_eq!(get(&server, &format!("https://auth.example.com{OAUTH}")).refusal().0, 404);
}

/// A zone's firewall and its routes do not hold at the address that Cloudflare gives to each Worker.
#[test]
fn workers_dev_host_that_is_no_issuers_is_404() {
    let dev = "https://rollcall.account.workers.dev";
    for issuers in [
        json!({"https://auth.example.com": {}}),
        json!({"https://auth.example.com": {}, "https://auth.example.com/t1": {}}),
        json!({"https://other.account.workers.dev": {}}),
    ] {
        let server = Server::configured(settings(issuers));
        for host in [
            dev,
            "https://ROLLCALL.Account.Workers.Dev:443",
            "https://rollcall.account.workers.dev.",
            "https://1234abcd-rollcall.account.workers.dev",
        ] {
            for path in ["/reg", OAUTH] {
                let answer = get(&server, &format!("{host}{path}"));
                assert_eq!(answer.refusal(), (404, "invalid_request".into()), "{host}{path}");
                assert_eq!(answer.header("cache-control"), Some("no-store"));
            }
        }
    }
    for issuers in [json!({dev: {}}), json!({dev: {}, "https://auth.example.com": {}})] {
        let server = Server::configured(settings(issuers));
        assert_eq!(get(&server, &format!("{dev}{OAUTH}")).json()["issuer"], dev);
    }
    // Other names in front of us, that only look like it.
    let server = Server::configured(settings(json!({"https://auth.example.com": {}})));
    for host in ["https://workers.dev.example", "https://notworkers.dev", "https://internal"] {
        assert_eq!(get(&server, &format!("{host}{OAUTH}")).status(), 200, "{host}");
    }
}

#[test]
fn longer_path_goes_first() {
    let server = Server::configured(settings(json!({
        "https://auth.example.com": {}, "https://auth.example.com/reg": {}, "https://auth.example.com/reg/x": {},
    })));
    for path in ["", "/reg", "/reg/x"] {
        let document = get(&server, &format!("https://auth.example.com{path}{OAUTH}")).json();
        assert_eq!(document["issuer"], format!("https://auth.example.com{path}"));
    }
    let client = register(&server, "https://auth.example.com/reg/reg");
    let uri = client["registration_client_uri"].as_str().unwrap();
    assert!(uri.starts_with("https://auth.example.com/reg/reg/"), "{uri}");
}

#[test]
fn contradictions_of_a_configuration_are_named() {
    let https = "https://auth.example.com";
    for (settings, named) in [
        (
            Settings { issuer: Some(https.into()), ..settings(json!({https: {}})) },
            "ISSUER and ISSUERS",
        ),
        (settings(json!([https])), "ISSUERS is"),
        (settings(json!({https: 1})), "ISSUERS.\"https://auth.example.com\" is 1"),
        (settings(json!({"auth.example.com": {}})), "ISSUERS.\"auth.example.com\" is"),
        (
            settings(json!({"http://auth.example.com": {}})),
            "ISSUERS.\"http://auth.example.com\" is",
        ),
        (settings(json!({https: {}, "https://AUTH.example.com/": {}})), "another host or path"),
        (settings(json!({https: {"METADTA": {}}})), "ISSUERS.\"https://auth.example.com\".METADTA"),
        (
            settings(json!({https: {"METADATA": {"token_endpoint": "x"}}})),
            "ISSUERS.\"https://auth.example.com\".METADATA.token_endpoint is \"x\"",
        ),
        (
            settings(json!({https: {"REGISTRATION": {"client_secret_lifetime": 1}}})),
            "ISSUERS.\"https://auth.example.com\".REGISTRATION.client_secret_lifetime",
        ),
        (
            settings(json!({https: {"DISCOVERY": {"max_age": -1}}})),
            "ISSUERS.\"https://auth.example.com\".DISCOVERY.max_age is -1, but must be whole seconds",
        ),
        (
            Settings { metadata: json!({}), ..settings(json!({https: {}})) },
            "ISSUERS.\"https://auth.example.com\": authorization_endpoint is missing",
        ),
        (
            settings(json!({"https://auth.example.com/a/../b": {}})),
            "auth.example.com/a/../b\", but must",
        ),
        (settings(json!({"https://auth.example.com/%2E": {}})), "auth.example.com/%2E\", but must"),
        (
            Settings {
                upstream_metadata: json!("https://as.example/m"),
                ..settings(json!({https: {}}))
            },
            "UPSTREAM_METADATA and ISSUERS",
        ),
    ] {
        let message = Config::parse(settings).unwrap_err().to_string();
        assert!(message.contains(named), "{message} instead of {named}");
    }
}

/// The issuers that a host names are those that their operator lists, with the shortest path first.
#[test]
fn host_lists_the_issuers_that_are_listed() {
    let listed = json!({"DISCOVERY": {"listed": true}});
    let server = Server::configured(settings(json!({
        "https://auth.example.com/t1": listed,
        "https://auth.example.com": listed,
        "https://auth.example.com/hidden": {},
        "https://login.other.example/a": {},
    })));
    for (host, expected) in [
        (
            "https://auth.example.com",
            json!(["https://auth.example.com", "https://auth.example.com/t1"]),
        ),
        ("https://login.other.example", json!([])),
    ] {
        for slash in ["", "/"] {
            let answer = get(&server, &format!("{host}/.well-known/rollcall-issuers{slash}"));
            assert_eq!((answer.status(), answer.json()), (200, json!({"issuers": expected})));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
        }
    }
    let elsewhere = get(&server, "https://third.example/.well-known/rollcall-issuers");
    assert_eq!(elsewhere.status(), 404);
}
