//! How a record is encoded for the store: its JSON, its time to live, and the summary that lists show.

use super::{Records, RecordsError, StoredValue};
use crate::client::{Record, Summary};
use crate::runtime::{Clock, Entropy, Sealing};

/// A record as the store takes it.
pub struct EncodedRecord {
    pub(super) text: String,
    summary: String,
    ttl: Option<u32>,
}

impl EncodedRecord {
    pub(super) fn value(&self) -> StoredValue<'_> {
        StoredValue { text: &self.text, ttl: self.ttl, summary: Some(&self.summary) }
    }
}

impl<S, R: Clock + Entropy + Sealing> Records<'_, S, R> {
    /// Sets the expiry of `record` as the lifetimes say now, encrypts its secrets, and encodes it. The response is built
    /// from the record after this.
    ///
    /// # Errors
    /// [`RecordsError::Json`], and those of an encryption.
    pub async fn encode(&self, record: &mut Record) -> Result<EncodedRecord, RecordsError> {
        if self.are_sealed() {
            self.seal(record).await?;
        }
        let (lifetimes, now) = (self.lifetimes, self.runtime.now());
        record.keep_use_recording(lifetimes.use_recording(), now);
        record.renew(lifetimes.unused_client, lifetimes.idle_client, now);
        let summary = serde_json::to_string(&Summary::of(record))?;
        Ok(EncodedRecord { text: record.to_json()?, summary, ttl: record.ttl(now) })
    }
}
