//! The store as an [`App`] uses it: another try where it fails for a moment, inside a time budget.

use super::App;
use super::ports::{Entropy, Host, Key, Store, StoreError};

/// How long one operation may be tried again, in milliseconds since the first try.
const BUDGET_MS: u64 = 5_000;
/// The store takes one write a second for each key.
const AFTER_CONFLICT_MS: u64 = 1_000;
/// A failure of the network is over in a moment, or not worth waiting for.
const AFTER_FAILURE_MS: u64 = 100;

/// One operation of the store; every one may be done twice.
#[derive(Clone, Copy)]
enum Operation<'o> {
    Get,
    Put { value: &'o str, ttl: Option<u64> },
    Delete,
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// [`Store::get`], patiently.
    pub(super) async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        self.persist(key, Operation::Get).await
    }

    /// [`Store::put`], patiently.
    pub(super) async fn put(
        &self,
        key: &Key,
        value: &str,
        ttl: Option<u64>,
    ) -> Result<(), StoreError> {
        self.persist(key, Operation::Put { value, ttl }).await.map(drop)
    }

    /// [`Store::delete`], patiently.
    pub(super) async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.persist(key, Operation::Delete).await.map(drop)
    }

    /// After a conflict waits for one second, then two; after any other failure tries once more. The
    /// last failure is returned once no other try fits into the budget.
    async fn persist(
        &self,
        key: &Key,
        operation: Operation<'_>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let started = self.host.milliseconds();
        let mut tries: u32 = 0;
        loop {
            let done = match operation {
                Operation::Get => self.store.get(key).await,
                Operation::Put { value, ttl } => {
                    self.store.put(key, value, ttl).await.map(|()| None)
                }
                Operation::Delete => self.store.delete(key).await.map(|()| None),
            };
            let Err(error) = done else { return done };
            let pause = match error {
                StoreError::Conflict => AFTER_CONFLICT_MS.checked_shl(tries).unwrap_or(BUDGET_MS),
                StoreError::Unavailable(_) if tries == 0 => AFTER_FAILURE_MS,
                StoreError::Unavailable(_) => return Err(error),
            };
            let pause = pause.saturating_add(jitter(&self.host));
            let spent = self.host.milliseconds().saturating_sub(started);
            if spent.saturating_add(pause) > BUDGET_MS {
                return Err(error);
            }
            self.host.sleep(pause).await;
            tries = tries.saturating_add(1);
        }
    }
}

/// Up to a quarter of a second, so that two writers who met do not meet again.
fn jitter(entropy: &impl Entropy) -> u64 {
    let mut byte = [0];
    // Without randomness they may meet again, which is no more than another conflict.
    let _ = entropy.fill(&mut byte);
    u64::from(u8::from_le_bytes(byte))
}
