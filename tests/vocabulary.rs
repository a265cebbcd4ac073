//! The terms of the specifications as types: texts that each of them accepts and rejects.

use rollcall::vocabulary::{
    AuthMethod, ClientCredentials, ClientId, ClientSecret, EntityTag, EntityTags,
    FORBIDDEN_SCHEMES, HostNames, InitialAccessToken, RedirectUri, RedirectUriError,
    RegistrationToken, ResponseType, Scope, UriError, WebUri, WebUriError, decode_form,
    is_forbidden_scheme, is_origin, nearest,
};
use serde::Serialize;

fn redirect_error(text: &str) -> Option<RedirectUriError> {
    RedirectUri::parse(text).err()
}

fn uri_error(text: &str) -> Option<UriError> {
    match redirect_error(text)? {
        RedirectUriError::Uri(error) => Some(error),
        other => panic!("{text}: {other}"),
    }
}

fn web_uri(text: &str) -> WebUri {
    WebUri::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn serialised_name_of_an_auth_method_is_the_registered_one() {
    for method in AuthMethod::ALL {
        assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
        assert_eq!(AuthMethod::parse(method.as_str()), Some(method));
    }
}

#[test]
fn credentials_have_their_stated_sizes() {
    fn characters(value: &impl Serialize) -> usize {
        serde_json::to_value(value).unwrap().as_str().unwrap().len()
    }
    assert_eq!(characters(&ClientId::from_entropy([7; 16])), 22);
    assert_eq!(characters(&ClientSecret::from_entropy([7; 64])), 86);
    assert_eq!(characters(&RegistrationToken::from_entropy([7; 32])), 43);
    assert_eq!(characters(&InitialAccessToken::from_entropy([7; 32])), "iat_".len() + 43);
}

#[test]
fn debug_shows_no_secret() {
    let secret = ClientSecret::from_entropy([7; 64]);
    let shown = format!("{secret:?} {:?}", secret.digest());
    assert_eq!(shown, "ClientSecret(redacted) Digest(redacted)");
}

#[test]
fn only_identifiers_of_ours_parse() {
    let id = ClientId::from_entropy([255; 16]);
    assert_eq!(ClientId::parse(id.as_str()), Some(id));
    let wrong = "short AAAAAAAAAAAAAAAAAAAAA= AAAAAAAAAAAAAAAAAAAAA/ ../../../../../../../..";
    for text in wrong.split(' ').chain([""]) {
        assert_eq!(ClientId::parse(text), None, "{text}");
    }
}

/// RFC 9110 §8.8.3.
#[test]
fn entity_tag_is_found_in_a_list_weakened_or_not() {
    let tag = EntityTag::from_entropy([0; 9]);
    assert_eq!(tag.to_string(), "\"AAAAAAAAAAAA\"");
    for (header, named) in [
        ("\"AAAAAAAAAAAA\"", true),
        ("*", true),
        (" * ", true),
        ("\"x\", \"AAAAAAAAAAAA\"", true),
        ("\"x\",\"AAAAAAAAAAAA\"", true),
        ("W/\"AAAAAAAAAAAA\"", true),
        ("\"x\"", false),
        ("AAAAAAAAAAAA", false),
        ("", false),
        ("\"*\"", false),
        ("w/\"AAAAAAAAAAAA\"", false),
    ] {
        assert_eq!(EntityTags::parse(header).contains(&tag), named, "{header}");
    }
}

#[test]
fn form_text_is_decoded_or_rejected() {
    for (text, decoded) in [
        ("", Some("")),
        ("a-b_c.~", Some("a-b_c.~")),
        ("a+b%20c%2Bd", Some("a b c+d")),
        ("%c3%BC", Some("ü")),
        ("%", None),
        ("%4", None),
        ("%4g", None),
        ("%+1", None),
        ("%ff", None),
    ] {
        assert_eq!(decode_form(text).as_deref(), decoded, "{text}");
    }
}

/// RFC 6749 §2.3.1.
#[test]
fn both_halves_of_a_basic_credential_are_form_encoded() {
    let secret = |text: &str| ClientSecret::presented(text);
    // `a%2Db:s%5Ft+x` as strict libraries write it, `a-b:s_t` as most do.
    for (header, id, plain) in [
        ("Basic YSUyRGI6cyU1RnQreA==", "a-b", "s_t x"),
        ("basic  YS1iOnNfdA==", "a-b", "s_t"),
        ("Basic YTo=", "a", ""),
        ("Basic YTpiOmM=", "a", "b:c"),
    ] {
        let read = ClientCredentials::basic(header).unwrap();
        assert!(read.client_id == id && read.client_secret == secret(plain), "{header}");
        assert!(!format!("{read:?}").contains(plain) || plain.is_empty());
    }
    for header in
        ["", "Basic", "Basic YQ==", "Bearer YTpi", "Basic ???", "Basic YTolZg==", "Basic /w=="]
    {
        assert!(ClientCredentials::basic(header).is_none(), "{header}");
    }
}

/// OAuth 2.0 Multiple Response Type Encoding Practices §3.
#[test]
fn order_of_a_response_type_is_ignored() {
    let parse = ResponseType::parse;
    assert_eq!(parse("token id_token code"), parse("code id_token token"));
    for name in ["", "code code", "code  token", "Code", "none code", "device_code"] {
        assert_eq!(parse(name), None, "{name}");
    }
    for kind in ResponseType::ALL {
        assert_eq!(parse(kind.as_str()), Some(kind));
    }
}

/// RFC 6749 §3.3.
#[test]
fn tokens_keep_their_order_once() {
    assert_eq!(Scope::parse("openid  profile openid").unwrap().to_string(), "openid profile");
    assert!(Scope::parse("").unwrap().is_empty());
    for (text, wrong) in [("a\"b", '"'), ("a\tb", '\t'), ("openid \u{17f}", '\u{17f}')] {
        assert_eq!(Scope::parse(text), Err(wrong));
    }
}

#[test]
fn three_kinds_are_kept_byte_for_byte() {
    for text in "https://claude.ai/api/mcp/auth_callback https://example.com HTTPS://Example.COM:443/cb?x=%41 \
         http://localhost:9000/callback http://127.0.0.1/ http://127.0.0.1:33418 http://[::1]:8080/cb \
         cursor://anysphere.cursor-mcp/oauth/callback com.example.app:/oauth2redirect \
         com.example.app:oauth2redirect myapp:// myapp://My_Host:8080/cb"
        .split_ascii_whitespace()
    {
        assert_eq!(RedirectUri::parse(text).unwrap().as_str(), text);
    }
}

#[test]
fn text_that_is_no_redirect_uri_has_its_error() {
    use RedirectUriError as E;
    for (error, texts) in [
        (
            E::Uri(UriError::Relative),
            "/callback //example.com/cb localhost:9000/callback localhost:9000?x=y 127.0.0.1:9000/callback",
        ),
        (E::Fragment, "https://example.com/cb# https://example.com/cb#x com.example.app:/cb#x"),
        (E::Wildcard, "https://*.example.com/cb https://example.com/*"),
        (
            E::Uri(UriError::Userinfo),
            "https://user@example.com/cb https://user:pw@example.com/cb myapp://user@host/cb",
        ),
        (
            E::Uri(UriError::Host),
            "myapp://[x]/cb myapp://a]/cb https:example.com https:/example.com http://[0:0::1]/cb",
        ),
        (
            E::Uri(UriError::Port),
            "myapp://host:99999/cb https://example.com:0443/cb myapp://host:080/cb",
        ),
        (E::RemoteHttp, "http://example.com/cb http://localhost.example.com/cb http://0.0.0.0/cb"),
        (
            E::Uri(UriError::DotSegment),
            "https://example.com/a/../cb https://example.com/a/%2E%2e/cb https://example.com/a/..;/cb \
             myapp:../cb myapp:%2e myapp:/.//cb myapp:cb/.",
        ),
        (E::Uri(UriError::SchemeCharacter('_')), "my_app://cb"),
        (E::Empty, "myapp:"),
        (E::ForbiddenScheme, "javascript:alert(1) data:text/html,x"),
        (E::Uri(UriError::PercentEncoding), "JavaScript://x/%0aalert(1)"),
    ] {
        for text in texts.split_ascii_whitespace() {
            assert_eq!(redirect_error(text), Some(error), "{text}");
        }
    }
    assert_eq!(redirect_error(""), Some(E::Uri(UriError::Relative)));
}

#[test]
fn forbidden_scheme_is_rejected_in_any_case() {
    for scheme in ["javascript", "ms-word", "telprompt", "chrome-extension", "itms-services"] {
        for text in [format!("{scheme}:x"), format!("{}://host/x", scheme.to_ascii_uppercase())] {
            assert_eq!(redirect_error(&text), Some(RedirectUriError::ForbiddenScheme), "{text}");
        }
    }
}

#[test]
fn name_is_no_redirect_uri_and_the_message_says_what_to_use_instead() {
    for text in "urn:ietf:wg:oauth:2.0:oob URN:ietf:wg:oauth:2.0:oob:auto tag:example.com,2026:cb \
                 did:web:example.com doi:10.1000/1 info:x/y"
        .split_ascii_whitespace()
    {
        let error = redirect_error(text).unwrap();
        assert_eq!(error, RedirectUriError::Name, "{text}");
        assert!(error.to_string().contains("http://127.0.0.1/"), "{error}");
    }
}

#[test]
fn every_family_covers_its_members_and_their_siblings() {
    for scheme in "javascript vbscript livescript data blob filesystem about mhtml jar view-source cid mid applescript \
         x-man-page shortcuts shell search search-ms ms-search ms-word ms-excel ms-appinstaller ms-settings ms-cxh \
         ms-its ms-msdt ms-officecmd ms-rd ms-windows-store windowsdefender its mk hcp help res \
         x-apple.systempreferences itms itmss itms-apps itms-services itms-appss jnlp jnlps market smb nfs afp cifs \
         disk disks file content resource ftp ftps sftp ssh telnet tn3270 rlogin vnc rdp tel telprompt callto \
         facetime facetime-audio facetime-prompt sip sips sms smsto mms mmsto mailto imessage news nntp snews irc \
         ircs irc6 rtsp rtsps rtspu rtmp ldap ldaps ldapi ws wss gopher magnet geo chrome chrome-extension \
         chrome-untrusted chrome-search devtools edge moz-extension safari-web-extension ms-browser-extension intent \
         android-app microsoft-edge googlechrome googlechromes googlechrome-x-callback firefox perlscript powershell \
         mshelp iehistory admin lpa upi payto bitcoin lightning otpauth otpauth-migration com-apple-mobilesafari-tab \
         ext+reader microsoft.windows.camera microsoft.windows.photos.crop x-web-search android.resource steam \
         shareddocuments tn5250"
        .split_ascii_whitespace()
    {
        assert!(is_forbidden_scheme(scheme), "{scheme}");
        let error = redirect_error(&format!("{scheme}://x/y"));
        assert_eq!(error, Some(RedirectUriError::ForbiddenScheme), "{scheme}");
    }
    for scheme in ["urn", "tag", "did", "doi", "info"] {
        assert!(is_forbidden_scheme(scheme), "{scheme}");
        let error = redirect_error(&format!("{scheme}://x/y"));
        assert_eq!(error, Some(RedirectUriError::Name), "{scheme}");
    }
}

#[test]
fn schemes_of_applications_are_free() {
    for scheme in "ms-app ms-appx-web msauth msauth.com.example.app msal1234 cursor vscode vscode-insiders windsurf claude \
         claude-desktop com.example.app com.googleusercontent.apps.1-a fb1234 myapp zed raycast slack obsidian notion \
         feedly search.example.app edge.example.app tel.example smstool helpdesk resources.example telegram \
         upi.example administrator lightningbug external text+x com.microsoft.example microsoft steamclient \
         com.steam.example"
        .split_ascii_whitespace()
    {
        assert!(!is_forbidden_scheme(scheme), "{scheme}");
        assert_eq!(redirect_error(&format!("{scheme}://x/y")), None, "{scheme}");
    }
}

#[test]
fn addresses_and_names_of_special_use_are_known() {
    let is_special_use = |host: &str| web_uri(&format!("https://{host}/x")).host().is_special_use();
    for host in "0.0.0.0 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.1.2.3 169.254.169.254 172.16.0.1 \
         172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.4 198.18.0.1 198.19.255.255 198.51.100.7 \
         203.0.113.9 224.0.0.1 240.0.0.1 255.255.255.255 [::] [::1] [::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] \
         [100::1] [2001::1] [2001:10::1] [2001:db8::1] [2002:7f00:1::] [3fff::1] [5f00::1] [fc00::1] [fd00::] \
         [fe80::1] [fec0::1] [ff02::1] localhost LOCALHOST a.localhost printer.local metadata.google.internal internal \
         router.home.arpa intranet kubernetes nas.lan router.home a.b.corp keys.intranet x.private host.localdomain \
         app.test App.TEST x.invalid keys.onion"
        .split_ascii_whitespace()
    {
        assert!(is_special_use(host), "{host}");
    }
    for host in "1.1.1.1 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 128.0.0.1 169.253.0.1 172.15.0.1 172.32.0.1 \
         192.0.1.1 192.167.0.1 198.17.0.1 198.20.0.1 203.0.112.1 223.255.255.255 [2001:200::1] [2606:4700::1111] \
         [2a00:1450::1] example.com local.example notlocal.example internal.example.com localhost.example \
         home.arpa.example mylocal.dev lan.example mylan.dev example.homes my.home.dev private.example.com \
         notcorp.example"
        .split_ascii_whitespace()
    {
        assert!(!is_special_use(host), "{host}");
    }
}

#[test]
fn disguised_addresses_are_no_hosts() {
    for text in "https://2130706433/ https://0x7f.1/ https://127.1/ https://0177.0.0.1/ https://[::ffff:127.0.0.1]/ \
         https://[::127.0.0.1]/ https://[::ffff:7f00:1]/ https://[0:0::1]/ https://[::0001]/ \
         https://[2001:db8:0:0:0:0:0:1]/ https://[1:0::2:3:4:5:6:7]/ https://example.com./ https:///path \
         https://a..b/ https://[::1]x/"
        .split_ascii_whitespace()
    {
        assert_eq!(uri_error(text), Some(UriError::Host), "{text}");
    }
}

#[test]
fn hosts_are_compared_in_lower_case_and_rfc_5952_holds_in_any_case() {
    for (text, host) in [
        ("https://EXAMPLE.com:8443/x", "example.com"),
        ("https://[::1]/", "[::1]"),
        ("https://[2001:DB8::A]/", "[2001:db8::a]"),
        ("https://[::7f00:1]/", "[::7f00:1]"),
    ] {
        assert_eq!(web_uri(text).host().as_text(), host, "{text}");
    }
}

#[test]
fn scheme_with_a_wrong_character_is_named_as_such() {
    for (text, error) in [
        ("my_app://cb", UriError::SchemeCharacter('_')),
        ("com.example_app:/cb", UriError::SchemeCharacter('_')),
        ("my%20app:/cb", UriError::SchemeCharacter('%')),
        ("my_host:9000/cb", UriError::Relative),
        ("/cb_:x", UriError::Relative),
        ("1app://cb", UriError::Relative),
    ] {
        assert_eq!(uri_error(text), Some(error), "{text}");
    }
}

#[test]
fn segment_of_dots_is_seen_in_any_encoding_and_with_parameters() {
    for path in ["a/../b", "a/%2E./b", "a/.", "a/..;/b", "a/..;x=1/b", "a/%2e%2E%3Bx/b", "a/.;/b"] {
        assert_eq!(uri_error(&format!("https://h/{path}")), Some(UriError::DotSegment), "{path}");
    }
    for path in ["a/...;/b", "a;../b", ".well-known/x", "a?x=../b"] {
        assert_eq!(uri_error(&format!("https://h/{path}")), None, "{path}");
    }
}

#[test]
fn only_names_with_an_encoded_label_are_asked_for() {
    struct Nothing;
    impl HostNames for Nothing {
        fn is_unchanged(&self, _: &str) -> bool {
            false
        }
    }
    for (text, alike) in [
        ("https://xn--a/", false),
        ("https://A.XN--BCHER-KVA/", false),
        ("https://axn--.example/", true),
        ("https://[::1]/", true),
        ("https://example.com/", true),
    ] {
        assert_eq!(web_uri(text).host().is_read_alike(&Nothing), alike, "{text}");
    }
}

/// RFC 1035 §2.3.4.
#[test]
fn names_and_their_labels_have_a_length() {
    let label = |n: usize| "a".repeat(n);
    let name = |last: usize| [label(63), label(63), label(63), label(last)].join(".");
    assert_eq!((name(61).len(), name(62).len()), (253, 254));
    for (text, sound) in
        [(label(63), true), (label(64), false), (name(61), true), (name(62), false)]
    {
        assert_eq!(uri_error(&format!("https://{text}/")).is_none(), sound, "{text}");
    }
}

#[test]
fn ports_are_numbers_from_1_to_65535() {
    for port in ["", "0", "0443", "+443", "65536", "1a"] {
        assert_eq!(uri_error(&format!("https://h:{port}/")), Some(UriError::Port), "{port}");
    }
    assert_eq!(uri_error("https://[::1]:x/"), Some(UriError::Port));
    assert_eq!(web_uri("http://[::1]:8080/").origin(), "http://[::1]:8080");
}

#[test]
fn characters_that_parsers_repair_are_rejected() {
    for (text, bad) in [
        ("https://h\\@evil/", '\\'),
        ("https://h/\t", '\t'),
        ("https://h/ x", ' '),
        ("https://h/\u{0}", '\0'),
        ("https://ex\u{e4}mple/", '\u{e4}'),
        ("https://h/<x>", '<'),
    ] {
        assert_eq!(uri_error(text), Some(UriError::Character(bad)), "{text}");
    }
    for path in ["%", "%0", "%zz", "%00", "%0a"] {
        assert_eq!(uri_error(&format!("https://h/{path}")), Some(UriError::PercentEncoding));
    }
}

#[test]
fn only_http_and_https_can_be_looked_at() {
    for text in ["http://localhost:9000", "https://example.com/#top", "https://192.168.1.4:8123/"] {
        assert_eq!(web_uri(text).as_str(), text);
    }
    for (text, error) in [
        ("javascript:alert(1)", WebUriError::Scheme),
        ("data:text/html,x", WebUriError::Scheme),
        ("blob:https://x/y", WebUriError::Scheme),
        ("ftp://example.com/", WebUriError::Scheme),
        ("https://example.com/a/../b", UriError::DotSegment.into()),
        ("https://example.com/%2e?x", UriError::DotSegment.into()),
        ("http://h/..;/x", UriError::DotSegment.into()),
        ("example.com", UriError::Relative.into()),
        ("https://u@example.com", UriError::Userinfo.into()),
    ] {
        assert_eq!(WebUri::parse(text), Err(error), "{text}");
    }
    assert!(WebUri::parse("https://example.com/a?x=../b#../c").is_ok());
    assert_eq!(web_uri("https://a.example").origin(), web_uri("https://A.example:443/x").origin());
}

#[test]
fn origin_is_taken_only_as_browsers_write_it() {
    for text in "https://app.example https://app.example:8443 http://localhost:5173 http://[::1]:3000 http://[::1] \
         https://xn--bcher-kva.example capacitor://localhost chrome-extension://abcdefghijklmnop"
        .split_ascii_whitespace()
    {
        assert!(is_origin(text), "{text}");
    }
    for text in "https://app.example/ https://app.example/path https://app.example?x https://App.example \
         HTTPS://app.example https://app.example:443 http://app.example:80 https://app.example: \
         https://app.example:08 https://app.example:65536 https://app.example:+80 https://a@app.example \
         https://*.example https://b\u{fc}cher.example https://::1 https:// ://app.example app.example null *"
        .split_ascii_whitespace()
        .chain(["https://a b", ""])
    {
        assert!(!is_origin(text), "{text}");
    }
}

#[test]
fn misspelt_word_is_near_to_the_one_that_was_meant() {
    let known = ["openid", "email", "authorization_code", "client_credentials", "jwks", "jwks_uri"];
    for (text, expected) in [
        ("opnid", Some("openid")),
        ("OpenID", Some("openid")),
        ("authorisation_code", Some("authorization_code")),
        ("client_credential", Some("client_credentials")),
        ("jwk", Some("jwks")),
        ("jwksuri", Some("jwks_uri")),
        ("tls_client_auth", None),
        ("", None),
        ("password", None),
    ] {
        assert_eq!(nearest(text, known), expected, "{text}");
    }
    assert_eq!(nearest("openid", []), None);
}

#[test]
fn every_pattern_of_a_forbidden_scheme_is_lower_case_and_stands_once() {
    let mut all: Vec<&str> =
        FORBIDDEN_SCHEMES.iter().flat_map(|family| family.split_ascii_whitespace()).collect();
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "*+-.".contains(c);
    assert!(all.iter().all(|pattern| pattern.chars().all(sound)));
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
}
