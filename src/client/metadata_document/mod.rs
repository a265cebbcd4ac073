//! Client ID Metadata Documents: the metadata of a client that is identified by the URL of its own document
//! (Client ID Metadata Document draft-02).
//!
//! A document is verified like a registration, by the same rules and policies. This module adds only the rules that
//! concern documents, and reports all problems together. It fetches nothing.

mod versions;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::metadata::ClientMetadata;
use super::policy::Policy;
use super::problem::{Pointer, Problem, Problems};
use super::raw::RawMetadata;
use super::rule::Rule;
use super::supported::Supported;
use super::table;
use crate::vocabulary::{
    AuthMethod, ClientUrl, ClientUrlError, ClientUrlRules, HostNames, Unicode, UriError,
};

pub use versions::{Change, ChangeKind, Changes, changes, redirects_version, version};

/// The rules that a document must meet besides those of a registration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentProfile {
    /// Those of the draft.
    Draft,
    /// Also those of the Model Context Protocol (2025-11-25, Authorization): `client_name` and `redirect_uris` are
    /// required, the path of the URL must not be `/`, and a missing authentication method means `none`.
    #[default]
    Mcp,
}

/// The reason why bytes cannot be used as a metadata document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentError {
    /// The bytes are not JSON in UTF-8, like the HTML page of a firewall, or a document that was cut off. The host failed
    /// to send the document, so this says nothing about the client. The problem tells where the first fault is.
    NotJson(Problem),
    /// The bytes are JSON, but no document that can be used: every problem.
    Invalid(Problems),
}

const CLIENT_ID: &str = "client_id";
const AUTH_METHOD: &str = "token_endpoint_auth_method";
const AUTH_METHODS: &str = "token_endpoint_auth_methods_supported";
/// Members that must not be in a document, whatever their value (draft-02 §4.1).
const SECRETS: [&str; 2] = ["client_secret", "client_secret_expires_at"];
/// The members that the Model Context Protocol requires; `client_id` is required in any document.
const MCP_MEMBERS: [&str; 2] = ["client_name", "redirect_uris"];

/// Reads a `client_id` that is the URL of a metadata document.
///
/// # Errors
/// The first rule that `text` breaks, as a problem of `client_id`.
pub fn read_client_url(
    text: &str,
    rules: ClientUrlRules,
    names: &dyn HostNames,
) -> Result<ClientUrl, Problem> {
    let problem = |error| Problem::new(Pointer::to(CLIENT_ID), text, Rule::ClientUrl(error));
    let url = ClientUrl::parse(text, rules).map_err(problem)?;
    let is_read_alike = url.is_read_alike(names);
    is_read_alike.then_some(url).ok_or_else(|| problem(ClientUrlError::Uri(UriError::Host)))
}

/// Reads and verifies `bytes`, the document at `url`. `supported` and `policies` are those of a registration. The points
/// of its keys ([`ClientMetadata::points`]) are still to be shown to Web Crypto.
///
/// A byte order mark is ignored, as RFC 8259 §8.1 allows: some hosts write one. Unknown members are ignored, and so are
/// `client_id_issued_at`, `registration_access_token` and `registration_client_uri`, which only a server assigns
/// (RFC 7591 §2).
///
/// # Errors
/// [`DocumentError::NotJson`] if the bytes are not JSON. Otherwise every problem: those of documents first, then
/// those of [`ClientMetadata::verify`].
pub fn read_document(
    bytes: &[u8],
    url: &ClientUrl,
    profile: DocumentProfile,
    supported: &Supported,
    policies: &[&Policy],
    unicode: &dyn Unicode,
) -> Result<ClientMetadata, DocumentError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut raw = RawMetadata::parse_with(bytes, &supported.extensions).map_err(|problem| {
        // The first fault may come before the end of what is JSON.
        if is_json(bytes) {
            DocumentError::Invalid(problem.into())
        } else {
            DocumentError::NotJson(problem)
        }
    })?;
    let mut problems = Problems::default();
    check_client_id(&raw, url, &mut problems);
    check_secrets(&mut raw, &mut problems);
    if profile == DocumentProfile::Mcp {
        check_mcp(&raw, url, &mut problems);
    }
    prefer_choices(&mut raw);
    if profile == DocumentProfile::Mcp {
        default_to_none(&mut raw);
    }
    match ClientMetadata::verify(raw, &for_documents(supported), policies, unicode, None) {
        Ok(metadata) if problems.is_empty() => return Ok(metadata),
        Ok(_) => {}
        Err(others) => problems.append(others),
    }
    Err(DocumentError::Invalid(problems))
}

/// Whether `bytes` are JSON in UTF-8, at any depth and with any numbers.
fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && serde_json::from_slice::<IgnoredAny>(bytes).is_ok()
}

/// Draft-02 §4: `client_id` MUST be the URL of the document, by simple string comparison.
fn check_client_id(raw: &RawMetadata, url: &ClientUrl, problems: &mut Problems) {
    let sent = raw.find(CLIENT_ID);
    if sent.and_then(Value::as_str) != Some(url.as_str()) {
        let shown = sent.and_then(Value::as_str).unwrap_or_default();
        let rule = Rule::DocumentClientId { url: url.as_str().to_owned() };
        problems.push(Problem::new(Pointer::to(CLIENT_ID), shown, rule));
    }
}

/// Draft-02 §4.1: no secret, and no method that is based on one. Such a method is taken out, so that the rest of the
/// document can be verified. None of the problems shows a secret.
fn check_secrets(raw: &mut RawMetadata, problems: &mut Problems) {
    for name in SECRETS.into_iter().filter(|name| raw.has_assigned(name)) {
        problems.push(Problem::new(Pointer::to(name), "", Rule::DocumentSecret));
    }
    // `client_secret_basic`, `client_secret_post`, `client_secret_jwt`.
    let symmetric = |method: &&str| method.starts_with("client_secret");
    if let Some(method) = raw.find(AUTH_METHOD).and_then(Value::as_str).filter(symmetric) {
        let rule = Rule::DocumentAuthMethod;
        problems.push(Problem::new(Pointer::to(AUTH_METHOD), method, rule));
        raw.remove(AUTH_METHOD);
    }
}

/// Model Context Protocol 2025-11-25, Authorization, "Client ID Metadata Documents".
fn check_mcp(raw: &RawMetadata, url: &ClientUrl, problems: &mut Problems) {
    if url.is_root() {
        problems.push(Problem::new(Pointer::to(CLIENT_ID), url.as_str(), Rule::McpPath));
    }
    for name in MCP_MEMBERS.into_iter().filter(|name| raw.find(name).is_none()) {
        problems.push(Problem::new(Pointer::to(name), "", Rule::McpRequired));
    }
}

/// A method that needs keys does not stay if the document has none and a list of methods to choose from (OpenID Connect
/// Relying Party Metadata Choices 1.0): then the list is searched for another method.
fn prefer_choices(raw: &mut RawMetadata) {
    let has_keys = raw.find("jwks").or(raw.find("jwks_uri")).is_some();
    let single = raw.find(AUTH_METHOD).and_then(Value::as_str).and_then(AuthMethod::parse);
    let has_list = raw.find("token_endpoint_auth_methods_supported").is_some_and(Value::is_array);
    if has_list && !has_keys && single.is_some_and(AuthMethod::needs_keys) {
        raw.remove(AUTH_METHOD);
    }
}

/// In the profile `mcp`, a document that names no method is of a public client. In the draft's profile the default is
/// that of [`ClientMetadata::verify`]: RFC 7591 §2 would say `client_secret_basic`, which a document must not have, so it
/// is `none`, or `private_key_jwt` where the server does not offer `none`.
fn default_to_none(raw: &mut RawMetadata) {
    let is_open = raw.find(AUTH_METHOD).is_none() && raw.find(AUTH_METHODS).is_none();
    if let Some(row) = table::find(AUTH_METHOD).filter(|_| is_open) {
        raw.replace(row, AuthMethod::None.as_str().into());
    }
}

/// `supported` with the authentication methods of documents only. A client that has keys and can do both should be
/// authenticated, so `private_key_jwt` comes first.
fn for_documents(supported: &Supported) -> Supported {
    let methods = [AuthMethod::PrivateKeyJwt, AuthMethod::None].into_iter();
    let auth_methods = methods.filter(|method| supported.auth_methods.contains(method)).collect();
    Supported { auth_methods, ..supported.clone() }
}
