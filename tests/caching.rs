//! Responses that Cloudflare's cache may store: discovery documents of issuers on one host, and no other. The key of that
//! cache has the path and the query, not the host.

use std::collections::{BTreeMap, BTreeSet};

use rollcall::gate::Limit;
use rollcall::http::{READ_HEADERS, Response};
use rollcall::issuer::Settings;
use rollcall::records::StoreError;
use rollcall_support::kv::Fault;
use rollcall_support::{
    ADMIN_TOKEN, AS_TOKEN, Answer, Call, ORIGIN, READ, Server, served, settings, shipped_metadata,
};
use serde_json::{Value, json};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";
const HOSTED: &str = "/clients/{client_id}";
const CDN: &str = "cloudflare-cdn-cache-control";
const UPSTREAM: &str = "https://as.example/metadata";
const LOCAL: &str = "http://localhost:8787";

/// The headers for the caches of browsers and for that of Cloudflare.
fn cache_headers(answer: &Answer) -> (Option<&str>, Option<&str>) {
    (answer.header("cache-control"), answer.header(CDN))
}

/// Threat: one issuer's document is served at the address of another.
#[test]
fn document_is_stored_by_cloudflare_only_where_all_issuers_share_one_host() {
    let metadata = shipped_metadata();
    let several = |issuers: &[&str]| {
        let issuers = issuers.iter().map(|issuer| ((*issuer).to_owned(), json!({}))).collect();
        json!({"METADATA": metadata, "ISSUER": "", "ISSUERS": Value::Object(issuers)})
    };
    let upstream = "UPSTREAM_METADATA";
    for (vars, issuers, stored) in [
        (json!({}), vec![ORIGIN], true),
        (
            json!({"ISSUER": "https://auth.example.com/t1"}),
            vec!["https://auth.example.com/t1"],
            true,
        ),
        (json!({"DISCOVERY": {"max_age": 0}}), vec![ORIGIN], true),
        (json!({"METADATA": {}, upstream: UPSTREAM}), vec![ORIGIN], true),
        (several(&["https://a.example"]), vec!["https://a.example"], true),
        (
            several(&["https://a.example/1", "https://A.example:443/2"]),
            vec!["https://a.example/1", "https://A.example:443/2"],
            true,
        ),
        (
            several(&["https://a.example", "https://b.example"]),
            vec!["https://a.example", "https://b.example"],
            false,
        ),
        (
            several(&["https://a.example/1", "https://a.example/2", "https://b.example/3"]),
            vec!["https://a.example/1", "https://a.example/2", "https://b.example/3"],
            false,
        ),
        (
            several(&["https://a.example", "https://a.example:8443"]),
            vec!["https://a.example", "https://a.example:8443"],
            false,
        ),
        (
            json!({"ISSUER": "", "ISSUERS": {
                "https://a.example": {upstream: UPSTREAM}, "https://b.example": {},
            }}),
            vec!["https://a.example", "https://b.example"],
            false,
        ),
        (
            json!({"ISSUER": "", "ISSUERS": {
                "https://a.example": {upstream: UPSTREAM}, "https://a.example/t1": {},
            }}),
            vec!["https://a.example", "https://a.example/t1"],
            true,
        ),
        // A developer's machine: each loopback host is an issuer of its own.
        (json!({"ISSUER": ""}), vec!["http://localhost:8787", "http://127.0.0.1:8787"], false),
    ] {
        let server = Server::configured(settings(&vars));
        for issuer in issuers {
            let mut theirs = shipped_metadata();
            theirs["issuer"] = issuer.into();
            for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
                theirs[name] = format!("{issuer}/{name}").into();
            }
            server.web.borrow_mut().insert(UPSTREAM.into(), served(theirs.to_string()));
            let slash = issuer.match_indices('/').nth(2).map_or(issuer.len(), |(at, _)| at);
            let (origin, path) = issuer.split_at(slash);
            for document in [OAUTH, OPENID] {
                let ask = |method: &str| Call::new(method, &format!("{document}{path}"));
                let answer = server.send(ask("GET").origin(origin));
                assert_eq!((answer.status(), &answer.json()["issuer"]), (200, &json!(issuer)));
                let (public, cdn) = cache_headers(&answer);
                assert!(public.unwrap().starts_with("public, max-age="), "{vars}: {public:?}");
                assert_eq!(cdn, (!stored).then_some("no-store"), "{vars} {issuer}");
                // A cache brings what it has stored up to date with the headers of these.
                let tag = answer.header("etag").unwrap();
                let unmodified = ask("GET").origin(origin).header("if-none-match", tag);
                for (call, status) in [(unmodified, 304), (ask("HEAD").origin(origin), 200)] {
                    let again = server.send(call);
                    assert_eq!((again.status(), cache_headers(&again)), (status, (public, cdn)));
                    assert_eq!(again.header("vary"), answer.header("vary"));
                }
            }
        }
    }
}

/// A request that is marked as our own has an entry of its own in the cache, which always stays empty: it is 508.
#[test]
fn document_over_an_upstream_is_never_the_cached_answer_to_our_own_request_for_one() {
    let vars = json!({"METADATA": {}, "UPSTREAM_METADATA": UPSTREAM});
    let server = Server::configured(settings(&vars));
    let mut theirs = shipped_metadata();
    theirs["issuer"] = ORIGIN.into();
    for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        theirs[name] = format!("{ORIGIN}/{name}").into();
    }
    server.web.borrow_mut().insert(UPSTREAM.into(), served(theirs.to_string()));
    assert_eq!(server.get(OAUTH).header("vary"), Some("rollcall-upstream"));
    let own = server.send(Call::new("GET", OAUTH).header("rollcall-upstream", "1"));
    assert_eq!((own.status(), cache_headers(&own)), (508, (Some("no-store"), None)));
    assert_eq!(Server::new().get(OAUTH).header("vary"), None, "nothing varies without an upstream");
}

/// The responses so far: method and route with each status, after each was checked.
#[derive(Default)]
struct Walk(BTreeSet<(String, String, u16)>);

impl Walk {
    fn send(&mut self, server: &Server, method: &str, call: Call) {
        let answer = server.send(call);
        self.see(method, &answer);
    }

    fn see(&mut self, method: &str, answer: &Answer) {
        let (route, status) = (answer.0.event.route, answer.status());
        let shown = format!("{method} {route} {status}");
        let said = answer.0.headers().filter(|(name, _)| *name == "cache-control").count();
        assert_eq!(said, 1, "{shown}");
        let document = [OAUTH, OPENID, HOSTED].contains(&route) && matches!(status, 200 | 304);
        let expected = if document { "public, max-age=300" } else { "no-store" };
        assert!(!document || ["GET", "HEAD"].contains(&method), "{shown}");
        let (public, cdn) = cache_headers(answer);
        assert_eq!(public, Some(expected), "{shown}");
        assert_ne!(cdn, Some("public, max-age=300"), "{shown}");
        // A shell that shows a body begins its prompt on a line of its own.
        let body = answer.0.body.as_deref().unwrap_or_default();
        assert!(body.is_empty() || body.ends_with('\n'), "{shown}: {body}");
        self.0.insert((method.to_owned(), route.to_owned(), status));
    }
}

/// The operations of the routes: the `OpenAPI` document has all of them (`tests/openapi.rs`), but for those of a
/// developer's machine. With each its statuses.
fn operations() -> BTreeMap<(String, String), BTreeSet<u16>> {
    let document: Value = serde_json::from_str(include_str!("../public/openapi.json")).unwrap();
    let mut operations = BTreeMap::new();
    for (route, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(responses) = operation.get("responses") else { continue };
            let statuses = responses.as_object().unwrap().keys();
            let statuses = statuses.map(|status| status.parse().unwrap()).collect();
            operations.insert((method.to_ascii_uppercase(), route.clone()), statuses);
        }
    }
    for (method, route) in
        [("GET", "/authorize"), ("POST", "/authorize"), ("POST", "/token"), ("GET", "/jwks")]
    {
        let statuses = BTreeSet::from([if route == "/jwks" { 200 } else { 501 }]);
        operations.insert((method.into(), route.into()), statuses);
    }
    operations
}

/// A server with a client, and a registration access token and an initial access token to present there.
struct Scene {
    server: Server,
    client: Value,
    token: Value,
}

impl Scene {
    fn new(vars: &Value) -> Self {
        let server = Server::configured(settings(vars));
        let metadata = json!({"redirect_uris": ["https://a.example/cb"]});
        let admin = |call: Call| call.header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
        let mint = admin(Call::new("POST", "/admin/initial-access-tokens").body("{}"));
        let token = server.send(mint.header("content-type", "application/json")).created();
        let call = Call::register(metadata.to_string());
        let initial = token["initial_access_token"].as_str().unwrap();
        let client =
            server.send(call.header("authorization", &format!("Bearer {initial}"))).created();
        server.store.pass(2_000);
        Self { server, client, token }
    }

    /// The request that is right for an operation.
    fn call(&self, method: &str, route: &str) -> Call {
        let id = self.client["client_id"].as_str().unwrap();
        let path = route.replace("{client_id}", id);
        let route = route.split('?').next().unwrap();
        let path = path.replace("{id}", self.token["id"].as_str().unwrap());
        let call = Call::new(method, &path);
        let body = match (method, route) {
            ("POST", "/reg") => json!({"redirect_uris": ["https://a.example/cb"]}),
            ("PUT", "/reg/{client_id}") => {
                json!({"client_id": id, "redirect_uris": ["https://a.example/2"]})
            }
            ("POST", "/as/clients/authenticate") => {
                json!({"client_id": id, "client_secret": self.client["client_secret"]})
            }
            ("POST", "/as/clients/look-up") => json!({"client_id": id}),
            ("POST", "/as/clients/{client_id}/redirect-uri") => {
                json!({"redirect_uri": "https://a.example/cb"})
            }
            ("POST", "/admin/clients") => {
                json!({"metadata": {"redirect_uris": ["https://a.example/cb"]}})
            }
            ("PATCH", "/admin/clients/{client_id}") => {
                json!({"metadata": {"client_name": "New", "redirect_uris": ["https://a.example/cb"]}})
            }
            ("POST", "/admin/clients/{client_id}/approve") => json!({"version": "x"}),
            ("POST", "/admin/clients/{client_id}/reject") => json!({"reason": "x"}),
            ("POST", "/admin/clients/{client_id}/rotate") => json!({"credential": "client_secret"}),
            ("POST", "/admin/clients/delete") => {
                json!({"filter": {"self_asserted": true}, "dry_run": false})
            }
            ("POST", "/admin/initial-access-tokens") => json!({}),
            ("POST", route) if route.starts_with("/admin/documents/") => {
                json!({"client_id": "https://client.example/c"})
            }
            _ => Value::Null,
        };
        let secret = match route.split('/').nth(1) {
            Some("admin") => ADMIN_TOKEN,
            Some("as") => AS_TOKEN,
            Some("reg") if route == "/reg" => self.token["initial_access_token"].as_str().unwrap(),
            _ => self.client["registration_access_token"].as_str().unwrap(),
        };
        let call = call.header("authorization", &format!("Bearer {secret}"));
        if route == "/admin/clients/import" {
            let record = self.server.store.records()[0].1.clone();
            return call.header("content-type", "application/x-ndjson").body(record);
        }
        if body.is_null() {
            return call;
        }
        call.header("content-type", "application/json").body(body.to_string())
    }
}

/// Every other response would be stored for minutes or hours if it said nothing, and so would its 404.
#[test]
#[expect(clippy::too_many_lines, reason = "one row for each way to a status")]
fn every_response_but_a_document_says_no_store_on_every_route_and_status() {
    let mut walk = Walk::default();
    let operations = operations();
    let open = json!({});
    let wrong = "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let missing = "AAAAAAAAAAAAAAAAAAAAAA";
    for (method, route) in operations.keys().map(|(method, route)| (&**method, &**route)) {
        // As it should be, and with each thing wrong that a caller can do wrong.
        let ways: [fn(Call) -> Call; 19] = [
            |call| call,
            |call| call.without("authorization"),
            |call| call.header("authorization", "Basic x"),
            |call| call.header("content-type", "text/plain"),
            |call| call.header("content-encoding", "gzip"),
            |call| call.header("content-length", "99999999"),
            |call| call.body("{"),
            |call| call.body("{}"),
            |call| call.body("x".repeat(1_100_000)),
            |call| call.taking(120_000),
            |call| call.broken(),
            |call| call.header("if-match", "\"other\""),
            |call| call.header("if-none-match", "*"),
            |call| call.origin("https://unknown.example"),
            |call| call.origin("https://rollcall.account.workers.dev"),
            |call| call.header("origin", "https://page.example"),
            |call| call.header("rollcall-upstream", "1"),
            |call| call.from("192.0.2.1"),
            |call| call.bound(),
        ];
        for way in ways {
            let scene = Scene::new(&open);
            walk.send(&scene.server, method, way(scene.call(method, route)));
        }
        let scene = Scene::new(&open);
        walk.send(&scene.server, method, scene.call(method, route).header("authorization", wrong));
        for other in ["OPTIONS", "HEAD", "PATCH", "get", "PROPFIND"] {
            let scene = Scene::new(&open);
            walk.send(&scene.server, other, scene.call(other, route));
        }
        for query in [
            "?dry_run=true",
            "?dry_run=maybe",
            "?limit=x",
            "?x=1",
            "?include=client_secret",
            "?include=x",
        ] {
            let scene = Scene::new(&open);
            walk.send(&scene.server, method, scene.call(method, &format!("{route}{query}")));
        }
        // A client, a token or a path that does not exist.
        let scene = Scene::new(&open);
        let mut stranger = Scene::new(&open);
        stranger.client["client_id"] = missing.into();
        stranger.token["id"] = "AAAAAAAAAAAA".into();
        walk.send(&scene.server, method, stranger.call(method, route));
        walk.send(&scene.server, method, scene.call(method, &format!("{route}/x/y/z")));
        // A store, a Durable Object or a limit that says no.
        for fault in [Fault::Error, Fault::Conflict, Fault::LostAnswer] {
            let scene = Scene::new(&open);
            let call = scene.call(method, route);
            scene.server.store.fail(vec![fault; 40]);
            walk.send(&scene.server, method, call);
            let scene = Scene::new(&json!({"REGISTRATION": {"mode": "token"}}));
            scene.server.ledger_faults.borrow_mut().extend(vec![fault; 40]);
            let failure = StoreError::Unavailable("The Durable Object failed".into());
            scene.server.book_failure.replace(Some(failure));
            walk.send(&scene.server, method, scene.call(method, route));
        }
        let scene = Scene::new(&open);
        let call = scene.call(method, route);
        for (key, _) in scene.server.store.records() {
            scene.server.store.spoil(&key, "{}");
        }
        walk.send(&scene.server, method, call);
        for authorization in [None, Some(wrong), Some("Bearer x")] {
            let scene = Scene::new(&open);
            scene.server.reached.borrow_mut().extend([
                Limit::Address,
                Limit::Network,
                Limit::Issuer,
                Limit::Updates,
                Limit::Failures,
            ]);
            let call = scene.call(method, route).from("192.0.2.1");
            walk.send(
                &scene.server,
                method,
                match authorization {
                    Some(token) => call.header("authorization", token),
                    None => call,
                },
            );
        }
        // Gates, modes and APIs that are closed; an operator who has listed origins; a client that is disabled.
        for (vars, page) in [
            (json!({"REGISTRATION": {"mode": "closed"}}), ""),
            (json!({"REGISTRATION": {"mode": "token"}}), ""),
            (json!({"POLICY": {"redirect_hosts": ["b.example"]}}), ""),
            (json!({"REGISTRATION": {"allowed_origins": []}}), "https://page.example"),
            (
                json!({"REGISTRATION": {"allowed_origins": ["https://page.example"]}}),
                "https://page.example",
            ),
        ] {
            let scene = Scene::new(&json!({}));
            let server = Server::configured(settings(&vars));
            for (key, record) in scene.server.store.records() {
                server.store.plant(&key, &record);
            }
            for sent in [method, "OPTIONS"] {
                let call = scene.call(sent, route);
                let call = if page.is_empty() { call } else { call.header("origin", page) };
                walk.send(&server, sent, call);
            }
        }
        let waiting = Scene::new(&json!({"POLICY": {"approval": true}}));
        walk.send(&waiting.server, method, waiting.call(method, route));
        let scene = Scene::new(&open);
        let disable = scene.call("POST", "/admin/clients/{client_id}/disable");
        assert_eq!(scene.server.send(disable).status(), 204);
        scene.server.store.pass(2_000);
        walk.send(&scene.server, method, scene.call(method, route));
        let closed = Server::new();
        walk.send(&closed, method, scene.call(method, route));
        // No configuration, a developer's machine, and an authorization server that cannot be reached.
        let unset = Server::configured(Settings::default());
        walk.send(&unset, method, scene.call(method, route));
        walk.send(&unset, method, scene.call(method, route).origin(LOCAL));
        walk.send(&unset, "OPTIONS", scene.call("OPTIONS", route).origin(LOCAL));
        let vars = json!({"METADATA": {}, "UPSTREAM_METADATA": UPSTREAM});
        let overlay = Server::configured(settings(&vars));
        for (key, record) in scene.server.store.records() {
            overlay.store.plant(&key, &record);
        }
        walk.send(&overlay, method, scene.call(method, route));
        walk.send(&overlay, method, scene.call(method, route).header("rollcall-upstream", "1"));
        let incomplete =
            json!({"METADATA": {"authorization_endpoint": "/a", "token_endpoint": "/t"}});
        walk.send(&Server::configured(settings(&incomplete)), method, scene.call(method, route));
    }
    // A metadata document that is not listed, and one that cannot be reached.
    let vars = json!({"DOCUMENTS": {"mode": "listed", "hosts": ["listed.example"]}});
    let server = Server::configured(settings(&vars));
    for host in ["listed", "other"] {
        let body = json!({"client_id": format!("https://{host}.example/c")}).to_string();
        let call = Call::new("POST", "/as/clients/look-up").body(body);
        let call = call.header("authorization", &format!("Bearer {AS_TOKEN}"));
        walk.send(&server, "POST", call.header("content-type", "application/json"));
    }
    // What the operator does with metadata documents.
    let (url, denied) = ("https://client.example/c", "https://denied.example/c");
    let document = |url: &str| json!({"client_id": url, "client_name": "A", "redirect_uris": ["https://a.example/cb"]});
    let vars = json!({"DOCUMENTS": {"mode": "open", "denied_hosts": ["denied.example"]}});
    let server = Server::configured(settings(&vars));
    for (action, body) in [
        ("block", json!({"client_id": url})),
        ("refresh", json!({"client_id": url})),
        ("unblock", json!({"client_id": url})),
        ("refresh", json!({"client_id": url})),
        ("pin", json!({"client_id": url, "document": document(url)})),
        ("unpin", json!({"client_id": url})),
        ("pin", json!({"client_id": denied, "document": document(denied)})),
    ] {
        let call = |server: &Server| {
            server.store.pass(1_000);
            let call =
                Call::new("POST", &format!("/admin/documents/{action}")).body(body.to_string());
            let call = call.header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
            call.header("content-type", "application/json")
        };
        let mut fetched = served(document(url).to_string()).unwrap();
        fetched.headers = vec![("content-type".into(), "application/json".into())];
        server.web.borrow_mut().insert(url.into(), Ok(fetched));
        walk.send(&server, "POST", call(&server));
        let broken = Server::configured(settings(&vars));
        broken.store.fail(vec![Fault::Error; 40]);
        let failure = StoreError::Unavailable("The Durable Object failed".into());
        broken.book_failure.replace(Some(failure));
        walk.send(&broken, "POST", call(&broken));
    }
    // A hosted document, and a store that fails.
    let server = Server::configured(settings(&json!({"REGISTRATION": {"client_id": "url"}})));
    let client = server.register(&json!({"redirect_uris": ["https://a.example/cb"]})).created();
    let path = client["client_id"].as_str().unwrap().strip_prefix(ORIGIN).unwrap();
    let tag = server.get(path).header("etag").unwrap().to_owned();
    walk.send(&server, "GET", Call::new("GET", path));
    walk.send(&server, "GET", Call::new("GET", path).header("if-none-match", &tag));
    server.store.fail(vec![Fault::Error; 40]);
    walk.send(&server, "GET", Call::new("GET", path));
    // A repeated registration, another one under its key, and one whose client has ended.
    let scene = Scene::new(&json!({"ID_KEY": format!("1:{}", "A".repeat(43))}));
    let claimed = |call: Call| call.header("idempotency-key", "one-registration-and-no-other");
    let first = scene.server.send(claimed(scene.call("POST", "/reg"))).created();
    walk.send(&scene.server, "POST", claimed(scene.call("POST", "/reg")));
    walk.send(&scene.server, "POST", claimed(scene.call("POST", "/reg").body("{}")));
    scene.server.store.pass(2_000);
    assert_eq!(scene.server.delete(&first).status(), 204);
    walk.send(&scene.server, "POST", claimed(scene.call("POST", "/reg")));
    let unusable = Response::unusable("no configuration".into());
    walk.see("GET", &Answer(unusable));

    let Walk(reached) = walk;
    let has = |method: &str, route: &str, status: u16| {
        reached.contains(&(method.to_owned(), route.to_owned(), status))
    };
    let mut unreached = Vec::new();
    for ((method, route), statuses) in &operations {
        for status in statuses {
            // A 405 has its route, but no method; a 404 or 500 of the whole server has no route.
            let elsewhere = match status {
                405 => has("PROPFIND", route, 405),
                404 | 500 => has(method, "-", *status),
                _ => false,
            };
            if !has(method, route, *status) && !elsewhere {
                unreached.push(format!("{method} {route} {status}"));
            }
        }
    }
    assert!(
        unreached.is_empty(),
        "public/openapi.json promises statuses that this walk does not reach: remove them there, or add a call: {unreached:?}"
    );
    let statuses: BTreeSet<u16> = reached.iter().map(|(_, _, status)| *status).collect();
    let expected = [
        200, 201, 204, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 501,
        503, 508,
    ];
    assert_eq!(statuses, BTreeSet::from(expected));
    // The edge reads the address itself.
    let read =
        READ.with_borrow(|read| read.iter().map(String::as_str).collect::<BTreeSet<_>>().len());
    assert_eq!(read, READ_HEADERS.len() - 1, "every listed header is read");
}

#[test]
#[should_panic(expected = "x-forwarded-host is not in http::READ_HEADERS")]
fn header_that_is_not_listed_cannot_be_read_in_a_test() {
    let call = Call::new("GET", "/").header("x-forwarded-host", "evil");
    rollcall_support::read_header(call, "x-forwarded-host");
}
