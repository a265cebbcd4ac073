//! [`Store`] on Workers KV. `docs/storage-schema.md` describes the keys and values.
//!
//! The namespace is called as JavaScript would call it: one crossing an operation, and text or bytes only,
//! so that nothing but our own code ever writes a record as JSON.

use js_sys::{JSON, Object, Promise, Reflect, Uint8Array};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::incoming::message;
use crate::service::ports::{Key, Page, Store, StoreError, Value};

/// The binding in `wrangler.toml`.
const BINDING: &str = "CLIENTS";

#[wasm_bindgen]
extern "C" {
    type KvNamespace;

    #[wasm_bindgen(method, catch)]
    fn get(this: &KvNamespace, key: &str, options: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn list(this: &KvNamespace, options: &Object) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn put(
        this: &KvNamespace,
        key: &str,
        value: &str,
        options: &Object,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn delete(this: &KvNamespace, key: &str) -> Result<Promise, JsValue>;
}

/// A KV namespace.
pub(super) struct Kv(KvNamespace);

impl Kv {
    /// Finds the namespace.
    pub fn bind(env: &Env) -> Result<Self, String> {
        let bound = Reflect::get(env, &BINDING.into()).ok().filter(JsValue::is_object);
        let missing = || format!("The KV namespace binding {BINDING} is missing in wrangler.toml");
        bound.map(|namespace| Self(namespace.unchecked_into())).ok_or_else(missing)
    }
}

impl Store for Kv {
    async fn put(&self, key: &Key, value: Value<'_>) -> Result<(), StoreError> {
        let options = Object::new();
        if let Some(seconds) = value.ttl {
            set(&options, "expirationTtl", &seconds.into()).map_err(classify)?;
        }
        if let Some(summary) = value.summary {
            let summary = JSON::parse(summary).map_err(classify)?;
            set(&options, "metadata", &summary).map_err(classify)?;
        }
        settled(self.0.put(key.as_str(), value.text, &options)).await.map(drop)
    }

    async fn get(&self, key: &Key, cache_ttl: Option<u32>) -> Result<Option<Vec<u8>>, StoreError> {
        let kind = JsValue::from_str("arrayBuffer");
        let options = match cache_ttl {
            None => kind,
            Some(seconds) => {
                let options = Object::new();
                set(&options, "type", &kind).map_err(classify)?;
                set(&options, "cacheTtl", &seconds.into()).map_err(classify)?;
                options.into()
            }
        };
        let value = settled(self.0.get(key.as_str(), &options)).await?;
        Ok((!value.is_null()).then(|| Uint8Array::new(&value).to_vec()))
    }

    async fn list(
        &self,
        prefix: &Key,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Page, StoreError> {
        let options = Object::new();
        set(&options, "prefix", &prefix.as_str().into()).map_err(classify)?;
        set(&options, "limit", &limit.into()).map_err(classify)?;
        if let Some(cursor) = cursor {
            set(&options, "cursor", &cursor.into()).map_err(classify)?;
        }
        let listed = settled(self.0.list(&options)).await.map_err(|error| match error {
            // The rest of what could be wrong with a list is ours.
            StoreError::Unavailable(why) if cursor.is_some() && why.contains(" 400 ") => {
                StoreError::Cursor
            }
            other => other,
        })?;
        let text = JSON::stringify(&listed).map_err(classify)?.as_string().unwrap_or_default();
        let listed: Listed = serde_json::from_slice(text.as_bytes())
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let keys = listed.keys.into_iter().map(|key| (key.name, key.metadata)).collect();
        Ok(Page { keys, cursor: listed.cursor.filter(|_| !listed.list_complete) })
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        settled(self.0.delete(key.as_str())).await.map(drop)
    }
}

/// What a list answers.
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

fn set(object: &Object, name: &str, value: &JsValue) -> Result<bool, JsValue> {
    Reflect::set(object, &name.into(), value)
}

async fn settled(called: Result<Promise, JsValue>) -> Result<JsValue, StoreError> {
    JsFuture::from(called.map_err(classify)?).await.map_err(classify)
}

/// KV has no error codes: the status stands in the message, as in `KV PUT failed: 429 Too Many
/// Requests`.
#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn classify(error: JsValue) -> StoreError {
    let text = message(&error);
    if text.contains(" 429 ") { StoreError::Conflict } else { StoreError::Unavailable(text) }
}
