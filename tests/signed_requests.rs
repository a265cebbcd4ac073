//! Signed requests in the profiles `ob-uk` and `cdr-au`: which are accepted, and which keys verify them.

use rollcall::issuer::Config;
use rollcall_support::apis::{id, operator};
use rollcall_support::signing::{jws, jws_of, key};
use rollcall_support::statements::{ISS, issuer_key};
use rollcall_support::{Answer, Call, NOW, ORIGIN, Server, served, settings};
use serde_json::{Value, json};

/// `base` with other members; null removes one.
fn laid(base: Value, members: &Value) -> Value {
    let mut merged = rollcall_support::statements::laid(base, members);
    merged.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    merged
}

const UK_KEYS: &str = "https://keystore.directory.example/app.jwks";
const AU_KEYS: &str = "https://recipient.example/jwks";
const UUID: &str = "f46e7f4c-5d5e-4a0b-9ee1-0e1f2f1d7a01";

fn app_key() -> Value {
    key("PS256", "app-1", 9)
}

/// The values that both profiles need.
fn metadata() -> Value {
    let endpoint = |path: &str| format!("{ORIGIN}{path}");
    json!({
        "authorization_endpoint": endpoint("/authorize"),
        "token_endpoint": endpoint("/token"),
        "response_types_supported": ["code", "code id_token"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", "implicit"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt", "tls_client_auth", "client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported": ["PS256", "ES256"],
    })
}

/// A server that trusts a directory with this profile.
fn server(profile: &str, with: &Value) -> Server {
    let issuer =
        laid(json!({"iss": ISS, "jwks": {"keys": [issuer_key()]}, "profile": profile}), with);
    let vars = json!({"SOFTWARE_STATEMENTS": {"issuers": [issuer]}, "METADATA": metadata()});
    let server = Server::configured(settings(&vars));
    let set = json!({"keys": [app_key(), key("ES256", "app-2", 11)]}).to_string();
    for url in [UK_KEYS, AU_KEYS] {
        server.web.borrow_mut().insert(url.into(), served(set.clone()));
    }
    server
}

fn uk() -> Server {
    server("ob-uk", &json!({}))
}

fn au() -> Server {
    server("cdr-au", &json!({}))
}

/// C3: the claims of a software statement assertion.
fn uk_statement(claims: &Value) -> String {
    let usual = json!({
        "iss": ISS,
        "iat": NOW,
        "jti": "1",
        "software_id": "65d1f27c",
        "software_client_id": "65d1f27c",
        "software_client_name": "Amazon Prime Movies",
        "software_redirect_uris": ["https://app.example/a", "https://app.example/b"],
        "software_jwks_endpoint": UK_KEYS,
        "software_roles": ["PISP", "AISP"],
        "org_id": "Amazon TPPID",
        "org_status": "Active",
    });
    jws(&json!({"alg": "PS256", "kid": "k1"}), &laid(usual, claims), &issuer_key())
}

/// C3: the claims of a registration request.
fn uk_claims(statement: &str) -> Value {
    json!({
        "iss": "65d1f27c",
        "iat": NOW,
        "exp": NOW + 300,
        "aud": ORIGIN,
        "jti": UUID,
        "redirect_uris": ["https://app.example/a"],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "PS256",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials", "implicit"],
        "software_id": "65d1f27c",
        "software_statement": statement,
        "application_type": "web",
        "id_token_signed_response_alg": "PS256",
        "request_object_signing_alg": "PS256",
    })
}

/// C5: the claims of a software statement assertion.
fn au_statement(claims: &Value) -> String {
    let usual = json!({
        "iss": ISS,
        "iat": NOW,
        "exp": NOW + 600,
        "jti": "1",
        "org_id": "3B0B0A7B-3E7B-4A2C-9497-E357A71D07C8",
        "org_name": "Mock Company Inc.",
        "client_name": "Mock Software",
        "client_description": "A mock software product",
        "client_uri": "https://recipient.example",
        "redirect_uris": ["https://recipient.example/a", "https://recipient.example/b"],
        "logo_uri": "https://recipient.example/logo.png",
        "jwks_uri": AU_KEYS,
        "revocation_uri": "https://recipient.example/revocation",
        "recipient_base_uri": "https://recipient.example",
        "software_id": "740C368F-ECF9-4D29-A2EA-0514A66B0CDE",
        "software_roles": "data-recipient-software-product",
        "scope": "openid",
    });
    jws(&json!({"alg": "PS256", "kid": "k1"}), &laid(usual, claims), &issuer_key())
}

/// C5: the claims of a registration request.
fn au_claims(statement: &str) -> Value {
    json!({
        "iss": "740C368F-ECF9-4D29-A2EA-0514A66B0CDE",
        "iat": NOW,
        "exp": NOW + 300,
        "aud": ORIGIN,
        "jti": "37747cd1-c105-4569-9f75-4adf28b73e31",
        "redirect_uris": ["https://recipient.example/a"],
        "token_endpoint_auth_signing_alg": "PS256",
        "token_endpoint_auth_method": "private_key_jwt",
        "grant_types": ["client_credentials", "authorization_code", "refresh_token", "implicit"],
        "response_types": ["code id_token"],
        "application_type": "web",
        "id_token_signed_response_alg": "PS256",
        "request_object_signing_alg": "PS256",
        "software_statement": statement,
    })
}

fn header() -> Value {
    json!({"alg": "PS256", "kid": "app-1", "typ": "JWT"})
}

fn signed(claims: &Value) -> String {
    jws(&header(), claims, &app_key())
}

fn call(body: &str) -> Call {
    Call::new("POST", "/reg").header("content-type", "application/jwt").body(body)
}

fn register(server: &Server, claims: &Value) -> Answer {
    server.send(call(&signed(claims)))
}

/// The code, the member and the rule of a rejection.
fn fault(answer: &Answer) -> (String, String, String) {
    assert_eq!(answer.status(), 400, "{}", answer.json());
    let error = answer.json()["error"].as_str().unwrap().to_owned();
    let (member, rule) = answer.problems().remove(0);
    (error, member, rule)
}

fn request_fault(member: &str, rule: &str) -> (String, String, String) {
    ("invalid_client_metadata".into(), member.into(), rule.into())
}

/// C3, C5.
#[test]
fn signed_request_registers_what_the_statement_and_the_request_say() {
    let server = uk();
    let statement = uk_statement(&json!({}));
    for media_type in ["application/jwt", "application/jose", "Application/JOSE; charset=utf-8"] {
        let claims = laid(uk_claims(&statement), &json!({"jti": uuid(media_type)}));
        let answer = server.send(call(&signed(&claims)).header("content-type", media_type));
        let client = answer.created();
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(client["software_statement"], json!(statement));
        assert_eq!(client["redirect_uris"], json!(["https://app.example/a"]));
        assert_eq!(client["client_name"], "Amazon Prime Movies");
        assert_eq!(client["jwks_uri"], UK_KEYS);
        assert_eq!(
            client["response_types"],
            json!(["code id_token"]),
            "the default of the profile"
        );
        for name in ["iss", "aud", "exp", "jti", "software_jwks_endpoint"] {
            assert_eq!(client.get(name), None, "{name}");
        }
    }
    let client = register(&au(), &au_claims(&au_statement(&json!({})))).created();
    assert_eq!(client["client_name"], "Mock Software");
    assert_eq!(client["jwks_uri"], AU_KEYS);
    assert_eq!(client["redirect_uris"], json!(["https://recipient.example/a"]));
}

/// Another UUID of version 4.
fn uuid(seed: &str) -> String {
    format!("f46e7f4c-5d5e-4a0b-9ee1-{:012x}", seed.len())
}

#[test]
fn redirect_uris_left_out_are_all_of_the_statement() {
    let claims = laid(uk_claims(&uk_statement(&json!({}))), &json!({"redirect_uris": null}));
    let client = register(&uk(), &claims).created();
    assert_eq!(client["redirect_uris"], json!(["https://app.example/a", "https://app.example/b"]));
    let native = laid(uk_claims(&uk_statement(&json!({}))), &json!({"application_type": "mobile"}));
    assert_eq!(register(&uk(), &native).created()["application_type"], "native");
}

#[test]
fn media_types_of_signed_requests_are_415_without_a_profile() {
    let plain = Server::configured(settings(&json!({})));
    let without = server("ob-uk", &json!({"profile": null}));
    for server in [plain, without] {
        for media_type in ["application/jwt", "application/jose"] {
            let body = signed(&uk_claims(&uk_statement(&json!({}))));
            let answer = server.send(call(&body).header("content-type", media_type));
            assert_eq!(answer.refusal(), (415, "invalid_request".into()));
            assert_eq!(answer.header("accept"), Some("application/json"));
        }
    }
    let answer = uk().send(call("a").header("content-type", "text/plain"));
    assert_eq!(
        answer.header("accept"),
        Some("application/json, application/jwt, application/jose")
    );
}

/// Every claim of the tables, once wrong.
#[test]
fn each_claim_of_an_open_banking_request_is_checked() {
    let long = format!("https://app.example/{}", "a".repeat(240));
    for (change, member) in [
        (json!({"iss": "other"}), "/iss"),
        (json!({"iss": null}), "/iss"),
        (json!({"iat": null}), "/iat"),
        (json!({"iat": NOW + 3600}), "/iat"),
        (json!({"exp": null}), "/exp"),
        (json!({"exp": "soon"}), "/exp"),
        (json!({"exp": NOW - 60}), "/exp"),
        (json!({"aud": null}), "/aud"),
        (json!({"aud": "https://other.example"}), "/aud"),
        (json!({"jti": null}), "/jti"),
        (json!({"jti": "1"}), "/jti"),
        (json!({"jti": "f46e7f4c-5d5e-1a0b-9ee1-0e1f2f1d7a01"}), "/jti"),
        (json!({"software_id": "other"}), "/software_id"),
        (json!({"token_endpoint_auth_method": null}), "/token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": ["private_key_jwt"]}), "/token_endpoint_auth_method"),
        (json!({"redirect_uris": ["http://app.example/a"]}), "/redirect_uris"),
        (json!({"redirect_uris": ["https://localhost/a"]}), "/redirect_uris"),
        (json!({"redirect_uris": [long]}), "/redirect_uris"),
        (json!({"scope": "a".repeat(257)}), "/scope"),
        (json!({"application_type": "native"}), "/application_type"),
        (json!({"tls_client_auth_subject_dn": "CN=a"}), "/tls_client_auth_subject_dn"),
        (json!({"token_endpoint_auth_method": "tls_client_auth"}), "/tls_client_auth_subject_dn"),
        (
            json!({
                "token_endpoint_auth_method": "tls_client_auth",
                "tls_client_auth_subject_dn": format!("CN={}", "a".repeat(126)),
            }),
            "/tls_client_auth_subject_dn",
        ),
    ] {
        let claims = laid(uk_claims(&uk_statement(&json!({}))), &change);
        let found = fault(&register(&uk(), &claims));
        assert_eq!(found, request_fault(member, "signed_request_claim"), "{change}");
    }
    let subset = laid(
        uk_claims(&uk_statement(&json!({}))),
        &json!({"redirect_uris": ["https://app.example/c"]}),
    );
    assert_eq!(fault(&register(&uk(), &subset)).0, "invalid_redirect_uri");
    let tls = json!({"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=a"});
    register(&uk(), &laid(uk_claims(&uk_statement(&json!({}))), &tls)).created();
}

#[test]
fn each_claim_of_an_open_banking_statement_is_checked() {
    for name in
        ["iat", "jti", "software_id", "software_redirect_uris", "software_jwks_endpoint", "org_id"]
    {
        let statement = uk_statement(&json!({name: null}));
        let (error, member, _) = fault(&register(&uk(), &uk_claims(&statement)));
        assert_eq!(
            (&*error, &*member),
            ("invalid_software_statement", "/software_statement"),
            "{name}"
        );
    }
    let long = json!({"software_id": "a".repeat(23)});
    let claims =
        laid(uk_claims(&uk_statement(&long)), &json!({"iss": "a".repeat(23), "software_id": null}));
    assert_eq!(fault(&register(&uk(), &claims)).1, "/iss", "at most 22 characters");
}

#[test]
fn each_claim_of_a_data_right_request_is_checked() {
    for (change, member) in [
        (json!({"iss": "other"}), "/iss"),
        (json!({"iat": null}), "/iat"),
        (json!({"exp": null}), "/exp"),
        (json!({"exp": NOW - 60}), "/exp"),
        (json!({"aud": "https://other.example"}), "/aud"),
        (json!({"jti": null}), "/jti"),
        (json!({"token_endpoint_auth_method": null}), "/token_endpoint_auth_method"),
        (
            json!({"token_endpoint_auth_method": "client_secret_basic"}),
            "/token_endpoint_auth_method",
        ),
    ] {
        let claims = laid(au_claims(&au_statement(&json!({}))), &change);
        let found = fault(&register(&au(), &claims));
        assert_eq!(found, request_fault(member, "signed_request_claim"), "{change}");
    }
    let subset = json!({"redirect_uris": ["https://recipient.example/c"]});
    let claims = laid(au_claims(&au_statement(&json!({}))), &subset);
    assert_eq!(fault(&register(&au(), &claims)).0, "invalid_redirect_uri");
}

#[test]
fn each_claim_of_a_data_right_statement_is_checked() {
    let names = [
        "iat",
        "exp",
        "jti",
        "org_id",
        "org_name",
        "client_name",
        "client_description",
        "client_uri",
        "redirect_uris",
        "logo_uri",
        "jwks_uri",
        "revocation_uri",
        "recipient_base_uri",
        "software_id",
        "software_roles",
        "scope",
    ];
    for name in names {
        let statement = au_statement(&json!({name: null}));
        let (error, member, _) = fault(&register(&au(), &au_claims(&statement)));
        assert_eq!(
            (&*error, &*member),
            ("invalid_software_statement", "/software_statement"),
            "{name}"
        );
    }
    let old = au_statement(&json!({"iat": NOW - 661, "exp": NOW + 600}));
    assert_eq!(
        fault(&register(&au(), &au_claims(&old))).0,
        "invalid_software_statement",
        "ten minutes"
    );
}

/// C5: a second registration of a software is `invalid_client_metadata`.
#[test]
fn data_right_software_has_one_registration_at_a_time() {
    let server = au();
    let statement = au_statement(&json!({}));
    register(&server, &au_claims(&statement)).created();
    let again = laid(au_claims(&statement), &json!({"jti": "another"}));
    let found = fault(&register(&server, &again));
    assert_eq!(found, request_fault("/software_statement", "signed_request_software"));
}

#[test]
fn request_is_used_once() {
    let server = uk();
    let claims = uk_claims(&uk_statement(&json!({})));
    register(&server, &claims).created();
    let found = fault(&register(&server, &claims));
    assert_eq!(found, request_fault("/jti", "signed_request_replayed"));
    register(&server, &laid(claims, &json!({"jti": uuid("other")}))).created();
}

#[test]
fn signature_is_by_a_key_that_the_statement_names() {
    let statement = uk_statement(&json!({}));
    let claims = uk_claims(&statement);
    let of = |header: &Value, key: &Value| {
        let answer = uk().send(call(&jws(header, &claims, key)));
        fault(&answer)
    };
    let wrong = request_fault("", "signed_request_signature");
    assert_eq!(of(&header(), &issuer_key()), wrong, "not the directory's");
    assert_eq!(of(&header(), &key("PS256", "app-1", 13)), wrong, "another key with its kid");
    assert_eq!(
        of(&json!({"alg": "PS256", "kid": "app-2"}), &app_key()),
        wrong,
        "a kid of another kind"
    );
    assert_eq!(of(&json!({"alg": "PS256", "kid": "k1"}), &issuer_key()), wrong, "unknown");
    for header in [
        json!({"alg": "none", "kid": "app-1"}),
        json!({"alg": "HS256", "kid": "app-1"}),
        json!({"alg": "RS256", "kid": "app-1"}),
        json!({"alg": "PS256"}),
        json!({"alg": "PS256", "kid": "app-1", "jwk": app_key()}),
        json!({"alg": "PS256", "kid": "app-1", "x5c": ["MIIB"]}),
        json!({"alg": "PS256", "kid": "app-1", "x5u": "https://app.example/cert"}),
        json!({"alg": "PS256", "kid": "app-1", "jku": UK_KEYS}),
        json!({"alg": "PS256", "kid": "app-1", "crit": ["exp"]}),
    ] {
        assert_eq!(of(&header, &app_key()), wrong, "{header}");
    }
    let es256 = json!({"alg": "ES256", "kid": "app-2"});
    let body = jws(&es256, &claims, &key("ES256", "app-2", 11));
    uk().send(call(&body)).created();
}

#[test]
fn statement_comes_before_the_request_and_unsigned_parts_change_nothing() {
    let server = uk();
    let forged = jws(
        &json!({"alg": "PS256", "kid": "k1"}),
        &json!({"iss": ISS, "software_jwks_endpoint": UK_KEYS}),
        &app_key(),
    );
    let (error, member, _) = fault(&register(&server, &uk_claims(&forged)));
    assert_eq!((&*error, &*member), ("invalid_software_statement", "/software_statement"));
    assert_eq!(server.fetched.get(), 0, "no key of a forged statement is fetched");
    let untrusted = uk_statement(&json!({"iss": "https://other.example"}));
    assert_eq!(
        fault(&register(&server, &uk_claims(&untrusted))).0,
        "unapproved_software_statement"
    );
    let without = laid(uk_claims(""), &json!({"software_statement": null}));
    assert_eq!(fault(&register(&server, &without)).0, "invalid_software_statement");
    let twice = jws_of(&header().to_string(), "{\"iss\":\"a\",\"iss\":\"b\"}", &app_key(), "PS256");
    for body in ["", "{}", "a.b.c", &twice] {
        assert_eq!(
            fault(&server.send(call(body))),
            request_fault("", "signed_request_signature"),
            "{body}"
        );
    }
    // An unsigned request with a statement that somebody else may have seen.
    let unsigned = Call::register(uk_claims(&uk_statement(&json!({}))).to_string());
    assert_eq!(fault(&server.send(unsigned)), request_fault("", "signed_request_required"));
    assert_eq!(server.store.operations(), (0, 0));
}

#[test]
fn keys_are_fetched_from_public_hosts_of_the_operators_choice_and_their_failure_is_503() {
    for url in [
        "http://app.example/jwks",
        "https://10.0.0.1/jwks",
        "https://auth.example.com/jwks",
        "https://localhost/jwks",
        "x",
    ] {
        let server = uk();
        let statement = uk_statement(&json!({"software_jwks_endpoint": url}));
        assert_eq!(
            fault(&register(&server, &uk_claims(&statement))).0,
            "invalid_software_statement",
            "{url}"
        );
        assert_eq!(server.fetched.get(), 0);
    }
    let restricted = |hosts: Value| server("ob-uk", &json!({"key_hosts": hosts}));
    let claims = uk_claims(&uk_statement(&json!({})));
    register(&restricted(json!(["*.directory.example"])), &claims).created();
    let other = restricted(json!(["directory.example"]));
    assert_eq!(fault(&register(&other, &claims)).0, "invalid_software_statement");
    let down = uk();
    down.web.borrow_mut().clear();
    assert_eq!(register(&down, &claims).refusal(), (503, "temporarily_unavailable".into()));
}

#[test]
fn update_and_dry_run_are_signed_too() {
    let server = uk();
    let statement = uk_statement(&json!({}));
    let dry = Call::new("POST", "/reg?dry_run=true").header("content-type", "application/jwt");
    assert_eq!(server.send(dry.body(signed(&uk_claims(&statement)))).status(), 200);
    let client = register(&server, &uk_claims(&statement)).created();
    server.store.pass(2_000);
    let put = |claims: &Value| {
        Call::of("PUT", &client).header("content-type", "application/jwt").body(signed(claims))
    };
    let change = json!({"redirect_uris": ["https://app.example/b"], "jti": uuid("update")});
    let updated = server.send(put(&laid(uk_claims(&statement), &change)));
    assert_eq!(
        updated.json()["redirect_uris"],
        json!(["https://app.example/b"]),
        "{}",
        updated.json()
    );
    server.store.pass(2_000);
    let unsigned = Call::update(&client, &uk_claims(&statement));
    assert_eq!(fault(&server.send(unsigned)), request_fault("", "signed_request_required"));
    let stored = server.send(operator("GET", &format!("/{}", id(&client)))).json();
    assert_eq!(stored["provenance"]["statement"]["software_id"], "65d1f27c");
}

#[test]
fn settings_of_profiles_that_cannot_be_used_are_named() {
    for (with, expected) in [
        (json!({"profile": "ob-br"}), "profile is \"ob-br\", but must be \"ob-uk\" or \"cdr-au\""),
        (
            json!({"profile": null, "request_audience": "a"}),
            "request_audience is \"a\", but must be left out without a profile",
        ),
        (
            json!({"profile": null, "key_hosts": ["a.example"]}),
            "key_hosts is [\"a.example\"], but must be left out without a profile",
        ),
    ] {
        let issuer =
            laid(json!({"iss": ISS, "jwks": {"keys": [issuer_key()]}, "profile": "ob-uk"}), &with);
        let vars = json!({"SOFTWARE_STATEMENTS": {"issuers": [issuer]}});
        let sentence = Config::parse(settings(&vars)).unwrap_err().to_string();
        assert!(sentence.contains(expected), "{sentence}");
    }
}
