//! Management of a registration by the holder of its token (RFC 7592 §2): read, replace, delete.

use super::credentials::Credentials;
use super::keys::misplaced_keys;
use super::sector::Sector;
use super::signed_requests::{self, Body};
use super::statements::{self, settle_use, take_use};
use super::{Error, Information, IssuerContext, Ports, RegistrationHolder, done};
use crate::client::{ClientMetadata, Record, Standing, Status};
use crate::records::{Decision, Deletion, Records, Rotation, Store, Writer};
use crate::vocabulary::{EntityTag, RegistrationToken};

/// The response to a read.
pub enum ReadResponse {
    /// The registration.
    Information(Information),
    /// The caller has this state already (RFC 9110 §13.1.2).
    Unmodified(EntityTag),
}

/// The outcome of a read, decided on the record.
enum Reading {
    /// The caller has this state already.
    Unmodified,
    /// The response has the token that was presented. Before a write that is optional, it also has the state to respond
    /// with: the write may change the record in vain.
    Current(RegistrationToken, Option<Box<Record>>),
    /// The holder gets this token.
    Rotation { token: RegistrationToken, ends_newest: bool },
}

/// Reads the registration (RFC 7592 §2.1). The secret is in the response only if there is an encrypted copy of it that can
/// be opened. A token is, as the specification demands: a new one where the operator rotates them with every read and the
/// response `has_body` to bring it, else the one that was presented.
///
/// 1. A new token is a write, so its place is counted. 429
/// 2. Authenticate the holder. 401; 403 for a disabled client, and for one that is bound to another certificate
/// 3. `If-Match`. 412
/// 4. Rotate the token. 429, 503
/// 5. Without rotation: `If-None-Match`. 304
/// 6. Retire the token before the current one. This is optional: on a rate limit, or while other writes of the client
///    are under way, respond anyway.
/// 7. Decrypt the secret. 500 if Web Crypto fails. Respond. 200
///
/// # Errors
/// [`Error`], with the statuses above; 503 if the store fails.
pub async fn read<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    holder: &RegistrationHolder<'_>,
    has_body: bool,
) -> Result<ReadResponse, Error> {
    let &IssuerContext { issuer, ref records, ref gate, runtime, .. } = context;
    // 1.
    let rotates = has_body && issuer.lifetimes.rotation == Rotation::Always;
    if rotates {
        holder.require_token()?;
        gate.count_place(holder.address).await?;
    }
    let client_id = holder.client_id(issuer)?;
    let permit = gate.allows_update(holder.address, &client_id);
    let change = records.update(&client_id, Writer::Client, permit, |record| {
        // 2.
        let (token, standing) = holder.authenticate(record)?;
        // 3.
        if !holder.preconditions.if_match_passes(&record.version) {
            return Err(Error::PreconditionFailed);
        }
        // 4.
        if rotates {
            let next = Credentials::draw(runtime)?.token;
            let ends_newest = standing == Standing::Former;
            record.succeed_token(token, &next);
            return Ok((Decision::Store, Reading::Rotation { token: next, ends_newest }));
        }
        let retires = standing == Standing::Current && record.has_former_token();
        // 5.
        let reading = if holder.preconditions.if_none_match_passes(&record.version) {
            Reading::Current(token.clone(), retires.then(|| Box::new(record.clone())))
        } else {
            Reading::Unmodified
        };
        // 6.
        if retires {
            record.retire_former_tokens();
            return Ok((Decision::StoreIfPossible, reading));
        }
        Ok((Decision::Keep, reading))
    });
    // 7.
    let (record, token) = match done(change.await?, Error::BadToken)? {
        (record, Reading::Unmodified) => return Ok(ReadResponse::Unmodified(record.version)),
        (record, Reading::Current(token, state)) => (state.map_or(record, |state| *state), token),
        (record, Reading::Rotation { token, ends_newest }) => {
            note_ended_token(records, ends_newest);
            (record, token)
        }
    };
    let secret = records.open_newest_secret(&record).await?;
    Information::of(issuer, &record, &token, secret.as_ref()).map(ReadResponse::Information)
}

/// Finds the registration that the caller may manage, before the body is read. One read, or none for a token or a client
/// identifier without the right form.
///
/// # Errors
/// 401 alike for a malformed or wrong token, another client's, and a client that never existed, was deleted or has
/// expired; 403 for a disabled client, and for one that is bound to another certificate; 503 if the store fails.
pub async fn find<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    holder: &RegistrationHolder<'_>,
) -> Result<Record, Error> {
    let record =
        context.records.get(&holder.client_id(context.issuer)?).await?.ok_or(Error::BadToken)?;
    holder.authenticate(&record)?;
    Ok(record)
}

/// Replaces the registration that was `found` with the one that `body` describes (RFC 7592 §2.2): a member that is
/// left out is gone, and its default applies again. Only `token_endpoint_auth_method` stays what it was, so that a
/// client keeps its kind. A rejected request changes nothing. If the registration has changed since it was found, its
/// latest state counts.
///
/// 1. Parse. 400. Verify a new software statement, or keep the client's, and lay it over the members. 400; 503 if its keys
///    are missing, or another client is being stored with it
/// 2. Authenticate the holder again, since this may be a later state. 401; 403 for a disabled or rejected client, and for
///    one that is bound to another certificate
/// 3. Verify as in a registration, under the policies that the client came in with, and compare the assigned members
///    with this registration. 400 with every problem; 503 if the upstream document or Web Crypto is missing
/// 4. `If-Match` and `If-None-Match`. 412
/// 5. Issue what has expired or is to rotate, and a secret that can be sealed if the authorization server needs the plain
///    one. 500 without randomness. Where a policy asks for approval, the client waits for
///    it again if its names, redirect URIs or keys change.
/// 6. Store. 429; 503 if the store fails, or while other writes of the client are under way
/// 7. Respond with what is stored. 200
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn replace<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    holder: &RegistrationHolder<'_>,
    found: Record,
    body: &Body,
) -> Result<Information, Error> {
    let &IssuerContext { issuer, ref records, ref gate, runtime, .. } = context;
    // 1.
    let client_id = holder.client_id(issuer)?;
    let parsed = signed_requests::read(context, body, Some(&client_id));
    let profile = issuer.profile(records, runtime).await?;
    let (mut raw, signed) = parsed?;
    let former = (found.provenance.statement.clone(), found.statement());
    let statement = statements::of_update(context, &found, &raw).await?;
    let request = signed_requests::verify(context, signed.as_ref(), statement.statement()).await?;
    let notes = statement.lay_over(&mut raw, issuer)?;
    let (origin, wanted) = statement.into_origin();
    let wanted: Vec<_> = wanted.into_iter().chain(request).collect();
    let misplaced = misplaced_keys(runtime, raw.points()).await?;
    let sector = Sector::read(context, raw.sector_identifier_uri()).await?;

    let lifetimes = issuer.lifetimes;
    let permit = gate.allows_update(holder.address, &client_id);
    take_use(context, &wanted, &client_id).await?;
    // The closure may run more than once; the metadata are verified again only if the method to keep has changed.
    let mut verified = None;
    let mut needs_approval = false;
    let change = records.update_loaded(&client_id, found, Writer::Client, permit, |record| {
        // 2.
        let (presented, standing) = holder.authenticate(record)?;
        if record.status() == Status::Rejected {
            return Err(Error::Rejected);
        }
        if former != (record.provenance.statement.clone(), record.statement()) {
            return Err(Error::Busy);
        }
        // 3.
        let kept = record.auth_method();
        let provenance = record.provenance.clone().vouched_for(origin.clone());
        let metadata = match verified.take() {
            Some((of, metadata)) if of == kept => metadata,
            _ => {
                let additional = gate.policies_of(&provenance)?;
                let supported = profile.supported_for(record.document_url());
                let (supported, policies) = gate.settings.terms(&supported, &additional);
                needs_approval = policies.iter().any(|policy| policy.requires_approval());
                let presented = holder.certificate.as_ref();
                ClientMetadata::verify(raw.clone(), &supported, &policies, runtime, kept).and_then(
                    |metadata| {
                        Ok(metadata.check_subject(&policies, presented).map(|()| metadata)?)
                    },
                )
            }
        };
        let (_, metadata) = verified.insert((kept, metadata));
        let (known, metadata) = match (raw.claims().check(record), metadata) {
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
        sector.check(metadata).map_err(Error::Metadata)?;
        // 4.
        if !holder.preconditions.pass(&record.version) {
            return Err(Error::PreconditionFailed);
        }
        // 5.
        let now = runtime.now();
        let drawn = Credentials::draw(runtime)?;
        if needs_approval && record.needs_new_decision(metadata)? {
            record.request_approval(lifetimes.pending_client, now);
        }
        record.replace_metadata(metadata, drawn.version, now)?;
        record.set_provenance(provenance);
        record.sector_verified = sector.is_verified();
        let mut secret = None;
        if !metadata.auth_method().needs_secret() {
            record.secrets.clear();
        } else if record.secrets.needs_another(known, now) || records.lacks_plain_secret(record) {
            let lifetime = record.capped_lifetime(lifetimes.client_secret, now);
            record.secrets.issue(&drawn.secret, known, now, lifetime);
            secret = Some(drawn.secret);
        }
        if lifetimes.rotation != Rotation::Never {
            record.succeed_token(presented, &drawn.token);
            let ends_newest = standing == Standing::Former;
            return Ok((Decision::Store, (drawn.token, secret, ends_newest)));
        }
        if standing == Standing::Current {
            record.retire_former_tokens();
        }
        Ok((Decision::Store, (presented.clone(), secret, false)))
    });
    // 6.
    let (record, (token, secret, ends_newest)) = done(change.await?, Error::BadToken)?;
    note_ended_token(records, ends_newest);
    settle_use(context, &wanted, &client_id).await;
    // 7.
    let secret = match secret {
        Some(secret) => Some(secret),
        None => records.open_newest_secret(&record).await?,
    };
    Information::of(issuer, &record, &token, secret.as_ref())?.with_notes(&notes)
}

/// Deletes the registration (RFC 7592 §2.3): the client, its token and its secrets do not work any more.
///
/// 1. Authenticate the holder. 401; 403 for a disabled client, and for one that is bound to another certificate
/// 2. `If-Match` and `If-None-Match`. 412
/// 3. Delete. 204; 503 if the store fails, or while other writes of the client are under way. The deletion may be
///    repeated then; until it is, every write of the registration completes it.
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn delete<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    holder: &RegistrationHolder<'_>,
) -> Result<(), Error> {
    let client_id = holder.client_id(context.issuer)?;
    let allow = |record: Option<&Record>| {
        let record = record.ok_or(Error::BadToken)?;
        // 1.
        holder.authenticate(record)?;
        // 2.
        Ok::<_, Error>(holder.preconditions.pass(&record.version))
    };
    // 3.
    match context.records.delete(&client_id, Writer::Client, true, &allow).await? {
        Deletion::Done => Ok(()),
        Deletion::Declined => Err(Error::PreconditionFailed),
        Deletion::Absent => Err(Error::BadToken),
        Deletion::Busy => Err(Error::Busy),
    }
}

/// Notes that a former token was used before its successor, which has ended by that. Either the response with the
/// successor was lost, or a stranger has one of the two tokens.
fn note_ended_token<S, R>(records: &Records<'_, S, R>, has_ended: bool) {
    if has_ended {
        records.note("a former registration access token was used: the newest one has ended");
    }
}
