//! How often anybody may ask, and who is not counted.

mod support;

use rollcall::service::limits::Limit;
use serde_json::json;
use support::gated::{TOKENS, body, gate, mint, unread, with};
use support::{Call, Server};

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
