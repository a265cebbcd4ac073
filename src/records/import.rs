//! Records from another deployment, or from before a deletion.

use super::ledger::{LedgerReply, Ledgers, Writer};
use super::{Key, Records, RecordsError, Store};
use crate::client::Record;
use crate::runtime::{Clock, Entropy, Sealing};
use crate::vocabulary::ClientId;

/// The outcome of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// The record is stored.
    Imported,
    /// There is such a client: it stays as it is.
    Existing,
    /// The client was deleted here, which is final.
    Deleted,
    /// The record has expired.
    Expired,
}

impl<S: Store, R: Clock + Entropy + Ledgers + Sealing> Records<'_, S, R> {
    /// Stores a record that was exported, unless its client exists or was deleted here.
    ///
    /// # Errors
    /// [`RecordsError`]
    pub async fn import(
        &self,
        client_id: &ClientId,
        mut record: Record,
    ) -> Result<Import, RecordsError> {
        if record.has_expired(self.runtime.now()) {
            return Ok(Import::Expired);
        }
        // The client may have been used elsewhere after the export.
        record.forget_use_recording();
        // Asked by a list: KV would cache that a key is absent for a minute.
        if !self.list(client_id.as_str(), 1, None).await?.keys.is_empty() {
            return Ok(Import::Existing);
        }
        // Versions before 0.2.0 wrote tombstones into KV.
        if self.read(&Key::tombstone(self.issuer, client_id), None).await?.is_some() {
            return Ok(Import::Deleted);
        }
        let seen = record.latest_write().saturating_sub(1);
        let operator = Writer::Operator;
        let mut reply = self.announce_and_write(client_id, seen, &mut record, operator).await?;
        if let LedgerReply::Newer { record, is_stored: false } = &reply {
            // An import that failed has left this: store it now.
            let mut kept = Record::parse_of(client_id, record.as_bytes())?;
            let seen = kept.latest_write();
            reply = self.announce_and_write(client_id, seen, &mut kept, operator).await?;
        }
        Ok(match reply {
            LedgerReply::Granted => Import::Imported,
            LedgerReply::Deleted => Import::Deleted,
            // A list does not show yet what was written a moment ago, or is being written.
            LedgerReply::Newer { .. } | LedgerReply::Busy => Import::Existing,
        })
    }
}
