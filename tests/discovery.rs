//! Discovery (RFC 8414, OpenID Connect Discovery 1.0) and configuration, through `http::handle`.

use rollcall::issuer::published::{PUBLISHED, PublishedKind};
use rollcall::issuer::{Config, Settings};
use rollcall_support::{Call, ORIGIN, Server, shipped_metadata};
use serde_json::{Value, json};

const OAUTH: &str = "/.well-known/oauth-authorization-server";
const OPENID: &str = "/.well-known/openid-configuration";

fn config_error(metadata: Value) -> String {
    let issuer = Some(ORIGIN.to_owned());
    Config::parse(Settings { issuer, metadata, ..Settings::default() }).unwrap_err().to_string()
}

/// RFC 8414 §3.2.
#[test]
fn both_documents_have_the_configured_members_and_the_registration_endpoint() {
    let server = Server::new();
    for path in [OAUTH, OPENID] {
        let answer = server.get(path);
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        let mut expected = shipped_metadata();
        for (name, value) in [
            ("issuer", ORIGIN.to_owned()),
            ("registration_endpoint", format!("{ORIGIN}/reg")),
            ("authorization_endpoint", format!("{ORIGIN}/authorize")),
            ("token_endpoint", format!("{ORIGIN}/token")),
            ("jwks_uri", format!("{ORIGIN}/jwks")),
        ] {
            expected[name] = value.into();
        }
        assert_eq!(answer.json(), expected);
    }
    assert_eq!(server.store.operations(), (0, 0));
}

/// R44.
#[test]
fn openid_configuration_exists_only_when_it_is_complete() {
    for missing in ["jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported"]
    {
        let mut metadata = shipped_metadata();
        metadata.as_object_mut().unwrap().remove(missing);
        let server = Server::with(metadata);
        assert_eq!(server.get(OPENID).refusal().0, 404, "without {missing}");
        assert_eq!(server.get(OAUTH).status(), 200);
    }
    let mut metadata = shipped_metadata();
    metadata["id_token_signing_alg_values_supported"] = json!(["ES256"]);
    assert_eq!(Server::with(metadata).get(OPENID).status(), 404, "RS256 is required");
}

/// R42.
#[test]
fn absent_members_are_left_out_and_defaults_are_published() {
    let document = Server::with(
        json!({"authorization_endpoint": "/a", "token_endpoint": "/t", "acr_values_supported": []}),
    )
    .get(OAUTH)
    .json();
    assert_eq!(
        document,
        json!({
            "issuer": ORIGIN,
            "authorization_endpoint": "https://auth.example.com/a",
            "token_endpoint": "https://auth.example.com/t",
            "registration_endpoint": "https://auth.example.com/reg",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
        })
    );
}

/// R41.
#[test]
fn issuer_is_byte_identical_and_never_comes_from_the_request() {
    for issuer in [
        "https://auth.example.com",
        "https://Auth.Example.com/",
        "https://auth.example.com:443/t%7e",
    ] {
        let server = Server::configured(Settings {
            issuer: Some(issuer.to_owned()),
            metadata: shipped_metadata(),
            ..Settings::default()
        });
        let path = issuer
            .trim_end_matches('/')
            .strip_prefix("https://")
            .unwrap()
            .split_once('/')
            .map_or(String::from(OAUTH), |(_, path)| format!("{OAUTH}/{path}"));
        let call = Call::new("GET", &path)
            .origin("https://attacker.example")
            .header("x-forwarded-host", "evil");
        let document = server.send(call).json();
        assert_eq!(document["issuer"], issuer);
        assert_eq!(
            document["registration_endpoint"],
            format!("{}/reg", issuer.trim_end_matches('/'))
        );
    }
}

#[test]
fn without_an_issuer_only_a_loopback_origin_is_served() {
    let settings = Settings { metadata: shipped_metadata(), ..Settings::default() };
    let server = Server::configured(settings);
    for origin in ["http://localhost:8787", "http://127.0.0.1:8788", "http://[::1]:8787"] {
        let document = server.send(Call::new("GET", OAUTH).origin(origin)).json();
        assert_eq!(document["issuer"], origin);
    }
    for origin in
        ["https://auth.example.com", "http://192.168.1.2:8787", "https://localhost.example.com"]
    {
        let answer = server.send(Call::new("GET", OAUTH).origin(origin));
        assert_eq!(answer.refusal(), (500, "server_error".into()), "{origin}");
        assert!(answer.0.event.detail.as_deref().unwrap().contains("ISSUER"));
    }
}

#[test]
fn request_whose_host_is_no_host_is_answered_with_404() {
    for origin in ["https://xn--", "https://a b", ""] {
        let answer = Server::new().send(Call::new("GET", OAUTH).origin(origin));
        assert_eq!(answer.refusal(), (404, "invalid_request".into()), "{origin}");
    }
}

#[test]
fn wrong_setting_is_named() {
    let with = |name: &str, value: Value| {
        let mut metadata = shipped_metadata();
        metadata[name] = value;
        metadata
    };
    for (metadata, named) in [
        (json!("nonsense"), "METADATA"),
        (json!([1]), "METADATA"),
        (json!({}), "authorization_endpoint"),
        (with("tokn_endpoint", json!("/t")), "METADATA.tokn_endpoint"),
        (with("issuer", json!(ORIGIN)), "METADATA.issuer"),
        (with("token_endpoint", json!("token")), "METADATA.token_endpoint"),
        (with("token_endpoint", json!("http://as.example/token")), "METADATA.token_endpoint"),
        (with("jwks_uri", json!("")), "METADATA.jwks_uri"),
        (with("scopes_supported", json!("openid")), "METADATA.scopes_supported"),
        (with("claims_parameter_supported", json!("true")), "METADATA.claims_parameter_supported"),
        (with("grant_types_supported", json!([])), "METADATA.grant_types_supported"),
        (with("response_types_supported", json!(["device"])), "METADATA.response_types_supported"),
        (
            with("response_types_supported", json!(["code", "id_token"])),
            "METADATA.response_types_supported",
        ),
        (
            with("token_endpoint_auth_methods_supported", json!(["client_secret_jwt"])),
            "client_secret_jwt",
        ),
        (
            with("token_endpoint_auth_methods_supported", json!([])),
            "token_endpoint_auth_methods_supported",
        ),
    ] {
        let message = config_error(metadata);
        assert!(message.contains(named), "{message}");
    }
    for issuer in [
        "auth.example.com",
        "http://auth.example.com",
        "https://a.example?x",
        "https://a.example/#",
    ] {
        let settings = Settings {
            issuer: Some(issuer.into()),
            metadata: shipped_metadata(),
            ..Settings::default()
        };
        let error = Config::parse(settings).unwrap_err();
        assert!(error.to_string().starts_with(&format!("ISSUER is \"{issuer}\"")), "{error}");
    }
    for (registration, named) in [
        (json!({"default_scop": "openid"}), "REGISTRATION.default_scop"),
        (json!({"default_scope": "ad\"min"}), "REGISTRATION.default_scope"),
        (json!({"default_scope": "openid admin"}), "scopes_supported"),
    ] {
        let settings = Settings {
            issuer: Some(ORIGIN.into()),
            metadata: shipped_metadata(),
            registration,
            ..Settings::default()
        };
        let message = Config::parse(settings).unwrap_err().to_string();
        assert!(message.contains(named), "{message}");
    }
}

#[test]
fn table_from_the_command_line_arrives_as_text() {
    let server = Server::with(shipped_metadata().to_string().into());
    assert_eq!(server.get(OAUTH).status(), 200);
}

/// A value of each kind of member, and one that is not of it.
fn sample(kind: PublishedKind) -> (Value, Value) {
    match kind {
        PublishedKind::Derived => (Value::Null, json!("https://auth.example.com")),
        PublishedKind::DerivedFlag => (Value::Null, json!(true)),
        PublishedKind::Endpoint => {
            (json!("https://auth.example.com/x"), json!("http://auth.example.com/x"))
        }
        PublishedKind::Aliases => {
            (json!({"token_endpoint": "https://mtls.example.com/t"}), json!({"token_endpoint": 1}))
        }
        PublishedKind::Link => (json!("http://www.example.com/"), json!("javascript:alert(1)")),
        PublishedKind::Text => (json!("text"), json!("")),
        PublishedKind::Jws => (json!("a.b.c"), json!("a.b")),
        PublishedKind::List => (json!(["code"]), json!("code")),
        PublishedKind::OneOf(values) => (json!(values), json!(["other"])),
        PublishedKind::Signatures => (json!(["RS256", "none"]), json!(["RS-256"])),
        PublishedKind::SafeSignatures => (json!(["RS256"]), json!(["none"])),
        PublishedKind::PrivateKeySignatures => (json!(["ES256"]), json!(["HS256"])),
        PublishedKind::KeyWraps => (json!(["RSA-OAEP"]), json!(["RS256"])),
        PublishedKind::Encryptions => (json!(["A256GCM"]), json!(["A256"])),
        PublishedKind::Flag => (json!(true), json!("true")),
        PublishedKind::KeySet => (json!({"keys": []}), json!({})),
    }
}

#[test]
fn every_registered_name_can_be_published_and_is_type_checked() {
    let registry: Value =
        serde_json::from_str(include_str!("registry/iana-as-metadata.json")).unwrap();
    let entries = registry["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 82);
    for entry in entries {
        let name = entry["name"].as_str().unwrap();
        let (_, kind) = PUBLISHED
            .into_iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name}"));
        let (mut good, wrong) = sample(kind);
        let json_type = match entry["type"].as_str().unwrap() {
            "string" => good.is_string() || kind == PublishedKind::Derived,
            "boolean" => good.is_boolean(),
            "object" => good.is_object(),
            _ => good.is_array(),
        };
        assert!(json_type, "{name}");
        let mut metadata = shipped_metadata();
        metadata[name] = wrong.clone();
        let message = config_error(metadata.clone());
        assert!(
            message.starts_with(&format!("METADATA.{name} is {wrong}, but must be ")),
            "{message}"
        );
        for empty in [json!(null), json!(""), json!([""]), json!(7)] {
            metadata[name] = empty.clone();
            assert!(config_error(metadata.clone()).contains(name), "{name} = {empty}");
        }
        if kind == PublishedKind::Derived {
            continue;
        }
        // Members that registration reads have values of their own.
        if let Some(own) = [
            ("grant_types_supported", json!(["authorization_code", "refresh_token"])),
            ("token_endpoint_auth_methods_supported", json!(["none"])),
        ]
        .into_iter()
        .find_map(|(known, own)| (known == name).then_some(own))
        {
            good = own;
        }
        metadata[name] = good.clone();
        let document = Server::with(metadata).get(OAUTH).json();
        assert_eq!(document[name], good, "{name}");
    }
}

/// RFC 9449 §4.2.
#[test]
fn no_algorithm_of_dpop_proofs_is_none_or_symmetric() {
    let metadata = |algorithms: Value| {
        let mut metadata = shipped_metadata();
        metadata["dpop_signing_alg_values_supported"] = algorithms;
        metadata
    };
    for wrong in [json!(["none"]), json!(["ES256", "HS256"])] {
        let message = config_error(metadata(wrong));
        assert!(message.contains("METADATA.dpop_signing_alg_values_supported"), "{message}");
    }
    let document = Server::with(metadata(json!(["ES256"]))).get(OAUTH).json();
    assert_eq!(document["dpop_signing_alg_values_supported"], json!(["ES256"]));
}

/// RFC 9110.
#[test]
fn document_has_a_strong_etag_and_a_304_for_the_current_one() {
    let server = Server::new();
    for path in [OAUTH, OPENID] {
        let answer = server.get(path);
        let tag = answer.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() == 14, "{tag}");
        for sent in [tag.clone(), format!("W/{tag}"), "*".into(), format!("\"x\", {tag}")] {
            let again = server.send(Call::new("GET", path).header("if-none-match", &sent));
            assert_eq!((again.status(), &again.0.body), (304, &None), "{sent}");
            assert_eq!(again.header("etag"), Some(&*tag));
            assert_eq!(again.header("cache-control"), Some("public, max-age=300"));
            assert_eq!(again.header("access-control-allow-origin"), Some("*"));
        }
        let other = server.send(Call::new("GET", path).header("if-none-match", "\"other\""));
        assert_eq!(other.status(), 200);
        let head = server.send(Call::new("HEAD", path));
        assert_eq!((head.status(), head.header("etag")), (200, Some(&*tag)));
    }
    let mut metadata = shipped_metadata();
    metadata["ui_locales_supported"] = json!(["de"]);
    let changed = Server::with(metadata);
    assert_ne!(changed.get(OAUTH).header("etag"), server.get(OAUTH).header("etag"));
}

/// R46.
#[test]
fn max_age_sets_how_long_a_document_may_be_cached() {
    let server = Server::configured(Settings {
        issuer: Some(ORIGIN.into()),
        metadata: shipped_metadata(),
        discovery: json!({"max_age": 3600}),
        ..Settings::default()
    });
    assert_eq!(server.get(OAUTH).header("cache-control"), Some("public, max-age=3600"));
}

#[test]
fn developers_machine_has_what_client_libraries_ask_for_and_says_what_is_missing() {
    let server = Server::configured(Settings::default());
    let local = |method: &str, path: &str| {
        server.send(Call::new(method, path).origin("http://localhost:8787"))
    };
    for path in [OAUTH, OPENID] {
        let document = local("GET", path).json();
        assert_eq!(document["issuer"], "http://localhost:8787");
        assert_eq!(document["jwks_uri"], "http://localhost:8787/jwks");
    }
    let keys = local("GET", "/jwks");
    assert_eq!((keys.status(), keys.json()["keys"].as_array().unwrap().len()), (200, 1));
    let key = &keys.json()["keys"][0];
    assert_eq!((&key["use"], &key["alg"], key.get("d")), (&json!("sig"), &json!("RS256"), None));
    // A key that is well-formed: a client can have one like it.
    let client = json!({
        "grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "RS256", "jwks": keys.json(),
    });
    let call = Call::register(client.to_string()).origin("http://localhost:8787");
    assert_eq!(server.send(call).created()["jwks"], keys.json());
    for (method, path) in [("GET", "/authorize"), ("POST", "/authorize"), ("POST", "/token")] {
        let answer = local(method, path);
        assert_eq!(answer.refusal(), (501, "server_error".into()), "{method} {path}");
        let text = answer.json()["error_description"].to_string();
        assert!(text.contains("No authorization server is configured yet"), "{text}");
    }
    assert_eq!(local("GET", "/token").refusal().0, 405);
    let body = json!({"redirect_uris": ["https://a.example/cb"]}).to_string();
    for path in ["/reg", "/register"] {
        let call = Call::new("POST", path).origin("http://localhost:8787");
        let call = call.header("content-type", "application/json").body(body.clone());
        assert_eq!(server.send(call).status(), 201, "R47 {path}");
    }

    let configured = Server::new();
    for (method, path) in
        [("GET", "/jwks"), ("GET", "/authorize"), ("POST", "/token"), ("OPTIONS", "/token")]
    {
        assert_eq!(configured.send(Call::new(method, path)).refusal().0, 404, "{method} {path}");
    }
}

#[test]
fn failed_precondition_on_a_document_does_not_mention_a_registration() {
    let path = "/.well-known/oauth-authorization-server";
    let answer = Server::new().send(Call::new("GET", path).header("if-match", "\"other\""));
    assert_eq!(answer.refusal(), (412, "invalid_request".into()));
    let body = answer.json();
    let description = body["error_description"].as_str().unwrap();
    assert!(description.contains("If-Match") && !description.contains("registration"), "{body}");
}
