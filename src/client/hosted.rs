//! Hosted documents: the metadata of a registered client as a Client ID Metadata Document (draft-02) that everyone may read.
//!
//! The `client_id` of such a client is the URL of its document. The record keeps the URL as it was issued, under the short
//! identifier, so that a new `DOCUMENT_BASE` does not change the `client_id` of a client. The document is made from the
//! record at each request. What keeps a client from having one is checked when it registers: a method with a secret, and a
//! document that is too long.

use serde_json::{Map, Value};

use super::check::Checker;
use super::metadata::ClientMetadata;
use super::problem::{Pointer, Problem, Problems};
use super::raw::RawMetadata;
use super::record::Record;
use super::rule::Rule;
use super::supported::Supported;
use super::table::{self, Default, Kind, Member, Property};
use crate::vocabulary::{AuthMethod, json_text};

/// The longest document, in bytes: authorization servers read no more (draft-02 §8.7).
pub const LONGEST: usize = 5_120;
/// The methods that a document can describe: everyone can read it (draft-02 §4.1).
pub const METHODS: [AuthMethod; 2] = [AuthMethod::None, AuthMethod::PrivateKeyJwt];
/// The members without which a document is valid under the draft, but not under the profile of the Model Context Protocol.
const OF_MCP: [&str; 2] = ["client_name", "redirect_uris"];
const AUTH_METHOD: &str = "token_endpoint_auth_method";

/// The reason why `member` is in no hosted document, whatever its value; `None` for a member that is in some.
#[must_use]
pub fn omission(member: &Member) -> Option<&'static str> {
    match member.kind {
        _ if member.name == "client_id" => None,
        Kind::ServerAssigned => {
            Some("only the server assigns it, and it is between the server and the client")
        }
        Kind::Choices { .. } => Some("the choice is made: the single member has the value"),
        Kind::SoftwareStatement => Some("whoever has the statement can register with it elsewhere"),
        _ if member.has(Property::CertificateSubject) => {
            Some("it is for a method that no hosted document has")
        }
        _ if member.name == "contacts" => Some("it has the addresses of people"),
        _ => None,
    }
}

/// The reason why the registered member `name` is in no hosted document with this `value`; `None` for a member that is.
#[must_use]
pub fn omission_of(name: &str, value: &Value) -> Option<&'static str> {
    let Some((member, _)) = table::find_localized(name) else {
        return Some("only your deployment knows what they mean");
    };
    let is_insecure = member.kind == Kind::WebUri
        && !value
            .as_str()
            .and_then(|uri| uri.get(..6))
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
    let is_default = member.default == Default::False && *value == Value::Bool(false);
    let reason = match (is_insecure, is_default) {
        (true, _) => Some("servers reject a whole document for one"),
        (_, true) => Some(
            "absence means the same, and some servers reject the names of features that they do not have",
        ),
        (false, false) => None,
    };
    omission(member).or(reason)
}

/// The document at `url` of a client with these registered `members`, as JSON.
fn write(url: &str, mut members: Map<String, Value>) -> String {
    members.retain(|name, value| omission_of(name, value).is_none());
    members.insert("client_id".to_owned(), url.into());
    json_text(&members.into())
}

impl Supported {
    /// The same for clients that have a hosted document, at a URL of so many bytes.
    #[must_use]
    pub fn for_hosted(&self, url_bytes: usize) -> Self {
        let mut hosted = self.clone();
        hosted.auth_methods.retain(|method| METHODS.contains(method));
        hosted.document_url_bytes = Some(url_bytes);
        hosted
    }
}

impl RawMetadata {
    /// Takes out a method that a document cannot describe, so that the rest can be verified.
    pub(super) fn reject_undocumented_method(&mut self, problems: &mut Problems) {
        let sent = self.find(AUTH_METHOD).and_then(Value::as_str);
        let is_other =
            |text: &&str| AuthMethod::parse(text).is_some_and(|method| !METHODS.contains(&method));
        if let Some(text) = sent.filter(is_other) {
            problems.push(Problem::new(Pointer::to(AUTH_METHOD), text, Rule::HostedAuthMethod));
            self.remove(AUTH_METHOD);
        }
    }
}

/// Draft-02 §8.7: a client whose document no server would read cannot register.
pub(super) fn check_length(metadata: &ClientMetadata, checker: &mut Checker<'_>) {
    let Some(url_bytes) = checker.supported.document_url_bytes else { return };
    let members = serde_json::to_value(metadata).ok();
    let members = members.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
    let bytes = write(&"u".repeat(url_bytes), members).len();
    if bytes > LONGEST {
        checker.reject::<()>(Pointer::to(""), "", Rule::HostedLength { bytes });
    }
}

impl Record {
    /// Makes `url` its `client_id`.
    pub fn identify_by(&mut self, url: String) {
        self.document_url = Some(url);
        self.set_version();
    }

    /// The URL of its document, if that is its `client_id`.
    #[must_use]
    pub fn document_url(&self) -> Option<&str> {
        self.document_url.as_deref()
    }

    /// The `client_id` that others know it by: the URL of its document, or else its identifier.
    #[must_use]
    pub fn public_id(&self) -> &str {
        self.document_url.as_deref().unwrap_or(&self.client_id)
    }

    /// The document at its URL, as JSON; `None` for a client without one, and for one that is not active.
    #[must_use]
    pub fn hosted_document(&self) -> Option<String> {
        let url = self.document_url().filter(|_| self.is_active())?;
        Some(write(url, self.members()))
    }

    /// The members without which its document is not one of the Model Context Protocol's; empty for a client without a
    /// document.
    #[must_use]
    pub fn missing_for_mcp(&self) -> Vec<&'static str> {
        if self.document_url.is_none() {
            return Vec::new();
        }
        let members = self.members();
        list_missing(|name| members.contains_key(name))
    }
}

impl ClientMetadata {
    /// The members without which a document of this client would not be one of the Model Context Protocol's.
    #[must_use]
    pub fn missing_for_mcp(&self) -> Vec<&'static str> {
        list_missing(|name| match name {
            "redirect_uris" => !self.redirect_uris.is_empty(),
            _ => self.passive.find(name).is_some(),
        })
    }
}

/// The members of [`OF_MCP`] that a client lacks.
fn list_missing(has: impl Fn(&str) -> bool) -> Vec<&'static str> {
    OF_MCP.into_iter().filter(|name| !has(name)).collect()
}
