//! [`Store`] on Workers KV. `docs/storage-schema.md` describes the keys and values.

use worker::Env;
use worker::kv::{KvError, KvStore};

use super::incoming::message;
use crate::service::ports::{Key, Store, StoreError};

/// The binding in `wrangler.toml`.
const BINDING: &str = "CLIENTS";

/// A KV namespace.
pub(super) struct Kv(KvStore);

impl Kv {
    /// Finds the namespace.
    pub fn bind(env: &Env) -> Result<Self, String> {
        let missing = |_| format!("The KV namespace binding {BINDING} is missing in wrangler.toml");
        env.kv(BINDING).map(Self).map_err(missing)
    }
}

impl Store for Kv {
    async fn put(&self, key: &Key, value: &str, ttl: Option<u64>) -> Result<(), StoreError> {
        let mut put = self.0.put(key.as_str(), value).map_err(|error| classify(&error))?;
        if let Some(seconds) = ttl {
            put = put.expiration_ttl(seconds);
        }
        put.execute().await.map_err(|error| classify(&error))
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let read = self.0.get(key.as_str()).bytes().await;
        read.map_err(|error| classify(&error))
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.0.delete(key.as_str()).await.map_err(|error| classify(&error))
    }
}

/// KV has no error codes: the status stands in the message, as in `KV PUT failed: 429 Too Many
/// Requests`.
fn classify(error: &KvError) -> StoreError {
    let text = match error {
        KvError::JavaScript(value) => message(value),
        other => other.to_string(),
    };
    if text.contains(" 429 ") { StoreError::Conflict } else { StoreError::Unavailable(text) }
}
