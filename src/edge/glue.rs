//! `glue.js`: what would take many calls between WebAssembly and JavaScript, done in one.

use js_sys::{ArrayBuffer, Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Writes a line into the log.
    #[wasm_bindgen(js_namespace = console)]
    pub(super) fn log(line: &str);
}

#[wasm_bindgen(module = "/src/edge/glue.js")]
extern "C" {
    /// Method, URL and headers of a request, one a line.
    pub(super) fn describe(request: &web_sys::Request) -> String;

    /// `head` has names and values of headers in turn, one a line.
    #[wasm_bindgen(catch)]
    pub(super) fn respond(
        status: u16,
        head: &str,
        body: Option<&str>,
    ) -> Result<web_sys::Response, JsValue>;

    /// Keeps what is called with the number of a task when its promise is settled.
    pub(super) fn keep(resume: &Function);

    /// Lets a task be resumed when `promise` is settled.
    pub(super) fn attach(promise: &Promise, task: u32);

    /// A promise that is settled after so many milliseconds.
    pub(super) fn sleep(milliseconds: u32) -> Promise;

    /// Lets a request live until `promise` is settled.
    #[wasm_bindgen(js_name = waitUntil)]
    pub(super) fn wait_until(context: &JsValue, promise: &Promise);

    /// The bytes of a buffer.
    pub(super) fn bytes(buffer: &ArrayBuffer) -> Vec<u8>;

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
