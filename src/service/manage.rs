//! Management of a registration by the holder of its token (RFC 7592 §2): read, replace, delete.

use super::credentials::{Credentials, Rotation};
use super::ports::{Host, Key, Store};
use super::{App, Error, Information};
use crate::client::{ClientMetadata, RawMetadata, Record, Standing};
use crate::vocabulary::{ClientId, EntityTags, RegistrationToken};

/// How long it is remembered that a client was deleted, in seconds: longer than any location can see
/// the record of before.
const TOMBSTONE_TTL: u64 = 24 * 60 * 60;

/// Who has shown the registration access token of a client: may do anything with its registration.
pub struct Holder {
    client_id: ClientId,
    token: RegistrationToken,
    standing: Standing,
    record: Record,
}

/// Finds the registration of `client_id` for whoever presents its token. One read.
///
/// # Errors
/// [`Error::NoToken`]; [`Error::BadToken`] alike for a malformed or wrong token, another client's, and
/// a client that never existed or was deleted.
pub async fn authenticate<S: Store, H: Host>(
    app: &App<'_, S, H>,
    client_id: &str,
    token: Option<RegistrationToken>,
) -> Result<Holder, Error> {
    let token = token.ok_or(Error::NoToken)?;
    let client_id = ClientId::parse(client_id).ok_or(Error::BadToken)?;
    let key = Key::client(app.issuer.id(), &client_id);
    let stored = app.get(&key).await?;
    let record = Record::parse_of(&client_id, &stored.ok_or(Error::BadToken)?)?;
    let standing = record.token_standing(&token).ok_or(Error::BadToken)?;
    Ok(Holder { client_id, token, standing, record })
}

/// Tells the holder what is registered (RFC 7592 §2.1). The secret is not in it: only its digest is
/// kept. A token is, as the spec demands: a new one where the operator rotates them with every read
/// and the answer `has_body` to bring it, else the one that was presented.
///
/// # Errors
/// If a token began or ended its life with this and the store did not take it.
pub async fn read<S: Store, H: Host>(
    app: &App<'_, S, H>,
    holder: Holder,
    has_body: bool,
) -> Result<Information, Error> {
    let rotates = has_body && app.issuer.lifetimes().rotation == Rotation::Always;
    let Holder { client_id, token, standing, mut record } = holder;
    if rotates {
        let next = Credentials::draw(&app.host)?.token;
        record.succeed_token(&token, &next);
        overwrite(app, &client_id, &record).await?;
        return Information::of(app, client_id, &record, &next, None);
    }
    if standing == Standing::Current && record.has_former_token() {
        record.retire_former_tokens();
        overwrite(app, &client_id, &record).await?;
    }
    Information::of(app, client_id, &record, &token, None)
}

/// Puts what `body` describes in the place of what was registered (RFC 7592 §2.2): a member that is
/// left out is gone, and its default applies again. What is refused changes nothing.
///
/// # Errors
/// [`Error::Metadata`] with every problem of the request; [`Error::Changed`] if `expected` names other
/// versions than the one this location sees; otherwise what failed of ours.
pub async fn replace<S: Store, H: Host>(
    app: &App<'_, S, H>,
    holder: Holder,
    body: &[u8],
    expected: Option<&EntityTags>,
) -> Result<Information, Error> {
    let Holder { client_id, token, standing, mut record } = holder;

    // 1. Parse and verify as in a registration, and hold the request against this registration.
    let raw = RawMetadata::parse(body).map_err(|problem| Error::Metadata(vec![problem]))?;
    let claims = raw.claims(&client_id, &record);
    let profile = app.profile().await?;
    let metadata = ClientMetadata::verify(raw, &profile.supported);
    let (known, metadata) = match (claims, metadata) {
        (Ok(known), Ok(metadata)) => (known, metadata),
        (claims, metadata) => {
            let problems = claims.err().into_iter().chain(metadata.err()).flatten();
            return Err(Error::Metadata(problems.collect()));
        }
    };
    precondition(&record, expected)?;

    // 2. Issue what has run its course.
    let lifetimes = app.issuer.lifetimes();
    let now = app.host.now();
    let drawn = Credentials::draw(&app.host)?;
    record.replace_metadata(&metadata, drawn.version, now)?;
    let mut secret = None;
    if !metadata.auth_method().needs_secret() {
        record.secrets_mut().clear();
    } else if record.secrets().needs_another(known, now) {
        record.secrets_mut().issue(&drawn.secret, known, now, lifetimes.client_secret);
        secret = Some(drawn.secret);
    }
    let mut valid = token;
    if lifetimes.rotation != Rotation::Never {
        record.succeed_token(&valid, &drawn.token);
        valid = drawn.token;
    } else if standing == Standing::Current {
        record.retire_former_tokens();
    }

    // 3. Store, then answer.
    overwrite(app, &client_id, &record).await?;
    Information::of(app, client_id, &record, &valid, secret.as_ref())
}

/// Deletes the registration (RFC 7592 §2.3): the client, its token and its secrets are dead.
///
/// # Errors
/// [`Error::Changed`] as for an update. If the store fails, the deletion may be asked for again;
/// until then the registration can be read, and perhaps no longer be changed.
pub async fn delete<S: Store, H: Host>(
    app: &App<'_, S, H>,
    holder: Holder,
    expected: Option<&EntityTags>,
) -> Result<(), Error> {
    let Holder { client_id, record, .. } = holder;
    precondition(&record, expected)?;
    // The tombstone first: a location that still sees the record must not write it again.
    let tombstone = Key::tombstone(app.issuer.id(), &client_id);
    let json = format!("{{\"v\":1,\"deleted_at\":{}}}", app.host.now());
    app.put(&tombstone, &json, Some(TOMBSTONE_TTL)).await?;
    let key = Key::client(app.issuer.id(), &client_id);
    app.delete(&key).await?;
    Ok(())
}

/// `If-Match` (RFC 9110 §13.1.1).
fn precondition(record: &Record, expected: Option<&EntityTags>) -> Result<(), Error> {
    let holds = expected.is_none_or(|tags| tags.match_strongly(record.version()));
    if holds { Ok(()) } else { Err(Error::Changed) }
}

/// Writes a record in the place of the one that was read, unless its client was deleted meanwhile at
/// another location, which the record itself may not show for a minute. What a location wrote that
/// could not see the tombstone either goes the way of the client then.
async fn overwrite<S: Store, H: Host>(
    app: &App<'_, S, H>,
    client_id: &ClientId,
    record: &Record,
) -> Result<(), Error> {
    let key = Key::client(app.issuer.id(), client_id);
    let tombstone = Key::tombstone(app.issuer.id(), client_id);
    if app.get(&tombstone).await?.is_some() {
        app.delete(&key).await?;
        return Err(Error::BadToken);
    }
    let json = record.to_json()?;
    app.put(&key, &json, None).await?;
    Ok(())
}
