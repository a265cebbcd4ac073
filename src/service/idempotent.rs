//! A registration that its client may repeat (`Idempotency-Key`): the same request gets the same client, with the same
//! credentials. These are derived from a key of `ID_KEY`, so nothing is stored of them but their digests.

use super::register::{Issued, Verified, verify};
use super::shared::{identify, register_shared};
use super::signed_requests::Body;
use super::statements::{settle_use, take_use};
use super::{Error, Information, IssuerContext, Ports};
use crate::client::{Record, Standing, Status};
use crate::gate::claims::{ClaimReply, ClaimRequest, ClaimState, ClaimedClient};
use crate::gate::{Admission, GateError};
use crate::issuer::Issuer;
use crate::records::ledger::LedgerReply;
use crate::records::{Records, RecordsError, Store};
use crate::vocabulary::{
    ClientId, ClientSecret, Digest, EntityTag, IdempotencyKey, Key, RegistrationToken,
};

/// How long KV may not show a new client at a location, in seconds.
const VISIBILITY: u64 = 90;
/// How long a repeat waits for the writer of the same registration, in milliseconds, each time.
const PAUSES_MS: [u64; 4] = [250, 750, 1_500, 2_000];

/// A request that may be repeated.
struct Repeatable<'r> {
    key: &'r IdempotencyKey,
    /// The digests of the key and of the request.
    digests: (String, String),
}

/// The identifier and the credentials of a client, derived.
struct Derived {
    client_id: ClientId,
    secret: ClientSecret,
    token: RegistrationToken,
    version: EntityTag,
}

/// Registers the client that `body` describes, or repeats the response of its registration, once the gate has admitted it.
/// The first time one write, no read, and three requests to the Durable Object; a repeat one read, and one request.
///
/// 1. Ask what is known of the key. 422 if it was used with another body or token
/// 2. While another request writes the same client, wait for it. 503
/// 3. Repeat: find the client, and compare its credentials with those that it got. 409 if it was updated, disabled or
///    deleted, if it has expired, or if its credentials were replaced; 403 if it is bound to another certificate; 503
///    while KV may not show it yet
/// 4. Otherwise verify, as in a registration. 400, 503. A shared client (`shared.rs`) goes on from here without the key
/// 5. Charge the gate, claim the key, and take a use of the statement and of the token, once. 429, 401, 400, 503
/// 6. Store, acknowledged. 503; the claim stays, so that a repeat goes on from here
/// 7. Respond as in a registration. 201
///
/// # Errors
/// [`Error`], with the statuses above.
pub async fn register_once<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    admission: Admission,
    key: &IdempotencyKey,
    body: Body,
) -> Result<Information, Error> {
    let &IssuerContext { issuer, runtime, .. } = context;
    let request = Digest::of_parts(&[body.bytes(), admission.token_digest().as_bytes()]);
    let of = Repeatable { key, digests: (key.digest().into(), request.into()) };
    let mut pauses = PAUSES_MS.into_iter();
    loop {
        // 1.
        let recall =
            ClaimRequest::Recall { key: of.digests.0.clone(), request: of.digests.1.clone() };
        let client = match ask(context, recall).await? {
            ClaimReply::OtherRequest => return Err(Error::KeyReused),
            ClaimReply::Known { client, state } => {
                let pause = match state {
                    ClaimState::Writing => pauses.next().ok_or(Error::Busy)?,
                    state => match repeat(context, &of, &admission, &client, state).await? {
                        Some(information) => return Ok(information),
                        None => 0,
                    },
                };
                // 2.
                if pause > 0 {
                    runtime.sleep(pause).await;
                    continue;
                }
                Some(client)
            }
            _ => None,
        };
        // 4.
        let verified = verify(context, &admission, &body).await?;
        // Every sender of the metadata of a shared client gets that client: a key adds nothing.
        if client.is_none()
            && let Some(client_id) = identify(context, &admission, &verified, body.bytes())?
        {
            drop(body);
            return register_shared(context, admission, &verified, &client_id).await;
        }
        let is_taken_over = client.is_some();
        let newest = issuer.client_ids.ring().map(|ring| ring.newest().number());
        let claimed_at = client.as_ref().map_or_else(|| runtime.now(), |client| client.claimed_at);
        let number = client.as_ref().map(|client| client.number).or(newest);
        let derived = of.derive(issuer, number.unwrap_or_default(), claimed_at)?;
        let client_id = derived.client_id.to_string();
        let claimed = ClaimedClient { client_id, claimed_at, number: number.unwrap_or_default() };
        // 5.
        take_use(context, &verified.wanted, &derived.client_id).await?;
        let digests = (&*of.digests.0, &*of.digests.1);
        if context.gate.claim(&admission, digests, claimed).await? != ClaimReply::Granted {
            // Another request was faster.
            continue;
        }
        // 6. and 7.
        drop(body);
        return store(context, &of, (admission, verified), (derived, claimed_at), is_taken_over)
            .await;
    }
}

/// Stores the client of a claim that was granted. If an earlier writer may have stored it, the ledger decides.
async fn store<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    of: &Repeatable<'_>,
    (admission, verified): (Admission, Verified),
    (derived, now): (Derived, u64),
    is_taken_over: bool,
) -> Result<Information, Error> {
    let &IssuerContext { issuer, ref records, runtime, .. } = context;
    let Derived { client_id, secret, token, version } = &derived;
    let issued = Issued { client_id, secret, token, version: version.clone(), now };
    let mut record = verified.record(issuer, verified.provenance(&admission), issued)?;
    let lifetimes = issuer.lifetimes;
    record.renew(lifetimes.unused_client, lifetimes.idle_client, now);
    if record.has_expired(runtime.now()) {
        return Err(Error::Ended);
    }
    let stored = if is_taken_over {
        create_again(records, client_id, &mut record).await
    } else {
        let encoded = records.encode(&mut record).await?;
        records.create(client_id, &encoded).await.map_err(Error::from)
    };
    // If this is lost, a repeat waits for the lease, and finds the client.
    let complete = ClaimRequest::Complete { key: of.digests.0.clone(), is_stored: stored.is_ok() };
    if let Err(error) = ask(context, complete).await {
        records.note(&format!("repeats of this registration wait for half a minute: {error}"));
    }
    stored?;
    settle_use(context, &verified.wanted, client_id).await;
    let secret = verified.metadata.auth_method().needs_secret().then_some(secret);
    Information::of(issuer, &record, token, secret)?.with_notes(&verified.notes)
}

async fn create_again<S: Store, R: Ports>(
    records: &Records<'_, S, R>,
    client_id: &ClientId,
    record: &mut Record,
) -> Result<(), Error> {
    match records.create_again(client_id, record).await? {
        LedgerReply::Granted => Ok(()),
        LedgerReply::Busy => Err(Error::Busy),
        LedgerReply::Newer { .. } | LedgerReply::Deleted => Err(Error::Ended),
    }
}

/// The response of the registration once more; `None` if its client is not stored and may be stored now.
async fn repeat<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    of: &Repeatable<'_>,
    admission: &Admission,
    client: &ClaimedClient,
    state: ClaimState,
) -> Result<Option<Information>, Error> {
    let &IssuerContext { issuer, ref records, runtime, .. } = context;
    let derived = of.derive(issuer, client.number, client.claimed_at)?;
    let now = runtime.now();
    let is_stored = state != ClaimState::Unfinished;
    let found = match state {
        ClaimState::Deleted => None,
        ClaimState::Changed(record) => {
            let record = Record::parse_of(&derived.client_id, record.as_bytes());
            Some(record.map_err(RecordsError::Record)?).filter(|record| !record.has_expired(now))
        }
        _ => match records.get(&derived.client_id).await? {
            None if !is_stored => return Ok(None),
            None if now < client.claimed_at.saturating_add(VISIBILITY) => return Err(Error::Busy),
            found => found,
        },
    };
    let record = found.filter(|record| derived.works_at(record, now)).ok_or(Error::Ended)?;
    let certificate = record.provenance.check_certificate(admission.certificate.as_ref());
    certificate.map_err(GateError::from)?;
    if !is_stored {
        let complete = ClaimRequest::Complete { key: of.digests.0.clone(), is_stored: true };
        // The next repeat finds out again.
        let _ = ask(context, complete).await;
    }
    let has_secret = record.secrets.expires_at().is_some();
    let secret = has_secret.then_some(&derived.secret);
    Information::of(issuer, &record, &derived.token, secret).map(Some)
}

async fn ask<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    request: ClaimRequest,
) -> Result<ClaimReply, Error> {
    Ok(context.gate.ask_claims(&request).await?)
}

impl Repeatable<'_> {
    /// The identifier and the credentials of a registration that was claimed at `claimed_at`, in seconds since 1970. The
    /// time makes those of a key that is used again a day later other ones.
    ///
    /// # Errors
    /// [`Error::Ended`] if the key of the ring is gone.
    fn derive(&self, issuer: &Issuer, number: u8, claimed_at: u64) -> Result<Derived, Error> {
        let ring = issuer.client_ids.ring();
        let key = ring.and_then(|ring| ring.keys().find(|key| key.number() == number));
        let key = key.ok_or(Error::Ended)?;
        let bytes = |purpose: &str| self.bytes(key, purpose, issuer, claimed_at);
        let [id, token, version] = ["id", "registration access token", "version"].map(bytes);
        let [first, second] =
            ["client secret, first half", "client secret, second half"].map(bytes);
        let mut secret = [0; 64];
        secret.iter_mut().zip(first.into_iter().chain(second)).for_each(|(to, from)| *to = from);
        Ok(Derived {
            client_id: ClientId::signed(head(id), claimed_at, issuer.identifier(), key),
            secret: ClientSecret::from_entropy(secret),
            token: RegistrationToken::from_entropy(token),
            version: EntityTag::from_entropy(head(version)),
        })
    }

    fn bytes(&self, key: &Key, purpose: &str, issuer: &Issuer, claimed_at: u64) -> [u8; 32] {
        let purpose = format!("rollcall idempotent registration 1: {purpose}");
        let parts: [&[u8]; 4] = [
            issuer.identifier().as_bytes(),
            self.key.as_bytes(),
            self.digests.1.as_bytes(),
            &claimed_at.to_be_bytes(),
        ];
        key.derive(&purpose, &parts)
    }
}

/// The first bytes.
fn head<const N: usize>(bytes: [u8; 32]) -> [u8; N] {
    let mut head = [0; N];
    head.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
    head
}

impl Derived {
    /// Whether all that the client got at its registration still works, and nothing was registered in its place.
    fn works_at(&self, record: &Record, now: u64) -> bool {
        let token = record.token_standing(&self.token) == Some(Standing::Current);
        let has_secret = record.secrets.expires_at().is_some();
        let is_newest = record.secrets.standing(&self.secret) == Some(Standing::Current);
        let secret = !has_secret || is_newest && record.secrets.admit(&self.secret, now);
        record.updated_at.is_none() && record.status() != Status::Disabled && token && secret
    }
}
