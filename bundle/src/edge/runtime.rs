//! Clock and entropy of the runtime, and what it knows of Unicode, URLs and Web Crypto.

use serde_json::Value;
use worker::Env;
use worker::js_sys::JsString;
use worker::wasm_bindgen::JsValue;

use super::clock::milliseconds;
use super::glue;
use super::incoming::message;
use super::promises::settled;
use rollcall::runtime::{
    AesGcm, Clock, Curves, Entropy, EntropyError, Sealing, Signature, Signatures,
};
use rollcall::vocabulary::{HostNames, Unicode, json_text};

/// The Workers runtime, and what is bound to this Worker.
pub(super) struct Runtime<'e> {
    pub env: &'e Env,
}

impl Clock for Runtime<'_> {
    fn milliseconds(&self) -> u64 {
        milliseconds()
    }

    async fn sleep(&self, milliseconds: u64) {
        let milliseconds = u32::try_from(milliseconds).unwrap_or(u32::MAX);
        // Without a timer, what comes next comes at once.
        if let Ok(timer) = glue::sleep(milliseconds) {
            let _ = settled(timer).await;
        }
    }
}

impl Entropy for Runtime<'_> {
    /// Those of the runtime's Web Crypto.
    #[expect(clippy::disallowed_methods, reason = "this is where they come from")]
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}

impl HostNames for Runtime<'_> {
    fn is_unchanged(&self, name: &str) -> bool {
        glue::is_unchanged(name).unwrap_or(false)
    }
}

impl Curves for Runtime<'_> {
    async fn on_curve(&self, points: &Value) -> Result<Vec<bool>, String> {
        let asked = glue::on_curve(&json_text(points)).map_err(|error| message(&error))?;
        let answer = settled(asked).await.map_err(|error| message(&error))?;
        let answer = answer.as_string().unwrap_or_default();
        Ok(answer.bytes().map(|byte| byte == b'1').collect())
    }
}

impl Runtime<'_> {
    async fn aes_gcm(method: &str, with: &AesGcm<'_>, data: &[u8]) -> Result<JsValue, String> {
        let asked = glue::aes_gcm(method, with.key, with.nonce, with.associated_data, data);
        let asked = asked.map_err(|error| message(&error))?;
        settled(asked).await.map_err(|error| message(&error))
    }
}

impl Sealing for Runtime<'_> {
    async fn seal(&self, with: &AesGcm<'_>, plain: &[u8]) -> Result<Vec<u8>, String> {
        let sealed = Self::aes_gcm("encrypt", with, plain).await?;
        glue::bytes(&sealed).map_err(|error| message(&error))
    }

    async fn open(&self, with: &AesGcm<'_>, sealed: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let opened = Self::aes_gcm("decrypt", with, sealed).await?;
        let bytes = (!opened.is_null()).then(|| glue::bytes(&opened)).transpose();
        bytes.map_err(|error| message(&error))
    }
}

impl Signatures for Runtime<'_> {
    async fn verify(&self, signature: &Signature<'_>) -> Result<bool, String> {
        let Signature { algorithm, key, signed, bytes } = *signature;
        let asked = glue::verify(algorithm, &json_text(key), signed, bytes);
        let answer = settled(asked.map_err(|error| message(&error))?).await;
        Ok(answer.map_err(|error| message(&error))?.is_truthy())
    }
}

impl Unicode for Runtime<'_> {
    fn decompose(&self, text: &str) -> String {
        JsString::from(text).normalize("NFKD").into()
    }
}
