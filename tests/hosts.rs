//! Host names with `xn--` labels, IPv6 spellings and dot segments: wherever a host can be written.

use rollcall::issuer::Settings;
use rollcall::vocabulary::HostNames;
use rollcall_support::gated::{TOKENS, admin, gate};
use rollcall_support::host_names::Uts46;
use rollcall_support::registering::{accepted, refused};
use rollcall_support::{Server, settings};
use serde_json::{Value, json};

/// Labels that do not decode, or that browsers would write another way.
const MISREAD: [&str; 6] =
    ["xn--a", "xn--", "xn--0.example", "a.xn--b", "xn--a-ecp.ru", "XN--A.example"];
/// German, Russian, Japanese, and an emoji.
const SOUND: [&str; 4] =
    ["xn--bcher-kva.example", "xn--80ak6aa92e.com", "XN--WGV71A.example", "xn--ls8h.la"];

/// Threat 12.
#[test]
fn label_that_does_not_decode_is_rejected_in_every_uri() {
    for host in MISREAD {
        let uri = format!("https://{host}/cb");
        refused(json!({"redirect_uris": [uri]}), "/redirect_uris/0", "uri_host");
        for (member, list) in [
            ("client_uri", false),
            ("logo_uri#de", false),
            ("jwks_uri", false),
            ("initiate_login_uri", false),
            ("backchannel_logout_uri", false),
            ("request_uris", true),
            ("post_logout_redirect_uris", true),
            ("claims_redirect_uris", true),
        ] {
            let (value, at) = if list {
                (json!([uri]), format!("/{member}/0"))
            } else {
                (json!(uri), format!("/{member}"))
            };
            refused(json!({member: value}), &at, "uri_host");
        }
    }
    for host in SOUND {
        let uri = format!("https://{host}/cb");
        let client = accepted(json!({"redirect_uris": [uri], "client_uri": uri, "jwks_uri": uri}));
        for value in [&client["redirect_uris"][0], &client["client_uri"], &client["jwks_uri"]] {
            assert_eq!(*value, uri, "kept byte for byte");
        }
    }
    // The opaque host of another scheme is no DNS name: browsers leave it as it is.
    accepted(json!({"redirect_uris": ["myapp://xn--a/cb"]}));
}

/// Each label is decoded, and each question crosses into JavaScript: a body of 64 KB has room for hundreds.
#[test]
fn runtime_is_asked_once_for_each_host_and_a_request_has_a_hundred_encoded_labels() {
    let host = |n: usize| {
        let label = idna::punycode::encode_str(&format!("a{n}\u{fc}")).unwrap();
        format!("https://xn--{label}.example/")
    };
    let server = Server::new();
    let register = |metadata: &Value| server.register(metadata);
    let different: Value = (0..100).map(host).collect();
    register(&json!({"redirect_uris": different})).created();
    assert_eq!(server.questions.replace(0), 100);
    let same: Vec<String> = (0..99).map(|n| format!("{}{n}", host(1))).collect();
    register(&json!({"redirect_uris": same, "client_uri": host(1)})).created();
    assert_eq!(server.questions.replace(0), 1);

    let mut metadata = json!({"redirect_uris": different, "client_uri": host(0)});
    metadata["claims_redirect_uris"] = json!(["https://a.example/xn--a", host(1)]);
    let answer = register(&metadata);
    let at = ["/client_uri", "/claims_redirect_uris/1"];
    let expected = at.map(|at| (at.to_owned(), "encoded_labels".to_owned()));
    assert_eq!((answer.status(), answer.problems()), (400, expected.to_vec()));
    let many = format!("https://{}example/", "xn--bcher-kva.".repeat(11));
    let uris: Vec<String> = (0..10).map(|n| format!("{many}{n}")).collect();
    let answer = register(&json!({"redirect_uris": uris}));
    assert_eq!(answer.problems(), [("/redirect_uris/9".into(), "encoded_labels".into())]);
}

/// A request has a hundred encoded labels: a URI is over that limit behind one more than its own labels leave.
#[test]
fn labels_are_counted_in_hosts_only() {
    let server = Server::new();
    let is_over_the_limit = |uri: &str, labels_before: usize| {
        let before = [(10, labels_before / 10), (1, labels_before % 10)];
        let hosts = before.map(|(labels, times)| {
            (0..times)
                .map(move |n| format!("https://{}example/{n}", "xn--bcher-kva.".repeat(labels)))
        });
        let mut uris: Vec<String> = hosts.into_iter().flatten().collect();
        let place = format!("/redirect_uris/{}", uris.len());
        uris.push(uri.to_owned());
        let answer = server.register(&json!({"redirect_uris": uris}));
        let over = (place, "encoded_labels".to_owned());
        answer.status() != 201 && answer.problems().contains(&over)
    };
    for (uri, count) in [
        ("https://xn--a.xn--b.example/xn--c/?xn--d.xn--e", 2),
        ("https://a.XN--b", 1),
        ("https://xn--a?xn--b", 1),
        ("https://a.example/xn--a.xn--b", 0),
        ("https://axn--a.example/", 0),
        ("xn--a.xn--b", 0),
        ("", 0),
    ] {
        assert!(!is_over_the_limit(uri, 100 - count), "{uri}");
        assert!(count == 0 || is_over_the_limit(uri, 101 - count), "{uri}");
    }
}

/// Threat 15.
#[test]
fn uri_that_browsers_would_rewrite_is_rejected_everywhere() {
    for (rest, redirect, web) in [
        ("[0:0::1]/cb", "uri_host", "uri_host"),
        ("[::127.0.0.1]/cb", "uri_host", "uri_host"),
        ("a.example:0443/cb", "uri_port", "uri_port"),
        ("a.example/..;/cb", "redirect_uri_dot_segment", "uri_dot_segment"),
        ("a.example/x/%2e%2E/cb", "redirect_uri_dot_segment", "uri_dot_segment"),
    ] {
        let uri = format!("https://{rest}");
        refused(json!({"redirect_uris": [uri]}), "/redirect_uris/0", redirect);
        refused(
            json!({"post_logout_redirect_uris": [uri]}),
            "/post_logout_redirect_uris/0",
            redirect,
        );
        refused(json!({"tos_uri": uri}), "/tos_uri", web);
        refused(json!({"jwks_uri": uri}), "/jwks_uri", web);
        refused(json!({"request_uris": [uri]}), "/request_uris/0", web);
    }
}

fn checked(vars: &Value) -> Result<(), String> {
    let settings = Settings::from_vars(|name| vars[name].clone());
    settings.check_hosts(&Uts46).map_err(|why| why.to_string())
}

#[test]
fn configuration_with_a_label_that_does_not_decode_is_rejected_by_name() {
    let own = json!({"https://a.example": {"POLICY": {"redirect_hosts": ["xn--a"]}}});
    let own_path = "ISSUERS.\"https://a.example\".POLICY.redirect_hosts[0]";
    for (vars, name, value) in [
        (json!({"ISSUER": "https://xn--a/"}), "ISSUER", "https://xn--a/"),
        (
            json!({"ISSUERS": {"https://xn--a/": {}}}),
            "ISSUERS.\"https://xn--a/\"",
            "https://xn--a/",
        ),
        (json!({"ISSUERS": own}), own_path, "xn--a"),
        (
            json!({"METADATA": {"token_endpoint": "https://xn--a/t"}}),
            "METADATA.token_endpoint",
            "https://xn--a/t",
        ),
        (
            json!({"METADATA": {"mtls_endpoint_aliases": {"x": "https://xn--a/"}}}),
            "METADATA.mtls_endpoint_aliases.x",
            "https://xn--a/",
        ),
        (
            json!({"METADATA": "{\"jwks_uri\": \"https://xn--a/t\"}"}),
            "METADATA.jwks_uri",
            "https://xn--a/t",
        ),
        (
            json!({"POLICY": {"redirect_hosts": ["a.example", "*.xn--a"]}}),
            "POLICY.redirect_hosts[1]",
            "*.xn--a",
        ),
        (
            json!({"POLICY": {"denied_redirect_hosts": ["xn--a"]}}),
            "POLICY.denied_redirect_hosts[0]",
            "xn--a",
        ),
        (
            json!({"ANONYMOUS_POLICY": {"redirect_hosts": ["xn--a"]}}),
            "ANONYMOUS_POLICY.redirect_hosts[0]",
            "xn--a",
        ),
        (json!({"WEBHOOK": {"url": "https://xn--a/hook"}}), "WEBHOOK.url", "https://xn--a/hook"),
        (json!({"UPSTREAM_METADATA": "https://xn--a/x"}), "UPSTREAM_METADATA", "https://xn--a/x"),
    ] {
        let why = checked(&vars).unwrap_err();
        assert!(why.starts_with(&format!("{name} is \"{value}\", but must be ")), "{why}");
    }
    for vars in [
        json!({}),
        json!({"ISSUER": "https://xn--bcher-kva.example", "POLICY": {"redirect_hosts": ["*.xn--wgv71a"]}}),
        json!({"POLICY": {"description": "xn--a", "reserved_names": ["xn--a"]}}),
        json!({"METADATA": {"scopes_supported": ["xn--a"], "token_endpoint": "/t"}}),
    ] {
        assert_eq!(checked(&vars), Ok(()), "{vars}");
    }
    assert_eq!(settings(&json!({})).check_hosts(&Uts46).map_err(|why| why.to_string()), Ok(()));
}

#[test]
fn initial_access_token_with_a_host_that_does_not_decode_is_not_minted() {
    let server = gate("token", |_| {});
    let minted =
        |host: &str| admin(&server, "POST", TOKENS, &json!({"policy": {"redirect_hosts": [host]}}));
    assert_eq!(minted("*.xn--a").refusal_off_browsers(), (400, "invalid_request".into()));
    assert_eq!(minted("xn--bcher-kva.example").status(), 201);
}

#[test]
fn double_of_the_runtime_reads_names_as_the_standard_does() {
    for host in MISREAD {
        assert!(!Uts46.is_unchanged(&host.to_ascii_lowercase()), "{host}");
    }
    for host in SOUND {
        assert!(Uts46.is_unchanged(&host.to_ascii_lowercase()), "{host}");
    }
}
