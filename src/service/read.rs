//! Reading a registration back (RFC 7592 §2.1).

use super::ports::{ClientKey, Clock, Entropy, Store};
use super::{App, Error};
use crate::client::{Record, Registration};
use crate::vocabulary::{ClientId, RegistrationToken};

/// The registration of `client_id`, for whoever holds its token. One read.
///
/// The secret is not in it: only its digest is kept. The token is, as the spec demands: the one
/// that was presented.
///
/// # Errors
/// [`Error::BadToken`] alike for a wrong token, another client's, and a client that does not exist.
pub async fn read<S: Store, H: Clock + Entropy>(
    app: &App<'_, S, H>,
    client_id: &str,
    token: Option<RegistrationToken>,
) -> Result<String, Error> {
    let token = token.ok_or(Error::NoToken)?;
    let client_id = ClientId::parse(client_id).ok_or(Error::BadToken)?;
    let stored = app.store.get(&ClientKey::new(app.issuer.id(), &client_id)).await?;
    let record = Record::parse(&stored.ok_or(Error::BadToken)?)?;
    if !record.admits(&token) {
        return Err(Error::BadToken);
    }
    let document = Registration {
        client_id: &client_id,
        client_id_issued_at: record.issued_at(),
        client_secret: None,
        client_secret_expires_at: record.secret_expires_at(),
        registration_access_token: &token,
        registration_client_uri: app.issuer.registration_client_uri(&client_id),
        metadata: record.metadata(),
    };
    Ok(document.to_json()?)
}
