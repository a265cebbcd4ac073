//! [`Summary`]: the part of a client that lists show. Stored with its record, so that a page of a list
//! reads no record.

use serde::{Deserialize, Serialize};

use super::record::Record;
use super::uses::{USE_SLACK, UseRecording};
use crate::vocabulary::Digest;

/// The longest name in it, in bytes: all of it has to stay below the 1,024 bytes that the store takes.
const NAME: usize = 200;
/// The longest of any other text in it, in bytes.
const LABEL: usize = 100;

/// A client in a list. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// `client_name`, shortened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// `token_endpoint_auth_method`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<String>,
    /// When it was registered.
    pub issued_at: u64,
    /// When it ends by itself; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// When it was last used, as far as that was recorded; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<u64>,
    /// Since when all its uses are recorded; absent if they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_recorded_since: Option<u64>,
    /// Since when it is disabled; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<u64>,
    /// Since when it waits for approval; absent if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_since: Option<u64>,
    /// When it was rejected; absent if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected_at: Option<u64>,
    /// Whether the client is shared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// Whether the client is self-asserted: registered without an initial access token.
    pub self_asserted: bool,
    /// The label of the initial access token it came in with, or its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_access_token: Option<String>,
    /// The issuer of the software statement that it came in with; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_issuer: Option<String>,
    /// [`name_software`] of the `software_id` of that statement; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<String>,
}

/// A digest of a `software_id`, so that a list finds it however long it is.
#[must_use]
pub fn name_software(software_id: &str) -> String {
    Digest::of(software_id).short_name()
}

impl Summary {
    /// The summary of `record`.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let listed = record.metadata.listed();
        let provenance = &record.provenance;
        let approval = record.approval();
        let rejected_at = approval.and_then(|approval| approval.rejected_at);
        let statement = provenance.statement.as_ref();
        let token = provenance.token.as_ref().map(|token| {
            let name = if token.label.is_empty() { &token.id } else { &token.label };
            // Both at their longest would be too much.
            shortened(name, if statement.is_some() { LABEL / 4 } else { LABEL })
        });
        let software_id = statement.and_then(|statement| statement.software_id.as_deref());
        Self {
            client_name: listed.client_name.as_deref().map(|name| shortened(name, NAME)),
            token_endpoint_auth_method: listed
                .token_endpoint_auth_method
                .as_deref()
                .map(|method| shortened(method, LABEL)),
            issued_at: record.issued_at,
            expires_at: record.expires_at(),
            last_used: record.last_used,
            uses_recorded_since: record.uses_recorded_since,
            disabled_at: record.disabled_at,
            pending_since: approval.filter(|_| rejected_at.is_none()).map(|one| one.since),
            rejected_at,
            shared: record.is_shared(),
            self_asserted: provenance.self_asserted,
            initial_access_token: token,
            statement_issuer: statement.map(|statement| shortened(&statement.iss, LABEL)),
            software: software_id.map(name_software),
        }
    }

    /// The summary for the operator: without uses while they are not recorded.
    #[must_use]
    pub fn shown_with(self, recording: UseRecording) -> Self {
        let last_used = self.last_used.filter(|_| recording.is_on());
        let uses_recorded_since = recording.start(self.uses_recorded_since);
        Self { last_used, uses_recorded_since, ..self }
    }

    /// Whether it certainly was not used since `time`, in seconds since 1970, and is older. A use is known to the day.
    #[must_use]
    pub fn unused_since(&self, time: u64) -> bool {
        let known = self.last_used.map_or(self.issued_at, |used| used.saturating_add(USE_SLACK));
        known < time && self.uses_recorded_since.is_some_and(|start| start <= time)
    }

    /// Whether it certainly was never used (`true`) or was used (`false`); `None` if that is not known.
    #[must_use]
    pub fn never_used(&self) -> Option<bool> {
        let recorded = self.uses_recorded_since.is_some_and(|start| start <= self.issued_at);
        match self.last_used {
            Some(_) => Some(false),
            None => recorded.then_some(true),
        }
    }
}

/// Without what JSON would write in six characters.
fn shortened(text: &str, bytes: usize) -> String {
    let mut text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.truncate(text.floor_char_boundary(bytes));
    text
}
