//! Clock and entropy of the runtime.

use std::time::Duration;

use worker::Env;

use crate::service::ports::{Clock, Entropy, EntropyError};

/// The Workers runtime, and what is bound to this Worker.
pub(super) struct Runtime<'e> {
    pub env: &'e Env,
}

impl Clock for Runtime<'_> {
    fn milliseconds(&self) -> u64 {
        milliseconds()
    }

    async fn sleep(&self, milliseconds: u64) {
        worker::Delay::from(Duration::from_millis(milliseconds)).await;
    }
}

/// Milliseconds since 1970. The runtime's clock moves only when something is waited for.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and positive")]
pub(super) fn milliseconds() -> u64 {
    js_sys::Date::now() as u64
}

impl Entropy for Runtime<'_> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}
