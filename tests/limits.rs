//! Rate limits, and callers that are not counted.

use rollcall::gate::{Limit, Limits, Network};
use rollcall_support::gated::{TOKENS, body, gate, mint, unread, with};
use rollcall_support::{Call, Server};
use serde_json::json;

/// The limits that were asked, in order, and forgets them.
fn asked(server: &Server) -> Vec<Limit> {
    server.counted.take().into_iter().map(|(limit, _)| limit).collect()
}

#[test]
fn networks_contain_what_they_say() {
    for (network, inside, outside) in [
        ("192.0.2.0/24", "192.0.2.77", "192.0.3.1"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.2"),
        ("192.0.2.0/24", "::ffff:192.0.2.9", "2001:db8::1"),
        ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
        ("0.0.0.0/0", "8.8.8.8", "2001:db8::1"),
        ("::/0", "2001:db8::1", "none"),
    ] {
        let exempt_networks = vec![Network::parse(network).unwrap()];
        let limits = Limits { exempt_networks, ..Limits::default() };
        for (address, is_exempt) in [(inside, true), (outside, false)] {
            assert_eq!(limits.exempt(address.parse().ok()), is_exempt, "{network} {address}");
        }
    }
    let wrong = "192.0.2.0/33 192.0.2.1/24 x/8 192.0.2.0/ 2001:db8::/129 192.0.2/24";
    for text in wrong.split(' ').chain([""]) {
        assert_eq!(Network::parse(text), None, "{text}");
    }
}

#[test]
fn callers_count_as_an_ipv4_address_two_ipv6_networks_or_all_workers() {
    use Limit::{Address, Failures, Network, Workers};
    let server = gate("token", |_| {});
    let client = server.send(with(&mint(&server, &json!({})), &body())).created();
    let reads = |call: Call| call.header("authorization", "Bearer x");
    let keys = |call: Call, address: &str| {
        server.counted.take();
        let call = if address == "none" { call } else { call.from(address) };
        server.send(call);
        let counted = server.counted.take().into_iter();
        let name = |key: String| key.split_once(' ').unwrap().1.to_owned();
        counted.map(|(limit, key)| (limit, name(key))).collect::<Vec<_>>()
    };
    let owned = |keys: &[(Limit, &str)]| -> Vec<(Limit, String)> {
        keys.iter().map(|(limit, key)| (*limit, (*key).to_owned())).collect()
    };
    for (address, requests, failures, read) in [
        (
            "192.0.2.1",
            &[(Address, "192.0.2.1")][..],
            &[(Failures, "192.0.2.1")][..],
            "192.0.2.1 reads",
        ),
        (
            "::ffff:192.0.2.1",
            &[(Address, "192.0.2.1")],
            &[(Failures, "192.0.2.1")],
            "192.0.2.1 reads",
        ),
        (
            "2001:db8:1:2:3::4",
            &[(Address, "2001:db8:1:2::/64"), (Network, "2001:db8:1::/48")],
            &[(Failures, "2001:db8:1:2::/64"), (Network, "2001:db8:1::/48 failures")],
            "2001:db8:1::/48 reads",
        ),
        (
            "2a06:98c0:3600::103",
            &[(Workers, "workers")],
            &[(Workers, "workers failures")],
            "workers reads",
        ),
        (
            "2a06:98c0:3600::104",
            &[(Address, "2a06:98c0:3600::/64"), (Network, "2a06:98c0:3600::/48")],
            &[(Failures, "2a06:98c0:3600::/64"), (Network, "2a06:98c0:3600::/48 failures")],
            "2a06:98c0:3600::/48 reads",
        ),
        ("none", &[], &[(Failures, "unknown")], ""),
    ] {
        let open = gate("open", |_| {});
        let call =
            Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
        let call = call.body(body().to_string());
        open.send(if address == "none" { call } else { call.from(address) });
        let counted = open.counted.take().into_iter();
        let counted: Vec<_> = counted
            .map(|(limit, key)| (limit, key.split_once(' ').unwrap().1.to_owned()))
            .collect();
        assert_eq!(counted, owned(requests), "{address}");
        let wrong = keys(reads(Call::register("{}")), address);
        assert_eq!(wrong, owned(failures), "{address}");
        let limit = if address == "2a06:98c0:3600::103" { Workers } else { Network };
        let expected = if read.is_empty() { owned(&[]) } else { owned(&[(limit, read)]) };
        assert_eq!(keys(Call::of("GET", &client), address), expected, "{address}");
    }
}

/// Threats 19 and 20.
#[test]
fn registrations_count_for_their_place_before_the_body_and_for_the_issuer_before_the_write() {
    use Limit::{Address, Issuer, Network, Workers};
    let server = gate("open", |_| {});
    let wrong = json!({"redirect_uris": ["/x"]});
    for (path, metadata, address, limits) in [
        ("/reg", body(), Some("192.0.2.1"), vec![Address, Issuer]),
        ("/reg", body(), Some("2001:db8::1"), vec![Address, Network, Issuer]),
        ("/reg", body(), Some("2a06:98c0:3600::103"), vec![Workers, Issuer]),
        ("/reg", body(), None, vec![Issuer]),
        ("/reg", wrong.clone(), Some("2001:db8::1"), vec![Address, Network]),
        ("/reg?dry_run=true", body(), Some("2001:db8::1"), vec![Address, Network]),
        ("/reg?dry_run=true", wrong, Some("2001:db8::1"), vec![Address, Network]),
    ] {
        let call = Call::new("POST", path).header("content-type", "application/json");
        let mut call = call.body(metadata.to_string());
        if let Some(address) = address {
            call = call.from(address);
        }
        server.send(call);
        assert_eq!(asked(&server), limits, "{path} {metadata} {address:?}");
    }
    let written = server.store.operations();
    for (limit, address) in [
        (Limit::Address, "192.0.2.1"),
        (Limit::Address, "2001:db8::1"),
        (Limit::Network, "2001:db8::1"),
        (Limit::Workers, "2a06:98c0:3600::103"),
    ] {
        server.reached.replace(vec![limit]);
        for path in ["/reg", "/reg?dry_run=true"] {
            let call = Call::new("POST", path).header("content-type", "application/json");
            let answer = server.send_unread(call.body("{").from(address));
            assert_eq!(answer.refusal(), (429, "temporarily_unavailable".into()), "{limit:?}");
            assert_eq!(answer.header("retry-after"), Some("60"));
        }
    }
    server.reached.replace(vec![Limit::Issuer]);
    assert_eq!(server.register(&body()).refusal(), (429, "temporarily_unavailable".into()));
    assert_eq!(server.store.operations(), written, "nothing was read or written");
    server.reached.replace(Vec::new());
    assert_eq!(server.register(&body()).status(), 201, "lifted");
}

#[test]
fn limit_of_a_narrow_place_takes_nothing_from_a_wider_one() {
    let server = gate("open", |_| {});
    server.reached.replace(vec![Limit::Address]);
    assert_eq!(server.send(unread().from("2001:db8::1")).status(), 429);
    assert_eq!(asked(&server), [Limit::Address]);
}

#[test]
fn reads_and_deletions_with_a_right_token_are_limited_before_the_record_is_read() {
    for (address, allowed) in [
        ("192.0.2.1", 100),
        ("2001:db8::1", 100),
        ("2a06:98c0:3600::103", 300),
        ("203.0.113.1", 400),
    ] {
        let server = gate("open", |settings| {
            settings.limits = json!({"exempt_networks": ["203.0.113.0/24"]});
        });
        let client = server.register(&body()).created();
        server.limit_as_shipped();
        for n in 0..400 {
            let call = match n % 3 {
                0 => Call::of("GET", &client),
                1 => Call::of("HEAD", &client),
                _ => Call::of("DELETE", &client).header("if-match", "\"other\""),
            };
            let expected = [200, 200, 412][n % 3];
            let expected = if n < allowed { expected } else { 429 };
            assert_eq!(server.send(call.from(address)).status(), expected, "{address} {n}");
        }
        let allowed = u64::try_from(allowed).unwrap();
        assert_eq!(server.store.operations(), (allowed, 1), "{address}");
        assert_eq!(server.send(Call::of("GET", &client).from("192.0.2.2")).status(), 200);
    }
}

/// Threat 21: what 31 networks do to the limit that all share.
#[test]
fn dry_runs_and_rejected_bodies_leave_registrations_and_updates_to_others() {
    let server = Server::with_registration(json!({"registration_access_token_rotation": "always"}));
    let client = server.register(&body()).created();
    server.store.pass(120_000);
    server.limit_as_shipped();
    for n in 0..620 {
        let path = if n % 2 == 0 { "/reg?dry_run=true" } else { "/reg" };
        let call = Call::new("POST", path).header("content-type", "application/json").body("x");
        let address = format!("2001:db8:{:x}::1", n % 31);
        assert_eq!(server.send(call.from(&address)).status(), 400, "{n}");
    }
    let honest = |call: Call| server.send(call.from("192.0.2.1"));
    assert_eq!(honest(Call::register(body().to_string())).status(), 201);
    let read = honest(Call::of("GET", &client));
    assert_eq!(read.status(), 200);
    server.store.pass(1_000);
    assert_eq!(honest(Call::update(&read.json(), &body())).status(), 200);
}

/// Threat 21.
#[test]
fn registrations_over_the_issuers_limit_leave_updates_alone_and_the_other_way_round() {
    let server = gate("open", |_| {});
    let client = server.register(&body()).created();
    for (reached, register, update) in
        [(Limit::Issuer, 429, 200), (Limit::Updates, 201, 429), (Limit::Network, 201, 200)]
    {
        server.store.pass(2_000);
        server.reached.replace(vec![reached]);
        assert_eq!(server.register(&body()).status(), register, "{reached:?}");
        let (reads, writes) = server.store.operations();
        assert_eq!(server.update(&client, &body()).status(), update, "{reached:?}");
        if update == 429 {
            assert_eq!(server.store.operations(), (reads + 1, writes), "nothing is written");
        }
    }
}

#[test]
fn one_client_with_many_addresses_has_twenty_updates_a_minute() {
    let server = gate("open", |_| {});
    let (client, other) = (server.register(&body()).created(), server.register(&body()).created());
    server.limit_as_shipped();
    let update = |client: &_, n| {
        server.store.pass(1_000);
        server.send(Call::update(client, &body()).from(&format!("192.0.2.{n}"))).status()
    };
    let statuses: Vec<u16> = (0..25).map(|n| update(&client, n)).collect();
    assert_eq!(statuses, [vec![200; 20], vec![429; 5]].concat());
    assert_eq!(update(&other, 25), 200);
}

#[test]
fn ipv6_network_of_48_bits_has_a_limit_of_its_own() {
    let server = gate("open", |_| {});
    server.limit_as_shipped();
    let from = |n: usize| {
        let address = format!("2001:db8:0:{n:x}::1");
        server.send(Call::register(body().to_string()).from(&address)).status()
    };
    let taken = (0..120).filter(|n| from(*n) == 201).count();
    assert_eq!(taken, 100);
    let elsewhere = Call::register(body().to_string()).from("2001:db8:1::1");
    assert_eq!(server.send(elsewhere).status(), 201);
}

#[test]
fn all_workers_share_a_larger_limit_than_one_address() {
    let server = gate("open", |_| {});
    server.limit_as_shipped();
    let register =
        |address: &str| server.send(Call::register(body().to_string()).from(address)).status();
    let taken = (0..310).filter(|_| register("2a06:98c0:3600::103") == 201).count();
    assert_eq!(taken, 300);
    assert_eq!(register("192.0.2.1"), 201);
}

/// Threat 20, threat 21.
#[test]
fn exempt_networks_and_token_holders_are_not_counted() {
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

/// Threat 29.
#[test]
fn wrong_tokens_are_counted_at_every_endpoint() {
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

/// Threat 19.
#[test]
fn read_that_rotates_the_token_is_counted_like_a_write() {
    let server = Server::with_registration(json!({"registration_access_token_rotation": "always"}));
    let client = server.register(&body()).created();
    server.store.pass(1_100);
    let writes = server.store.operations().1;
    for reached in [vec![Limit::Address], vec![Limit::Updates]] {
        server.reached.replace(reached);
        let answer = server.send(Call::of("GET", &client).from("192.0.2.1"));
        assert_eq!(answer.status(), 429);
    }
    assert_eq!(server.send(Call::of("HEAD", &client).from("192.0.2.1")).status(), 200);
    assert_eq!(server.store.operations().1, writes);
    server.reached.replace(Vec::new());
    assert_eq!(server.send(Call::of("GET", &client).from("192.0.2.1")).status(), 200);
}

/// Threat 19.
#[test]
fn read_over_the_limit_is_answered_and_retires_the_former_token_later() {
    let server =
        Server::with_registration(json!({"registration_access_token_rotation": "on_update"}));
    let client = server.register(&body()).created();
    server.store.pass(1_100);
    let updated = server.update(&client, &body()).json();
    server.store.pass(120_000);
    server.reached.replace(vec![Limit::Updates]);
    assert_eq!(server.send(Call::of("GET", &updated).from("192.0.2.1")).status(), 200);
    server.reached.replace(Vec::new());
    assert_eq!(server.read_back(&client).status(), 200, "the former one works until there is room");
}

/// Threat 21.
#[test]
fn rejected_writers_use_up_no_limit_of_others() {
    let server = gate("closed", |_| {});
    for method in ["PUT", "GET", "DELETE"] {
        let call =
            Call::new(method, "/reg/AAAAAAAAAAAAAAAAAAAAAA").header("authorization", "Bearer x");
        let call = call.header("content-type", "application/json").body("{}").from("192.0.2.1");
        assert_eq!(server.send(call).status(), 401);
    }
    let counted = server.counted.borrow();
    let shared = [Limit::Issuer, Limit::Updates];
    assert!(counted.iter().all(|(limit, _)| !shared.contains(limit)), "{counted:?}");
}

#[test]
fn dry_run_that_is_not_understood_is_counted_and_takes_no_use() {
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

/// Threat 19.
#[test]
fn updates_are_counted_like_registrations() {
    let server = gate("open", |_| {});
    let client = server.register(&body()).created();
    server.store.pass(1_000);
    server.reached.replace(vec![Limit::Address]);
    let call = || Call::update(&client, &body()).from("192.0.2.1");
    assert_eq!(server.send(call()).refusal().0, 429);
    server.reached.replace(Vec::new());
    assert_eq!(server.send(call()).status(), 200);
}
