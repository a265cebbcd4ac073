//! Registration (RFC 7591 §3).

use super::ports::{ClientKey, Clock, Entropy, EntropyError, Store};
use super::{App, Error};
use crate::client::{ClientMetadata, RawMetadata, Record, Registration};
use crate::vocabulary::{ClientId, ClientSecret, RegistrationToken};

/// A client that was just registered.
pub struct Registered {
    /// Its identifier.
    pub client_id: ClientId,
    /// The client information response (RFC 7591 §3.2.1).
    pub document: String,
}

/// Registers the client that `body` describes. The answer exists only after the store has the
/// record: one write, no read.
///
/// # Errors
/// [`Error::Metadata`] with every problem of the request; otherwise what failed of ours.
pub async fn register<S: Store, H: Clock + Entropy>(
    app: &App<'_, S, H>,
    body: &[u8],
) -> Result<Registered, Error> {
    // 1. Parse: bytes to members.
    let raw = RawMetadata::parse(body).map_err(|problem| Error::Metadata(vec![problem]))?;

    // 2. Verify: fill in defaults, narrow to what is supported, hold against the rules.
    let metadata = ClientMetadata::verify(raw, app.issuer.supported()).map_err(Error::Metadata)?;

    // 3. Issue: an identifier, a secret if the method has one, a token to manage the registration.
    let Credentials { client_id, secret, token } = Credentials::issue(&app.host)?;
    let secret = metadata.auth_method().needs_secret().then_some(secret);
    let issued_at = app.host.now();

    // 4. Store: digests only, and acknowledged.
    let record = Record::new(&client_id, issued_at, secret.as_ref(), &token, &metadata)?;
    app.store.put(&ClientKey::new(app.issuer.id(), &client_id), record.to_json()?).await?;

    // 5. Answer: everything registered, and the plain credentials, once.
    let document = Registration {
        client_id: &client_id,
        client_id_issued_at: issued_at,
        client_secret: secret.as_ref(),
        client_secret_expires_at: record.secret_expires_at(),
        registration_access_token: &token,
        registration_client_uri: app.issuer.registration_client_uri(&client_id),
        metadata: record.metadata(),
    }
    .to_json()?;
    Ok(Registered { client_id, document })
}

struct Credentials {
    client_id: ClientId,
    secret: ClientSecret,
    token: RegistrationToken,
}

impl Credentials {
    /// Draws all randomness at once: a call into the host costs more than the bytes.
    fn issue(entropy: &impl Entropy) -> Result<Self, EntropyError> {
        let mut id = [0; 16];
        let mut secret = [0; 64];
        let mut token = [0; 32];
        let mut bytes = [0; 112];
        entropy.fill(&mut bytes)?;
        let drawn = id.iter_mut().chain(&mut secret).chain(&mut token);
        drawn.zip(bytes).for_each(|(to, from)| *to = from);
        Ok(Self {
            client_id: ClientId::from_entropy(id),
            secret: ClientSecret::from_entropy(secret),
            token: RegistrationToken::from_entropy(token),
        })
    }
}
