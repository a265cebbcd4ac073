//! The cost of a flood of strangers: the operations of KV and of the Durable Object that remain under the
//! limits as they are shipped. `docs/gate.md` has the same figures.

use rollcall::records::StoreError;
use rollcall_support::gated::{TOKENS, body, gate, mint, unread, with};
use rollcall_support::kv::Fault;
use rollcall_support::{ADMIN_TOKEN, AS_TOKEN, Call, Server};
use serde_json::{Value, json};

/// A registration access token and an initial access token that were never issued.
fn made_up() -> String {
    format!("Bearer {}Q", "A".repeat(42))
}

fn made_up_initial() -> String {
    format!("Bearer iat_{}Q", "A".repeat(42))
}

fn manage(method: &str, n: usize) -> Call {
    let call = Call::new(method, &format!("/reg/{n:021}A")).header("authorization", &made_up());
    call.header("content-type", "application/json").body("{}")
}

/// Sends a hundred requests from one place; how many were answered with each status.
fn hundred(server: &Server, call: impl Fn(usize) -> Call) -> Vec<(u16, usize)> {
    let mut statuses: Vec<(u16, usize)> = Vec::new();
    for n in 0..100 {
        let status = server.send(call(n)).status();
        match statuses.last_mut() {
            Some((last, count)) if *last == status => *count += 1,
            _ => statuses.push((status, 1)),
        }
    }
    statuses
}

#[test]
fn wrong_tokens_of_one_place_cost_a_read_up_to_the_limit_and_one_each_ten_seconds() {
    for (address, method) in [
        ("192.0.2.1", "GET"),
        ("192.0.2.1", "HEAD"),
        ("192.0.2.1", "DELETE"),
        ("2001:db8::1", "GET"),
    ] {
        let server = gate("open", |_| {});
        server.limit_as_shipped();
        let statuses = hundred(&server, |n| manage(method, n).from(address));
        assert_eq!(statuses, [(401, 30), (429, 70)], "{address} {method}");
        assert_eq!(server.store.operations(), (31, 0), "{address} {method}");
        // Not for longer than ten seconds, and then again.
        server.store.pass(10_000);
        assert_eq!(hundred(&server, |n| manage(method, n).from(address)), [(429, 100)]);
        assert_eq!(server.store.operations(), (32, 0), "{address} {method}");
        assert_eq!(server.send(manage("GET", 0).from("192.0.2.99")).status(), 401);
    }
}

#[test]
fn wrong_tokens_of_one_ipv6_network_cost_a_hundred_reads() {
    let server = gate("open", |_| {});
    server.limit_as_shipped();
    for n in 0..500 {
        server.send(manage("GET", n).from(&format!("2001:db8:0:{n:x}::1")));
    }
    assert_eq!(server.store.operations(), (100, 0));
    assert_eq!(server.send(manage("GET", 0).from("2001:db8:1::1")).status(), 401);
}

#[test]
fn made_up_initial_access_tokens_cost_a_call_up_to_the_limit() {
    for mode in ["token", "tiered"] {
        let server = gate(mode, |_| {});
        server.limit_as_shipped();
        let call = || unread().header("authorization", &made_up_initial()).from("192.0.2.1");
        assert_eq!(hundred(&server, |_| call()), [(401, 30), (429, 70)], "{mode}");
        assert_eq!(server.booked.get(), 31, "{mode}");
    }
}

#[test]
fn tokens_without_the_right_form_cost_nothing_and_are_counted() {
    let server = gate("token", |_| {});
    for authorization in ["Bearer x", "Bearer", &made_up_initial()] {
        server.limit_as_shipped();
        server.store.pass(10_000);
        let call = |n| manage("GET", n).header("authorization", authorization).from("192.0.2.1");
        assert_eq!(hundred(&server, call), [(401, 30), (429, 70)], "{authorization}");
    }
    for authorization in ["Bearer x", "Bearer iat_", &made_up()] {
        server.limit_as_shipped();
        server.store.pass(10_000);
        let call = |_| unread().header("authorization", authorization).from("192.0.2.1");
        assert_eq!(hundred(&server, call), [(401, 30), (429, 70)], "{authorization}");
    }
    server.limit_as_shipped();
    server.store.pass(10_000);
    let call = |_| Call::new("GET", "/reg/x").header("authorization", &made_up());
    assert_eq!(hundred(&server, |n| call(n).from("192.0.2.1")), [(401, 30), (429, 70)]);
    assert_eq!((server.store.operations(), server.booked.get()), ((0, 0), 0));
}

#[test]
fn failure_before_the_token_is_checked_counts_like_a_wrong_token() {
    let server = gate("token", |_| {});
    server.limit_as_shipped();
    server.book_failure.replace(Some(StoreError::Unavailable("overloaded".into())));
    let call = |_| unread().header("authorization", &made_up_initial()).from("192.0.2.1");
    assert_eq!(hundred(&server, call), [(503, 30), (429, 70)]);
    assert_eq!(server.booked.get(), 31);
    server.store.fail(vec![Fault::Error; 1000]);
    let call = |n| manage("GET", n).from("192.0.2.2");
    assert_eq!(hundred(&server, call), [(503, 30), (429, 70)]);
    assert_eq!(server.store.operations(), (62, 0), "each is tried twice");
}

/// An update by a stranger: its body is not read, in every mode.
#[test]
fn body_of_an_update_is_not_read_before_the_token_is_known_to_be_right() {
    let open = gate("open", |_| {});
    let client = open.register(&body()).created();
    let other = open.register(&body()).created();
    let own = Call::update(&client, &body());
    let token = other["registration_access_token"].as_str().unwrap();
    for mode in ["open", "token", "tiered", "closed"] {
        let server = gate(mode, |_| {});
        open.store.records().iter().for_each(|(key, value)| server.store.plant(key, value));
        let another =
            Call::update(&client, &body()).header("authorization", &format!("Bearer {token}"));
        for (call, status, reads) in [
            (manage("PUT", 0).header("authorization", "Bearer x"), 401, 0),
            (manage("PUT", 0).without("authorization"), 401, 0),
            (
                Call::update(&client, &body()).header("authorization", &format!("Bearer {token}=")),
                401,
                0,
            ),
            (manage("PUT", 0), 401, 1),
            (another, 401, 1),
            (manage("PUT", 0).header("content-type", "text/plain"), 415, 0),
            (manage("PUT", 0).header("content-encoding", "gzip"), 415, 0),
            (manage("PUT", 0).header("content-length", "70000"), 413, 0),
            (Call::update(&client, &body()).header("content-type", "text/plain"), 415, 0),
        ] {
            let before = server.store.operations().0;
            assert_eq!(server.send_unread(call).status(), status, "{mode}");
            assert_eq!(server.store.operations().0 - before, reads, "{mode} {status}");
        }
        let unparsable = Call::new("PUT", "/reg/x").header("authorization", &made_up());
        let before = server.store.operations();
        let unparsable = unparsable.header("content-type", "application/json").body("{}");
        assert_eq!(server.send_unread(unparsable).status(), 401, "{mode}");
        assert_eq!(server.store.operations(), before);
    }
    assert_eq!(open.send(own).status(), 200);
}

#[test]
fn headers_of_a_registration_are_judged_before_its_token_costs_a_call() {
    for (mode, status) in [("token", 401), ("tiered", 401), ("closed", 403)] {
        let server = gate(mode, |_| {});
        let call = || unread().header("authorization", &made_up_initial()).from("192.0.2.1");
        for (name, value, expected) in [
            ("content-type", "text/plain", 415),
            ("content-encoding", "gzip", 415),
            ("content-length", "70000", 413),
        ] {
            let expected = if mode == "closed" { status } else { expected };
            let answer = server.send_unread(call().header(name, value));
            assert_eq!(answer.status(), expected, "{mode} {name}");
        }
        assert_eq!(server.booked.get(), 0, "{mode}");
        assert_eq!(server.send_unread(call()).status(), status, "{mode}");
        assert_eq!(server.booked.get(), u32::from(mode != "closed"), "{mode}");
    }
    // Holders of a token are not counted, but the token of such a request may be made up.
    for (query, header) in [("", "text/plain"), ("?dry_run=maybe", "application/json")] {
        let server = gate("token", |_| {});
        server.limit_as_shipped();
        let call = |_| {
            let call = Call::new("POST", &format!("/reg{query}")).header("content-type", header);
            call.header("authorization", &made_up_initial()).from("192.0.2.1")
        };
        let rejected = if query.is_empty() { 415 } else { 400 };
        assert_eq!(hundred(&server, call), [(rejected, 20), (429, 80)]);
        assert_eq!(server.booked.get(), 0);
    }
}

#[test]
fn registration_that_changes_while_a_body_arrives_is_looked_at_again() {
    let server = gate("open", |_| {});
    let client = server.register(&body()).created();
    let call = Call::update(&client, &body());
    let answer = server.send_slowly(call, || {
        server.store.pass(1_000);
        assert_eq!(server.delete(&client).status(), 204);
    });
    assert_eq!(answer.status(), 401);
}

#[test]
fn holders_behind_a_rejected_address_wait_for_ten_seconds_and_others_do_not() {
    let server = gate("token", |settings| {
        settings.limits = json!({"exempt_networks": ["203.0.113.0/24"]});
    });
    let token = mint(&server, &json!({"uses": 9}));
    let client = server.send(with(&token, &body())).created();
    server.limit_as_shipped();
    for address in ["192.0.2.1", "203.0.113.1"] {
        hundred(&server, |n| manage("GET", n).from(address));
    }
    hundred(&server, |n| manage("GET", n));
    let calls: [(&str, &dyn Fn() -> Call); 3] = [
        ("read", &|| Call::of("GET", &client)),
        ("update", &|| Call::update(&client, &body())),
        ("register", &|| with(&token, &body())),
    ];
    for (what, call) in calls {
        let before = (server.store.operations(), server.booked.get());
        let answer = server.send_unread(call().from("192.0.2.1"));
        assert_eq!((answer.status(), answer.header("retry-after")), (429, Some("60")), "{what}");
        assert_eq!((server.store.operations(), server.booked.get()), before, "{what}");
    }
    for (what, call) in calls {
        server.store.pass(1_000);
        let good = if what == "register" { 201 } else { 200 };
        assert_eq!(server.send(call().from("192.0.2.2")).status(), good, "{what}, elsewhere");
        server.store.pass(1_000);
        assert_eq!(server.send(call().from("203.0.113.1")).status(), good, "{what}, exempt");
        server.store.pass(1_000);
        assert_eq!(server.send(call()).status(), good, "{what}, without an address");
    }
    server.store.pass(10_000);
    for (what, call) in calls {
        server.store.pass(1_000);
        assert!(server.send(call().from("192.0.2.1")).status() < 300, "{what}, later");
    }
}

/// A flood cannot lock the operator, the authorization server or a client out.
#[test]
fn right_secret_passes_from_a_place_over_the_limit() {
    let server = gate("open", |_| {});
    let client = server.register(&body()).created();
    server.limit_as_shipped();
    hundred(&server, |n| manage("GET", n).from("192.0.2.1"));
    let authenticate = |secret: &Value| {
        let body = json!({"client_id": client["client_id"], "client_secret": secret});
        let call = Call::new("POST", "/as/clients/authenticate").body(body.to_string());
        call.header("content-type", "application/json").from("192.0.2.1")
    };
    for (call, token) in [
        (Call::new("GET", TOKENS), ADMIN_TOKEN),
        (authenticate(&client["client_secret"]), AS_TOKEN),
    ] {
        assert_eq!(
            server
                .send(call.from("192.0.2.1").header("authorization", &format!("Bearer {token}")))
                .status(),
            200
        );
    }
    let before = server.counted.borrow().len();
    for path in [TOKENS, "/as/clients/AAAAAAAAAAAAAAAAAAAAAA"] {
        let wrong = Call::new("GET", path).header("authorization", "Bearer wrong");
        assert_eq!(server.send(wrong.from("192.0.2.1")).status(), 429, "{path}");
    }
    assert_eq!(server.counted.borrow().len(), before, "the limiter is not asked either");
    let bearer = format!("Bearer {AS_TOKEN}");
    for _ in 0..40 {
        server.send(authenticate(&"wrong".into()).header("authorization", &bearer));
    }
    let right = authenticate(&client["client_secret"]).header("authorization", &bearer);
    assert_eq!(server.send(right).status(), 200);
}

/// The operations of a flood: of KV, and calls of the Durable Object.
fn cost(server: &Server, requests: usize, call: impl Fn(usize) -> Call) -> String {
    let all_calls = || u64::from(server.booked.get()) + server.ledger_requests.get();
    let ((reads, writes), calls) = (server.store.operations(), all_calls());
    server.limit_as_shipped();
    for n in 0..requests {
        server.send(call(n));
        // The flood lasts a minute.
        server.store.pass(60_000 / requests as u64);
    }
    let after = server.store.operations();
    let counts = [
        (after.0 - reads, "KV reads"),
        (after.1 - writes, "KV writes"),
        (all_calls() - calls, "Durable Object calls"),
    ];
    let parts = counts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { "nothing".into() } else { parts.join(", ") }
}

#[test]
fn cost_of_a_minute_is_what_the_page_says() {
    const REQUESTS: usize = 3_000;
    let one = |_: usize| String::from("192.0.2.1");
    let network = |n: usize| format!("2001:db8:0:{:x}::1", n % 600);
    let all = |n: usize| format!("2001:db8:{:x}::1", n % 600);

    let dry_run = || {
        let call = Call::new("POST", "/reg?dry_run=true").body(body().to_string());
        call.header("content-type", "application/json")
    };
    let initial = || unread().header("authorization", &made_up_initial());
    let on = |mode: &str, call: &dyn Fn(usize) -> Call, from: &dyn Fn(usize) -> String| {
        cost(&gate(mode, |_| {}), REQUESTS, |n| call(n).from(&from(n)))
    };
    let updates = |from: &dyn Fn(usize) -> String| {
        let server = gate("open", |_| {});
        let clients: Vec<Value> = (0..100)
            .map(|_| {
                server.store.pass(60_000);
                server.register(&body()).created()
            })
            .collect();
        server.store.pass(60_000);
        cost(&server, REQUESTS, |n| Call::update(&clients[n % 100], &body()).from(&from(n)))
    };
    let reads = |from: &dyn Fn(usize) -> String| {
        let server = gate("open", |_| {});
        let client = server.register(&body()).created();
        cost(&server, REQUESTS, |n| Call::of("GET", &client).from(&from(n)))
    };
    // Each client can be deleted once; reads and deletions of a place have one limit.
    let deletions = {
        let server = gate("open", |_| {});
        let client = server.register(&body()).created();
        server.store.pass(60_000);
        let deletion = cost(&server, 1, |_| Call::of("DELETE", &client).from(&one(0)));
        assert_eq!(deletion, "1 KV reads, 1 KV writes, 1 Durable Object calls");
        deletion.replace("1 ", "100 ")
    };
    let register = |_| Call::register(body().to_string());
    let rows = [
        [
            "registrations".into(),
            on("open", &register, &one),
            on("open", &register, &network),
            on("open", &register, &all),
        ],
        [
            "updates of their own clients".into(),
            updates(&one),
            updates(&network),
            updates(&all).replace("3000 KV reads", "one KV read for each request"),
        ],
        [
            "reads of their own clients".into(),
            reads(&one),
            reads(&network),
            "the same for each network".to_owned(),
        ],
        [
            "deletions of their own clients".into(),
            deletions.clone(),
            deletions,
            "the same for each network".to_owned(),
        ],
        [
            "dry runs without an initial access token".into(),
            on("open", &|_| dry_run(), &one),
            on("open", &|_| dry_run(), &network),
            on("open", &|_| dry_run(), &all),
        ],
        [
            "made-up registration access tokens".into(),
            on("open", &|n| manage("GET", n), &one),
            on("open", &|n| manage("GET", n), &network),
            "the same for each address".to_owned(),
        ],
        [
            "made-up initial access tokens".into(),
            on("token", &|_| initial(), &one),
            on("token", &|_| initial(), &network),
            "the same for each address".to_owned(),
        ],
    ];
    let page = include_str!("../docs/gate.md");
    let rows = rows.map(|cells| format!("| {} |", cells.join(" | ")));
    let missing: Vec<_> = rows.iter().filter(|row| !page.contains(*row)).collect();
    assert!(missing.is_empty(), "docs/gate.md has no such rows: {missing:#?}");
}
