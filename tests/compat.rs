//! The demands of real clients, one test for each demand that no other test claims (R01 ... as
//! `docs/compatibility.md` numbers them).

use std::collections::BTreeSet;
use std::fs;

use rollcall::issuer::Settings;
use rollcall_support::kv::Fault;
use rollcall_support::pages::root;
use rollcall_support::{Call, ORIGIN, Server, shipped_metadata};
use serde_json::{Value, json};

const HTTPS: &str = "https://a.example/cb";

fn registered(metadata: &Value) -> Value {
    Server::new().register(metadata).created()
}

fn with(members: &Value) -> Value {
    let mut metadata = json!({"redirect_uris": [HTTPS]});
    metadata.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    metadata
}

/// R01.
#[test]
fn all_three_kinds_of_redirect_uris_in_one_registration() {
    let uris =
        json!([HTTPS, "http://127.0.0.1:33418/", "cursor://anysphere.cursor-mcp/oauth/callback"]);
    assert_eq!(registered(&json!({"redirect_uris": uris}))["redirect_uris"], uris);
}

/// R03.
#[test]
fn client_without_application_type_is_held_to_no_rule_for_web_clients() {
    for (uri, inferred) in [("http://localhost:19876/cb", "web"), ("opencode://cb/x", "native")] {
        assert_eq!(registered(&json!({"redirect_uris": [uri]}))["application_type"], inferred);
    }
}

/// R04.
#[test]
fn native_application_may_claim_https_uris() {
    let client = registered(&with(&json!({"application_type": "native"})));
    assert_eq!(
        (&client["application_type"], &client["redirect_uris"][0]),
        (&json!("native"), &json!(HTTPS))
    );
}

/// R05.
#[test]
fn loopback_uris_with_and_without_port_and_path_are_kept_byte_for_byte() {
    let uris = json!([
        "http://127.0.0.1",
        "http://127.0.0.1/",
        "http://127.0.0.1:33418",
        "http://[::1]:7/a/b?c=d",
        "http://localhost",
        "http://LOCALHOST:8080/cb"
    ]);
    let server = Server::new();
    let client = server.register(&json!({"redirect_uris": uris})).created();
    assert_eq!(client["redirect_uris"], uris);
    assert!(
        server.store.records()[0].1.contains(&uris.to_string()),
        "as the authorization server gets them"
    );
}

/// R11.
#[test]
fn defaults_pass_the_checks_of_a_registration() {
    let server = Server::new();
    let first = server.register(&json!({"redirect_uris": [HTTPS]})).created();
    assert_eq!(
        (&first["token_endpoint_auth_method"], &first["grant_types"], &first["response_types"]),
        (&json!("client_secret_basic"), &json!(["authorization_code"]), &json!(["code"]))
    );
    assert_eq!(server.register(&first).status(), 201, "an answer is a registration");
}

/// R14.
#[test]
fn name_is_never_required_and_redirect_uris_only_for_grants_that_redirect() {
    let machine = json!({"grant_types": ["client_credentials"]});
    let client = registered(&machine);
    assert_eq!((client.get("client_name"), client.get("redirect_uris")), (None, None));
}

/// R15.
#[test]
fn registration_reads_no_header_but_the_media_type() {
    let headers = [
        ("origin", "https://evil.example"),
        ("accept", "text/html"),
        ("user-agent", ""),
        ("cookie", "a=b"),
        ("mcp-protocol-version", "2025-11-25"),
    ];
    let server = Server::new();
    let metadata = json!({"redirect_uris": [HTTPS]}).to_string();
    let document = || Call::new("GET", "/.well-known/oauth-authorization-server");
    let bare = server.send(document()).json();
    for (name, value) in headers {
        assert_eq!(
            server.send(Call::register(&*metadata).header(name, value)).status(),
            201,
            "{name}"
        );
        assert_eq!(server.send(document().header(name, value)).json(), bare, "{name}");
    }
}

/// R20, R32.
#[test]
fn registration_is_201_with_no_store() {
    let answer = Server::new().register(&json!({"redirect_uris": [HTTPS]}));
    assert_eq!((answer.status(), answer.header("cache-control")), (201, Some("no-store")));
}

/// R21, R22.
#[test]
fn response_has_no_null_and_no_empty_member() {
    fn check(value: &Value) {
        match value {
            Value::Null => panic!("null"),
            Value::String(text) => assert_ne!(text, ""),
            Value::Array(list) => list.iter().for_each(check),
            Value::Object(members) => members.values().for_each(check),
            _ => {}
        }
    }
    let sent = with(
        &json!({"client_uri": null, "jwks_uri": "", "logo_uri": "", "scope": "", "contacts": null}),
    );
    for metadata in [sent, with(&json!({"token_endpoint_auth_method": "none"}))] {
        let server = Server::new();
        let client = server.register(&metadata).created();
        check(&client);
        check(&server.read_back(&client).json());
        check(&server.get("/.well-known/openid-configuration").json());
    }
}

/// R23, R27.
#[test]
fn times_are_whole_numbers_and_a_secret_has_one() {
    let client = registered(&json!({"redirect_uris": [HTTPS]}));
    assert!(client["client_secret"].is_string());
    assert_eq!(client["client_secret_expires_at"], 0);
    assert!(client["client_id_issued_at"].is_u64());
}

/// R25.
#[test]
fn requested_auth_method_is_the_registered_one() {
    for method in ["client_secret_basic", "client_secret_post", "none"] {
        let client = registered(&with(&json!({"token_endpoint_auth_method": method})));
        assert_eq!(client["token_endpoint_auth_method"], method);
    }
}

/// R26.
#[test]
fn every_accepted_member_is_echoed() {
    let sent = with(&json!({
        "client_name": "x", "client_uri": "https://a.example", "contacts": ["a@a.example"],
        "software_id": "s", "software_version": "1", "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"], "scope": "openid"
    }));
    let client = registered(&sent);
    for (name, value) in sent.as_object().unwrap() {
        assert_eq!(&client[name], value, "{name}");
    }
}

/// R28.
#[test]
fn registration_client_uri_is_absolute_and_works_with_its_token() {
    let server = Server::new();
    let client = server.register(&json!({"redirect_uris": [HTTPS]})).created();
    assert!(client["registration_client_uri"].as_str().unwrap().starts_with(ORIGIN));
    assert_eq!(server.read_back(&client).status(), 200);
}

/// R29.
#[test]
fn jwks_is_echoed_as_an_object_if_it_was_sent() {
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]});
    let client = registered(&with(&json!({"jwks": keys})));
    assert_eq!(client["jwks"], keys);
    assert_eq!(registered(&json!({"redirect_uris": [HTTPS]})).get("jwks"), None);
}

/// R30.
#[test]
fn every_refusal_is_oauth_json_and_metadata_errors_are_400() {
    let server = Server::new();
    let body = || Call::register("{}");
    for (call, status) in [
        (body(), 400),
        (Call::new("GET", "/reg/AAAAAAAAAAAAAAAAAAAAAA"), 401),
        (Call::new("GET", "/nothing"), 404),
        (Call::new("PATCH", "/reg"), 405),
        (body().header("content-length", "70000"), 413),
        (body().header("content-type", "text/plain"), 415),
    ] {
        // `refusal` holds the form of all of them.
        assert_eq!(server.send(call).refusal().0, status);
    }
}

/// R33.
#[test]
fn client_id_of_a_response_is_stored() {
    let server = Server::new();
    server.store.fail([Fault::Error; 9]);
    let refused = server.register(&json!({"redirect_uris": [HTTPS]}));
    assert_eq!((refused.status(), refused.json().get("client_id")), (503, None));
    server.store.fail([]);
    let client = server.register(&json!({"redirect_uris": [HTTPS]})).created();
    assert!(server.store.records()[0].0.ends_with(client["client_id"].as_str().unwrap()));
}

/// R48.
#[test]
fn documents_pass_the_checks_of_the_mcp_conformance_suite() {
    let server = Server::new();
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let answer = server.get(path);
        let document = answer.json();
        assert_eq!(
            (answer.status(), answer.header("content-type")),
            (200, Some("application/json"))
        );
        assert_eq!(document["issuer"], ORIGIN);
        let has = |member: &str, value: &str| {
            document[member].as_array().unwrap().iter().any(|known| known == value)
        };
        assert!(
            has("code_challenge_methods_supported", "S256")
                && has("response_types_supported", "code")
        );
    }
}

/// R63.
#[test]
fn equal_registrations_get_clients_of_their_own() {
    let server = Server::new();
    let twice = [(); 2].map(|()| server.register(&json!({"redirect_uris": [HTTPS]})).created());
    for member in ["client_id", "client_secret", "registration_access_token"] {
        assert_ne!(twice[0][member], twice[1][member], "{member}");
    }
}

/// R64, R65.
#[test]
fn limits_use_no_store_and_shared_egress_can_be_exempt() {
    use rollcall::gate::Limit;
    let mut settings = Settings { issuer: Some(ORIGIN.into()), ..Settings::default() };
    settings.metadata = shipped_metadata();
    settings.limits = json!({"exempt_networks": ["192.0.2.0/24"]});
    let server = Server::configured(settings);
    server.reached.borrow_mut().push(Limit::Address);
    let register = |address| {
        server.send(Call::register(json!({"redirect_uris": [HTTPS]}).to_string()).from(address))
    };
    let limited = register("203.0.113.1");
    assert_eq!(limited.refusal(), (429, "temporarily_unavailable".into()));
    assert_eq!((limited.header("retry-after"), server.store.operations()), (Some("60"), (0, 0)));
    assert_eq!(register("192.0.2.7").status(), 201);
}

/// R66.
#[test]
fn no_key_of_a_client_is_read_before_it_is_written() {
    let server = Server::new();
    let client = server.register(&json!({"redirect_uris": [HTTPS]})).created();
    assert_eq!(server.store.operations(), (0, 1));
    // So the first look at another location finds it.
    server.store.location.set(9);
    assert_eq!(server.read_back(&client).status(), 200);
}

/// R67.
#[test]
fn expiring_secret_is_renewed_with_a_put() {
    let server = Server::with_registration(json!({"client_secret_lifetime": 3600}));
    let client = server.register(&json!({"redirect_uris": [HTTPS]})).created();
    server.store.pass(3_000_000);
    let renewed = server.update(&client, &json!({"redirect_uris": [HTTPS]})).json();
    assert_ne!(renewed["client_secret"], client["client_secret"]);
    assert_eq!(renewed["client_secret_expires_at"], server.now() + 3600);
}

/// R69.
#[test]
fn record_says_when_and_how_its_client_came() {
    let server = Server::new();
    let client = server.register(&json!({"redirect_uris": [HTTPS]})).created();
    let record: Value = serde_json::from_str(&server.store.records()[0].1).unwrap();
    assert_eq!(record["issued_at"], client["client_id_issued_at"]);
    assert_eq!(record["provenance"]["self_asserted"], true);
}

fn numbers(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let number = |word: &str| {
        let digits = word.strip_prefix('R')?;
        (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| format!("R{digits}"))
    };
    words.filter_map(number).collect()
}

#[test]
fn every_demand_of_the_page_has_a_test_that_names_it() {
    let root = root();
    let page = fs::read_to_string(root.join("docs/compatibility.md")).unwrap();
    let demanded: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| R"))
        .map(|rest| format!("R{}", &rest[..2]))
        .collect();
    let mut named = BTreeSet::new();
    for folder in
        ["tests", "tests/e2e", "tests/browser", "src/http", "src/client", "src/vocabulary"]
    {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let comments = text
                .lines()
                .map(str::trim_start)
                .filter(|line| line.starts_with("/// R") || line.starts_with("/** R"));
            comments.for_each(|line| named.append(&mut numbers(line)));
        }
    }
    let missing: Vec<_> = demanded.difference(&named).collect();
    assert!(missing.is_empty() && demanded.len() > 45, "{missing:?}");
}
