//! The rules between members and the rules of single values, each both ways.
#![expect(clippy::needless_pass_by_value, reason = "a hundred calls read better without a &")]

mod support;

use rollcall::client::table::{Kind, MEMBERS};
use serde_json::{Value, json};
use support::{Server, profiles};

/// A web client of the code flow with `members` besides.
fn client(members: &Value) -> Value {
    let mut request = json!({"redirect_uris": ["https://app.example/cb"]});
    for (name, value) in members.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

fn everything() -> Server {
    Server::with(profiles::everything())
}

#[track_caller]
fn accepted(members: Value) -> Value {
    everything().register(&client(&members)).created()
}

#[track_caller]
fn refused(members: Value, member: &str, rule: &str) {
    let answer = everything().register(&client(&members));
    assert_eq!(answer.status(), 400, "{members} was accepted");
    assert_eq!(answer.problems(), [(member.to_owned(), rule.to_owned())], "{members}");
}

#[test]
fn rfc_7591_2_1_grants_and_responses_are_derived_from_each_other() {
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
        (
            json!({"grant_types": ["refresh_token"], "response_types": []}),
            json!(["refresh_token"]),
            json!([]),
        ),
    ] {
        let client = accepted(sent.clone());
        assert_eq!(
            (&client["grant_types"], &client["response_types"]),
            (&grants, &responses),
            "{sent}"
        );
    }
}

#[test]
fn rfc_7591_2_1_grants_and_responses_that_contradict_are_refused() {
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

#[test]
fn r09_r10_unsupported_grants_and_responses_are_narrowed_away_until_nothing_is_left() {
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

#[test]
fn r13_scopes_are_narrowed_and_nothing_left_becomes_the_default() {
    let all = "openid profile email offline_access payments";
    for (sent, kept) in [
        (json!(null), all),
        (json!("openid"), "openid"),
        (json!("email admin openid"), "email openid"),
        (json!("admin root"), all),
        (json!("  openid   openid "), "openid"),
    ] {
        assert_eq!(accepted(json!({"scope": sent}))["scope"], kept, "{sent}");
    }
    refused(json!({"scope": "open\"id"}), "/scope", "scope_syntax");
    let unlisted = Server::with(json!({"authorization_endpoint": "/a", "token_endpoint": "/t"}));
    assert_eq!(
        unlisted.register(&client(&json!({"scope": "anything"}))).created()["scope"],
        "anything"
    );
    assert_eq!(unlisted.register(&client(&json!({}))).created().get("scope"), None);
}

#[test]
fn rfc_7591_2_redirect_uris_are_required_for_grants_that_redirect_and_only_those() {
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
        assert_eq!(without(json!([grant])).created()["redirect_uris"], json!([]), "{grant}");
    }
}

#[test]
fn threat_16_oidc_registration_2_application_type_is_inferred_and_binds_the_implicit_flow() {
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

#[test]
fn threat_08_schemes_that_run_or_read_something_are_refused_in_every_list_of_redirects() {
    for member in ["redirect_uris", "post_logout_redirect_uris", "claims_redirect_uris"] {
        for scheme in [
            "javascript",
            "data",
            "vbscript",
            "file",
            "blob",
            "filesystem",
            "mailto",
            "tel",
            "sms",
            "about",
            "intent",
        ] {
            for uri in [format!("{scheme}:x"), format!("{}://x/y", scheme.to_uppercase())] {
                let answer = everything().register(&client(&json!({member: [uri]})));
                assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".into()), "{uri}");
                assert_eq!(
                    answer.problems(),
                    [(format!("/{member}/0"), "redirect_uri_scheme".to_owned())]
                );
            }
        }
    }
}

#[test]
fn threat_12_hosts_are_ascii_so_no_letter_can_stand_for_another() {
    for host in ["\u{430}pple.com", "b\u{fc}cher.example", "\u{ff21}pple.com", "a\u{3002}example"] {
        refused(
            json!({"redirect_uris": [format!("https://{host}/cb")]}),
            "/redirect_uris/0",
            "uri_character",
        );
        refused(json!({"client_uri": format!("https://{host}/")}), "/client_uri", "uri_character");
    }
    let punycode = json!(["https://xn--bcher-kva.example/cb"]);
    assert_eq!(accepted(json!({"redirect_uris": punycode}))["redirect_uris"], punycode);
}

#[test]
fn r02_threat_17_private_use_schemes_need_no_dot_and_no_matching_client_uri() {
    let members = json!({"redirect_uris": ["cursor://anysphere.cursor-mcp/oauth/callback"], "client_uri": "https://cursor.com"});
    assert_eq!(accepted(members)["application_type"], "native");
}

#[test]
fn rfc_7591_2_jwks_and_jwks_uri_exclude_each_other() {
    let both = json!({"jwks": profiles::keys(), "jwks_uri": "https://app.example/jwks"});
    refused(both, "/jwks", "keys_twice");
    accepted(json!({"jwks_uri": "https://app.example/jwks"}));
}

#[test]
fn oidc_core_9_private_key_jwt_needs_a_key_that_can_sign() {
    let method = |more: Value| {
        let mut members = json!({"token_endpoint_auth_method": "private_key_jwt"});
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        members
    };
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

#[test]
fn rfc_8705_2_1_2_exactly_one_subject_names_the_certificate() {
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

#[test]
fn rfc_8705_2_2_2_a_self_signed_certificate_is_in_x5c_of_a_key() {
    let own = |more: Value| {
        let mut members = json!({"token_endpoint_auth_method": "self_signed_tls_client_auth"});
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        members
    };
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
fn an_unsupported_auth_method_is_refused_with_the_list() {
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

#[test]
fn oidc_registration_2_encryption_goes_with_an_algorithm_and_a_key() {
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
        assert_eq!(client[&enc], "A128CBC-HS256", "the default beside an alg");
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
fn rfc_7518_4_1_without_a_published_list_a_registered_algorithm_is_taken_and_no_other_word() {
    let server = Server::with(json!({"authorization_endpoint": "/a", "token_endpoint": "/t"}));
    let (alg, enc) = ("request_object_encryption_alg", "request_object_encryption_enc");
    for (members, wrong) in [
        (json!({alg: "RSA-OAEP", enc: "A256GCM"}), None),
        (json!({alg: "word"}), Some(alg)),
        (json!({alg: "A256GCM"}), Some(alg)),
        (json!({alg: "RSA-OAEP", enc: "word"}), Some(enc)),
        (json!({alg: "RSA-OAEP", enc: "RSA-OAEP"}), Some(enc)),
        (
            json!({"encrypted_response_enc_values_supported": ["word"]}),
            Some("encrypted_response_enc_values_supported/0"),
        ),
    ] {
        let answer = server.register(&client(&members));
        match wrong {
            None => assert_eq!(answer.status(), 201, "{members}"),
            Some(at) => {
                assert_eq!(
                    answer.problems(),
                    [(format!("/{at}"), "algorithm".into())],
                    "{members}"
                );
            }
        }
    }
}

#[test]
fn none_is_an_algorithm_only_where_its_spec_allows_it_and_the_operator_offers_it() {
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

#[test]
fn rfc_9101_10_5_whoever_demands_signed_request_objects_signs_them() {
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
        rollcall::service::Settings { metadata: profiles::everything(), ..Default::default() };
    let local = Server::configured(settings);
    for (uri, redirect, status) in [
        ("http://localhost:3000/jwks", "http://127.0.0.1:3000/cb", 201),
        ("http://localhost:3000/jwks", "app.example:/cb", 201),
        ("http://localhost:3000/jwks", "https://a.example/cb", 400),
        ("http://a.example/jwks", "http://127.0.0.1:3000/cb", 400),
    ] {
        let body = json!({"redirect_uris": [redirect], "jwks_uri": uri}).to_string();
        let call = support::Call::register(body).origin("http://localhost:8787");
        assert_eq!(local.send(call).status(), status, "{uri} {redirect}");
    }
}

#[test]
fn threat_07_links_for_people_are_http_or_https() {
    for member in [
        "client_uri",
        "logo_uri",
        "tos_uri",
        "policy_uri",
        "information_uri",
        "organization_uri",
        "logo_uri#de",
    ] {
        for uri in ["http://localhost:9000", "https://a.example/x#top"] {
            assert_eq!(accepted(json!({member: uri}))[member], uri);
        }
        let at = format!("/{member}");
        for uri in [
            "javascript:alert(1)",
            "data:image/svg+xml,x",
            "vbscript:x",
            "blob:https://a/b",
            "ftp://a.example/",
        ] {
            refused(json!({member: uri}), &at, "uri_scheme");
        }
        refused(json!({member: "a.example"}), &at, "uri_relative");
        refused(json!({member: "https://u:p@a.example/"}), &at, "uri_userinfo");
        refused(json!({member: "https://a.example/%zz"}), &at, "uri_percent_encoding");
        refused(json!({member: "https://a.example/ b"}), &at, "uri_character");
        refused(json!({member: "https://2130706433/"}), &at, "uri_host");
    }
}

#[test]
fn r68_display_texts_hold_no_control_and_no_direction_override() {
    for text in [
        "a\u{0}b",
        "a\u{1b}[31m",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{200b}b",
        "a\u{feff}b",
        "a\nb",
        "a\u{85}b",
    ] {
        refused(json!({"client_name": text}), "/client_name", "display_text");
        refused(json!({"client_name#fr": text}), "/client_name#fr", "display_text");
        refused(json!({"contacts": ["ops@a.example", text]}), "/contacts/1", "display_text");
    }
    for text in
        ["<b>Ünïcode</b> & \"quotes\" \\", "日本語クライアント", "👩‍👩‍👧‍👦 family", "שלום\u{200f}"]
    {
        assert_eq!(accepted(json!({"client_name": text}))["client_name"], text);
    }
    refused(json!({"software_id": "ünïcode"}), "/software_id", "printable_ascii");
}

#[test]
fn rp_metadata_choices_2_the_server_chooses_what_it_prefers_and_keeps_the_list() {
    let list = json!(["ES256", "PS256", "RS256"]);
    let client = accepted(json!({"id_token_signing_alg_values_supported": list}));
    assert_eq!(client["id_token_signed_response_alg"], "RS256", "first in the server's order");
    assert_eq!(client["id_token_signing_alg_values_supported"], list);
    let single = json!({"id_token_signing_alg_values_supported": list, "id_token_signed_response_alg": "PS256"});
    assert_eq!(
        accepted(single)["id_token_signed_response_alg"],
        "PS256",
        "what the client names itself"
    );
    let unsupported = json!({"id_token_signing_alg_values_supported": list, "id_token_signed_response_alg": "ES512"});
    assert_eq!(
        accepted(unsupported)["id_token_signed_response_alg"],
        "RS256",
        "no error while a choice is left"
    );
    let methods = json!({"token_endpoint_auth_methods_supported": ["client_secret_jwt", "none"]});
    let public = accepted(methods);
    assert_eq!(
        (&public["token_endpoint_auth_method"], public.get("client_secret")),
        (&json!("none"), None)
    );
    let idle = accepted(json!({"id_token_encryption_enc_values_supported": ["A256GCM"]}));
    assert_eq!(idle.get("id_token_encrypted_response_enc"), None, "no alg, so nothing to encrypt");
    let hopeless = json!({"id_token_signing_alg_values_supported": ["ES512", "HS256"]});
    let answer = everything().register(&self::client(&hopeless));
    assert_eq!(
        answer.problems()[0],
        ("/id_token_signing_alg_values_supported".to_owned(), "unsupported".to_owned())
    );
    assert!(answer.json()["error_description"].to_string().contains("RS256, PS256, ES256, EdDSA"));
}

#[test]
fn the_signature_of_a_software_statement_is_not_checked_but_its_shape_is() {
    for text in ["", "a.b.c"] {
        accepted(json!({"software_statement": text}));
    }
    for text in ["a.b", "a.b.c.d", "a b.c.d", "{}"] {
        refused(json!({"software_statement": text}), "/software_statement", "type");
    }
}

#[test]
fn default_max_age_is_a_whole_number_of_seconds() {
    accepted(json!({"default_max_age": 0}));
    for value in [json!(-1), json!(1.5), json!(1.0), json!(2_147_483_648_u64), json!(1e300)] {
        refused(json!({"default_max_age": value}), "/default_max_age", "range");
    }
}

#[test]
fn every_problem_of_a_request_is_in_one_answer_and_the_first_names_the_code() {
    let answer = everything().register(&json!({
        "redirect_uris": ["https://a.example/#x", "https://a.example/", "http://b.example/"],
        "client_name": 7,
        "logo_uri": "javascript:alert(1)",
        "contacts": ["a", 1, ""],
    }));
    assert_eq!(answer.refusal(), (400, "invalid_redirect_uri".into()));
    let rules: Vec<(String, String)> = answer.problems();
    let rules: Vec<(&str, &str)> =
        rules.iter().map(|(at, rule)| (at.as_str(), rule.as_str())).collect();
    assert_eq!(
        rules,
        [
            ("/redirect_uris/0", "redirect_uri_fragment"),
            ("/redirect_uris/2", "redirect_uri_remote_http"),
            ("/client_name", "type"),
            ("/logo_uri", "uri_scheme"),
            ("/contacts/1", "type"),
            ("/contacts/2", "empty"),
        ]
    );
    let first = &answer.json()["errors"][0];
    assert_eq!(first["message"], answer.json()["error_description"]);
    assert_eq!(first["spec"], "RFC 6749 section 3.1.2");
}

#[test]
fn threat_37_values_in_messages_are_shortened_and_escaped() {
    let answer = everything().register(&json!({"redirect_uris": ["http://\u{1b}\"\\\r\nä.example/".to_owned() + &"x".repeat(900)]}));
    let text = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(text.contains("%1B%22%5C%0D%0A%C3%A4.example/x") && text.contains("..."), "{text}");
    assert!(text.len() < 300, "{text}");
}

#[test]
fn rfc_6749_5_2_no_character_of_a_value_gets_into_a_description_that_has_no_place_there() {
    for c in (0..=0xff_u8).map(char::from) {
        for member in ["client_uri", "jwks_uri", "client_name", "scope", "software_id"] {
            let answer =
                everything().register(&client(&json!({member: format!("https://a.example/{c}")})));
            if answer.status() != 201 {
                answer.refusal();
            }
        }
        let uris = json!({"redirect_uris": [format!("https://a.example/{c}")]});
        let answer = everything().register(&uris);
        if answer.status() != 201 {
            answer.refusal();
        }
    }
}

#[test]
fn whatever_discovery_advertises_can_be_registered_and_nothing_else() {
    let algorithms = MEMBERS.iter().filter_map(|member| match member.kind {
        Kind::Jws { supported, .. } | Kind::Jwe { supported } | Kind::Enc { supported, .. } => {
            Some((supported, member.name, true))
        }
        _ => None,
    });
    let lists: Vec<(&str, &str, bool)> = [
        ("scopes_supported", "scope", true),
        ("response_types_supported", "response_types", false),
        ("grant_types_supported", "grant_types", false),
        ("token_endpoint_auth_methods_supported", "token_endpoint_auth_method", true),
        ("subject_types_supported", "subject_type", true),
    ]
    .into_iter()
    .chain(algorithms)
    .collect();
    for (metadata, all) in [(support::shipped_metadata(), false), (profiles::everything(), true)] {
        let server = Server::with(metadata);
        let document = server.get("/.well-known/oauth-authorization-server").json();
        let mut keys = profiles::keys();
        keys["keys"][0]["x5c"] = json!(["MIIB"]);
        let with = |member: &str, value: Value| {
            let mut request = client(
                &json!({member: value, "tls_client_auth_san_dns": "a.example", "jwks": keys}),
            );
            if let Some(alg) = member.strip_suffix("enc").map(|stem| format!("{stem}alg")) {
                request[alg] = json!("RSA-OAEP");
            }
            server.register(&request)
        };
        for (list, member, single) in &lists {
            let Some(values) = document[list].as_array() else {
                assert!(!all, "{list} is not published");
                continue;
            };
            for value in values {
                let sent = if *single { value.clone() } else { json!([value]) };
                let answer = with(member, sent.clone());
                assert_eq!(answer.status(), 201, "{list}: {value}: {}", answer.json());
                assert_eq!(answer.json()[member], sent, "{list}");
            }
            if *member != "scope" {
                let sent = if *single { json!("unheard-of") } else { json!(["unheard-of"]) };
                assert_eq!(with(member, sent).status(), 400, "{list}");
            }
        }
    }
}

/// Registers, and registers what came out once more: that has to be the same.
#[track_caller]
fn same_again(server: &Server, request: &Value) -> Value {
    let sendable = |mut registered: Value| {
        let assigned = MEMBERS.iter().filter(|member| member.kind == Kind::ServerAssigned);
        let members = registered.as_object_mut().unwrap();
        assigned.for_each(|member| drop(members.remove(member.name)));
        registered
    };
    let first = sendable(server.register(request).created());
    assert_eq!(sendable(server.register(&first).created()), first);
    first
}

#[test]
fn rfc_7591_2_what_is_filled_in_is_something_that_the_client_could_have_asked_for() {
    let with = |name: &str, list: &[&str]| {
        let mut metadata = profiles::everything();
        metadata[name] = json!(list);
        Server::with(metadata)
    };
    let encrypted =
        json!({"id_token_encrypted_response_alg": "RSA-OAEP", "jwks": profiles::keys()});
    for (list, values, request, member, registered) in [
        (
            "id_token_encryption_enc_values_supported",
            &["A256GCM"][..],
            encrypted,
            "id_token_encrypted_response_enc",
            json!("A256GCM"),
        ),
        (
            "id_token_signing_alg_values_supported",
            &["HS256", "ES256"],
            json!({}),
            "id_token_signed_response_alg",
            json!("ES256"),
        ),
        (
            "id_token_signing_alg_values_supported",
            &["none", "ES256"],
            json!({"response_types": ["code id_token"]}),
            "id_token_signed_response_alg",
            json!("ES256"),
        ),
        (
            "introspection_signing_alg_values_supported",
            &["HS256", "ES256"],
            json!({}),
            "introspection_signed_response_alg",
            json!("ES256"),
        ),
        (
            "response_types_supported",
            &["code id_token"],
            json!({}),
            "response_types",
            json!(["code id_token"]),
        ),
        (
            "response_types_supported",
            &["code id_token"],
            json!({"grant_types": ["authorization_code", "implicit"]}),
            "response_types",
            json!(["code id_token"]),
        ),
        (
            "response_types_supported",
            &["code id_token"],
            json!({"grant_types": ["client_credentials"]}),
            "response_types",
            json!([]),
        ),
    ] {
        let client = same_again(&with(list, values), &client(&request));
        assert_eq!(client[member], registered, "{list} {values:?} {request}");
    }
}

#[test]
fn rp_choices_nothing_is_chosen_that_the_client_has_no_key_for_or_the_server_does_not_offer() {
    let registered = |server: &Server, members: Value| server.register(&client(&members)).created();
    let choice = json!({"id_token_encryption_alg_values_supported": ["RSA-OAEP"]});
    for server in [Server::new(), everything()] {
        let told = registered(&server, choice.clone());
        assert_eq!(told.get("id_token_encrypted_response_alg"), None);
    }
    let mut metadata = profiles::everything();
    metadata["token_endpoint_auth_methods_supported"] =
        json!(["private_key_jwt", "client_secret_basic"]);
    let both = json!({"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"]});
    let server = Server::with(metadata);
    let told = registered(&server, both.clone());
    assert_eq!(told["token_endpoint_auth_method"], "client_secret_basic");
    let mut with_keys = both;
    with_keys["jwks"] = profiles::keys();
    let told = registered(&server, with_keys);
    assert_eq!(told["token_endpoint_auth_method"], "private_key_jwt");
    let mut metadata = profiles::everything();
    metadata.as_object_mut().unwrap().remove("token_endpoint_auth_signing_alg_values_supported");
    let algorithms = json!({
        "token_endpoint_auth_method": "private_key_jwt", "jwks": profiles::keys(),
        "token_endpoint_auth_signing_alg_values_supported": ["HS256", "RS256"],
    });
    let told = registered(&Server::with(metadata), algorithms);
    assert_eq!(told["token_endpoint_auth_signing_alg"], "RS256");
}

#[test]
fn what_is_supported_is_told_whole_however_long_it_is() {
    let answer =
        everything().register(&client(&json!({"token_endpoint_auth_method": "client_secret_jwt"})));
    let description = answer.json()["error_description"].to_string();
    assert!(description.contains("self_signed_tls_client_auth"), "{description}");
}

#[test]
fn private_key_jwt_needs_keys_in_one_of_two_members_and_signed_jwks_uri_is_neither() {
    let signed = json!({"token_endpoint_auth_method": "private_key_jwt", "signed_jwks_uri": "https://a.example/k"});
    refused(signed, "/jwks", "keys_required");
}
