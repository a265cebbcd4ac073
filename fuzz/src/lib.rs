//! What must hold for any bytes. `tests/corpus.rs` holds it for the kept corpus on any toolchain;
//! `scripts/fuzz.mjs` looks for bytes for which it does not.

#[path = "../../tests/support/host_names.rs"]
mod host_names;
#[path = "../../tests/support/reading.rs"]
mod reading;

use host_names::Uts46;
use reading::{with_allowed_changes, without_default_port};
use rollcall::client::{ClientMetadata, RawMetadata, Record};
use rollcall::issuer::{Config, Settings};
use rollcall::vocabulary::{
    ClientUrl, ClientUrlRules, HostNames, RedirectUri, Unicode, WebUri, is_origin,
};
use serde_json::Value;

/// The checks by the name of their target and corpus.
pub const TARGETS: [(&str, fn(&[u8])); 4] =
    [("body", body), ("uri", uri), ("jwks", jwks), ("record", record)];

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

/// What the runtime knows of Unicode.
struct Names;

impl HostNames for Names {
    fn is_unchanged(&self, name: &str) -> bool {
        Uts46.is_unchanged(name)
    }
}

impl Unicode for Names {
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
        ClientMetadata::verify(raw, supported, &[], &Names, None).ok()
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

/// A URI: kept as it is, and a WHATWG parser makes only the four changes that are allowed.
pub fn uri(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = url::Url::parse(text);
    if let Ok(uri) = RedirectUri::parse(text) {
        assert_eq!(uri.as_str(), text);
        assert!(uri.matches(text));
        assert_eq!(read.as_ref().map(url::Url::as_str), Ok(&*with_allowed_changes(text)));
    }
    if let Ok(uri) = WebUri::parse(text) {
        assert_eq!(uri.as_str(), text);
        assert_eq!(read.as_ref().map(url::Url::as_str), Ok(&*with_allowed_changes(text)));
        assert!(with_allowed_changes(text).starts_with(uri.origin()));
    }
    let rules = ClientUrlRules { allow_query: true, allow_loopback: true };
    if let Ok(url) = ClientUrl::parse(text, rules) {
        assert_eq!(url.as_str(), text);
        assert_eq!(read.as_ref().map(url::Url::as_str), Ok(&*without_default_port(text)));
    }
    if is_origin(text) {
        let read = read.expect("an origin is a URL");
        assert_eq!(read.as_str().trim_end_matches('/'), text);
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
