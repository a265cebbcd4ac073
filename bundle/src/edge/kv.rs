//! [`Store`] on Workers KV. `docs/storage-schema.md` describes the keys and values.
//!
//! Text and bytes only: only our own code writes records as JSON.

use serde::Deserialize;
use worker::Env;
use worker::js_sys::{Promise, Reflect};
use worker::wasm_bindgen::JsValue;

use super::glue;
use super::incoming::message;
use super::promises::settled;
use rollcall::issuer::reference::RECORDS_BINDING;
use rollcall::records::{Key, Page, Store, StoreError, StoredValue};

/// The KV namespace.
pub(super) struct Kv<'e>(pub &'e Env);

/// The error if the namespace is missing.
pub(super) fn missing(env: &Env) -> Option<String> {
    let bound = Reflect::get(env, &RECORDS_BINDING.into()).is_ok_and(|bound| bound.is_object());
    (!bound)
        .then(|| format!("The KV namespace binding {RECORDS_BINDING} is missing in wrangler.toml"))
}

impl Store for Kv<'_> {
    async fn put(&self, key: &Key, value: StoredValue<'_>) -> Result<(), StoreError> {
        let StoredValue { text, ttl, summary } = value;
        let written = glue::put(self.0, key.as_str(), text.as_bytes(), ttl, summary);
        done(written).await.map(drop)
    }

    async fn get(&self, key: &Key, cache_ttl: Option<u32>) -> Result<Option<Vec<u8>>, StoreError> {
        let value = done(glue::get(self.0, key.as_str(), cache_ttl)).await?;
        if value.is_null() {
            return Ok(None);
        }
        glue::bytes(&value).map(Some).map_err(classify)
    }

    async fn list(
        &self,
        prefix: &Key,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page, StoreError> {
        let listed = done(glue::list(self.0, prefix.as_str(), limit, cursor)).await;
        let listed = listed.map_err(|error| match error {
            // The rest of what could be wrong with a list is ours.
            StoreError::Unavailable(why) if cursor.is_some() && why.contains(" 400 ") => {
                StoreError::Cursor
            }
            other => other,
        })?;
        let text = listed.as_string().unwrap_or_default();
        let listed: Listed = serde_json::from_slice(text.as_bytes())
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let keys = listed.keys.into_iter().map(|key| (key.name, key.metadata)).collect();
        Ok(Page { keys, cursor: listed.cursor.filter(|_| !listed.list_complete) })
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        done(glue::remove(self.0, key.as_str())).await.map(drop)
    }
}

/// KV's answer to a list.
#[derive(Deserialize)]
struct Listed {
    keys: Vec<Listing>,
    list_complete: bool,
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Listing {
    name: String,
    metadata: Option<serde_json::Value>,
}

async fn done(called: Result<Promise, JsValue>) -> Result<JsValue, StoreError> {
    settled(called.map_err(classify)?).await.map_err(classify)
}

/// KV has no error codes: the status stands in the message, as in `KV PUT failed: 429 Too Many
/// Requests`.
#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn classify(error: JsValue) -> StoreError {
    let text = message(&error);
    if text.contains(" 429 ") { StoreError::Conflict } else { StoreError::Unavailable(text) }
}
