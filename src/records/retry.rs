//! Retries: what fails for a moment is attempted again, inside a budget of five seconds.
//!
//! KV takes one write per second and key, and answers a second one with a conflict. After a conflict the next attempt
//! comes a second later, then two seconds later, each with up to a quarter of a second of jitter, so that two writers
//! who met do not meet again. Any other failure is attempted once more after a tenth of a second: a failure of the
//! network is over by then, or not worth waiting for. An attempt that does not fit into the budget is not made, and the
//! last error is returned. A write that failed may still have been done, so only operations that may be done
//! twice are retried.

use super::{Key, Records, Store, StoreError, StoredValue};
use crate::runtime::{Clock, Entropy};

/// How long attempts go on, in milliseconds since the first one.
const BUDGET_MS: u64 = 5_000;
/// KV takes one write per second and key.
const AFTER_CONFLICT_MS: u64 = 1_000;
/// The pause after any other failure.
const AFTER_FAILURE_MS: u64 = 100;

/// Decides whether there is another attempt, and waits for it.
pub(super) struct Retry<'r, R> {
    runtime: &'r R,
    started: u64,
    conflicts: u32,
    has_failed: bool,
}

impl<'r, R: Clock + Entropy> Retry<'r, R> {
    /// Starts the budget.
    pub fn new(runtime: &'r R) -> Self {
        Self { runtime, started: runtime.milliseconds(), conflicts: 0, has_failed: false }
    }

    /// Waits until it is time for another attempt after `error`; `false` if there is none.
    pub async fn after(&mut self, error: &StoreError) -> bool {
        match error {
            StoreError::Conflict => self.after_conflict().await,
            StoreError::Unavailable(_) if !self.has_failed => {
                self.has_failed = true;
                self.pause(AFTER_FAILURE_MS).await
            }
            StoreError::Unavailable(_) | StoreError::Cursor => false,
        }
    }

    /// The same after a meeting with another writer.
    pub async fn after_conflict(&mut self) -> bool {
        let pause = AFTER_CONFLICT_MS.checked_shl(self.conflicts).unwrap_or(BUDGET_MS);
        self.conflicts = self.conflicts.saturating_add(1);
        self.pause(pause).await
    }

    async fn pause(&self, milliseconds: u64) -> bool {
        let pause = milliseconds.saturating_add(jitter(self.runtime));
        let spent = self.runtime.milliseconds().saturating_sub(self.started);
        if spent.saturating_add(pause) > BUDGET_MS {
            return false;
        }
        self.runtime.sleep(pause).await;
        true
    }
}

/// Up to a quarter of a second.
fn jitter(entropy: &impl Entropy) -> u64 {
    let mut byte = [0];
    // Without randomness two writers may meet again, which is only another conflict.
    let _ = entropy.fill(&mut byte);
    u64::from(u8::from_le_bytes(byte))
}

impl<S: Store, R: Clock + Entropy> Records<'_, S, R> {
    /// Does `operation`, and again after a failure.
    pub(super) async fn retry<T>(
        &self,
        operation: impl AsyncFn() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut retry = Retry::new(self.runtime);
        loop {
            let done = operation().await;
            match &done {
                Err(error) if retry.after(error).await => {}
                _ => return done,
            }
        }
    }

    /// [`Store::get`], with retries.
    pub(super) async fn read(
        &self,
        key: &Key,
        cache_ttl: Option<u32>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.retry(async || self.store.get(key, cache_ttl).await).await
    }

    /// [`Store::put`], with retries: for values that have one writer, or the same value from all writers.
    pub(super) async fn write(&self, key: &Key, value: StoredValue<'_>) -> Result<(), StoreError> {
        self.retry(async || self.store.put(key, value).await).await
    }

    /// [`Store::delete`], with retries.
    pub(super) async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.retry(async || self.store.delete(key).await).await
    }
}
