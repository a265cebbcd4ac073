//! [`Registration`]: the response to a client (RFC 7591 §3.2.1, RFC 7592 §3). [`ClientDocument`]: what an
//! authorization server and an operator get to read about it.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::approval::{Approval, Status};
use super::provenance::Provenance;
use super::record::Record;
use super::uses::UseRecording;
use crate::vocabulary::{ClientSecret, RegistrationToken};

/// A client information response. Members that are absent are left out, never `null`.
#[derive(Debug, Serialize)]
pub struct Registration<'a> {
    /// The client's identifier: of a client with a hosted document its URL.
    pub client_id: &'a str,
    /// When it was registered, in seconds since 1970.
    pub client_id_issued_at: u64,
    /// When the registration ends by itself, in seconds since 1970; absent if never. An extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id_expires_at: Option<u64>,
    /// The secret, in the one answer that issues it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<&'a ClientSecret>,
    /// When the secret stops working, in seconds since 1970, 0 for never; only with a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<u64>,
    /// The token for the management of this registration; absent for a shared client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_access_token: Option<&'a RegistrationToken>,
    /// The absolute URI at which the registration is managed; absent for a shared client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_client_uri: Option<&'a str>,
    /// The status of a client that is not active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why the operator has rejected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<&'a str>,
    /// The members that its hosted document lacks for the profile of the Model Context Protocol.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub missing_for_mcp: &'a [&'static str],
    /// Every registered member. Written into the same object, not below a name.
    #[serde(skip)]
    pub metadata: &'a RawValue,
}

impl Registration<'_> {
    /// The JSON object.
    ///
    /// # Errors
    /// If it cannot be written, which only a defect could bring about.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(splice_members(serde_json::to_string(self)?, self.metadata))
    }
}

/// The JSON object `head` with the members of `metadata` behind its own.
#[must_use]
pub fn splice_members(mut head: String, metadata: &RawValue) -> String {
    let members = metadata.get().strip_prefix('{');
    if let Some(members) = members.filter(|rest| rest.trim_start() != "}") {
        head.pop();
        head.push(',');
        head.push_str(members);
    }
    head
}

/// Adds a member to the JSON object `document`, which has others.
///
/// # Errors
/// If the value cannot be written as JSON.
pub fn append_member(
    document: &mut String,
    name: &str,
    value: &impl Serialize,
) -> Result<(), serde_json::Error> {
    let member = format!(",\"{name}\":{}}}", serde_json::to_string(value)?);
    document.pop();
    document.push_str(&member);
    Ok(())
}

/// The reader of a document about a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The authorization server: only an active client has metadata for it.
    AuthorizationServer,
    /// The operator, who sees everything, and uses as far as the issuer records them.
    Operator(UseRecording),
}

/// A client for all readers but itself. Times are seconds since 1970. Its last member, `metadata`, is spliced in as it is
/// stored.
#[derive(Serialize)]
struct ClientDocument<'r> {
    kind: &'static str,
    client_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document_url: Option<&'r str>,
    status: Status,
    issued_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uses_recorded_since: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approval: Option<&'r Approval>,
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    shared: bool,
    self_asserted: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unverified: &'static [&'static str],
    provenance: &'r Provenance,
    version: &'r str,
}

/// The members with which the metadata are a whole client to other software.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "these are the names of RFC 7591, Section 3.2.1")]
struct MetadataHead<'r> {
    client_id: &'r str,
    client_id_issued_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u64>,
}

impl Record {
    /// The registered members that a specification wants verified and this server has not: the document at
    /// `sector_identifier_uri` is fetched only if the operator says so (OpenID Connect Core 1.0 §8.1).
    #[must_use]
    pub fn unverified(&self) -> &'static [&'static str] {
        const MEMBER: &str = "sector_identifier_uri";
        #[derive(Deserialize)]
        struct Part {
            sector_identifier_uri: Option<IgnoredAny>,
        }
        // Most clients have none: their metadata are not parsed for it.
        let has = !self.sector_verified
            && self.metadata().get().contains(MEMBER)
            && self
                .metadata
                .read::<Part>()
                .is_some_and(|part| part.sector_identifier_uri.is_some());
        if has { &[MEMBER] } else { &[] }
    }

    /// The document about this client for `audience`, as JSON.
    ///
    /// # Errors
    /// If it cannot be written, which only a defect could bring about.
    pub fn document_for(&self, audience: Audience) -> Result<String, serde_json::Error> {
        // Uses are left out for the authorization server, so that its copy stays right for a day.
        let (operator, recording) = match audience {
            Audience::AuthorizationServer => (false, UseRecording::Off),
            Audience::Operator(recording) => (true, recording),
        };
        let mut document = serde_json::to_string(&ClientDocument {
            kind: "registered",
            // The operator's requests name a client by its identifier.
            client_id: if operator { &self.client_id } else { self.public_id() },
            document_url: self.document_url().filter(|_| operator),
            status: self.status(),
            issued_at: self.issued_at,
            updated_at: self.updated_at,
            expires_at: self.expires_at(),
            last_used: self.last_used.filter(|_| recording.is_on()),
            uses_recorded_since: recording.start(self.uses_recorded_since),
            disabled_at: self.disabled_at.filter(|_| operator),
            approval: self.approval().filter(|_| operator),
            approved_at: self.approved_at.filter(|_| operator),
            shared: self.is_shared(),
            self_asserted: self.provenance.self_asserted,
            unverified: self.unverified(),
            provenance: &self.provenance,
            version: self.version.text(),
        })?;
        if operator || self.is_active() {
            let head = serde_json::to_string(&MetadataHead {
                client_id: self.public_id(),
                client_id_issued_at: self.issued_at,
                client_secret_expires_at: self.secrets.expires_at(),
            })?;
            document.pop();
            document.push_str(",\"metadata\":");
            document.push_str(&splice_members(head, self.metadata()));
            document.push('}');
        }
        Ok(document)
    }
}
