//! [`Registration`]: what a client is told about itself (RFC 7591 §3.2.1, RFC 7592 §3).

use serde::Serialize;
use serde_json::value::RawValue;

use crate::vocabulary::{ClientId, ClientSecret, RegistrationToken};

/// A client information response. Members that are absent are left out, never `null`.
#[derive(Debug, Serialize)]
pub struct Registration<'a> {
    /// The client's identifier.
    pub client_id: &'a ClientId,
    /// When it was registered, in seconds since 1970.
    pub client_id_issued_at: u64,
    /// The secret, in the one answer that issues it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<&'a ClientSecret>,
    /// When the secret stops working, in seconds since 1970, 0 for never; only with a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<u64>,
    /// The token for the management of this registration.
    pub registration_access_token: &'a RegistrationToken,
    /// Where the registration is managed, absolute.
    pub registration_client_uri: &'a str,
    /// Every registered member. Written into the same object, not below a name.
    #[serde(skip)]
    pub metadata: &'a RawValue,
}

impl Registration<'_> {
    /// The JSON object.
    ///
    /// # Errors
    /// If it cannot be written, which only a defect could bring about.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut json = serde_json::to_string(self)?;
        // The metadata is an object too: its members follow ours, and its bytes stay as they are.
        if let Some(members) = self.metadata.get().strip_prefix('{').filter(|rest| *rest != "}") {
            json.pop();
            json.push(',');
            json.push_str(members);
        }
        Ok(json)
    }
}
