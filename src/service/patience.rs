//! The store as an [`App`] uses it: another try where it fails for a moment, inside a time budget.

use super::App;
use super::ports::{Clock, Entropy, Host, Key, Page, Store, StoreError, Value};

/// How long something may be tried again, in milliseconds since the first try.
const BUDGET_MS: u64 = 5_000;
/// The store takes one write a second for each key.
const AFTER_CONFLICT_MS: u64 = 1_000;
/// A failure of the network is over in a moment, or not worth waiting for.
const AFTER_FAILURE_MS: u64 = 100;

/// Decides about another try: after a conflict there is one in a second, then in two; after any other
/// failure one more at once.
pub(super) struct Patience<'h, H> {
    host: &'h H,
    started: u64,
    conflicts: u32,
    failures: u32,
}

impl<'h, H: Clock + Entropy> Patience<'h, H> {
    /// Begins now.
    pub fn new(host: &'h H) -> Self {
        Self { host, started: host.milliseconds(), conflicts: 0, failures: 0 }
    }

    /// Waits until it is time for another try.
    ///
    /// # Errors
    /// The `error` that it was asked about, if no other try fits into the budget.
    pub async fn wait(&mut self, error: StoreError) -> Result<(), StoreError> {
        let (count, pause) = match error {
            StoreError::Conflict => (&mut self.conflicts, AFTER_CONFLICT_MS),
            StoreError::Unavailable(_) if self.failures == 0 => {
                (&mut self.failures, AFTER_FAILURE_MS)
            }
            StoreError::Unavailable(_) | StoreError::Cursor => return Err(error),
        };
        let pause =
            pause.checked_shl(*count).unwrap_or(BUDGET_MS).saturating_add(jitter(self.host));
        *count = count.saturating_add(1);
        let spent = self.host.milliseconds().saturating_sub(self.started);
        if spent.saturating_add(pause) > BUDGET_MS {
            return Err(error);
        }
        self.host.sleep(pause).await;
        Ok(())
    }
}

/// Up to a quarter of a second, so that two writers who met do not meet again.
fn jitter(entropy: &impl Entropy) -> u64 {
    let mut byte = [0];
    // Without randomness they may meet again, which is no more than another conflict.
    let _ = entropy.fill(&mut byte);
    u64::from(u8::from_le_bytes(byte))
}

/// One operation of the store that may be done twice.
#[derive(Clone, Copy)]
enum Operation<'o> {
    Get { cache_ttl: Option<u32> },
    Put(Value<'o>),
    Delete,
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// [`Store::get`], patiently.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.persist(key, Operation::Get { cache_ttl: None }).await
    }

    /// The same, from what a location may remember for `cache_ttl` seconds.
    pub(super) async fn get_cached(
        &self,
        key: &Key,
        cache_ttl: Option<u32>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.persist(key, Operation::Get { cache_ttl }).await
    }

    /// [`Store::list`], with one more try.
    pub(super) async fn list(
        &self,
        prefix: &Key,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page, StoreError> {
        match self.store.list(prefix, limit, cursor).await {
            Err(StoreError::Unavailable(_)) => self.store.list(prefix, limit, cursor).await,
            done => done,
        }
    }

    /// [`Store::put`], patiently: for values that nobody else writes, or all write alike.
    pub(super) async fn put(&self, key: &Key, value: Value<'_>) -> Result<(), StoreError> {
        self.persist(key, Operation::Put(value)).await.map(drop)
    }

    /// [`Store::delete`], patiently.
    pub(super) async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.persist(key, Operation::Delete).await.map(drop)
    }

    async fn persist(
        &self,
        key: &Key,
        operation: Operation<'_>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut patience = Patience::new(&self.host);
        loop {
            let done = match operation {
                Operation::Get { cache_ttl } => self.store.get(key, cache_ttl).await,
                Operation::Put(value) => self.store.put(key, value).await.map(|()| None),
                Operation::Delete => self.store.delete(key).await.map(|()| None),
            };
            match done {
                Ok(value) => return Ok(value),
                Err(error) => patience.wait(error).await?,
            }
        }
    }
}
