//! One client: shown, disabled and enabled, given new credentials, deleted.

use serde::{Deserialize, Serialize};

use crate::client::limits::ENTRIES;
use crate::client::reading::read;
use crate::client::{Audience, Mistake, Record, UseRecording};
use crate::records::{Decision, Deletion, Store, Writer};
use crate::service::credentials::Credentials;
use crate::service::{Error, IssuerContext, Ports, done, request};
use crate::vocabulary::{ClientId, ClientSecret, Digest, EntityTag, RegistrationToken};

/// Everything that is known of a client, as JSON, and which state that is.
///
/// # Errors
/// 404; 503 if the store fails.
pub async fn get<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
) -> Result<(String, EntityTag), Error> {
    let record = context.records.get(&parse(context, client_id)?).await?.ok_or(Error::Unknown)?;
    let json = record.document_for(Audience::Operator(context.use_recording()))?;
    let version = version_of(&json);
    Ok((json, version))
}

/// Which state of a client its document for the operator is.
fn version_of(document: &str) -> EntityTag {
    EntityTag::of(Digest::of(document).short_name())
}

/// The version of the document of `record`, as [`get`] returns it.
///
/// # Errors
/// If the document cannot be written as JSON.
pub(super) fn find_version(record: &Record, recording: UseRecording) -> Result<EntityTag, Error> {
    Ok(version_of(&record.document_for(Audience::Operator(recording))?))
}

/// Disables a client, or enables it again. It keeps its registration and credentials, which do not work while it
/// is disabled.
///
/// # Errors
/// 404; 503 if the store fails, or while other writes of the client are under way.
pub async fn set_enabled<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    enabled: bool,
) -> Result<(), Error> {
    let client_id = parse(context, client_id)?;
    let permit = std::future::ready(true);
    let change = context.records.update(&client_id, Writer::Operator, permit, |record| {
        if enabled == record.disabled_at.is_none() {
            return Ok::<_, Error>((Decision::Keep, ()));
        }
        record.disabled_at = (!enabled).then(|| context.runtime.now());
        Ok((Decision::Store, ()))
    });
    done(change.await?, Error::Unknown).map(drop)
}

/// Deletes a client for good, even one whose record cannot be read.
///
/// # Errors
/// 404; 503 if the store fails, or while other writes of the client are under way.
pub async fn delete<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
) -> Result<(), Error> {
    let client_id = parse(context, client_id)?;
    let deletion =
        context.records.delete(&client_id, Writer::Operator, true, &|_| Ok::<_, Error>(true));
    match deletion.await? {
        Deletion::Done | Deletion::Declined => Ok(()),
        Deletion::Absent => Err(Error::Unknown),
        Deletion::Busy => Err(Error::Busy),
    }
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
struct RotateResponse<'c> {
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
/// 1. Parse the request. 400; 404 for a malformed identifier
/// 2. Issue the credential. 404; 400 for a client without a secret, and for the token of a shared client; 500 without
///    randomness
/// 3. Store. 503 if the store fails, or while other writes of the client are under way
/// 4. Respond with the credential, once. 200
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn rotate<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
    body: &[u8],
) -> Result<String, Error> {
    let &IssuerContext { issuer, ref records, runtime, .. } = context;
    // 1.
    let (members, mut mistakes) = (request::object(body)?, Vec::new());
    let Rotation { credential, keep_former } = read("", &members, ENTRIES, &mut mistakes);
    if !members.contains_key("credential") {
        let expected = "\"client_secret\" or \"registration_access_token\"";
        mistakes.push(Mistake::value("credential", None, expected));
    }
    request::reject(mistakes)?;
    let secret = credential == Some(Credential::ClientSecret);
    let client_id = parse(context, client_id)?;
    let permit = std::future::ready(true);
    let change = records.update(&client_id, Writer::Operator, permit, |record| {
        // 2.
        let drawn = Credentials::draw(runtime)?;
        let now = runtime.now();
        if secret {
            if record.secrets.expires_at().is_none() {
                return Err(Error::Request("This client has no client_secret".into()));
            }
            let lifetime = record.capped_lifetime(issuer.lifetimes.client_secret, now);
            record.secrets.issue(&drawn.secret, None, now, lifetime);
            if !keep_former {
                record.secrets.retire_former();
            }
            if records.are_sealed() {
                // The registration that its client reads has another secret.
                record.version = drawn.version.clone();
            }
        } else if record.is_shared() {
            let text = "This client is shared, so it has no registration_access_token";
            return Err(Error::Request(text.into()));
        } else {
            record.replace_token(&drawn.token, keep_former);
        }
        Ok((Decision::Store, drawn))
    });
    // 3.
    let (record, drawn) = done(change.await?, Error::Unknown)?;
    // 4.
    Ok(serde_json::to_string(&RotateResponse {
        client_id: client_id.as_str(),
        client_secret: secret.then_some(&drawn.secret),
        client_secret_expires_at: record.secrets.expires_at().filter(|_| secret),
        registration_access_token: (!secret).then_some(&drawn.token),
    })?)
}

/// The identifier of a client that the issuer can have issued.
///
/// # Errors
/// [`Error::Unknown`]
pub(super) fn parse<S, R>(
    context: &IssuerContext<'_, S, R>,
    client_id: &str,
) -> Result<ClientId, Error> {
    context.issuer.client_ids.parse(client_id).ok_or(Error::Unknown)
}
