//! [`Limiter`] on the rate-limiting bindings.

use super::glue;
use super::host::Runtime;
use super::promises::settled;
use crate::gate::{Limit, Limiter};

impl Limiter for Runtime<'_> {
    async fn allow(&self, limit: Limit, key: &str) -> bool {
        let binding = match limit {
            Limit::Address => "ADDRESS_LIMIT",
            Limit::Network => "NETWORK_LIMIT",
            Limit::Workers => "WORKERS_LIMIT",
            Limit::Issuer => "ISSUER_LIMIT",
            Limit::Updates => "UPDATE_LIMIT",
            Limit::Failures => "FAILURE_LIMIT",
        };
        // One that is missing or fails is no reason to refuse anybody.
        let Ok(Some(asked)) = glue::limit(self.env, binding, key) else { return true };
        settled(asked).await.map_or(true, |passes| passes.is_truthy())
    }
}
