//! Variables to [`Config`], once per isolate: they cannot change while it lives. Warnings about
//! its documents are logged then.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use worker::Env;
use worker::js_sys::{Array, JSON, Object, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};

use super::runtime::Runtime;
use super::{kv, log};
use rollcall::issuer::reference::SECRETS;
use rollcall::issuer::{Config, Settings};

thread_local! {
    static PARSED: RefCell<Option<Result<Rc<Config>, String>>> = const { RefCell::new(None) };
}

/// The configuration of this deployment, or why it cannot serve.
pub(super) fn config(env: &Env) -> Result<Rc<Config>, String> {
    PARSED.with(|parsed| {
        let parse = || {
            log::started();
            if let Some(reason) = kv::missing(env) {
                return Err(reason);
            }
            for name in &unknown(env) {
                log::unknown_variable(name);
            }
            let settings = Settings::from_vars(|name| variable(env, name));
            Config::check(settings, &Runtime { env })
                .map(Rc::new)
                .map_err(|errors| errors.to_string())
                .inspect(|config| config.issuers().iter().for_each(|issuer| log::findings(issuer)))
        };
        parsed.borrow_mut().get_or_insert_with(parse).clone()
    })
}

/// The variables that Rollcall does not know. Bindings, which are no plain values, are not among them.
fn unknown(env: &Env) -> Vec<String> {
    let plain = Object::get_prototype_of(&Object::new());
    let is_variable = |value: &JsValue| {
        let is_table = || value.is_object() && Object::is(&Object::get_prototype_of(value), &plain);
        value.is_string()
            || value.as_bool().is_some()
            || value.as_f64().is_some()
            || Array::is_array(value)
            || is_table()
    };
    let keys = Object::keys(env.unchecked_ref::<Object>());
    let names = keys.iter().filter_map(|name| name.as_string());
    let others = names.filter(|name| {
        let is_secret = SECRETS.iter().any(|secret| secret.name == name);
        // Cloudflare's own, like CF_VERSION_METADATA.
        !Settings::NAMES.contains(&name.as_str()) && !is_secret && !name.starts_with("CF_")
    });
    let is_unknown = |name: &String| Reflect::get(env, &name.into()).is_ok_and(|v| is_variable(&v));
    others.filter(is_unknown).collect()
}

/// A variable of any JSON type; null if there is none.
fn variable(env: &Env, name: &str) -> Value {
    let value = Reflect::get(env, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    let json = JSON::stringify(&value).ok().and_then(|text| text.as_string());
    json.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()).unwrap_or_default()
}
