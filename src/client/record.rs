//! [`Record`]: a registration as it is stored. `docs/storage-schema.md` shows one,
//! `docs/lifecycle.md` says what happens to it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::approval::Approval;
use super::metadata::ClientMetadata;
use super::provenance::Provenance;
use super::secrets::Secrets;
use super::stored::StoredMetadata;
use crate::vocabulary::{AuthMethod, ClientId, Digest, EntityTag, RegistrationToken, json_text};

/// The schema version this program writes.
const VERSION: u32 = 3;
/// That of a client that an earlier program would get wrong: without the approval that it needs it would be taken for an
/// active one, identified by a URL or shared it would lose that, and so would a client the sealed secret that it cannot do
/// without; bound to a certificate it could be managed without, and without its software statement it would follow other policies.
const LATEST_VERSION: u32 = 4;

/// A registration at rest: digests instead of credentials, the metadata as it is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Schema version.
    pub(super) v: u32,
    /// The client's identifier.
    pub client_id: String,
    /// The URL of its hosted document, which is the `client_id` that others know; absent for other clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) document_url: Option<String>,
    /// When it was registered, in seconds since 1970.
    pub issued_at: u64,
    /// When its metadata were last replaced, in seconds since 1970; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<u64>,
    /// When it ends by itself, in seconds since 1970; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<u64>,
    /// When it ends unless it is used before, in seconds since 1970; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) idle_expires_at: Option<u64>,
    /// When an authorization server last asked for it, in seconds since 1970, up to a day too
    /// early; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<u64>,
    /// Since when all its uses are recorded, in seconds since 1970; absent if they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_recorded_since: Option<u64>,
    /// Since when it is disabled, in seconds since 1970; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<u64>,
    /// Whether the document at its `sector_identifier_uri` was fetched, and lists its redirect URIs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sector_verified: bool,
    /// Whether all clients with these metadata are this one. It has no token.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) shared: bool,
    /// The approval that it waits for; absent if it needs none or has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) approval: Option<Approval>,
    /// When the operator last approved it, in seconds since 1970; absent if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<u64>,
    /// How often it was changed, uses not counted.
    #[serde(default)]
    pub changes: u64,
    /// The number of its latest write, recorded uses counted; absent if it was never written again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) writes: Option<u64>,
    /// How it came in. Records of schema version 1 do not say: they are self-asserted.
    #[serde(default = "self_asserted")]
    pub provenance: Provenance,
    /// Which state of the metadata this is; another one after every update.
    #[serde(default = "first_version")]
    pub version: EntityTag,
    /// The client secrets.
    pub secrets: Secrets,
    /// The registration access tokens that work: at most two, the newest last; none of a shared client.
    pub(super) tokens: Vec<Digest>,
    /// The verified metadata.
    pub(super) metadata: StoredMetadata,
}

fn self_asserted() -> Provenance {
    Provenance { self_asserted: true, ..Provenance::default() }
}

/// Records of schema version 1 had no version of their own, and were never updated.
fn first_version() -> EntityTag {
    EntityTag::of("1")
}

/// Why stored bytes are not the record of a client.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Written by a later version of this program, which must not be guessed at or overwritten.
    #[error("the record has the later schema version {version}")]
    Newer {
        /// Its schema version.
        version: u32,
    },
    /// Not a record at all. What else the parser says could quote the record.
    #[error("the record cannot be read at line {}, column {}", .reason.line(), .reason.column())]
    Corrupt {
        /// The parser's error.
        reason: serde_json::Error,
    },
    /// The record of another client.
    #[error("the record is another client's")]
    Misplaced,
}

impl Record {
    /// Makes the record of a new registration.
    ///
    /// # Errors
    /// If the metadata cannot be written as JSON.
    pub fn new(
        client_id: &ClientId,
        issued_at: u64,
        version: EntityTag,
        provenance: Provenance,
        token: &RegistrationToken,
        metadata: &ClientMetadata,
    ) -> Result<Self, serde_json::Error> {
        let mut record = Self {
            v: VERSION,
            client_id: client_id.as_str().to_owned(),
            document_url: None,
            issued_at,
            updated_at: None,
            expires_at: None,
            idle_expires_at: None,
            last_used: None,
            uses_recorded_since: None,
            disabled_at: None,
            sector_verified: false,
            shared: false,
            approval: None,
            approved_at: None,
            changes: 0,
            writes: None,
            provenance,
            version,
            secrets: Secrets::default(),
            tokens: vec![token.digest()],
            metadata: StoredMetadata::new(metadata)?,
        };
        record.set_version();
        Ok(record)
    }

    /// Sets the approval that it does not have, and the schema version that says so.
    pub(super) fn set_approval(&mut self, approval: Option<Approval>) {
        self.approval = approval;
        self.set_version();
    }

    /// Sets the schema version that this record needs.
    pub fn set_version(&mut self) {
        let is_new = self.approval.is_some()
            || self.document_url.is_some()
            || self.shared
            || self.provenance.statement.is_some()
            || self.provenance.is_bound()
            || self.secrets.are_sealed() && self.needs_plain_secret();
        self.v = if is_new { LATEST_VERSION } else { VERSION };
    }

    /// The bytes to store.
    ///
    /// # Errors
    /// If the record cannot be written as JSON.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads stored bytes of any version ever written.
    ///
    /// # Errors
    /// [`RecordError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
        }
        match serde_json::from_slice::<Self>(bytes) {
            Ok(record) if record.v > LATEST_VERSION => {
                Err(RecordError::Newer { version: record.v })
            }
            Ok(record) if record.v == 0 => {
                let reason = serde::de::Error::custom("there is no schema version 0");
                Err(RecordError::Corrupt { reason })
            }
            Ok(mut record) => {
                record.set_version();
                Ok(record)
            }
            Err(reason) => match serde_json::from_slice::<Versioned>(bytes) {
                Ok(other) if other.v > LATEST_VERSION => {
                    Err(RecordError::Newer { version: other.v })
                }
                _ => Err(RecordError::Corrupt { reason }),
            },
        }
    }

    /// Reads the record of `client_id`.
    ///
    /// # Errors
    /// [`RecordError`]
    pub fn parse_of(client_id: &ClientId, bytes: &[u8]) -> Result<Self, RecordError> {
        let record = Self::parse(bytes)?;
        let own = record.client_id == client_id.as_str();
        own.then_some(record).ok_or(RecordError::Misplaced)
    }

    /// All registered members.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        self.metadata.read().unwrap_or_default()
    }

    /// Sets how it came in, or stays.
    pub fn set_provenance(&mut self, provenance: Provenance) {
        self.provenance = provenance;
        self.set_version();
    }

    /// Records the rules of policies that the operator has overridden for these metadata.
    pub fn note_overrides(&mut self, rules: &[String]) {
        self.provenance.overridden = rules.to_vec();
    }

    /// Whether the registered member `name` has the value `wanted`, or lists it. Numbers and flags are compared as JSON.
    #[must_use]
    pub fn has_member(&self, name: &str, wanted: &str) -> bool {
        match self.members().get(name) {
            Some(Value::String(text)) => text == wanted,
            Some(Value::Array(list)) => list.iter().any(|text| text == wanted),
            Some(value) => json_text(value) == wanted,
            None => false,
        }
    }

    /// Counts a change.
    pub fn count_change(&mut self) {
        self.changes = self.changes.saturating_add(1);
    }

    /// The number of its latest write. Records that do not say so were written once for each change.
    #[must_use]
    pub fn latest_write(&self) -> u64 {
        self.writes.map_or(self.changes, |number| number.max(self.changes))
    }

    /// Numbers the write that this record is going to be.
    pub fn number_write(&mut self, number: u64) {
        self.writes = Some(number);
    }

    /// The verified metadata as JSON text.
    #[must_use]
    pub fn metadata(&self) -> &RawValue {
        self.metadata.text()
    }

    /// The `token_endpoint_auth_method` that is registered; `None` for one that is not known here.
    #[must_use]
    pub fn auth_method(&self) -> Option<AuthMethod> {
        AuthMethod::parse(self.metadata.listed().token_endpoint_auth_method.as_deref()?)
    }

    /// Whether an authorization server needs the plain secret of this client: for `client_secret_jwt`, or for an algorithm
    /// with a shared key. True too for a few clients that have these words as other values.
    #[must_use]
    pub fn needs_plain_secret(&self) -> bool {
        // At each reading of a record: the metadata are not parsed for it.
        let text = self.metadata().get();
        ["\"client_secret_jwt\"", "\"HS256\"", "\"HS384\"", "\"HS512\""]
            .iter()
            .any(|value| text.contains(value))
    }

    /// The registered redirect URIs, byte for byte.
    #[must_use]
    pub fn redirect_uris(&self) -> Vec<String> {
        #[derive(Deserialize)]
        struct Part {
            #[serde(default)]
            redirect_uris: Vec<String>,
        }
        self.metadata.read::<Part>().map(|part| part.redirect_uris).unwrap_or_default()
    }

    /// Puts `metadata` in the place of what was registered.
    ///
    /// # Errors
    /// If the metadata cannot be written as JSON.
    pub fn replace_metadata(
        &mut self,
        metadata: &ClientMetadata,
        version: EntityTag,
        now: u64,
    ) -> Result<(), serde_json::Error> {
        self.metadata = StoredMetadata::new(metadata)?;
        self.sector_verified = false;
        self.version = version;
        self.updated_at = Some(now);
        Ok(())
    }
}
