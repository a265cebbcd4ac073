//! Events to where an operator wants them, signed as Standard Webhooks 1.0 says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::config_error::{ConfigError, ConfigErrors};
use super::settings::Absolute;
use crate::client::limits::ENTRIES;
use crate::client::reading::read;
use crate::runtime::{Clock, Entropy, Fetch, FetchError};
use crate::vocabulary::WebhookSecret;

/// How long after a failed try the next one comes, in milliseconds. With what each may take, all of it is
/// over within the half minute that the runtime grants after an answer.
const PAUSES_MS: [u64; 3] = [1_000, 4_000, 9_000];
/// The receiver wants no more of it.
const GONE: u16 = 410;

/// `WEBHOOK`.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WebhookSettings {
    url: Option<Absolute>,
}

/// An event that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryError {
    /// Its `webhook-id`: the same in every try.
    pub event_id: String,
    /// Why the last try failed.
    pub reason: String,
}

/// The receiver of events.
#[derive(Debug)]
pub struct Webhook {
    url: String,
    secret: WebhookSecret,
}

impl Webhook {
    /// Checks the settings; `None` if there are none. A secret that cannot be used is set and `None`: that is
    /// reported already.
    pub(super) fn parse(
        settings: &Map<String, Value>,
        secret: Option<WebhookSecret>,
        secret_is_set: bool,
    ) -> Result<Option<Self>, ConfigErrors> {
        let mut mistakes = Vec::new();
        let WebhookSettings { url } = read("WEBHOOK", settings, ENTRIES, &mut mistakes);
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        match (url, secret) {
            (None, _) => Ok(None),
            (Some(Absolute(url)), Some(secret)) => Ok(Some(Self { url, secret })),
            (Some(_), None) if secret_is_set => Ok(None),
            (Some(_), None) => {
                let (name, needed_by) = ("WEBHOOK_SECRET", "WEBHOOK.url");
                Err(ConfigError::Missing { name, needed_by }.into())
            }
        }
    }

    /// Delivers `event`, JSON, and tries again where that fails. Every try has the same `webhook-id`.
    ///
    /// # Errors
    /// Why the last try failed, and which event that was.
    pub async fn deliver(
        &self,
        runtime: &(impl Clock + Entropy + Fetch),
        event: &str,
    ) -> Result<(), DeliveryError> {
        let mut bytes = [0; 12];
        let filled = runtime.fill(&mut bytes);
        let id = format!("msg_{}", BASE64URL.encode(bytes));
        let sent = match filled {
            Ok(()) => self.send(runtime, &id, event).await,
            Err(_) => Err(String::from("no randomness")),
        };
        sent.map_err(|reason| DeliveryError { event_id: id, reason })
    }

    /// Sends `event` under `id` until that succeeds or the tries are over.
    async fn send(
        &self,
        runtime: &(impl Clock + Fetch),
        id: &str,
        event: &str,
    ) -> Result<(), String> {
        let mut pauses = PAUSES_MS.into_iter();
        loop {
            let timestamp = runtime.now().to_string();
            let signed = self.secret.sign(&format!("{id}.{timestamp}.{event}"));
            let signature = format!("v1,{signed}");
            let headers = [
                ("webhook-id", id),
                ("webhook-timestamp", &*timestamp),
                ("webhook-signature", &*signature),
            ];
            let failure = match runtime.post(&self.url, &headers, event).await {
                Ok(200..=299) => return Ok(()),
                Ok(GONE) => return Err(String::from("WEBHOOK.url is gone (410)")),
                Ok(status) => format!("WEBHOOK.url was answered with status {status}"),
                Err(FetchError::Failed(why)) => format!("WEBHOOK.url cannot be reached: {why}"),
                Err(_) => String::from("WEBHOOK.url cannot be reached"),
            };
            let Some(pause) = pauses.next() else { return Err(failure) };
            runtime.sleep(pause).await;
        }
    }
}
