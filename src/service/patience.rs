//! Another try where a store fails for a moment: bounded, inside a time budget.

use super::ports::{Clock, Entropy, StoreError};

/// How long a request may go on trying, in milliseconds since its first try of one operation.
const BUDGET_MS: u64 = 5_000;
/// The store takes one write a second for each key.
const AFTER_CONFLICT_MS: u64 = 1_000;
/// A failure of the network is over in a moment, or not worth waiting for.
const AFTER_FAILURE_MS: u64 = 100;

/// Does `operation` until it succeeds: after a conflict it waits for one second, then two; after any
/// other failure it tries once more. The operation has to bear being done twice.
///
/// # Errors
/// The last failure, once no other try fits into the budget.
pub(super) async fn persist<T>(
    host: &(impl Clock + Entropy),
    operation: impl AsyncFn() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let started = host.milliseconds();
    let mut tries: u32 = 0;
    loop {
        let error = match operation().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let pause = match error {
            StoreError::Conflict => AFTER_CONFLICT_MS.checked_shl(tries).unwrap_or(BUDGET_MS),
            StoreError::Unavailable(_) if tries == 0 => AFTER_FAILURE_MS,
            StoreError::Unavailable(_) => return Err(error),
        };
        let pause = pause.saturating_add(jitter(host));
        let spent = host.milliseconds().saturating_sub(started);
        if spent.saturating_add(pause) > BUDGET_MS {
            return Err(error);
        }
        host.sleep(pause).await;
        tries = tries.saturating_add(1);
    }
}

/// Up to a quarter of a second, so that two writers who met do not meet again.
fn jitter(entropy: &impl Entropy) -> u64 {
    let mut byte = [0];
    // Without randomness they may meet again, which is no more than another conflict.
    let _ = entropy.fill(&mut byte);
    u64::from(u8::from_le_bytes(byte))
}
