//! Who may manage a registration, and how a registration that may have changed meanwhile is changed.

use serde::{Deserialize, Serialize};

use super::patience::Patience;
use super::ports::{Host, Key, Store, StoreError, Value};
use super::{App, Error};
use crate::client::{Record, Standing, Summary};
use crate::vocabulary::{ClientId, EntityTag, Preconditions, RegistrationToken};

/// Whoever says to be the holder of a client's registration access token.
pub struct Claimant<'c> {
    /// The client identifier, as it stands in the path.
    pub client_id: &'c str,
    /// The token, if there is one.
    pub token: Option<RegistrationToken>,
    /// In which state the registration has to be for the request to be done.
    pub preconditions: Preconditions,
}

/// Whoever changes a registration.
#[derive(Clone, Copy)]
pub(super) enum Caller<'c> {
    /// The holder of its token.
    Holder(&'c Claimant<'c>),
    /// The operator.
    Operator(&'c ClientId),
}

/// A registration as this location sees it.
pub(super) struct Found {
    pub client_id: ClientId,
    pub record: Record,
    /// The token that was presented for it, by its holder.
    pub token: Option<(RegistrationToken, Standing)>,
}

/// A record ready to be stored.
pub(super) struct Sealed {
    text: String,
    summary: String,
    ttl: Option<u32>,
}

impl Sealed {
    pub fn value(&self) -> Value<'_> {
        Value { text: &self.text, ttl: self.ttl, summary: Some(&self.summary) }
    }
}

impl Claimant<'_> {
    /// Whether there is anything to be examined at all: without a token, no body is read.
    ///
    /// # Errors
    /// [`Error::NoToken`]
    pub fn require_token(&self) -> Result<(), Error> {
        self.token.as_ref().map(|_| ()).ok_or(Error::NoToken)
    }

    /// `If-Match` and `If-None-Match` of a request that changes something (RFC 9110 §13.1).
    pub(super) fn expect(&self, version: &EntityTag) -> Result<(), Error> {
        let holds = self.preconditions.allow_change(version);
        if holds { Ok(()) } else { Err(Error::Changed) }
    }
}

/// Which change of a record is the latest, for a location that may see a former one.
#[derive(Serialize, Deserialize)]
struct Latest {
    v: u32,
    changes: u64,
}

/// How long that is remembered, in seconds: longer than a location can see a former record.
const LATEST_TTL: u32 = 300;

impl<S: Store, H: Host> App<'_, S, H> {
    /// Finds a registration that `caller` may change. One read.
    ///
    /// # Errors
    /// For its holder [`Error::NoToken`]; [`Error::BadToken`] alike for a malformed or wrong token, another
    /// client's, and a client that never existed, was deleted or has expired; [`Error::Disabled`]. For the
    /// operator [`Error::Unknown`].
    pub(super) async fn find(&self, caller: Caller<'_>) -> Result<Found, Error> {
        match caller {
            Caller::Operator(client_id) => {
                let record = self.record(client_id, None).await?.ok_or(Error::Unknown)?;
                Ok(Found { client_id: client_id.clone(), record, token: None })
            }
            Caller::Holder(claimant) => {
                let token = claimant.token.clone().ok_or(Error::NoToken)?;
                let client_id = ClientId::parse(claimant.client_id).ok_or(Error::BadToken)?;
                let record = self.record(&client_id, None).await?.ok_or(Error::BadToken)?;
                let standing = record.token_standing(&token).ok_or(Error::BadToken)?;
                if record.disabled_at().is_some() {
                    return Err(Error::Disabled);
                }
                Ok(Found { client_id, record, token: Some((token, standing)) })
            }
        }
    }

    /// The record of a client that has not expired. One read, of what a location may remember for
    /// `cache_ttl` seconds.
    pub(super) async fn record(
        &self,
        client_id: &ClientId,
        cache_ttl: Option<u32>,
    ) -> Result<Option<Record>, Error> {
        let key = Key::client(self.issuer.id(), client_id);
        let Some(stored) = self.get_cached(&key, cache_ttl).await? else { return Ok(None) };
        let record = Record::parse_of(client_id, &stored)?;
        Ok(Some(record).filter(|record| !record.has_expired(self.host.now())))
    }

    /// Finds the registration, lets `change` decide, and stores the record it returns, if any: whole,
    /// and on top of what is there. Where a write does not go through, somebody else's may have: then all
    /// of it is done again with what is there now.
    ///
    /// # Errors
    /// Those of [`App::find`], those of `change`, and those of the store.
    pub(super) async fn change(
        &self,
        caller: Caller<'_>,
        change: &mut dyn FnMut(Found) -> Result<Option<Record>, Error>,
    ) -> Result<(), Error> {
        let mut patience = Patience::new(&self.host);
        let mut tried: Option<Record> = None;
        loop {
            let found = self.find(caller).await?;
            if tried.as_ref().is_some_and(|record| found.record.is(record)) {
                // It was stored; only the answer was lost.
                return Ok(());
            }
            let (client_id, seen) = (found.client_id.clone(), found.record.changes());
            let Some(mut record) = change(found)? else { return Ok(()) };
            let key = Key::client(self.issuer.id(), &client_id);
            self.refuse_outdated(&client_id, &key, seen).await?;
            record.count_change();
            let sealed = self.seal(&mut record)?;
            match self.store.put(&key, sealed.value()).await {
                Ok(()) => {
                    self.announce(&client_id, record.changes()).await;
                    return Ok(());
                }
                Err(error) => patience.wait(error).await?,
            }
            tried = Some(record);
        }
    }

    /// Moves the end of a client that is not used, as the operator has it now.
    pub(super) fn renew(&self, record: &mut Record) {
        let lifetimes = self.issuer.lifetimes();
        record.renew(lifetimes.unused_client, lifetimes.idle_client);
    }

    /// Writes a record as it is to be stored now.
    pub(super) fn seal(&self, record: &mut Record) -> Result<Sealed, Error> {
        self.renew(record);
        let summary = serde_json::to_string(&Summary::of(record))?;
        Ok(Sealed { text: record.to_json()?, summary, ttl: record.ttl(self.host.now()) })
    }

    /// A client may have been deleted or changed at another location, which its record may not show here
    /// for a minute. What a location has written that could not see the tombstone goes the way of the
    /// client; what would undo a change is not written.
    pub(super) async fn refuse_outdated(
        &self,
        client_id: &ClientId,
        key: &Key,
        seen: u64,
    ) -> Result<(), Error> {
        let tombstone = Key::tombstone(self.issuer.id(), client_id);
        if self.get(&tombstone).await?.is_some() {
            self.delete(key).await?;
            return Err(Error::BadToken);
        }
        let latest = self.get(&Key::change(self.issuer.id(), client_id)).await?;
        let latest = latest.and_then(|bytes| serde_json::from_slice::<Latest>(&bytes).ok());
        let outdated = latest.is_some_and(|latest| latest.changes > seen);
        if outdated { Err(Error::Outdated) } else { Ok(()) }
    }

    /// Tells other locations that there was a change. Should that fail, theirs may undo it for a minute.
    async fn announce(&self, client_id: &ClientId, changes: u64) {
        let Ok(text) = serde_json::to_string(&Latest { v: 1, changes }) else { return };
        let value = Value { text: &text, ttl: Some(LATEST_TTL), summary: None };
        let told = self.store.put(&Key::change(self.issuer.id(), client_id), value).await;
        // Too soon after the one before means that there was one: locations wait for that.
        if let Err(StoreError::Unavailable(why)) = told {
            self.note(&format!("a change could not be announced: {why}"));
        }
    }
}
