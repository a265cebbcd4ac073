//! Management of a registration by the holder of its token (RFC 7592 §2): read, replace, delete.

use super::credentials::{Credentials, Rotation};
use super::holder::{Caller, Found};
use super::ports::{Host, Store};
use super::{App, Claimant, Error, Information};
use crate::client::{ClientMetadata, Problems, RawMetadata, Standing};

/// Tells the holder what is registered (RFC 7592 §2.1). The secret is not in it: only its digest is
/// kept. A token is, as the spec demands: a new one where the operator rotates them with every read
/// and the answer `has_body` to bring it, else the one that was presented.
///
/// # Errors
/// [`Error::Unmodified`] and [`Error::Changed`] as the preconditions say; if a token began or ended its
/// life with this and the store did not take it, what the store said; [`Error::Limited`] for a new token.
pub async fn read<S: Store, H: Host>(
    app: &App<'_, S, H>,
    claimant: &Claimant<'_>,
    has_body: bool,
) -> Result<Information, Error> {
    let rotates = has_body && app.issuer.lifetimes().rotation == Rotation::Always;
    if rotates {
        claimant.require_token()?;
        app.count_place(claimant.address).await?;
    }
    let mut told = Err(Error::NoToken);
    let mut ends_newest = false;
    let mut change = |Found { token, mut record, .. }| {
        let (token, standing) = token.ok_or(Error::NoToken)?;
        if !claimant.preconditions.allow_match(record.version()) {
            return Err(Error::Changed);
        }
        if rotates {
            let next = Credentials::draw(&app.host)?.token;
            ends_newest = standing == Standing::Former;
            record.succeed_token(&token, &next);
            app.renew(&mut record);
            told = Information::of(app, &record, &next, None);
            return Ok(Some(record));
        }
        let news = claimant.preconditions.allow_news(record.version());
        told = if news {
            Information::of(app, &record, &token, None)
        } else {
            Err(Error::Unmodified(record.version().clone()))
        };
        let retires = standing == Standing::Current && record.has_former_token();
        if retires {
            record.retire_former_tokens();
        }
        Ok(retires.then_some(record))
    };
    match app.change(Caller::Holder(claimant), &mut change).await {
        // Ending a former token can wait until other writes are done, or until the rate limit allows it.
        Err(Error::Busy | Error::Limited) if !rotates => told,
        done => {
            done?;
            app.note_ended_token(ends_newest);
            told
        }
    }
}

/// Finds the registration that the caller may manage, before the body is read. One read, or none for a token or a
/// client identifier without the right form.
///
/// # Errors
/// [`Error::NoToken`], [`Error::BadToken`], [`Error::Disabled`]; what the store could not do.
pub async fn find<S: Store, H: Host>(
    app: &App<'_, S, H>,
    claimant: &Claimant<'_>,
) -> Result<Found, Error> {
    app.find(Caller::Holder(claimant)).await
}

/// Puts what `body` describes in the place of the registration that was `found` (RFC 7592 §2.2): a member that is
/// left out is gone, and its default applies again. Only `token_endpoint_auth_method` stays what it was, so that a
/// client keeps its kind. What is refused changes nothing. If the registration has changed since it was found, its
/// latest state counts.
///
/// # Errors
/// [`Error::Metadata`] with every problem of the request; [`Error::Changed`] if the registration is not in the state
/// that is asked for; otherwise what failed of ours.
pub async fn replace<S: Store, H: Host>(
    app: &App<'_, S, H>,
    claimant: &Claimant<'_>,
    found: Found,
    body: &[u8],
) -> Result<Information, Error> {
    // 1. Parse. Whoever is not the holder is not told what came of it.
    let parsed = RawMetadata::parse(body);
    let (profile, mut failure) = match app.profile().await {
        Ok(profile) => (Some(profile), None),
        Err(error) => (None, Some(error)),
    };
    // What the runtime says of keys comes later than what is decided below, which is decided at once.
    let points = parsed.as_ref().map(RawMetadata::points).unwrap_or_default();
    let misplaced = app.misplaced(points).await.unwrap_or_else(|error| {
        failure.get_or_insert(error);
        Problems::default()
    });
    let lifetimes = app.issuer.lifetimes();

    let mut told = Err(Error::NoToken);
    let mut ends_newest = false;
    // A change may be decided more than once; what a client is held against is the same then.
    let mut verified = None;
    let mut change = |Found { token, mut record, .. }| {
        let (token, standing) = token.ok_or(Error::NoToken)?;
        // 2. Verify as in a registration, under the policies it came in with, and hold the request
        // against this registration.
        let profile = match (&profile, failure.take()) {
            (Some(profile), None) => profile,
            (_, error) => return Err(error.unwrap_or(Error::Unknown)),
        };
        let raw = parsed.as_ref().map_err(|problem| Error::Metadata(problem.clone().into()))?;
        let kept = record.auth_method();
        let metadata = match verified.take() {
            Some((of, metadata)) if of == kept => metadata,
            _ => {
                let beside = app.policy_of(record.provenance())?;
                let (supported, policies) = app.terms(&profile.supported, beside.as_ref());
                ClientMetadata::verify(raw.clone(), &supported, &policies, &app.host, kept)
            }
        };
        let (_, metadata) = verified.insert((kept, metadata));
        let (known, metadata) = match (raw.claims().check(&record), metadata) {
            (Ok(known), Ok(metadata)) if misplaced.is_empty() => (known, metadata),
            (claims, metadata) => {
                let mut problems = claims.err().unwrap_or_default();
                if let Err(others) = metadata {
                    problems.append(others.clone());
                }
                problems.append(misplaced.clone());
                return Err(Error::Metadata(problems));
            }
        };
        claimant.expect(record.version())?;

        // 3. Issue what has run its course.
        let now = app.host.now();
        let drawn = Credentials::draw(&app.host)?;
        record.replace_metadata(metadata, drawn.version, now)?;
        let mut secret = None;
        if !metadata.auth_method().needs_secret() {
            record.secrets_mut().clear();
        } else if record.secrets().needs_another(known, now) {
            let lifetime = record.capped_lifetime(lifetimes.client_secret, now);
            record.secrets_mut().issue(&drawn.secret, known, now, lifetime);
            secret = Some(drawn.secret);
        }
        let mut valid = token;
        if lifetimes.rotation != Rotation::Never {
            ends_newest = standing == Standing::Former;
            record.succeed_token(&valid, &drawn.token);
            valid = drawn.token;
        } else if standing == Standing::Current {
            record.retire_former_tokens();
        }

        // 4. Store, then answer.
        app.renew(&mut record);
        told = Information::of(app, &record, &valid, secret.as_ref());
        Ok(Some(record))
    };
    app.change_found(found, Caller::Holder(claimant), &mut change).await?;
    app.note_ended_token(ends_newest);
    told
}

/// Deletes the registration (RFC 7592 §2.3): the client, its token and its secrets are dead.
///
/// # Errors
/// [`Error::Changed`] as for an update. If the store fails, the deletion may be asked for again; until
/// then whatever would write the registration completes it.
pub async fn delete<S: Store, H: Host>(
    app: &App<'_, S, H>,
    claimant: &Claimant<'_>,
) -> Result<(), Error> {
    app.end(Caller::Holder(claimant), true, &|record| {
        record.map_or(Ok(()), |record| claimant.expect(record.version()))
    })
    .await
}

impl<S: Store, H: Host> App<'_, S, H> {
    /// Notes in the event that a former token was used before its successor, which has ended by that. Either the
    /// answer with the successor was lost, or somebody else has one of the two tokens.
    fn note_ended_token(&self, has_ended: bool) {
        if has_ended {
            self.note("a former registration access token was used: the newest one has ended");
        }
    }
}
