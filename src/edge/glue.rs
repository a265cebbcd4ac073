//! `glue.js`: what would take many calls between WebAssembly and JavaScript, done in one.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Writes a line into the log.
    #[wasm_bindgen(js_namespace = console)]
    pub(super) fn log(line: &str);
}

// Not as a snippet: `bundle/worker.js` needs the same module. `scripts/build.mjs` puts it there.
#[wasm_bindgen(raw_module = "./glue.js")]
extern "C" {
    /// Names the headers that [`describe`] reads, one a line.
    #[wasm_bindgen(js_name = readHeaders)]
    pub(super) fn read_headers(names: &str);

    /// Method, URL, id and headers of a request, one a line.
    pub(super) fn describe(request: &web_sys::Request) -> String;

    /// Headers are names and values in turn, one a line. `fixed` ones are kept: there must not be many different.
    #[wasm_bindgen(catch)]
    pub(super) fn respond(
        status: u16,
        fixed: &str,
        own: &str,
        body: Option<&str>,
    ) -> Result<web_sys::Response, JsValue>;

    /// Whether the caller is a Worker whose service binding has the property that an operator gives to the
    /// authorization server's. Requests from outside have no properties.
    #[wasm_bindgen(js_name = isBound)]
    pub(super) fn is_bound(context: &JsValue) -> bool;

    /// Whether the rate limiter that is bound as `binding` lets `key` pass; `None` if there is no such limiter.
    #[wasm_bindgen(catch)]
    pub(super) fn limit(
        env: &JsValue,
        binding: &str,
        key: &str,
    ) -> Result<Option<Promise>, JsValue>;

    /// Whether a host with an `xn--` label stays as it is; an exception if it is none.
    #[wasm_bindgen(catch, js_name = isUnchanged)]
    pub(super) fn is_unchanged(name: &str) -> Result<bool, JsValue>;

    /// For each of a list of public EC keys, as JSON, `1` or `0`: whether it is a point on its curve.
    #[wasm_bindgen(catch, js_name = onCurve)]
    pub(super) fn on_curve(keys: &str) -> Result<Promise, JsValue>;

    /// Lets a task be resumed when `promise` is settled.
    pub(super) fn attach(promise: &Promise, task: u32);

    /// A promise that is settled after so many milliseconds.
    pub(super) fn sleep(milliseconds: u32) -> Promise;

    /// Lets a request live until `promise` is settled.
    #[wasm_bindgen(js_name = waitUntil)]
    pub(super) fn wait_until(context: &JsValue, promise: &Promise);

    /// Collects the body of a request or a response, of at most `bytes` bytes and within so many milliseconds. It
    /// becomes a `Uint8Array`, or a string that says what is wrong; an error if the body is cut off.
    pub(super) fn collect(source: &JsValue, bytes: usize, milliseconds: u32) -> Promise;

    /// The bytes of an `ArrayBuffer` or a `Uint8Array`.
    pub(super) fn bytes(buffer: &JsValue) -> Vec<u8>;

    /// Reads a value; `cache_ttl` in seconds.
    #[wasm_bindgen(catch)]
    pub(super) fn get(env: &JsValue, key: &str, cache_ttl: Option<u32>)
    -> Result<Promise, JsValue>;

    /// Writes a value; `ttl` in seconds, `metadata` as JSON.
    #[wasm_bindgen(catch)]
    pub(super) fn put(
        env: &JsValue,
        key: &str,
        value: &[u8],
        ttl: Option<u32>,
        metadata: Option<&str>,
    ) -> Result<Promise, JsValue>;

    /// Lists keys; the answer is JSON.
    #[wasm_bindgen(catch)]
    pub(super) fn list(
        env: &JsValue,
        prefix: &str,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Promise, JsValue>;

    /// Removes a value.
    #[wasm_bindgen(catch)]
    pub(super) fn remove(env: &JsValue, key: &str) -> Result<Promise, JsValue>;
}
