//! Who may register, how often, and with what: modes, initial access tokens, limits, dry runs.

mod support;

use rollcall::service::limits::Limit;
use rollcall::service::ports::StoreError;
use rollcall::service::token_book::Rows as _;
use rollcall::service::{Config, Settings};
use serde_json::{Value, json};
use support::kv::Fault;
use support::{ADMIN_TOKEN, Answer, Call, Server};

const TOKENS: &str = "/admin/initial-access-tokens";

fn gate(mode: &str, adjust: impl FnOnce(&mut Settings)) -> Server {
    let mut settings = support::settings(&json!({"REGISTRATION": {"mode": mode}}));
    adjust(&mut settings);
    Server::configured(settings)
}

fn body() -> Value {
    json!({"redirect_uris": ["https://a.example/cb"]})
}

fn admin(server: &Server, method: &str, path: &str, body: &Value) -> Answer {
    let call = Call::new(method, path).header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
    server.send(call.header("content-type", "application/json").body(body.to_string()))
}

fn mint(server: &Server, body: &Value) -> Value {
    admin(server, "POST", TOKENS, body).created()
}

fn with(token: &Value, metadata: &Value) -> Call {
    let token = token["initial_access_token"].as_str().unwrap();
    Call::register(metadata.to_string()).header("authorization", &format!("Bearer {token}"))
}

/// A request whose body must not be looked at.
fn unread() -> Call {
    Call::register("").chunks(vec![b"{".to_vec(); 3])
}

#[test]
fn rfc_7591_3_without_an_initial_access_token_the_challenge_names_no_error() {
    let server = gate("token", |_| {});
    let answer = server.send_unread(unread());
    assert_eq!(answer.refusal(), (401, "invalid_token".into()));
    assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"registration\""));
    for token in ["x", "iat_x", &format!("iat_{}", "A".repeat(43)), ""] {
        let call = unread().header("authorization", &format!("Bearer {token}"));
        let answer = server.send_unread(call);
        assert_eq!(answer.refusal(), (401, "invalid_token".into()), "{token}");
        let challenge = "Bearer realm=\"registration\", error=\"invalid_token\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
    assert_eq!(
        server.store.operations(),
        (0, 0),
        "nothing is read or written for a refused caller"
    );
    assert_eq!(server.booked.get(), 1, "only what could be a token is looked up");
}

#[test]
fn r43_a_closed_issuer_registers_nobody_says_so_and_manages_what_there_is() {
    let open = gate("open", |_| {});
    let client = open.register(&body()).created();
    let server = gate("closed", |_| {});
    open.store.records().iter().for_each(|(key, value)| server.store.plant(key, value));
    let answer = server.send_unread(unread());
    assert_eq!(answer.refusal(), (403, "access_denied".into()));
    let document = server.get("/.well-known/oauth-authorization-server").json();
    assert_eq!(document.get("registration_endpoint"), None, "R43");
    assert_eq!(server.config.issuers()[0].own_profile().unwrap().findings.len(), 1);
    assert_eq!(server.read_back(&client).status(), 200);
}

#[test]
fn r17_an_open_issuer_does_not_look_at_tokens() {
    let server = gate("open", |_| {});
    let call = Call::register(body().to_string()).header("authorization", "Bearer whatever");
    assert_eq!(server.send(call).status(), 201, "R17");
    assert_eq!(server.booked.get(), 0);
}

#[test]
fn a_token_registers_as_many_clients_as_it_has_uses_and_a_refused_one_costs_none() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 2, "label": "partner"}));
    assert_eq!(server.send(with(&token, &json!({"redirect_uris": ["/x"]}))).status(), 400);
    assert_eq!(
        server.send(with(&token, &body()).header("content-type", "text/plain")).status(),
        415
    );
    let large = with(&token, &json!({"x": "y".repeat(70_000)}));
    assert_eq!(server.send(large).status(), 413);
    for _ in 0..2 {
        assert_eq!(server.send(with(&token, &body())).status(), 201);
    }
    assert_eq!(server.send(with(&token, &body())).refusal(), (401, "invalid_token".into()));
    assert_eq!(server.store.operations(), (0, 2), "no write for any refused request");
    let listed = admin(&server, "GET", TOKENS, &Value::Null).json();
    assert_eq!(
        (&listed["initial_access_tokens"][0]["used"], &listed["initial_access_tokens"][0]["uses"]),
        (&json!(2), &json!(2))
    );
}

#[test]
fn threat_41_a_use_is_taken_before_the_body_arrives_and_never_twice() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    // While one body arrives, another wants the same use.
    let answer = server.send_slowly(with(&token, &body()), || {
        let refused = server.send(with(&token, &body()));
        assert_eq!(refused.refusal().0, 503, "it may be given back");
    });
    assert_eq!(answer.status(), 201);
    // However long a body takes, its use is its own: or it is not registered.
    let token = mint(&server, &json!({"uses": 1}));
    let answer = server.send_slowly(with(&token, &body()), || {
        server.store.pass(61_000);
        assert_eq!(server.send(with(&token, &body())).status(), 201);
    });
    assert_eq!(answer.refusal(), (401, "invalid_token".into()));
    let token = mint(&server, &json!({"uses": 1}));
    let answer = server.send_slowly(with(&token, &body()), || server.store.pass(300_000));
    assert_eq!(answer.status(), 201);
    assert_eq!(server.send(with(&token, &body())).status(), 401);
}

#[test]
fn a_use_in_doubt_is_settled_by_whether_the_client_exists() {
    // The Worker died after the client was stored, or before: the book never heard.
    for (stored, status) in [(true, 401), (false, 201)] {
        let server = gate("token", |_| {});
        let token = mint(&server, &json!({"uses": 1}));
        if stored {
            // The store did it, and never said so.
            server.store.fail([Fault::LostAnswer, Fault::Error]);
        } else {
            server.store.fail([Fault::Error, Fault::Error]);
        }
        assert_eq!(server.send(with(&token, &body())).refusal().0, 503);
        server.store.fail([]);
        assert_eq!(server.send(with(&token, &body())).status(), 503, "it may still be stored");
        server.store.pass(60_000);
        assert_eq!(server.send(with(&token, &body())).status(), status, "stored: {stored}");
    }
}

#[test]
fn a_token_is_not_refused_for_good_before_every_use_in_doubt_is_looked_at() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 25}));
    let clients: Vec<Value> = (0..20)
        .map(|_| server.send(with(&token, &body())).created()["client_id"].clone())
        .collect();
    server.store.pass(120_000);
    // The book has not heard of those that are stored, and five more never came to be.
    let never = (0..5).map(|n| Value::from(format!("{n}{}", "A".repeat(21))));
    let ids: Vec<Value> = clients.into_iter().chain(never).collect();
    {
        let mut books = server.books.borrow_mut();
        let book = books.values_mut().next().unwrap();
        let (digest, entry) = book.all().pop().unwrap();
        let mut entry: Value = serde_json::from_str(&entry).unwrap();
        entry["used"] = ids.len().into();
        entry["reservations"] = ids.iter().map(|id| json!({"client_id": id, "until": 1})).collect();
        book.put(&digest, &entry.to_string());
    }
    let (before, _) = server.store.operations();
    let answer = server.send(with(&token, &body()));
    assert_eq!((answer.status(), answer.header("retry-after")), (503, Some("2")));
    assert_eq!(server.store.operations().0 - before, 20, "as many as one request may look up");
    assert_eq!(server.send(with(&token, &body())).status(), 201);
}

#[test]
fn a_book_that_fails_registers_nobody() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({}));
    let failure = StoreError::Unavailable("the object is overloaded".into());
    server.book_failure.replace(Some(failure));
    assert_eq!(
        server.send(with(&token, &body())).refusal(),
        (503, "temporarily_unavailable".into())
    );
    server.book_failure.replace(None);
    assert_eq!(server.send(with(&token, &body())).status(), 201);
}

#[test]
fn a_token_ends_by_its_time_or_by_its_operator() {
    let server = gate("token", |_| {});
    let short = mint(&server, &json!({"expires_in": 60, "uses": 5}));
    let long = mint(&server, &json!({"expires_in": 3600, "uses": 5}));
    server.store.pass(60_000);
    assert_eq!(server.send(with(&short, &body())).status(), 401);
    let listed = admin(&server, "GET", TOKENS, &Value::Null).json();
    let listed = listed["initial_access_tokens"].as_array().unwrap();
    assert_eq!(
        (listed.len(), &listed[0]["id"]),
        (1, &long["id"]),
        "expired ones vanish by themselves"
    );

    let client = server.send(with(&long, &body())).created();
    let path = format!("{TOKENS}/{}", long["id"].as_str().unwrap());
    assert_eq!(admin(&server, "DELETE", &path, &Value::Null).status(), 204);
    assert_eq!(
        admin(&server, "DELETE", &path, &Value::Null).refusal_off_browsers(),
        (404, "not_found".into())
    );
    assert_eq!(server.send(with(&long, &body())).status(), 401);
    assert_eq!(server.read_back(&client).status(), 200, "what was registered stays");
}

#[test]
fn a_token_brings_its_policy_and_its_clients_keep_it() {
    let server = gate("token", |_| {});
    let policy = json!({"scopes": ["openid"], "redirect_hosts": ["*.partner.example"],
        "auth_methods": ["private_key_jwt", "none"], "client_ttl": 3600});
    let token = mint(&server, &json!({"uses": 9, "label": "partner", "policy": policy}));
    let at = |host: &str| json!({"redirect_uris": [format!("https://{host}/cb")], "scope": "openid email"});
    assert_eq!(server.send(with(&token, &at("a.example"))).problems()[0].1, "policy_redirect_host");
    let client = server.send(with(&token, &at("app.partner.example"))).created();
    assert_eq!(client["scope"], "openid");
    assert_eq!(client["token_endpoint_auth_method"], "none", "no secret method is allowed");

    server.store.pass(1_000);
    assert_eq!(server.update(&client, &at("a.example")).problems()[0].1, "policy_redirect_host");
    let updated = server.update(&client, &at("new.partner.example"));
    assert_eq!((updated.status(), &updated.json()["scope"]), (200, &json!("openid")));

    let (key, record) = server.store.records()[0].clone();
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(record["provenance"]["self_asserted"], false);
    assert_eq!(record["provenance"]["token"], json!({"id": token["id"], "label": "partner"}));
    assert_eq!(record["provenance"]["token_policy"], policy);
    assert_eq!(record["expires_at"], record["issued_at"].as_u64().unwrap() + 3600);

    // It ends by itself, although it was updated; even where the store still has it.
    server.store.pass(3_598_000);
    assert_eq!(server.read_back(&client).status(), 200);
    server.store.pass(1_000);
    assert_eq!(server.read_back(&client).status(), 401);
    server.store.plant(&key, &record.to_string());
    assert_eq!(server.read_back(&client).status(), 401);
}

#[test]
fn tiered_those_without_a_token_get_less_and_a_wrong_token_is_no_anonymity() {
    let server = gate("tiered", |settings| {
        settings.anonymous_policy =
            json!({"scopes": ["openid"], "client_ttl": 86_400, "max_redirect_uris": 1});
        settings.policy = json!({"reverse_dns_schemes": true});
    });
    let anonymous = server.register(&body()).created();
    assert_eq!(anonymous["scope"], "openid");
    let two = json!({"redirect_uris": ["https://a.example/1", "https://a.example/2"]});
    assert_eq!(server.register(&two).problems()[0].1, "policy_redirect_uri_count");
    let token = mint(&server, &json!({"uses": 9}));
    let trusted = server.send(with(&token, &two)).created();
    assert_eq!(trusted["scope"], "openid profile email offline_access");
    let plain = json!({"redirect_uris": ["cursor://x/cb"]});
    assert_eq!(
        server.send(with(&token, &plain)).problems()[0].1,
        "policy_reverse_dns_scheme",
        "POLICY holds for all"
    );
    let wrong = Call::register(body().to_string()).header("authorization", "Bearer wrong");
    assert_eq!(server.send(wrong).status(), 401);

    server.store.pass(1_000);
    assert_eq!(server.update(&anonymous, &two).problems()[0].1, "policy_redirect_uri_count");
    assert_eq!(server.update(&trusted, &two).status(), 200);
}

#[test]
fn threat_18_a_record_says_whether_anybody_vouched_for_the_client() {
    let server = gate("tiered", |_| {});
    let token = mint(&server, &json!({}));
    server.register(&body()).created();
    server.send(with(&token, &body())).created();
    let mut asserted: Vec<(bool, bool)> = server
        .store
        .records()
        .iter()
        .map(|(_, record)| {
            let record: Value = serde_json::from_str(record).unwrap();
            assert!(record["provenance"]["policy"].as_str().is_some_and(|name| name.len() == 12));
            let provenance = &record["provenance"];
            (provenance["self_asserted"].as_bool().unwrap(), provenance["token"].is_object())
        })
        .collect();
    asserted.sort_unstable();
    assert_eq!(asserted, [(false, true), (true, false)]);
}

#[test]
fn no_address_of_anybody_is_stored_or_logged() {
    let server = gate("open", |_| {});
    let call = Call::register(body().to_string()).from("203.0.113.77");
    let answer = server.send(call);
    let shown = format!("{:?} {:?}", server.store.records(), answer.0);
    assert_eq!(answer.status(), 201);
    assert!(!shown.contains("203.0.113"), "{shown}");
}

#[test]
fn threat_19_threat_20_registrations_are_counted_by_place_and_by_issuer() {
    let server = gate("open", |_| {});
    server.send(Call::register(body().to_string()).from("2001:db8::1"));
    let counted = server.counted.borrow().clone();
    assert_eq!(
        counted.iter().map(|(limit, _)| *limit).collect::<Vec<_>>(),
        [Limit::Address, Limit::Issuer]
    );
    assert!(counted[0].1.ends_with(" 2001:db8::/64"), "{counted:?}");
    server.counted.replace(Vec::new());
    server.register(&body());
    assert_eq!(server.counted.borrow().len(), 1, "without an address only the issuer is counted");
    let before = server.store.operations();
    for limit in [Limit::Address, Limit::Issuer] {
        server.reached.replace(vec![limit]);
        for path in ["/reg", "/reg?dry_run=true"] {
            let mut call = unread();
            if path.contains('?') {
                call = Call::new("POST", path).header("content-type", "application/json").body("{");
            }
            let call = call.from("2001:db8::1");
            let answer = server.send(call);
            assert_eq!(
                answer.refusal(),
                (429, "temporarily_unavailable".into()),
                "{limit:?} {path}"
            );
            assert_eq!(answer.header("retry-after"), Some("60"));
        }
    }
    assert_eq!(server.store.operations(), before);
    server.reached.replace(Vec::new());
    assert_eq!(server.register(&body()).status(), 201, "lifted");
}

#[test]
fn threat_20_threat_21_networks_and_token_holders_are_exempt_where_the_operator_says_so() {
    let server = gate("tiered", |settings| {
        settings.limits = json!({"exempt_networks": ["203.0.113.0/24"]});
    });
    let token = mint(&server, &json!({"uses": 9}));
    server.reached.replace(vec![Limit::Address, Limit::Issuer]);
    assert_eq!(server.send(Call::register(body().to_string()).from("203.0.113.9")).status(), 201);
    assert_eq!(server.send(Call::register(body().to_string()).from("203.0.114.9")).status(), 429);
    assert_eq!(
        server.send(with(&token, &body())).status(),
        201,
        "honest clients are not locked out"
    );
    let strict = gate("token", |settings| settings.limits = json!({"exempt_token_holders": false}));
    let token = mint(&strict, &json!({"uses": 9}));
    strict.reached.replace(vec![Limit::Address]);
    assert_eq!(strict.send(with(&token, &body()).from("192.0.2.1")).status(), 429);
}

#[test]
fn threat_29_wrong_tokens_are_counted_wherever_they_are_presented() {
    let server = gate("token", |_| {});
    let client = server.send(with(&mint(&server, &json!({})), &body())).created();
    server.counted.replace(Vec::new());
    let wrong = |call: Call| call.header("authorization", "Bearer wrong").from("192.0.2.1");
    let calls = || {
        [
            wrong(Call::of("GET", &client)),
            wrong(Call::of("PUT", &client).header("content-type", "application/json").body("{}")),
            wrong(Call::of("DELETE", &client)),
            wrong(unread()),
            wrong(Call::new("GET", TOKENS)),
        ]
    };
    for call in calls() {
        assert_eq!(server.send(call).status(), 401);
    }
    let failures =
        server.counted.borrow().iter().filter(|(limit, _)| *limit == Limit::Failures).count();
    assert_eq!(failures, 5);
    server.reached.replace(vec![Limit::Failures]);
    for call in calls() {
        assert_eq!(server.send(call).status(), 429);
    }
    assert_eq!(server.read_back(&client).status(), 200, "the right token is not counted");
}

#[test]
fn a_dry_run_tells_what_would_be_and_writes_nothing() {
    let server = gate("tiered", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    let dry = |body: &Value| {
        Call::new("POST", "/reg?dry_run=true")
            .header("content-type", "application/json")
            .body(body.to_string())
    };
    let answer = server.send(dry(&body()));
    let told = answer.json();
    assert_eq!((answer.status(), answer.header("cache-control")), (200, Some("no-store")));
    for credential in ["client_id", "client_secret", "registration_access_token"] {
        assert_eq!(told.get(credential), None);
    }
    let bearer = format!("Bearer {}", token["initial_access_token"].as_str().unwrap());
    assert_eq!(server.send(dry(&body()).header("authorization", &bearer)).status(), 200);
    assert_eq!(server.store.operations(), (0, 0));
    let registered = server.send(with(&token, &body())).created();
    for (name, value) in told.as_object().unwrap() {
        assert_eq!(&registered[name], value, "{name}");
    }
    let refused = server.send(dry(&json!({"redirect_uris": ["/x"], "client_uri": "ftp://x"})));
    assert_eq!(refused.problems().len(), 2);
    assert_eq!(server.send(dry(&body()).header("authorization", &bearer)).status(), 401, "used up");
    assert_eq!(server.send(Call::new("POST", "/reg?dry_run=maybe")).refusal().0, 400);
    assert_eq!(server.store.operations(), (0, 1));
}

#[test]
fn threat_19_a_read_that_brings_another_token_is_counted_like_every_write() {
    let server = Server::with_registration(json!({"registration_access_token_rotation": "always"}));
    let client = server.register(&body()).created();
    server.store.pass(1_100);
    let writes = server.store.operations().1;
    for reached in [vec![Limit::Address], vec![Limit::Issuer]] {
        server.reached.replace(reached);
        let answer = server.send(Call::of("GET", &client).from("192.0.2.1"));
        assert_eq!(answer.status(), 429);
    }
    assert_eq!(server.send(Call::of("HEAD", &client).from("192.0.2.1")).status(), 200);
    assert_eq!(server.store.operations().1, writes);
    server.reached.replace(Vec::new());
    assert_eq!(server.send(Call::of("GET", &client).from("192.0.2.1")).status(), 200);
}

#[test]
fn threat_19_a_read_that_only_ends_a_former_token_waits_with_that_and_is_answered() {
    let server =
        Server::with_registration(json!({"registration_access_token_rotation": "on_update"}));
    let client = server.register(&body()).created();
    server.store.pass(1_100);
    let updated = server.update(&client, &body()).json();
    server.store.pass(120_000);
    server.reached.replace(vec![Limit::Issuer]);
    assert_eq!(server.send(Call::of("GET", &updated).from("192.0.2.1")).status(), 200);
    server.reached.replace(Vec::new());
    assert_eq!(server.read_back(&client).status(), 200, "the former one works until there is room");
}

#[test]
fn threat_21_who_may_not_write_takes_nothing_from_those_who_may() {
    let server = gate("closed", |_| {});
    for method in ["PUT", "GET", "DELETE"] {
        let call =
            Call::new(method, "/reg/AAAAAAAAAAAAAAAAAAAAAA").header("authorization", "Bearer x");
        let call = call.header("content-type", "application/json").body("{}").from("192.0.2.1");
        assert_eq!(server.send(call).status(), 401);
    }
    let counted = server.counted.borrow();
    assert!(counted.iter().all(|(limit, _)| *limit != Limit::Issuer), "{counted:?}");
}

#[test]
fn a_dry_run_that_is_not_understood_is_counted_and_takes_no_use() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    let token_text = token["initial_access_token"].as_str().unwrap();
    let call = Call::new("POST", "/reg?dry_run=1")
        .header("authorization", &format!("Bearer {token_text}"));
    assert_eq!(server.send(call).refusal(), (400, "invalid_request".into()));
    assert_eq!(server.send(with(&token, &body())).status(), 201);
    let open = gate("open", |_| {});
    open.reached.replace(vec![Limit::Address]);
    assert_eq!(open.send(Call::new("POST", "/reg?dry_run=1").from("192.0.2.1")).status(), 429);
}

#[test]
fn the_operators_api_is_off_without_a_secret_and_closed_to_pages_and_others() {
    let off = Server::new();
    for (method, path) in
        [("GET", TOKENS), ("POST", TOKENS), ("DELETE", "/admin/initial-access-tokens/x")]
    {
        let call =
            Call::new(method, path).header("authorization", &format!("Bearer {ADMIN_TOKEN}"));
        assert_eq!(off.send(call).status(), 404, "{method} {path}");
    }
    let server = gate("open", |_| {});
    for (authorization, error, told) in [
        ("", "", "This needs"),
        ("Basic x", "", "This needs"),
        ("Bearer x", ", error=\"invalid_token\"", "That is not"),
    ] {
        let answer = server.send(Call::new("GET", TOKENS).header("authorization", authorization));
        assert_eq!(answer.refusal_off_browsers(), (401, "invalid_token".into()));
        let challenge = format!("Bearer realm=\"admin\"{error}");
        assert_eq!(answer.header("www-authenticate"), Some(&*challenge));
        assert!(answer.json()["error_description"].as_str().unwrap().starts_with(told), "{told}");
    }
    let preflight = server.send(Call::new("OPTIONS", TOKENS));
    assert_eq!(preflight.refusal_off_browsers().0, 405);
    assert_eq!(
        admin(&server, "PUT", TOKENS, &Value::Null).header("allow"),
        Some("GET, HEAD, POST")
    );
    let listed = admin(&server, "GET", TOKENS, &Value::Null);
    assert_eq!((listed.status(), listed.header("access-control-allow-origin")), (200, None));
}

#[test]
fn a_token_is_told_once_and_kept_as_a_digest() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"label": "ümläut", "uses": 3, "expires_in": 3600}));
    let plain = token["initial_access_token"].as_str().unwrap();
    assert!(plain.starts_with("iat_") && plain.len() == 47, "{plain}");
    assert_eq!(
        (&token["label"], &token["uses"], &token["used"]),
        (&json!("ümläut"), &json!(3), &json!(0))
    );
    assert_eq!(token["expires_at"], server.now() + 3600);
    let listed = admin(&server, "GET", TOKENS, &Value::Null).json().to_string();
    assert!(listed.contains(token["id"].as_str().unwrap()) && !listed.contains(plain));
    let registered = server.send(with(&token, &body()));
    let kept = format!("{:?} {:?}", server.store.records(), registered.0);
    assert!(!kept.contains(plain));
}

#[test]
fn an_operators_request_that_cannot_be_understood_is_named() {
    let server = gate("token", |_| {});
    for (body, named) in [
        (json!([]), "The body"),
        (json!({"uses": 0}), "uses must be a whole number from 1 to"),
        (json!({"uses": "5"}), "uses"),
        (json!({"expires_in": -1}), "expires_in"),
        (json!({"label": 7}), "label"),
        (json!({"label": "a\nb"}), "label"),
        (json!({"lable": "x"}), "'lable' is not known"),
        (json!({"policy": []}), "policy"),
        (json!({"policy": {"scopes": "openid"}}), "policy.scopes is"),
        (json!({"policy": {"scope": []}}), "policy.scope is not a setting"),
    ] {
        let answer = admin(&server, "POST", TOKENS, &body);
        assert_eq!(answer.refusal_off_browsers(), (400, "invalid_request".into()), "{body}");
        let text = answer.json()["error_description"].to_string();
        assert!(text.contains(named), "{text}");
    }
    assert_eq!(server.booked.get(), 0);
}

#[test]
fn tokens_of_one_issuer_are_unknown_to_another() {
    let server = gate("token", |settings| {
        settings.issuer = None;
        settings.issuers =
            json!({"https://auth.example.com/a": {}, "https://auth.example.com/b": {}});
    });
    let token = admin(&server, "POST", &format!("/a{TOKENS}"), &json!({"uses": 2})).created();
    let bearer = format!("Bearer {}", token["initial_access_token"].as_str().unwrap());
    for (path, status) in [("/b/reg", 401), ("/a/reg", 201)] {
        let call = Call::new("POST", path).header("content-type", "application/json");
        assert_eq!(
            server.send(call.header("authorization", &bearer).body(body().to_string())).status(),
            status
        );
    }
    let listed = admin(&server, "GET", &format!("/b{TOKENS}"), &Value::Null).json();
    assert_eq!(listed["initial_access_tokens"], json!([]));
}

#[test]
fn settings_of_the_gate_that_cannot_be_used_are_named_and_no_secret_is_shown() {
    let base = |name: &str, value: Value| {
        let name = name.to_owned();
        move |variable: &str| if variable == name { value.clone() } else { Value::Null }
    };
    for (name, value, named) in [
        ("REGISTRATION", json!({"mode": "maybe"}), "REGISTRATION.mode is \"maybe\""),
        ("POLICY", json!({"scope": []}), "POLICY.scope is not a setting"),
        ("POLICY", json!({"redirect_hosts": ["*"]}), "POLICY.redirect_hosts is"),
        ("ANONYMOUS_POLICY", json!({"client_ttl": 5}), "ANONYMOUS_POLICY.client_ttl is 5"),
        ("LIMITS", json!({"exempt_networks": ["192.0.2.1/24"]}), "LIMITS.exempt_networks"),
        ("LIMITS", json!({"exempt": true}), "LIMITS.exempt is not a setting"),
        ("ADMIN_TOKEN", json!("s3cret"), "ADMIN_TOKEN has to be a string of at least 32 bytes"),
    ] {
        let message =
            Config::parse(Settings::from_vars(base(name, value))).unwrap_err().to_string();
        assert!(message.contains(named) && !message.contains("s3cret"), "{message}");
    }
    let settings = Settings::from_vars(base("ADMIN_TOKEN", json!(ADMIN_TOKEN)));
    assert!(!format!("{settings:?}").contains(ADMIN_TOKEN));
}

#[test]
fn a_token_that_is_revoked_while_a_body_arrives_registers_nobody() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    let path = format!("{TOKENS}/{}", token["id"].as_str().unwrap());
    let answer = server.send_slowly(with(&token, &body()), || {
        assert_eq!(admin(&server, "DELETE", &path, &Value::Null).status(), 204);
    });
    assert_eq!(answer.refusal().0, 401);
    assert_eq!(server.store.operations(), (0, 0));
}

#[test]
fn a_client_that_was_deleted_has_used_its_token_all_the_same() {
    let server = gate("token", |_| {});
    let token = mint(&server, &json!({"uses": 1}));
    let client = server.send(with(&token, &body())).created();
    // As if the book had never heard that the client was stored.
    let id = client["client_id"].as_str().unwrap();
    server.books.borrow_mut().values_mut().next().unwrap().unsettle(id, server.now() + 60);
    server.store.pass(1_000);
    assert_eq!(server.delete(&client).status(), 204);
    server.store.pass(60_000);
    assert_eq!(server.send(with(&token, &body())).status(), 401);
}

#[test]
fn closing_the_gate_widens_nothing_for_those_who_are_in() {
    let narrow = |settings: &mut Settings| {
        settings.anonymous_policy = json!({"redirect_hosts": ["a.example"]});
    };
    let tiered = gate("tiered", narrow);
    let client = tiered.register(&body()).created();
    for mode in ["token", "closed"] {
        let server = gate(mode, narrow);
        tiered.store.records().iter().for_each(|(key, value)| server.store.plant(key, value));
        let elsewhere = json!({"redirect_uris": ["https://evil.example/cb"]});
        assert_eq!(
            server.update(&client, &elsewhere).problems()[0].1,
            "policy_redirect_host",
            "{mode}"
        );
    }
}

#[test]
fn opening_the_gate_frees_those_who_came_in_without_a_token() {
    let narrow = |settings: &mut Settings| {
        settings.anonymous_policy = json!({"redirect_hosts": ["a.example"]});
    };
    let tiered = gate("tiered", narrow);
    let client = tiered.register(&body()).created();
    let server = gate("open", narrow);
    tiered.store.records().iter().for_each(|(key, value)| server.store.plant(key, value));
    let elsewhere = json!({"redirect_uris": ["https://b.example/cb"]});
    assert_eq!(server.register(&elsewhere).status(), 201);
    assert_eq!(server.update(&client, &elsewhere).status(), 200);
}

#[test]
fn threat_19_updates_are_counted_like_registrations() {
    let server = gate("open", |_| {});
    let client = server.register(&body()).created();
    server.store.pass(1_000);
    server.reached.replace(vec![Limit::Address]);
    let call = || Call::update(&client, &body()).from("192.0.2.1");
    assert_eq!(server.send(call()).refusal().0, 429);
    server.reached.replace(Vec::new());
    assert_eq!(server.send(call()).status(), 200);
}
