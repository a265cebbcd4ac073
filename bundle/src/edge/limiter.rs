//! [`Limiter`] on the rate-limiting bindings.

use super::glue;
use super::promises::settled;
use super::runtime::Runtime;
use rollcall::gate::{Limit, Limiter};

impl Limiter for Runtime<'_> {
    async fn allow(&self, limit: Limit, key: &str) -> bool {
        // A limiter that is missing or fails rejects no request.
        let Ok(Some(asked)) = glue::limit(self.env, limit.binding(), key) else { return true };
        settled(asked).await.map_or(true, |passes| passes.is_truthy())
    }
}
