//! What must hold for any bytes. `tests/corpus.rs` holds it for the kept corpus on any toolchain;
//! `cargo fuzz` looks for bytes for which it does not.

use rollcall::client::{ClientMetadata, RawMetadata, Record};
use rollcall::issuer::{Config, Settings};
use rollcall::vocabulary::{HostNames, RedirectUri, Unicode};
use serde_json::Value;

/// The checks by the name of their target and corpus.
pub const TARGETS: [(&str, fn(&[u8])); 4] =
    [("body", body), ("redirect_uri", redirect_uri), ("jwks", jwks), ("record", record)];

thread_local! {
    static CONFIG: Config = {
        let servers = include_str!("../../tests/vectors/servers.json");
        let servers: Value = serde_json::from_str(servers).expect("the file is JSON");
        let issuer = Some(String::from("https://auth.example.com"));
        let metadata = servers["everything"].clone();
        Config::parse(Settings { issuer, metadata, ..Settings::default() })
            .expect("the file is a configuration")
    };
}

/// Host names as the `url` crate reads them.
struct UrlCrate;

impl HostNames for UrlCrate {
    fn is_unchanged(&self, name: &str) -> bool {
        let read = url::Url::parse(&format!("https://{name}/"));
        read.is_ok_and(|url| url.host_str() == Some(name))
    }
}

impl Unicode for UrlCrate {
    /// No policy reserves a name here, so no name is compared.
    fn decompose(&self, text: &str) -> String {
        text.to_owned()
    }
}

fn verified(body: &[u8]) -> Option<ClientMetadata> {
    CONFIG.with(|config| {
        let profile = config.issuers().first().and_then(|issuer| issuer.own_profile());
        let raw = RawMetadata::parse(body).ok()?;
        let supported = &profile.expect("an issuer is configured").supported;
        ClientMetadata::verify(raw, supported, &[], &UrlCrate, None).ok()
    })
}

/// A request body: refused or accepted, and what is accepted is accepted again, unchanged.
pub fn body(bytes: &[u8]) {
    if let Some(metadata) = verified(bytes) {
        let json = serde_json::to_string(&metadata).expect("metadata is JSON");
        let again = verified(json.as_bytes()).expect("accepted metadata is accepted again");
        assert_eq!(serde_json::to_string(&again).expect("metadata is JSON"), json);
    }
}

/// A redirect URI: kept as it is, and a WHATWG parser sees the same scheme and host in it.
pub fn redirect_uri(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(uri) = RedirectUri::parse(text) else { return };
    assert_eq!(uri.as_str(), text);
    assert!(uri.matches(text));
    if let Some(host) = uri.host().filter(|host| host.is_read_alike(&UrlCrate)) {
        let theirs = url::Url::parse(text).expect("a URL for WHATWG too");
        assert_eq!(theirs.host_str(), Some(&*host.to_string()));
    }
}

/// A `jwks` in a registration that needs one.
pub fn jwks(bytes: &[u8]) {
    let head = br#"{"redirect_uris":["https://a.example/"],"token_endpoint_auth_method":"private_key_jwt","jwks":"#;
    body(&[head, bytes, b"}"].concat());
}

/// Stored bytes.
pub fn record(bytes: &[u8]) {
    if let Ok(record) = Record::parse(bytes) {
        record.to_json().expect("a record is JSON");
    }
}
