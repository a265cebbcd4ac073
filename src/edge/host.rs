//! Clock and entropy of the runtime.

use crate::service::ports::{Clock, Entropy, EntropyError};

/// The Workers runtime.
pub(super) struct Runtime;

impl Clock for Runtime {
    fn now(&self) -> u64 {
        // Milliseconds as a float, whole and positive; `as` saturates.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
        let seconds = (js_sys::Date::now() / 1000.0) as u64;
        seconds
    }
}

impl Entropy for Runtime {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}
