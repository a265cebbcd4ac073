//! Redirect URIs against the corpora that other implementations can use, and against WHATWG.

use crate::cases::cases;
use crate::properties::matching;
use proptest::prelude::*;
use rollcall::client::Rule;
use rollcall::vocabulary::{ClientUrl, ClientUrlRules, RedirectUri, WebUri};
use rollcall_support::host_names::Uts46;
use rollcall_support::reading::{with_allowed_changes, without_default_port};
use serde_json::Value;

fn vectors(text: &str) -> Vec<Value> {
    let corpus: Value = serde_json::from_str(text).unwrap();
    corpus["vectors"].as_array().unwrap().clone()
}

/// Threat 15.
#[test]
fn every_case_of_the_syntax_corpus_has_its_outcome() {
    for vector in vectors(include_str!("vectors/redirect-uri-syntax.json")) {
        let uri = vector["uri"].as_str().unwrap();
        let outcome = match RedirectUri::parse(uri) {
            Ok(uri) => match uri.scheme() {
                "https" => "https",
                "http" => "loopback",
                _ => "private-use",
            },
            Err(error) => Rule::RedirectUri(error).id(),
        };
        assert_eq!(outcome, vector["outcome"], "{uri}");
    }
}

/// Threat 14.
#[test]
fn every_case_of_the_matching_corpus_has_its_outcome() {
    for vector in vectors(include_str!("vectors/redirect-uri-matching.json")) {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let registered = RedirectUri::parse(&text("registered")).unwrap();
        assert_eq!(registered.matches(&text("presented")), vector["matches"], "{vector}");
    }
}

#[test]
fn whatwg_reading_of_an_accepted_uri_has_the_four_allowed_changes_only() {
    for (text, read) in [
        ("HTTPS://Example.COM", "https://example.com/"),
        ("https://example.com:443?x='", "https://example.com/?x=%27"),
        ("http://LOCALHOST:80/'", "http://localhost/'"),
        ("https://[2001:DB8::1]/cb", "https://[2001:db8::1]/cb"),
        ("MyApp://My_Host/%7E?'#", "myapp://My_Host/%7E?'#"),
        ("a+b://[2001:DB8::A]:443/X", "a+b://[2001:db8::a]:443/X"),
    ] {
        assert_eq!(with_allowed_changes(text), read);
        assert_eq!(url::Url::parse(text).unwrap().as_str(), read);
    }
}

/// Texts that are near enough to URIs to be worth judging.
fn near_uris() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec![
        "https",
        "http",
        "HTTPS",
        "com.example.app",
        "a+b",
        "",
        "javascript",
    ]);
    let slashes = prop::sample::select(vec!["://", ":", ":/", ":///", "//"]);
    let host = prop_oneof![
        matching("[a-zA-Z0-9._-]{0,12}"),
        matching("[0-9]{1,3}(\\.[0-9]{1,3}){0,4}"),
        matching("0x[0-9a-f]{1,8}"),
        matching("\\[[0-9a-f:.]{0,16}\\]"),
        prop::sample::select(vec![
            "localhost",
            "127.0.0.1",
            "[::1]",
            "example.com",
            "a@b",
            "ex\u{e4}mple.com",
            "xn--a.example",
            "xn--bcher-kva.example",
            "XN--BCHER-KVA",
            "xn--",
            "[::ffff:127.0.0.1]",
            "[0:0::1]",
            "[::127.0.0.1]",
            "[1:0:0:2::3]",
            "[2001:DB8::A]"
        ])
        .prop_map(str::to_owned),
    ];
    let port = prop_oneof![
        Just(String::new()),
        matching("(:[0-9a+]{0,6})"),
        matching("(:(0|443|0443|80|080|65535|65536|8080))")
    ];
    let rest = prop_oneof![
        matching("[/?#a-z.%0-9\\\\ *:@]{0,12}"),
        matching("[/?#\\[\\]a-zA-Z.;'()!$&+,=~_0-9-]{0,12}"),
        matching("(/(\\.|%2e|%2E|;|a|%41|'){0,3}){0,3}[?]?[a'%]{0,3}"),
    ];
    (scheme, slashes, host, port, rest).prop_map(|(a, b, c, d, e)| format!("{a}{b}{c}{d}{e}"))
}

/// Texts that are near enough to the URL of a metadata document.
fn near_client_urls() -> impl Strategy<Value = String> {
    let scheme = prop::sample::select(vec![
        "https://", "https://", "https://", "HTTPS://", "https:/", "http://",
    ]);
    let userinfo = prop::sample::select(vec!["", "", "", "", "", "@", ":@", "a@"]);
    let host = prop::sample::select(vec![
        "client.example",
        "a.b.example",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "[0::1]",
        "127.1",
        "Client.example",
        "client.example.",
        "xn--bcher-kva.example",
        "a_b.example",
        "client%2eexample",
    ]);
    let port = prop::sample::select(vec!["", "", "", ":443", ":8443", ":0", ":", ":080", ":65535"]);
    let path = prop_oneof![
        matching("(/(\\.|%2e|%2E|;|a|%41|'|%2f|%5C|c|\\[|@|:|\\|){0,3}){0,3}"),
        matching("/[a-zA-Z.;'()!$&+,=~_0-9\\\\ \u{80}-\u{ff}-]{0,8}"),
        matching("[/?#a-z.%0-9*:@]{0,8}"),
    ];
    let query = matching("([?][a'\"<>`{}|^%/.]{0,3})?(#[a`]?)?");
    (scheme, userinfo, host, port, path, query)
        .prop_map(|(a, b, c, d, e, f)| format!("{a}{b}{c}{d}{e}{f}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4096), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn accepted_redirect_uri_means_the_same_to_a_whatwg_parser(text in near_uris()) {
        let Ok(ours) = RedirectUri::parse(&text) else { return Ok(()) };
        prop_assert_eq!(ours.as_str(), &text);
        prop_assert!(ours.matches(&text));
        let theirs = url::Url::parse(&text).unwrap();
        prop_assert_eq!(theirs.as_str(), with_allowed_changes(&text));
        prop_assert_eq!(theirs.scheme(), ours.scheme());
        prop_assert_eq!(theirs.username(), "");
        if let Some(host) = ours.host() {
            prop_assert_eq!(theirs.host_str().map(str::to_owned), Some(host.to_string()));
            let loopback = match theirs.host().unwrap() {
                url::Host::Domain(name) => name == "localhost",
                url::Host::Ipv4(address) => address.is_loopback(),
                url::Host::Ipv6(address) => address.is_loopback(),
            };
            prop_assert_eq!(host.is_loopback(), loopback);
        }
    }

    #[test]
    fn accepted_web_uri_means_the_same_to_a_whatwg_parser(text in near_uris()) {
        let Ok(ours) = WebUri::parse(&text) else { return Ok(()) };
        let theirs = url::Url::parse(&text);
        prop_assert_eq!(theirs.map(String::from), Ok(with_allowed_changes(&text)));
        prop_assert!(with_allowed_changes(&text).starts_with(ours.origin()));
    }

    /// Client ID Metadata Document draft-02 §3: such URLs are compared byte for byte, so no parser may change them.
    #[test]
    fn accepted_client_url_is_what_a_whatwg_parser_writes(text in near_client_urls()) {
        let rules = ClientUrlRules { allow_query: true, allow_loopback: true };
        let Ok(ours) = ClientUrl::parse(&text, rules) else { return Ok(()) };
        prop_assert_eq!(ours.as_str(), &text);
        let theirs = url::Url::parse(&text).unwrap();
        prop_assert_eq!(theirs.as_str(), without_default_port(&text));
        prop_assert_eq!(theirs.host_str(), Some(ours.host()));
        prop_assert_eq!(theirs.path(), ours.path());
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = RedirectUri::parse(&text).map(|uri| uri.host().map(|host| host.is_read_alike(&Uts46)));
    }
}
