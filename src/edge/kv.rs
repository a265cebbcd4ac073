//! [`Store`] on Workers KV. `docs/storage-schema.md` describes the keys and values.
//!
//! The namespace is called as JavaScript would call it: one crossing an operation, and text or bytes only,
//! so that nothing but our own code ever writes a record as JSON.

use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

use super::incoming::message;
use crate::service::ports::{Key, Store, StoreError};

/// The binding in `wrangler.toml`.
const BINDING: &str = "CLIENTS";

#[wasm_bindgen]
extern "C" {
    type KvNamespace;

    #[wasm_bindgen(method, catch)]
    fn get(this: &KvNamespace, key: &str, kind: &str) -> Result<Promise, JsValue>;

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
    async fn put(&self, key: &Key, value: &str, ttl: Option<u32>) -> Result<(), StoreError> {
        let options = Object::new();
        if let Some(seconds) = ttl {
            Reflect::set(&options, &"expirationTtl".into(), &seconds.into()).map_err(classify)?;
        }
        settled(self.0.put(key.as_str(), value, &options)).await.map(drop)
    }

    async fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let value = settled(self.0.get(key.as_str(), "arrayBuffer")).await?;
        Ok((!value.is_null()).then(|| Uint8Array::new(&value).to_vec()))
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        settled(self.0.delete(key.as_str())).await.map(drop)
    }
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
