//! The rules of single values, and how a refusal speaks of them.

use rollcall_support::Server;
use rollcall_support::registering::{accepted, client, everything, refused};
use serde_json::json;

/// Threat 8.
#[test]
fn schemes_that_run_or_read_something_are_rejected_in_every_list_of_redirects() {
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

/// Threat 12.
#[test]
fn hosts_are_ascii_so_no_letter_can_stand_for_another() {
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

/// R02, threat 17.
#[test]
fn private_use_schemes_need_no_dot_and_no_matching_client_uri() {
    let members = json!({"redirect_uris": ["cursor://anysphere.cursor-mcp/oauth/callback"], "client_uri": "https://cursor.com"});
    assert_eq!(accepted(members)["application_type"], "native");
}

/// RFC 7518 §4.1.
#[test]
fn registered_algorithm_is_accepted_without_a_published_list_and_any_other_word_is_not() {
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

/// Threat 7.
#[test]
fn links_for_people_are_http_or_https() {
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

/// R68.
#[test]
fn display_texts_have_no_control_and_no_direction_override() {
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
    refused(json!({"software_id": "a\u{202e}b"}), "/software_id", "display_text");
    refused(
        json!({"tls_client_auth_san_dns": "ünïcode"}),
        "/tls_client_auth_san_dns",
        "printable_ascii",
    );
}

#[test]
fn signature_of_a_software_statement_is_not_checked_but_its_shape_is() {
    for text in ["", "e30.e30.AQ", "e30.e30."] {
        accepted(json!({"software_statement": text}));
    }
    for text in ["a.b", "a.b.c", "e30.W10.AQ", "e30.e30.AQ.AQ", "e30.e30=.AQ", "e 0.e30.AQ", "{}"] {
        refused(json!({"software_statement": text}), "/software_statement", "statement_syntax");
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

/// Threat 37.
#[test]
fn values_in_messages_are_shortened_and_escaped() {
    let answer = everything().register(&json!({"redirect_uris": ["http://\u{1b}\"\\\r\nä.example/".to_owned() + &"x".repeat(900)]}));
    let text = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(text.contains("%1B%22%5C%0D%0A%C3%A4.example/x") && text.contains("..."), "{text}");
    assert!(text.len() < 300, "{text}");
}

/// RFC 6749 §5.2.
#[test]
fn error_description_has_only_allowed_characters_of_a_value() {
    let server = everything();
    for c in (0..=0xff_u8).map(char::from) {
        for member in ["client_uri", "jwks_uri", "client_name", "scope", "software_id"] {
            let answer =
                server.register(&client(&json!({member: format!("https://a.example/{c}")})));
            if answer.status() != 201 {
                answer.refusal();
            }
        }
        let uris = json!({"redirect_uris": [format!("https://a.example/{c}")]});
        let answer = server.register(&uris);
        if answer.status() != 201 {
            answer.refusal();
        }
    }
}

#[test]
fn list_of_supported_values_is_never_shortened() {
    let answer =
        everything().register(&client(&json!({"token_endpoint_auth_method": "client_secret_jwt"})));
    let description = answer.json()["error_description"].to_string();
    assert!(description.contains("self_signed_tls_client_auth"), "{description}");
}
