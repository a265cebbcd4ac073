//! Clock and entropy of the runtime.

use wasm_bindgen::JsValue;

use super::clock::milliseconds;
use super::glue;
use super::task::settled;
use crate::service::ports::{Clock, Entropy, EntropyError};

/// The Workers runtime, and what is bound to this Worker.
pub(super) struct Runtime<'e> {
    pub env: &'e JsValue,
}

impl Clock for Runtime<'_> {
    fn milliseconds(&self) -> u64 {
        milliseconds()
    }

    async fn sleep(&self, milliseconds: u64) {
        let milliseconds = u32::try_from(milliseconds).unwrap_or(u32::MAX);
        // It is never rejected.
        let _ = settled(glue::sleep(milliseconds)).await;
    }
}

impl Entropy for Runtime<'_> {
    /// Those of the runtime's Web Crypto.
    #[expect(clippy::disallowed_methods, reason = "this is where they come from")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}
