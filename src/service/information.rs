//! The client information response (RFC 7591 §3.2.1, RFC 7592 §3), the answer to all but a deletion.

use super::Error;
use crate::client::{
    Record, RecordError, Registration, STATEMENT_NOTES, StatementNote, Status, append_member,
};
use crate::issuer::Issuer;
use crate::records::RecordsError;
use crate::vocabulary::{ClientId, ClientSecret, EntityTag, RegistrationToken};

/// The response to a client about its registration.
pub struct Information {
    /// The client's identifier, also where its `client_id` is a URL.
    pub client_id: ClientId,
    /// Which state of the metadata this is, for a later `If-Match`.
    pub version: EntityTag,
    /// The absolute URI at which it is managed; `None` for a shared client.
    pub registration_client_uri: Option<String>,
    /// The response as JSON.
    pub document: String,
    /// Whether the client waits for the operator's approval.
    pub is_pending: bool,
    /// Whether the client was there before: it is a shared one.
    pub is_repeat: bool,
    /// Whether this use of the client has to be recorded.
    pub use_is_unrecorded: bool,
}

impl Information {
    /// Adds what a software statement has changed. Only the response to the request with the statement has it.
    pub(super) fn with_notes(mut self, notes: &[StatementNote]) -> Result<Self, Error> {
        if !notes.is_empty() {
            append_member(&mut self.document, STATEMENT_NOTES, &notes)?;
        }
        Ok(self)
    }

    /// Writes the response. `token` is the one that works from now on; `secret` is there only where
    /// it has just been issued: what is kept is a digest.
    pub(super) fn of(
        issuer: &Issuer,
        record: &Record,
        token: &RegistrationToken,
        secret: Option<&ClientSecret>,
    ) -> Result<Self, Error> {
        Self::write(issuer, record, Some(token), secret)
    }

    /// Writes the response about a shared client, to anybody with its metadata.
    pub(super) fn shared(issuer: &Issuer, record: &Record) -> Result<Self, Error> {
        Self::write(issuer, record, None, None)
    }

    fn write(
        issuer: &Issuer,
        record: &Record,
        token: Option<&RegistrationToken>,
        secret: Option<&ClientSecret>,
    ) -> Result<Self, Error> {
        let client_id = ClientId::parse(&record.client_id)
            .ok_or(RecordsError::Record(RecordError::Misplaced))?;
        let is_bound = record.provenance.is_bound();
        let registration_client_uri =
            token.map(|_| issuer.registration_client_uri(&client_id, is_bound));
        let status = record.status();
        let document = Registration {
            client_id: record.public_id(),
            client_id_issued_at: record.issued_at,
            client_id_expires_at: record.expires_at(),
            client_secret: secret,
            client_secret_expires_at: record.secrets.expires_at(),
            registration_access_token: token,
            registration_client_uri: registration_client_uri.as_deref(),
            status: Some(status).filter(|status| *status != Status::Active),
            status_reason: record.approval().and_then(|approval| approval.reason.as_deref()),
            missing_for_mcp: &record.missing_for_mcp(),
            metadata: record.metadata(),
        }
        .to_json()?;
        let version = record.version.clone();
        let is_pending = status == Status::Pending;
        Ok(Self {
            client_id,
            version,
            registration_client_uri,
            document,
            is_pending,
            is_repeat: false,
            use_is_unrecorded: false,
        })
    }
}
