//! [`Limiter`] on the rate-limiting bindings.

use super::glue;
use super::promises::settled;
use super::runtime::Runtime;
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
            Limit::Document => "DOCUMENT_LIMIT",
            Limit::DocumentHost => "DOCUMENT_HOST_LIMIT",
            Limit::Documents => "DOCUMENTS_LIMIT",
        };
        // A limiter that is missing or fails rejects no request.
        let Ok(Some(asked)) = glue::limit(self.env, binding, key) else { return true };
        settled(asked).await.map_or(true, |passes| passes.is_truthy())
    }
}
