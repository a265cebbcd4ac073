//! Clients as they often come, tried against an issuer before the first real one does: for `npm run doctor`.

use serde::Serialize;
use serde_json::{Value, json};

use super::Issuer;
use super::profile::Profile;
use crate::client::{ClientMetadata, RawMetadata};
use crate::vocabulary::{Unicode, json_text};

/// The outcome for a model client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Which client it is.
    pub client: &'static str,
    /// Whether it would be registered.
    pub is_registered: bool,
    /// The metadata that it would be registered with, or the reason for its rejection.
    pub result: Vec<String>,
}

/// A page, a native app, an MCP client and a service, with what each usually sends.
fn models() -> [(&'static str, Value); 4] {
    let code = json!(["authorization_code", "refresh_token"]);
    [
        (
            "a web page",
            json!({
                "client_name": "A page",
                "redirect_uris": ["https://app.example/callback"],
                "token_endpoint_auth_method": "none",
                "grant_types": code,
                "response_types": ["code"],
            }),
        ),
        (
            "a native app",
            json!({
                "client_name": "An app",
                "application_type": "native",
                "redirect_uris": ["http://127.0.0.1/callback", "com.example.app:/callback"],
                "token_endpoint_auth_method": "none",
                "grant_types": code,
                "response_types": ["code"],
            }),
        ),
        (
            "an MCP client",
            json!({
                "client_name": "An MCP client",
                "client_uri": "https://mcp.example/",
                "redirect_uris": ["http://127.0.0.1:33418/callback", "https://mcp.example/callback"],
                "token_endpoint_auth_method": "none",
                "grant_types": code,
                "response_types": ["code"],
            }),
        ),
        (
            "a service",
            json!({
                "client_name": "A service",
                "grant_types": ["client_credentials"],
                "token_endpoint_auth_method": "client_secret_basic",
            }),
        ),
    ]
}

impl Issuer {
    /// Tries the model clients against `profile`, as strangers without an initial access token. Nothing is registered.
    #[must_use]
    pub fn try_models(&self, profile: &Profile, unicode: &dyn Unicode) -> Vec<Trial> {
        let additional = self.gate.anonymous_policy();
        let (supported, policies) = self.gate.terms(&profile.offered, additional);
        let try_one = |(client, metadata): (&'static str, Value)| {
            let raw = RawMetadata::parse(json_text(&metadata).as_bytes());
            let raw = raw.map_err(Into::into);
            let verified = raw
                .and_then(|raw| ClientMetadata::verify(raw, &supported, &policies, unicode, None));
            match verified {
                Ok(metadata) => {
                    let registered = serde_json::to_value(&metadata).unwrap_or_default();
                    Trial { client, is_registered: true, result: shown(&registered) }
                }
                Err(problems) => {
                    let result = problems.listed().iter().map(ToString::to_string).collect();
                    Trial { client, is_registered: false, result }
                }
            }
        };
        models().into_iter().map(try_one).collect()
    }
}

/// The members that decide what a client can do.
fn shown(registered: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let texts = list.iter().filter_map(Value::as_str);
            texts.collect::<Vec<_>>().join(" ")
        }
        other => json_text(other),
    };
    let names = ["token_endpoint_auth_method", "grant_types", "scope", "redirect_uris"];
    let members = names.iter().filter_map(|name| Some((name, registered.get(name)?)));
    members.map(|(name, value)| format!("{name} {}", text(value))).collect()
}
