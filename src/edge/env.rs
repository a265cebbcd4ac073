//! Variables to [`Config`], once per isolate: they cannot change while it lives. Warnings about
//! its documents are logged then.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value;
use worker::Env;
use worker::js_sys::{JSON, Reflect};
use worker::wasm_bindgen::JsValue;

use super::runtime::Runtime;
use super::{kv, log};
use crate::issuer::{Config, Settings};

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
            let settings = Settings::from_vars(|name| variable(env, name));
            Config::check(settings, &Runtime { env })
                .map(Rc::new)
                .map_err(|errors| errors.to_string())
                .inspect(|config| config.issuers().iter().for_each(|issuer| log::findings(issuer)))
        };
        parsed.borrow_mut().get_or_insert_with(parse).clone()
    })
}

/// A variable of any JSON type; null if there is none.
fn variable(env: &Env, name: &str) -> Value {
    let value = Reflect::get(env, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    let json = JSON::stringify(&value).ok().and_then(|text| text.as_string());
    json.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()).unwrap_or_default()
}
