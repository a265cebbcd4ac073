//! Client certificates as a policy: who must present one, which are accepted, and what a registration is bound to.

use rollcall::issuer::Config;
use rollcall_support::apis::{id, import, look_up, operator};
use rollcall_support::gated::{body, gate, mint, unread, with};
use rollcall_support::{Answer, Call, ORIGIN, Server, settings};
use serde_json::{Value, json};

const CA: &str = "CN=Partner CA,O=Example,C=GB";
const BANK: &str = r"CN=Bank\, Ltd,O=Example Bank,C=GB";
const SHOP: &str = "CN=Shop,O=Example Shop,C=GB";
const ONE: &str = "acf77cf37b4156a2708e34c4eb755f9b5dbbe5ebb55adfec8f11493438d19e6a";
const OTHER: &str = "0cf77cf37b4156a2708e34c4eb755f9b5dbbe5ebb55adfec8f11493438d19e6a";

/// The report about a certificate that Cloudflare has verified.
const fn verified<'t>(subject: &'t str, issuer: &'t str, sha256: &'t str) -> [&'t str; 6] {
    ["1", "SUCCESS", "0", subject, issuer, sha256]
}

const OF_BANK: [&str; 6] = verified(BANK, CA, ONE);

fn server(policy: &Value) -> Server {
    Server::configured(settings(&json!({"POLICY": policy})))
}

fn register(server: &Server, body: &Value, report: [&str; 6]) -> Answer {
    server.send(Call::register(body.to_string()).certificate(report))
}

fn required(answer: &Answer) {
    assert_eq!(answer.refusal(), (403, "certificate_required".into()));
}

fn not_accepted(answer: &Answer) {
    assert_eq!(answer.refusal(), (403, "certificate_not_accepted".into()));
}

fn provenance(server: &Server, client: &Value) -> Value {
    server.send(operator("GET", &format!("/{}", id(client)))).json()["provenance"].take()
}

/// E2: `certPresented`, `certVerified`, `certRevoked`.
#[test]
fn registration_requires_a_certificate_that_is_presented_verified_and_not_revoked() {
    let server = server(&json!({"require_certificate": true}));
    for presented in ["0", "1"] {
        for verified in ["NONE", "SUCCESS"] {
            for revoked in ["0", "1"] {
                let report = [presented, verified, revoked, BANK, CA, ONE];
                let answer = register(&server, &body(), report);
                match (presented, verified, revoked) {
                    ("0", ..) => required(&answer),
                    ("1", "SUCCESS", "0") => drop(answer.created()),
                    _ => not_accepted(&answer),
                }
            }
        }
    }
    required(&server.register(&body()));
}

#[test]
fn request_without_the_certificate_is_rejected_before_its_body_is_read() {
    let server = server(&json!({"require_certificate": true}));
    required(&server.send_unread(unread()));
    assert_eq!(server.store.operations(), (0, 0));
    let dry = Call::new("POST", "/reg?dry_run=true").header("content-type", "application/json");
    required(&server.send(dry.body(body().to_string())));
}

/// Threat: a header of a caller stands for a certificate.
#[test]
fn header_with_a_certificate_does_nothing() {
    let server = server(&json!({"require_certificate": true, "bind": "sha256"}));
    let client = register(&server, &body(), OF_BANK).created();
    server.store.pass(2_000);
    let report = json!(OF_BANK).to_string();
    for (name, value) in [
        ("client-cert", ":MIIB:"),
        ("x-client-cert", "MIIB"),
        ("cf-client-cert-verified", "true"),
        ("cf-client-cert-sha256", ONE),
        ("x-ssl-client-verify", "SUCCESS"),
        ("x-ssl-client-s-dn", BANK),
        ("x-forwarded-client-cert", "Hash=acf7"),
        ("tlsclientauth", &report),
        ("certificate", &report),
    ] {
        required(&server.send(Call::register(body().to_string()).header(name, value)));
        required(&server.send(Call::of("GET", &client).header(name, value)));
    }
}

#[test]
fn certificate_must_be_in_each_list_of_the_policy() {
    let policy = |lists: Value| json!({"require_certificate": true, "certificate": lists});
    let printed = ONE.to_uppercase();
    for (lists, accepted) in [
        (json!({"issuers": [CA]}), [true, true, false]),
        (json!({"subjects": [BANK]}), [true, false, true]),
        (json!({"sha256": [printed]}), [true, true, false]),
        (json!({"issuers": ["O=Other", CA], "subjects": [BANK, SHOP]}), [true, true, false]),
        (json!({"issuers": [CA], "subjects": [SHOP]}), [false, true, false]),
        (json!({"issuers": [CA], "subjects": [BANK], "sha256": [OTHER]}), [false, false, false]),
    ] {
        let server = server(&policy(lists.clone()));
        let other = "CN=Other CA,C=GB";
        let reports = [OF_BANK, verified(SHOP, CA, ONE), verified(BANK, other, OTHER)];
        let answers = reports.map(|report| register(&server, &body(), report));
        assert_eq!(answers.each_ref().map(|answer| answer.status() == 201), accepted, "{lists}");
        answers.iter().filter(|answer| answer.status() != 201).for_each(not_accepted);
    }
}

/// RFC 2253 §2.4: one name has several spellings.
#[test]
fn names_match_in_every_spelling_of_rfc_2253() {
    for subject in [
        r"CN=Bank\, Ltd,O=Example Bank,C=GB",
        r#"cn="Bank, Ltd", o=Example Bank, c=GB"#,
        r"CN=Bank\2C Ltd;O=Example\20Bank;C=GB",
    ] {
        let server =
            server(&json!({"require_certificate": true, "certificate": {"subjects": [subject]}}));
        register(&server, &body(), OF_BANK).created();
        not_accepted(&register(&server, &body(), verified("CN=Bank,O=Example Bank,C=GB", CA, ONE)));
    }
}

#[test]
fn registration_shows_the_certificate_to_the_server_and_the_operator_only() {
    let server = server(&json!({"certificate": {"issuers": [CA]}}));
    let client = register(&server, &body(), OF_BANK).created();
    assert!(!client.to_string().contains("Partner CA"), "{client}");
    server.store.pass(2_000);
    let expected = json!({"subject_dn": BANK, "issuer_dn": CA, "sha256": ONE});
    assert_eq!(provenance(&server, &client)["certificate"], expected);
    let seen = look_up(&server, &client).json();
    assert_eq!(seen["provenance"]["certificate"], expected);
    assert_eq!(seen["self_asserted"], false, "the operator lists the issuer");

    // Without `require_certificate`, a certificate that is not accepted is the same as none.
    for answer in [
        server.register(&body()),
        register(&server, &body(), verified(BANK, "CN=Other CA", ONE)),
        register(&server, &body(), ["1", "FAILED:certificate has expired", "0", BANK, CA, ONE]),
    ] {
        let client = answer.created();
        server.store.pass(2_000);
        let seen = look_up(&server, &client).json();
        assert_eq!(
            (seen["self_asserted"].clone(), seen["provenance"].get("certificate")),
            (json!(true), None)
        );
    }
}

#[test]
fn certificates_are_ignored_without_a_policy_about_them() {
    let server = server(&json!({"https_redirects": true}));
    let body =
        json!({"redirect_uris": ["https://a.example/cb"], "tls_client_auth_subject_dn": SHOP});
    let client = register(&server, &body, OF_BANK).created();
    server.store.pass(2_000);
    assert_eq!(provenance(&server, &client).get("certificate"), None);
    assert_eq!(provenance(&server, &client)["self_asserted"], true);
}

#[test]
fn bound_client_is_managed_with_its_certificate_only() {
    for (bind, renewed) in [("subject_dn", true), ("sha256", false)] {
        let server = server(&json!({"bind": bind}));
        let client = register(&server, &body(), OF_BANK).created();
        server.store.pass(2_000);
        assert_eq!(provenance(&server, &client)["certificate"]["bind"], bind);
        let update = || Call::update(&client, &json!({"redirect_uris": ["https://a.example/2"]}));
        let requests = || [Call::of("GET", &client), update(), Call::of("DELETE", &client)];
        for request in requests() {
            required(&server.send(request));
        }
        for wrong in [
            verified(SHOP, CA, OTHER),
            verified(BANK, "CN=Other CA,C=GB", OTHER),
            ["1", "SUCCESS", "1", BANK, CA, ONE],
            ["1", "NONE", "0", BANK, CA, ONE],
        ] {
            for request in requests() {
                not_accepted(&server.send(request.certificate(wrong)));
            }
        }
        // The token comes first: without it, nobody learns which certificate is needed.
        let stranger = Call::of("GET", &client).header("authorization", "Bearer wrong");
        assert_eq!(server.send(stranger.certificate(OF_BANK)).status(), 401);

        let later = verified(r#"CN="Bank, Ltd",O=Example Bank,C=GB"#, CA, OTHER);
        let read = server.send(Call::of("GET", &client).certificate(later));
        assert_eq!(read.status() == 200, renewed, "{bind}");
        assert_eq!(server.send(Call::of("GET", &client).certificate(OF_BANK)).status(), 200);
        assert_eq!(server.send(update().certificate(OF_BANK)).status(), 200);
        server.store.pass(2_000);
        required(&server.send(Call::of("GET", &client)));
        assert_eq!(server.send(Call::of("DELETE", &client).certificate(OF_BANK)).status(), 204);
    }
}

#[test]
fn binding_stays_with_the_client_after_the_policy_is_gone() {
    let bound = server(&json!({"bind": "subject_dn"}));
    let client = register(&bound, &body(), OF_BANK).created();
    bound.store.pass(2_000);
    let plain = server(&json!({}));
    let (key, record) = bound.store.records()[0].clone();
    assert_eq!(
        serde_json::from_str::<Value>(&record).unwrap()["v"],
        4,
        "earlier versions reject it"
    );
    plain.store.plant(&key, &record);
    required(&plain.read_back(&client));
    assert_eq!(plain.send(Call::of("GET", &client).certificate(OF_BANK)).status(), 200);

    // Without a certificate there is nothing to bind a client to.
    let client = bound.register(&body()).created();
    bound.store.pass(2_000);
    assert_eq!(bound.read_back(&client).status(), 200);
}

#[test]
fn subject_that_is_registered_must_be_that_of_the_certificate() {
    let server = server(&json!({"bind": "subject_dn"}));
    let metadata = |subject: &str| json!({"redirect_uris": ["https://a.example/cb"], "tls_client_auth_subject_dn": subject});
    let problem =
        || vec![("/tls_client_auth_subject_dn".into(), "policy_certificate_subject".into())];
    for wrong in [SHOP, "CN=Bank", "Bank, Ltd"] {
        assert_eq!(register(&server, &metadata(wrong), OF_BANK).problems(), problem());
    }
    let spelling = r#"cn="Bank, Ltd", O=Example Bank, C=GB"#;
    let client = register(&server, &metadata(spelling), OF_BANK).created();
    assert_eq!(client["tls_client_auth_subject_dn"], spelling, "byte for byte");
    server.store.pass(2_000);
    let update = |subject: &str| Call::update(&client, &metadata(subject)).certificate(OF_BANK);
    assert_eq!(server.send(update(SHOP)).problems(), problem());
    assert_eq!(server.send(update(BANK)).status(), 200);
    // Only one of the two is there.
    server.register(&metadata(SHOP)).created();
    register(&server, &body(), OF_BANK).created();
}

/// E2: the third way in, besides a token and the policy for those without one.
#[test]
fn listed_certificate_replaces_the_anonymous_policy_but_no_token() {
    let vars = |mode: &str| {
        json!({
            "REGISTRATION": {"mode": mode},
            "POLICY": {"certificate": {"issuers": [CA]}},
            "ANONYMOUS_POLICY": {"max_redirect_uris": 1},
        })
    };
    let two = json!({"redirect_uris": ["https://a.example/1", "https://a.example/2"]});
    let server = Server::configured(settings(&vars("tiered")));
    let rejected = |answer: Answer| assert_eq!(answer.problems()[0].1, "policy_redirect_uri_count");
    rejected(server.register(&two));
    rejected(register(&server, &two, verified(BANK, "CN=Other CA", ONE)));
    rejected(register(&server, &two, ["1", "SUCCESS", "1", BANK, CA, ONE]));
    let client = register(&server, &two, OF_BANK).created();
    server.store.pass(2_000);
    assert_eq!(server.update(&client, &two).status(), 200, "nor does it apply to updates");
    server.send(with(&mint(&server, &json!({})), &two)).created();

    let server = Server::configured(settings(&vars("token")));
    assert_eq!(register(&server, &two, OF_BANK).refusal(), (401, "invalid_token".into()));
}

#[test]
fn certificate_that_no_list_names_leaves_a_client_anonymous() {
    let vars = json!({
        "REGISTRATION": {"mode": "tiered"},
        "POLICY": {"require_certificate": true},
        "ANONYMOUS_POLICY": {"max_redirect_uris": 1, "certificate": {"issuers": [CA]}, "bind": "sha256"},
    });
    let server = Server::configured(settings(&vars));
    let client = register(&server, &body(), OF_BANK).created();
    not_accepted(&register(&server, &body(), verified(BANK, "CN=Other CA", ONE)));
    server.store.pass(2_000);
    let stored = provenance(&server, &client);
    assert_eq!(
        (&stored["self_asserted"], &stored["certificate"]["bind"]),
        (&json!(true), &json!("sha256"))
    );
}

#[test]
fn policy_of_a_token_can_require_and_bind_a_certificate() {
    let server = gate("token", |_| {});
    let policy =
        json!({"require_certificate": true, "certificate": {"subjects": [BANK]}, "bind": "sha256"});
    let token = mint(&server, &json!({"uses": 1, "policy": policy}));
    required(&server.send(with(&token, &body())));
    not_accepted(&server.send(with(&token, &body()).certificate(verified(SHOP, CA, ONE))));
    let client = server.send(with(&token, &body()).certificate(OF_BANK)).created();
    server.store.pass(2_000);
    required(&server.read_back(&client));
    assert_eq!(server.send(Call::of("GET", &client).certificate(OF_BANK)).status(), 200);
}

#[test]
fn stricter_binding_of_two_policies_counts() {
    for (policy, anonymous) in [("subject_dn", "sha256"), ("sha256", "subject_dn")] {
        let server = Server::configured(settings(&json!({
            "REGISTRATION": {"mode": "tiered"},
            "POLICY": {"bind": policy},
            "ANONYMOUS_POLICY": {"bind": anonymous},
        })));
        let client = register(&server, &body(), OF_BANK).created();
        server.store.pass(2_000);
        assert_eq!(provenance(&server, &client)["certificate"]["bind"], "sha256");
    }
}

#[test]
fn repeat_of_a_registration_needs_the_certificate_that_it_was_bound_to() {
    let vars = json!({"ID_KEY": "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "POLICY": {"bind": "subject_dn"}});
    let server = Server::configured(settings(&vars));
    let keyed =
        || Call::register(body().to_string()).header("idempotency-key", "0123456789abcdefghijklmn");
    let client = server.send(keyed().certificate(OF_BANK)).created();
    server.store.pass(2_000);
    assert_eq!(server.send(keyed().certificate(OF_BANK)).created(), client);
    required(&server.send(keyed()));
    not_accepted(&server.send(keyed().certificate(verified(SHOP, CA, OTHER))));
}

#[test]
fn import_keeps_the_binding_and_rejects_one_that_cannot_be_written() {
    let policy = json!({"bind": "sha256"});
    let from = server(&policy);
    let client = register(&from, &body(), OF_BANK).created();
    from.store.pass(2_000);
    let line = from.send(operator("GET", "/export")).0.body.unwrap();
    let to = server(&policy);
    assert_eq!(import(&to, &line).json()["imported"], 1);
    to.store.pass(2_000);
    required(&to.read_back(&client));
    assert_eq!(to.send(Call::of("GET", &client).certificate(OF_BANK)).status(), 200);

    for [right, wrong] in
        [[ONE, "00"], ["CN=Partner CA", "Partner CA"], [r#":"sha256"}"#, r#":"all"}"#]]
    {
        let changed = line.replace(right, wrong);
        assert_ne!(changed, line);
        let summary = import(&server(&policy), &changed).json();
        assert_eq!(summary["refused"].as_array().unwrap().len(), 1, "{summary}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let wrong = |vars: Value| Config::parse(settings(&vars)).unwrap_err().to_string();
    for (policy, expected) in [
        (
            json!({"certificate": {}}),
            "POLICY.certificate is {}, but must be a table with at least one of",
        ),
        (
            json!({"certificate": {"issuers": ["Example"]}}),
            "POLICY.certificate.issuers[0] is \"Example\", but must be a distinguished",
        ),
        (
            json!({"certificate": {"sha256": ["ac"]}}),
            "POLICY.certificate.sha256[0] is \"ac\", but must be a SHA-256",
        ),
        (
            json!({"certificate": {"subject": [BANK]}}),
            "POLICY.certificate.subject is not known here (did you mean subjects?)",
        ),
        (
            json!({"bind": "issuer"}),
            "POLICY.bind is \"issuer\", but must be \"subject_dn\" or \"sha256\"",
        ),
        (
            json!({"require_certificate": 1}),
            "POLICY.require_certificate is 1, but must be true or false",
        ),
    ] {
        let sentence = wrong(json!({"POLICY": policy}));
        assert!(sentence.contains(expected), "{sentence}");
    }
}

#[test]
fn policies_without_a_common_certificate_are_fatal_where_one_is_required() {
    let vars = |list: &str, one: &str, other: &str, requires: bool| {
        json!({
            "REGISTRATION": {"mode": "tiered"},
            "POLICY": {"certificate": {list: [one]}},
            "ANONYMOUS_POLICY": {"certificate": {list: [other]}, "require_certificate": requires},
        })
    };
    for (list, one, other) in
        [("issuers", CA, SHOP), ("subjects", BANK, SHOP), ("sha256", ONE, OTHER)]
    {
        let sentence =
            Config::parse(settings(&vars(list, one, other, true))).unwrap_err().to_string();
        let expected =
            format!("ANONYMOUS_POLICY.certificate has none of the {list} of the other policy");
        assert!(sentence.contains(&expected), "{sentence}");
        Config::parse(settings(&vars(list, one, other, false))).unwrap();
    }
    let spelling = r#"cn="Bank, Ltd", O=Example Bank, C=GB"#;
    Config::parse(settings(&vars("subjects", BANK, spelling, true))).unwrap();
}

const MTLS: &str = "https://mtls.example.com/auth";

fn with_mtls_base(registration: &Value) -> Server {
    let mut table = json!({"mtls_base": MTLS});
    table.as_object_mut().unwrap().extend(registration.as_object().unwrap().clone());
    Server::configured(settings(&json!({"REGISTRATION": table, "POLICY": {"bind": "subject_dn"}})))
}

/// RFC 8705 §5.
#[test]
fn second_host_is_published_and_serves_registration_only() {
    let server = with_mtls_base(&json!({}));
    let document = server.get("/.well-known/oauth-authorization-server").json();
    assert_eq!(document["registration_endpoint"], format!("{ORIGIN}/reg"));
    assert_eq!(
        document["mtls_endpoint_aliases"],
        json!({"registration_endpoint": format!("{MTLS}/reg")})
    );

    let there = |call: Call| call.origin("https://mtls.example.com");
    let register = |path: &str| {
        there(Call::new("POST", path))
            .header("content-type", "application/json")
            .body(body().to_string())
    };
    let client = server.send(register("/auth/reg").certificate(OF_BANK)).created();
    let uri = format!("{MTLS}/reg/{}", id(&client));
    assert_eq!(client["registration_client_uri"], uri, "the host that asks for the certificate");
    server.store.pass(2_000);
    let path = format!("/auth/reg/{}", id(&client));
    let token = format!("Bearer {}", client["registration_access_token"].as_str().unwrap());
    let read = there(Call::new("GET", &path)).header("authorization", &token);
    assert_eq!(server.send(read.certificate(OF_BANK)).json()["registration_client_uri"], uri);

    let unbound = server.send(register("/auth/register")).created();
    assert_eq!(unbound["registration_client_uri"], format!("{ORIGIN}/reg/{}", id(&unbound)));
    for path in ["/auth/admin/clients", "/auth/as/clients/look-up", "/authreg", "/auth"] {
        assert_eq!(server.send(register(path)).status(), 404, "{path}");
    }
    let elsewhere = Call::new("POST", "/auth/reg").origin("https://other.example.com");
    assert_eq!(server.send(elsewhere).status(), 404);

    let closed = with_mtls_base(&json!({"mode": "closed"}));
    let document = closed.get("/.well-known/oauth-authorization-server").json();
    assert_eq!(document.get("mtls_endpoint_aliases"), None);
}

#[test]
fn each_issuer_needs_its_own_second_host() {
    let issuer = |base: &str| json!({"REGISTRATION": {"mtls_base": base}});
    let parse = |one: &str, other: &str| {
        let issuers = json!({"https://one.example.com": issuer(one), "https://two.example.com": issuer(other)});
        let mut settings = settings(&json!({"ISSUERS": issuers}));
        settings.issuer = None;
        Config::parse(settings)
    };
    parse("https://mtls.example.com/1", "https://mtls.example.com/2").unwrap();
    let sentence =
        parse("https://mtls.example.com", "https://mtls.example.com").unwrap_err().to_string();
    assert!(
        sentence.contains("REGISTRATION.mtls_base is \"https://mtls.example.com\""),
        "{sentence}"
    );
    let sentence =
        parse("http://mtls.example.com", "https://a.example.com").unwrap_err().to_string();
    assert!(
        sentence.contains(
            "REGISTRATION.mtls_base is \"http://mtls.example.com\", but must be an https URL"
        ),
        "{sentence}"
    );
}
