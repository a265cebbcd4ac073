//! Registration (RFC 7591 §3).

use super::credentials::Credentials;
use super::ports::{Host, Key, Store};
use super::{App, Error, Information};
use crate::client::{ClientMetadata, RawMetadata, Record};

/// Registers the client that `body` describes. The answer exists only after the store has the
/// record: one write, no read.
///
/// # Errors
/// [`Error::Metadata`] with every problem of the request; otherwise what failed of ours.
pub async fn register<S: Store, H: Host>(
    app: &App<'_, S, H>,
    body: &[u8],
) -> Result<Information, Error> {
    // 1. Parse: bytes to members.
    let raw = RawMetadata::parse(body).map_err(|problem| Error::Metadata(vec![problem]))?;

    // 2. Verify: fill in defaults, narrow to what is supported, hold against the rules.
    let profile = app.profile().await?;
    let metadata = ClientMetadata::verify(raw, &profile.supported, &[]).map_err(Error::Metadata)?;

    // 3. Issue: an identifier, a secret if the method has one, a token to manage the registration.
    let Credentials { client_id, secret, token, version } = Credentials::draw(&app.host)?;
    let secret = metadata.auth_method().needs_secret().then_some(secret);
    let now = app.host.now();
    let mut record = Record::new(&client_id, now, version, &token, &metadata)?;
    if let Some(secret) = &secret {
        let lifetime = app.issuer.lifetimes().client_secret;
        record.secrets_mut().issue(secret, None, now, lifetime);
    }

    // 4. Store: digests only, and acknowledged.
    let key = Key::client(app.issuer.id(), &client_id);
    let json = record.to_json()?;
    app.put(&key, &json, None).await?;

    // 5. Answer: everything registered, and the plain credentials, once.
    Information::of(app, &record, &token, secret.as_ref())
}
