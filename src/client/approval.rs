//! Approval: a client that waits for the operator's decision, and what its status is until then.
//!
//! Where a policy asks for approval, a client is pending from its registration on, and again after an update that changes
//! what the operator has decided about: its names, redirect URIs or keys. Only an active client can be used. A rejected
//! client stays rejected, unless the operator approves it after all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::metadata::ClientMetadata;
use super::record::Record;
use crate::vocabulary::EntityTag;

/// The longest reason of a rejection, in bytes.
pub const LONGEST_REASON: usize = 200;

/// The approval that a client does not have. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Since when the client waits.
    pub since: u64,
    /// When the client ends unless it is approved before; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// When the operator rejected it; absent if the operator has not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_at: Option<u64>,
    /// The reason of the rejection, in the operator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The status of a client. Only an active one can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It works.
    Active,
    /// It waits for the operator's decision.
    Pending,
    /// The operator has rejected it.
    Rejected,
    /// The operator has disabled it.
    Disabled,
}

/// The members that an operator decides about: names in all languages, where users are sent, and keys, to which the subject
/// of a certificate belongs.
fn is_decided_about(name: &str) -> bool {
    let name = name.split('#').next().unwrap_or_default();
    let is_key = matches!(name, "jwks" | "jwks_uri" | "signed_jwks_uri");
    matches!(name, "client_name" | "redirect_uris")
        || is_key
        || name.starts_with("tls_client_auth_")
}

impl Record {
    /// Its status.
    #[must_use]
    pub fn status(&self) -> Status {
        match &self.approval {
            _ if self.disabled_at.is_some() => Status::Disabled,
            None => Status::Active,
            Some(Approval { rejected_at: None, .. }) => Status::Pending,
            Some(_) => Status::Rejected,
        }
    }

    /// Whether it can be used: by an authorization server, and with its secret.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status() == Status::Active
    }

    /// The approval that it does not have.
    #[must_use]
    pub fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }

    /// Lets it wait for approval from `now` on, for at most `ttl` seconds, 0 for ever.
    pub fn request_approval(&mut self, ttl: u64, now: u64) {
        let expires_at = (ttl != 0).then(|| now.saturating_add(ttl));
        let (rejected_at, reason) = (None, None);
        self.set_approval(Some(Approval { since: now, expires_at, rejected_at, reason }));
    }

    /// Approves it. The response to the client shows its status, so this is another version of it.
    pub fn approve(&mut self, version: EntityTag, now: u64) {
        self.set_approval(None);
        self.approved_at = Some(now);
        self.version = version;
    }

    /// Rejects it, if it waits; whether it does. Another version, too.
    pub fn reject(&mut self, reason: &str, version: EntityTag, now: u64) -> bool {
        let Some(approval) = &mut self.approval else { return false };
        approval.rejected_at = Some(now);
        approval.reason = Some(reason.to_owned());
        self.version = version;
        true
    }

    /// Whether `metadata` differ from what is registered in what an operator decides about.
    ///
    /// # Errors
    /// If the metadata cannot be written as JSON.
    pub fn needs_new_decision(&self, metadata: &ClientMetadata) -> Result<bool, serde_json::Error> {
        let decided = |mut members: Map<String, Value>| {
            members.retain(|name, _| is_decided_about(name));
            members
        };
        let new = serde_json::to_value(metadata)?.as_object().cloned().unwrap_or_default();
        Ok(decided(self.members()) != decided(new))
    }
}
