//! `glue.js`: what would take many calls between WebAssembly and JavaScript, done in one.
//!
//! All that can throw is marked `catch`: an exception that passes through the module's own functions would leave its
//! memory in the middle of something.

use worker::Env;
use worker::js_sys::Promise;
use worker::wasm_bindgen::JsValue;
use worker::wasm_bindgen::prelude::wasm_bindgen;
use worker::web_sys;

#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen, js_sys = worker::js_sys, module = "/src/edge/glue.js")]
extern "C" {
    /// Names the headers that [`describe`] reads, one a line.
    #[wasm_bindgen(js_name = readHeaders)]
    pub(super) fn read_headers(names: &str);

    /// Method, URL, id, client certificate and headers of a request, one a line. The line of a header begins with a colon, and
    /// is empty without the header.
    #[wasm_bindgen(catch)]
    pub(super) fn describe(request: &web_sys::Request) -> Result<String, JsValue>;

    /// Headers that many responses share, of [`lines`].
    #[wasm_bindgen(catch, js_name = makeHeaders)]
    pub(super) fn make_headers(lines: &str) -> Result<web_sys::Headers, JsValue>;

    /// A response; its `own` headers are as [`lines`] makes them.
    #[wasm_bindgen(catch)]
    pub(super) fn respond(
        status: u16,
        shared: &web_sys::Headers,
        own: &str,
        body: Option<&str>,
    ) -> Result<web_sys::Response, JsValue>;

    /// 1 or 2 if the caller is a Worker whose service binding has the property that an operator gives to the
    /// authorization server's, 2 with the property for client secrets. Requests from outside have no properties.
    #[wasm_bindgen(catch, js_name = boundAs)]
    pub(super) fn bound_as(context: &JsValue) -> Result<u8, JsValue>;

    /// Whether the rate limiter that is bound as `binding` lets `key` pass; `None` if there is no such limiter.
    #[wasm_bindgen(catch)]
    pub(super) fn limit(env: &Env, binding: &str, key: &str) -> Result<Option<Promise>, JsValue>;

    /// Whether a host with an `xn--` label stays as it is; an exception if it is invalid.
    #[wasm_bindgen(catch, js_name = isUnchanged)]
    pub(super) fn is_unchanged(name: &str) -> Result<bool, JsValue>;

    /// For each of a list of public EC keys, as JSON, `1` or `0`: whether it is a point on its curve.
    #[wasm_bindgen(catch, js_name = onCurve)]
    pub(super) fn on_curve(keys: &str) -> Result<Promise, JsValue>;

    /// Encrypts or decrypts with AES-256-GCM, as `method` says. Becomes a `Uint8Array`, or null if `data` cannot be
    /// decrypted with these parameters.
    #[wasm_bindgen(catch, js_name = aesGcm)]
    pub(super) fn aes_gcm(
        method: &str,
        key: &[u8],
        nonce: &[u8],
        associated_data: &[u8],
        data: &[u8],
    ) -> Result<Promise, JsValue>;

    /// Whether a public key, a JWK as JSON, has made the signature of a JWS over `signed`.
    #[wasm_bindgen(catch)]
    pub(super) fn verify(
        algorithm: &str,
        key: &str,
        signed: &str,
        signature: &[u8],
    ) -> Result<Promise, JsValue>;

    /// Calls `settle` with what becomes of `promise`: whether it is fulfilled, and its value.
    #[wasm_bindgen(catch)]
    pub(super) fn attach(promise: &Promise, settle: &JsValue) -> Result<(), JsValue>;

    /// Calls `abandon` when the caller of a request goes away.
    #[wasm_bindgen(catch, js_name = onAbort)]
    pub(super) fn on_abort(request: &web_sys::Request, abandon: &JsValue) -> Result<(), JsValue>;

    /// A promise that is settled after so many milliseconds.
    #[wasm_bindgen(catch)]
    pub(super) fn sleep(milliseconds: u32) -> Result<Promise, JsValue>;

    /// Sends a request, whose headers are as [`lines`] makes them. It becomes a `Response`, or an error after so many
    /// milliseconds.
    #[wasm_bindgen(catch)]
    pub(super) fn send(
        method: &str,
        url: &str,
        headers: &str,
        body: Option<&str>,
        milliseconds: u32,
    ) -> Result<Promise, JsValue>;

    /// Collects the body of a request or a response, of at most `bytes` bytes and within so many milliseconds. It
    /// becomes its bytes, or a string that says what is wrong; an error if the body is cut off. `declared` is the length
    /// in bytes that a request declares.
    #[wasm_bindgen(catch)]
    pub(super) fn collect(
        source: &JsValue,
        bytes: usize,
        milliseconds: u32,
        declared: Option<u32>,
    ) -> Result<Promise, JsValue>;

    /// The bytes of an `ArrayBuffer` or a `Uint8Array`.
    #[wasm_bindgen(catch)]
    pub(super) fn bytes(buffer: &JsValue) -> Result<Vec<u8>, JsValue>;

    /// Reads a value; `cache_ttl` in seconds.
    #[wasm_bindgen(catch)]
    pub(super) fn get(env: &Env, key: &str, cache_ttl: Option<u32>) -> Result<Promise, JsValue>;

    /// Writes a value; `ttl` in seconds, `metadata` as JSON.
    #[wasm_bindgen(catch)]
    pub(super) fn put(
        env: &Env,
        key: &str,
        value: &[u8],
        ttl: Option<u32>,
        metadata: Option<&str>,
    ) -> Result<Promise, JsValue>;

    /// Lists keys; the answer is JSON.
    #[wasm_bindgen(catch)]
    pub(super) fn list(
        env: &Env,
        prefix: &str,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Promise, JsValue>;

    /// Removes a value.
    #[wasm_bindgen(catch)]
    pub(super) fn remove(env: &Env, key: &str) -> Result<Promise, JsValue>;
}

/// Headers as `glue.js` takes them: names and values in turn, one a line.
pub(super) fn lines<'h>(headers: impl IntoIterator<Item = (&'h str, &'h str)>) -> String {
    let mut lines = String::new();
    // A line break would begin another header; no value of ours has one.
    for (name, value) in headers.into_iter().filter(|(_, value)| !value.contains('\n')) {
        for line in [name, value] {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines
}
