//! [`Limiter`] on the rate-limiting bindings.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use super::host::Runtime;
use super::task::settled;
use crate::service::limits::Limit;
use crate::service::ports::Limiter;

#[wasm_bindgen]
extern "C" {
    type RateLimit;

    #[wasm_bindgen(method, catch)]
    fn limit(this: &RateLimit, options: &Object) -> Result<Promise, JsValue>;
}

impl Limiter for Runtime<'_> {
    async fn allow(&self, limit: Limit, key: &str) -> bool {
        // Without the binding nothing is counted; a limiter that fails is no reason to refuse anybody.
        self.count(limit, key).await.unwrap_or(true)
    }
}

impl Runtime<'_> {
    async fn count(&self, limit: Limit, key: &str) -> Result<bool, JsValue> {
        let binding = match limit {
            Limit::Address => "ADDRESS_LIMIT",
            Limit::Issuer => "ISSUER_LIMIT",
            Limit::Failures => "FAILURE_LIMIT",
        };
        let limiter = Reflect::get(self.env, &binding.into())?;
        if !limiter.is_object() {
            return Ok(true);
        }
        let options = Object::new();
        Reflect::set(&options, &"key".into(), &key.into())?;
        let outcome = settled(limiter.unchecked_into::<RateLimit>().limit(&options)?).await?;
        Ok(!Reflect::get(&outcome, &"success".into())?.is_falsy())
    }
}
