//! Redirect URIs against the corpora that other implementations can use, and against WHATWG.

use proptest::prelude::*;
use rollcall::client::Rule;
use rollcall::vocabulary::{Host, RedirectUri};
use serde_json::Value;

fn vectors(text: &str) -> Vec<Value> {
    let corpus: Value = serde_json::from_str(text).unwrap();
    corpus["vectors"].as_array().unwrap().clone()
}

#[test]
fn threat_15_every_case_of_the_syntax_corpus_has_its_outcome() {
    for vector in vectors(include_str!("vectors/redirect-uri-syntax.json")) {
        let uri = vector["uri"].as_str().unwrap();
        let outcome = match RedirectUri::parse(uri) {
            Ok(RedirectUri::Https { .. }) => "https",
            Ok(RedirectUri::Loopback { .. }) => "loopback",
            Ok(RedirectUri::PrivateUse { .. }) => "private-use",
            Err(error) => Rule::RedirectUri(error).id(),
        };
        assert_eq!(outcome, vector["outcome"], "{uri}");
    }
}

#[test]
fn threat_14_every_case_of_the_matching_corpus_has_its_outcome() {
    for vector in vectors(include_str!("vectors/redirect-uri-matching.json")) {
        let text = |name: &str| vector[name].as_str().unwrap().to_owned();
        let registered = RedirectUri::parse(&text("registered")).unwrap();
        assert_eq!(registered.matches(&text("presented")), vector["matches"], "{vector}");
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
        "[a-zA-Z0-9._-]{0,12}",
        "[0-9]{1,3}(\\.[0-9]{1,3}){0,4}",
        "0x[0-9a-f]{1,8}",
        "\\[[0-9a-f:.]{0,16}\\]",
        prop::sample::select(vec![
            "localhost",
            "127.0.0.1",
            "[::1]",
            "example.com",
            "a@b",
            "ex\u{e4}mple.com"
        ])
        .prop_map(str::to_owned),
    ];
    let port = prop_oneof![Just(String::new()), "(:[0-9a]{0,6})"];
    let rest = "[/?#a-z.%0-9\\\\ *:@]{0,12}";
    (scheme, slashes, host, port, rest).prop_map(|(a, b, c, d, e)| format!("{a}{b}{c}{d}{e}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_accepted_means_the_same_to_a_whatwg_parser(text in near_uris()) {
        let Ok(ours) = RedirectUri::parse(&text) else { return Ok(()) };
        prop_assert_eq!(ours.as_str(), &text);
        prop_assert!(ours.matches(&text));
        // Punycode that decodes to nothing is the one thing judged elsewhere: by the resolver.
        if text.to_ascii_lowercase().contains("xn--") { return Ok(()) }
        let theirs = url::Url::parse(&text);
        prop_assert!(theirs.is_ok(), "a browser can go there");
        let theirs = theirs.unwrap();
        if let Some(host) = ours.host() {
            prop_assert_eq!(theirs.host_str().map(str::to_owned), Some(host.to_string()));
            prop_assert_eq!(theirs.scheme() == "http", matches!(ours, RedirectUri::Loopback { .. }));
            prop_assert_eq!(theirs.username(), "");
            let loopback = matches!(theirs.host(), Some(url::Host::Domain("localhost")))
                || matches!(theirs.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback())
                || matches!(theirs.host(), Some(url::Host::Ipv6(ip)) if ip.is_loopback());
            prop_assert_eq!(host.is_loopback(), loopback);
            prop_assert!(!matches!(host, Host::Name(name) if name.is_empty()));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = RedirectUri::parse(&text);
    }
}
