//! One client: shown, switched off and on, given new credentials, deleted.

use serde::{Deserialize, Serialize};

use crate::client::limits::ENTRIES;
use crate::client::reading::read;
use crate::client::{Audience, Mistake};
use crate::service::credentials::Credentials;
use crate::service::holder::{Caller, Found};
use crate::service::ports::{Host, Store};
use crate::service::{App, Error, request};
use crate::vocabulary::{ClientId, ClientSecret, Digest, EntityTag, RegistrationToken};

/// Everything that is known of a client, as JSON, and which state that is.
///
/// # Errors
/// [`Error::Unknown`]
pub async fn get<S: Store, H: Host>(
    app: &App<'_, S, H>,
    client_id: &str,
) -> Result<(String, EntityTag), Error> {
    let found = app.find(Caller::Operator(&parse(client_id)?)).await?;
    let json =
        found.record.document_for(Audience::Operator(app.issuer.lifetimes().use_recording()))?;
    let version = EntityTag::of(Digest::of(&json).short_name());
    Ok((json, version))
}

/// Switches a client off, or on again. It keeps its registration and credentials, and none of them works
/// while it is off.
///
/// # Errors
/// [`Error::Unknown`]; [`Error::Busy`]
pub async fn switch<S: Store, H: Host>(
    app: &App<'_, S, H>,
    client_id: &str,
    on: bool,
) -> Result<(), Error> {
    let (client_id, now) = (parse(client_id)?, app.host.now());
    let mut change = |Found { mut record, .. }| {
        // Who is off already stays off since then.
        let changes = on == record.disabled_at().is_some();
        record.disable((!on).then_some(now));
        Ok(changes.then_some(record))
    };
    outward(app.change(Caller::Operator(&client_id), &mut change).await)
}

/// Deletes a client for good, even one whose record cannot be read.
///
/// # Errors
/// [`Error::Unknown`]
pub async fn delete<S: Store, H: Host>(app: &App<'_, S, H>, client_id: &str) -> Result<(), Error> {
    app.end(Caller::Operator(&parse(client_id)?), true, &|_| Ok(())).await
}

/// Which credential to replace, and whether the former one still works.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Rotation {
    credential: Option<Credential>,
    keep_former: bool,
}

#[derive(PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Credential {
    ClientSecret,
    RegistrationAccessToken,
}

/// New credentials, shown once.
#[derive(Serialize)]
struct Rotated<'c> {
    client_id: &'c str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'c ClientSecret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<&'c RegistrationToken>,
}

/// Gives a client another `client_secret` or `registration_access_token`, as `body` says (`credential`).
/// The former one ends at once, unless `keep_former` is true.
///
/// # Errors
/// [`Error::Unknown`]; [`Error::Request`], for a client without a secret too.
pub async fn rotate<S: Store, H: Host>(
    app: &App<'_, S, H>,
    client_id: &str,
    body: &[u8],
) -> Result<String, Error> {
    let (members, mut mistakes) = (request::object(body)?, Vec::new());
    let Rotation { credential, keep_former } = read("", &members, ENTRIES, &mut mistakes);
    if !members.contains_key("credential") {
        let expected = "\"client_secret\" or \"registration_access_token\"";
        mistakes.push(Mistake::value("credential", None, expected));
    }
    request::reject(mistakes)?;
    let secret = credential == Some(Credential::ClientSecret);
    let client_id = parse(client_id)?;
    let mut told = String::new();
    let mut change = |Found { mut record, .. }| {
        let drawn = Credentials::draw(&app.host)?;
        let now = app.host.now();
        if secret {
            if record.secrets().expires_at().is_none() {
                return Err(Error::Request("This client has no client_secret".into()));
            }
            let lifetime = record.capped_lifetime(app.issuer.lifetimes().client_secret, now);
            record.secrets_mut().issue(&drawn.secret, None, now, lifetime);
            if !keep_former {
                record.secrets_mut().retire_former();
            }
        } else {
            record.replace_token(&drawn.token, keep_former);
        }
        told = serde_json::to_string(&Rotated {
            client_id: client_id.as_str(),
            client_secret: secret.then_some(&drawn.secret),
            client_secret_expires_at: record.secrets().expires_at().filter(|_| secret),
            registration_access_token: (!secret).then_some(&drawn.token),
        })?;
        Ok(Some(record))
    };
    outward(app.change(Caller::Operator(&client_id), &mut change).await)?;
    Ok(told)
}

pub(super) fn parse(client_id: &str) -> Result<ClientId, Error> {
    ClientId::parse(client_id).ok_or(Error::Unknown)
}

/// For the operator a client that was deleted elsewhere is one that does not exist.
fn outward(done: Result<(), Error>) -> Result<(), Error> {
    done.map_err(|error| if matches!(error, Error::BadToken) { Error::Unknown } else { error })
}
