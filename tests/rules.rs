//! The rules between members, each both ways.

use rollcall_support::registering::{accepted, client, everything, refused};
use rollcall_support::{Server, profiles};
use serde_json::{Value, json};

/// RFC 7591 §2.1.
#[test]
fn grants_and_responses_are_derived_from_each_other() {
    for (sent, grants, responses) in [
        (json!({}), json!(["authorization_code"]), json!(["code"])),
        (json!({"response_types": ["code"]}), json!(["authorization_code"]), json!(["code"])),
        (json!({"response_types": ["id_token"]}), json!(["implicit"]), json!(["id_token"])),
        (
            json!({"response_types": ["token id_token code"]}),
            json!(["authorization_code", "implicit"]),
            json!(["code id_token token"]),
        ),
        (json!({"grant_types": ["implicit"]}), json!(["implicit"]), json!(["id_token"])),
        (json!({"grant_types": ["client_credentials"]}), json!(["client_credentials"]), json!([])),
    ] {
        let client = accepted(sent.clone());
        assert_eq!(
            (&client["grant_types"], &client["response_types"]),
            (&grants, &responses),
            "{sent}"
        );
    }
}

/// RFC 7591 §2.1.
#[test]
fn grants_and_responses_that_contradict_are_rejected() {
    for (grants, responses) in [
        (json!(["client_credentials"]), json!(["code"])),
        (json!(["implicit"]), json!(["code"])),
        (json!(["authorization_code"]), json!(["code", "id_token"])),
        (json!(["authorization_code"]), json!(["code token"])),
        (json!(["implicit"]), json!(["code id_token"])),
    ] {
        refused(
            json!({"grant_types": grants, "response_types": responses}),
            "/response_types",
            "grant_response",
        );
    }
}

/// R09, R10.
#[test]
fn unsupported_grants_and_responses_are_narrowed_away_and_an_empty_rest_is_rejected() {
    let server = Server::new();
    let sent = json!({
        "grant_types": ["implicit", "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer", "refresh_token"],
        "response_types": ["code", "id_token", "code id_token", "vp_token"],
    });
    let narrowed = server.register(&client(&sent)).created();
    assert_eq!(narrowed["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(narrowed["response_types"], json!(["code"]));
    for (member, value) in
        [("grant_types", json!(["password"])), ("response_types", json!(["token"]))]
    {
        let answer = server.register(&client(&json!({member: value})));
        assert_eq!(answer.problems(), [(format!("/{member}"), "unsupported".to_owned())]);
        assert!(
            answer.json()["error_description"].as_str().unwrap().contains("code"),
            "says what is supported"
        );
    }
}

/// R13.
#[test]
fn scope_is_narrowed_and_never_wider_than_requested() {
    for (sent, kept) in [
        (json!(null), None),
        (json!(""), None),
        (json!("openid"), Some("openid")),
        (json!("email admin openid"), Some("email openid")),
        (json!("admin root"), None),
        (json!("  openid   openid "), Some("openid")),
    ] {
        let client = accepted(json!({"scope": sent}));
        assert_eq!(client.get("scope").and_then(Value::as_str), kept, "{sent}");
    }
    refused(json!({"scope": "open\"id"}), "/scope", "scope_syntax");
    let unlisted = Server::with(json!({"authorization_endpoint": "/a", "token_endpoint": "/t"}));
    assert_eq!(
        unlisted.register(&client(&json!({"scope": "anything"}))).created()["scope"],
        "anything"
    );
    assert_eq!(unlisted.register(&client(&json!({}))).created().get("scope"), None);
}

/// RFC 7591 §2.
#[test]
fn redirect_uris_are_required_for_grants_that_redirect_and_only_those() {
    let without = |grants: Value| everything().register(&json!({"grant_types": grants}));
    for grants in [json!(null), json!(["authorization_code"]), json!(["implicit"])] {
        let answer = without(grants);
        assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".into()));
        assert_eq!(
            answer.problems(),
            [("/redirect_uris".to_owned(), "redirect_uris_required".to_owned())]
        );
    }
    for grant in ["client_credentials", "urn:ietf:params:oauth:grant-type:device_code"] {
        assert_eq!(without(json!([grant])).created().get("redirect_uris"), None, "{grant}");
        let empty = json!({"grant_types": [grant], "redirect_uris": []});
        let client = everything().register(&empty).created();
        assert_eq!(client.get("redirect_uris"), None, "{grant}, an empty list");
    }
}

/// Threat 16, OpenID Connect Dynamic Client Registration 1.0 §2.
#[test]
fn application_type_is_inferred_and_restricts_the_implicit_flow() {
    for (uris, inferred) in [
        (json!(["https://a.example/cb"]), "web"),
        (json!(["http://localhost/cb"]), "web"),
        (json!(["https://a.example/cb", "cursor://host/cb"]), "native"),
    ] {
        assert_eq!(accepted(json!({"redirect_uris": uris}))["application_type"], inferred);
    }
    let local = json!([
        "http://localhost:3000/cb",
        "https://a.example/cb",
        "app.example:/cb",
        "https://localhost/cb"
    ]);
    for kind in ["web", "native"] {
        let code = accepted(json!({"redirect_uris": local, "application_type": kind}));
        assert_eq!(code["application_type"], kind, "the code flow takes them all");
    }
    let implicit = |kind: &str, uris: &Value| {
        let members = json!({"redirect_uris": uris, "application_type": kind, "response_types": ["id_token"]});
        everything().register(&client(&members))
    };
    let answer = implicit("web", &local);
    assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".into()));
    let rule =
        |index: usize| (format!("/redirect_uris/{index}"), "implicit_redirect_uri".to_owned());
    assert_eq!(answer.problems(), [rule(0), rule(2), rule(3)]);
    assert_eq!(implicit("native", &local).status(), 201);
    assert_eq!(implicit("web", &json!(["https://a.example/cb"])).status(), 201);
    refused(json!({"application_type": "desktop"}), "/application_type", "value");
}

/// RFC 7591 §2.
#[test]
fn jwks_and_jwks_uri_exclude_each_other() {
    let both = json!({"jwks": profiles::keys(), "jwks_uri": "https://app.example/jwks"});
    refused(both, "/jwks", "keys_twice");
    accepted(json!({"jwks_uri": "https://app.example/jwks"}));
}

fn authenticating_by(method: &str, mut members: Value) -> Value {
    members["token_endpoint_auth_method"] = json!(method);
    members
}

#[test]
fn oidc_core_9_private_key_jwt_needs_a_key_that_can_sign() {
    let method = |more: Value| authenticating_by("private_key_jwt", more);
    refused(method(json!({})), "/jwks", "keys_required");
    refused(method(json!({"jwks": {"keys": []}})), "/jwks", "keys_required");
    for keys in [json!({"jwks": profiles::keys()}), json!({"jwks_uri": "https://app.example/jwks"})]
    {
        let client = accepted(method(keys));
        assert_eq!(client.get("client_secret"), None, "a client with a key gets no secret");
        assert_eq!(client.get("client_secret_expires_at"), None);
    }
    let mut encryption_only = profiles::keys();
    for key in encryption_only["keys"].as_array_mut().unwrap() {
        key["use"] = json!("enc");
    }
    refused(method(json!({"jwks": encryption_only})), "/jwks", "key_unfit");
    let rsa = json!({"keys": [profiles::keys()["keys"][0]]});
    accepted(method(json!({"jwks": rsa, "token_endpoint_auth_signing_alg": "PS256"})));
    refused(
        method(json!({"jwks": rsa, "token_endpoint_auth_signing_alg": "ES256"})),
        "/jwks",
        "key_unfit",
    );
    let alg = "/token_endpoint_auth_signing_alg";
    let signing = |alg: &str| {
        method(json!({"jwks_uri": "https://a.example/k", "token_endpoint_auth_signing_alg": alg}))
    };
    refused(signing("none"), alg, "algorithm_none");
    refused(signing("ES512"), alg, "unsupported");
    refused(signing("HS256"), alg, "algorithm_shared_key");
    refused(signing("ROT13"), alg, "algorithm");
    let idle = json!({"token_endpoint_auth_method": "client_secret_basic", "token_endpoint_auth_signing_alg": "HS256"});
    assert_eq!(
        accepted(idle)["token_endpoint_auth_signing_alg"],
        "HS256",
        "kept where nothing uses it"
    );
}

/// RFC 8705 §2.1.2.
#[test]
fn exactly_one_subject_names_the_certificate() {
    let tls = |subjects: &[&str]| {
        let mut members = json!({"token_endpoint_auth_method": "tls_client_auth"});
        for subject in subjects {
            members[subject] = json!("client.example");
        }
        members
    };
    let method = "/token_endpoint_auth_method";
    refused(tls(&[]), method, "tls_subject");
    refused(tls(&["tls_client_auth_san_dns", "tls_client_auth_san_uri"]), method, "tls_subject");
    for subject in ["subject_dn", "san_dns", "san_uri", "san_ip", "san_email"] {
        accepted(tls(&[&format!("tls_client_auth_{subject}")]));
    }
}

/// RFC 8705 §2.2.2.
#[test]
fn self_signed_certificate_is_in_x5c_of_a_key() {
    let own = |more: Value| authenticating_by("self_signed_tls_client_auth", more);
    let mut keys = profiles::keys();
    refused(own(json!({})), "/jwks", "keys_required");
    refused(own(json!({"jwks": keys})), "/jwks", "key_unfit");
    for nothing in [json!([]), json!("MIIB"), json!([1])] {
        keys["keys"][0]["x5c"] = nothing;
        refused(own(json!({"jwks": keys})), "/jwks", "key_unfit");
    }
    keys["keys"][0]["x5c"] = json!(["MIIB"]);
    accepted(own(json!({"jwks": keys})));
    accepted(own(json!({"jwks_uri": "https://app.example/jwks"})));
}

#[test]
fn unsupported_auth_method_is_rejected_with_the_list() {
    for method in ["client_secret_jwt", "tls_client_auth", "magic"] {
        let answer =
            Server::new().register(&client(&json!({"token_endpoint_auth_method": method})));
        assert_eq!(
            answer.problems(),
            [("/token_endpoint_auth_method".to_owned(), "unsupported".to_owned())]
        );
        let text = answer.json()["error_description"].to_string();
        assert!(
            text.contains("client_secret_basic, client_secret_post, none, private_key_jwt"),
            "{text}"
        );
    }
}

/// OpenID Connect Dynamic Client Registration 1.0 §2.
#[test]
fn encryption_goes_with_an_algorithm_and_a_key() {
    for prefix in ["id_token", "userinfo", "introspection", "authorization"] {
        let (alg, enc) = (
            format!("{prefix}_encrypted_response_alg"),
            format!("{prefix}_encrypted_response_enc"),
        );
        refused(json!({&enc: "A128CBC-HS256"}), &format!("/{enc}"), "enc_without_alg");
        refused(json!({&alg: "RSA-OAEP"}), "/jwks", "keys_required");
        refused(json!({&alg: "dir"}), &format!("/{alg}"), "algorithm_shared_key");
        refused(json!({&alg: "RS256"}), &format!("/{alg}"), "algorithm");
        let client = accepted(json!({&alg: "RSA-OAEP", "jwks": profiles::keys()}));
        assert_eq!(client[&enc], "A128CBC-HS256", "the default with an alg");
        let mut signing_only = profiles::keys();
        signing_only["keys"][0]["use"] = json!("sig");
        refused(json!({&alg: "RSA-OAEP", "jwks": signing_only}), "/jwks", "key_unfit");
    }
    let request = accepted(json!({"request_object_encryption_alg": "RSA-OAEP"}));
    assert_eq!(
        request["request_object_encryption_enc"], "A128CBC-HS256",
        "encrypted to the server: no key needed"
    );
}

#[test]
fn algorithm_none_is_accepted_only_if_its_specification_and_the_operator_allow_it() {
    for member in [
        "userinfo_signed_response_alg",
        "request_object_signing_alg",
        "id_token_signed_response_alg",
    ] {
        assert_eq!(accepted(json!({member: "none"}))[member], "none");
        let answer = Server::new().register(&client(&json!({member: "none"})));
        assert_eq!(answer.status(), 400, "{member}: the shipped server does not offer it");
    }
    for member in ["introspection_signed_response_alg", "authorization_signed_response_alg"] {
        refused(json!({member: "none"}), &format!("/{member}"), "algorithm_none");
    }
    let exposed =
        json!({"id_token_signed_response_alg": "none", "response_types": ["code id_token"]});
    refused(exposed, "/id_token_signed_response_alg", "algorithm_none");
    for member in ["id_token_signed_response_alg", "userinfo_signed_response_alg"] {
        refused(json!({member: "HS256"}), &format!("/{member}"), "algorithm_shared_key");
        refused(json!({member: "RSA-OAEP"}), &format!("/{member}"), "algorithm");
    }
}

/// RFC 9101 §10.5.
#[test]
fn require_signed_request_object_excludes_unsigned_request_objects() {
    let demanded = |alg: &str| json!({"require_signed_request_object": true, "request_object_signing_alg": alg});
    refused(demanded("none"), "/request_object_signing_alg", "unsigned_request_object");
    accepted(demanded("RS256"));
    accepted(json!({"require_signed_request_object": true}));
}

#[test]
fn oidc_core_8_1_pairwise_over_several_hosts_needs_a_sector() {
    let pairwise = |uris: Value| json!({"subject_type": "pairwise", "redirect_uris": uris});
    accepted(pairwise(json!(["https://a.example/1", "https://a.example/2"])));
    let several = pairwise(json!(["https://a.example/", "https://b.example/"]));
    refused(several.clone(), "/subject_type", "sector");
    let mut with_sector = several;
    with_sector["sector_identifier_uri"] = json!("https://a.example/sector.json");
    accepted(with_sector);
    let answer = Server::new().register(&client(&json!({"subject_type": "pairwise"})));
    assert_eq!(answer.problems(), [("/subject_type".to_owned(), "unsupported".to_owned())]);
}

#[test]
fn logout_uris_follow_their_specs() {
    for channel in ["frontchannel", "backchannel"] {
        let (uri, flag) =
            (format!("{channel}_logout_uri"), format!("{channel}_logout_session_required"));
        refused(json!({&flag: true}), &format!("/{flag}"), "requires");
        accepted(json!({&flag: false}));
        accepted(json!({&flag: true, &uri: "https://app.example/logout"}));
        refused(json!({&uri: "https://app.example/logout#x"}), &format!("/{uri}"), "uri_fragment");
    }
    refused(
        json!({"frontchannel_logout_uri": "https://other.example/out"}),
        "/frontchannel_logout_uri",
        "logout_origin",
    );
    accepted(json!({"frontchannel_logout_uri": "https://APP.example:443/out"}));
    accepted(json!({"backchannel_logout_uri": "https://other.example/out"}));
}

#[test]
fn secure_uris_are_https_but_for_a_developers_loopback() {
    let members =
        ["jwks_uri", "sector_identifier_uri", "initiate_login_uri", "backchannel_logout_uri"];
    for member in members {
        refused(json!({member: "http://app.example/x"}), &format!("/{member}"), "uri_https");
        refused(
            json!({member: "http://localhost/x", "redirect_uris": ["http://localhost/cb"]}),
            &format!("/{member}"),
            "uri_https",
        );
    }
    refused(
        json!({"request_uris": ["https://a.example/", "http://a.example/"]}),
        "/request_uris/1",
        "uri_https",
    );
    let settings =
        rollcall::issuer::Settings { metadata: profiles::everything(), ..Default::default() };
    let local = Server::configured(settings);
    for (uri, redirect, status) in [
        ("http://localhost:3000/jwks", "http://127.0.0.1:3000/cb", 201),
        ("http://localhost:3000/jwks", "app.example:/cb", 201),
        ("http://localhost:3000/jwks", "https://a.example/cb", 400),
        ("http://a.example/jwks", "http://127.0.0.1:3000/cb", 400),
    ] {
        let body = json!({"redirect_uris": [redirect], "jwks_uri": uri}).to_string();
        let call = rollcall_support::Call::register(body).origin("http://localhost:8787");
        assert_eq!(local.send(call).status(), status, "{uri} {redirect}");
    }
}

#[test]
fn private_key_jwt_needs_keys_in_one_of_two_members_and_signed_jwks_uri_is_neither() {
    let signed = json!({"token_endpoint_auth_method": "private_key_jwt", "signed_jwks_uri": "https://a.example/k"});
    refused(signed, "/jwks", "keys_required");
}
