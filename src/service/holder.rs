//! Who may manage a registration, and how a registration that may have changed meanwhile is changed.

use std::net::IpAddr;

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
    /// Where the request came from, as far as the runtime says.
    pub address: Option<IpAddr>,
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

/// How long it is remembered that there was a change, in seconds: longer than a location can see the record
/// of before.
const CHANGE_TTL: u32 = 300;
/// The least that a location can be told to remember, in seconds.
const BRIEFLY: Option<u32> = Some(30);

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
    /// `cache_ttl` seconds; that there is none is not remembered for longer than the store does by itself.
    pub(super) async fn record(
        &self,
        client_id: &ClientId,
        cache_ttl: Option<u32>,
    ) -> Result<Option<Record>, Error> {
        let key = Key::client(self.issuer.id(), client_id);
        let read = |stored: Option<Vec<u8>>| -> Result<Option<Record>, Error> {
            let record = stored.map(|stored| Record::parse_of(client_id, &stored)).transpose()?;
            Ok(record.filter(|record| !record.has_expired(self.host.now())))
        };
        let found = read(self.get_cached(&key, cache_ttl).await?)?;
        if found.is_none() && cache_ttl.is_some() {
            // Its end may have been moved, or it may have come, since a location has begun to remember.
            return read(self.get(&key).await?);
        }
        Ok(found)
    }

    /// Finds the registration, lets `change` decide, and stores the record it returns, if any: whole,
    /// and on top of what is there. Where a write does not go through, somebody else's may have: then all
    /// of it is done again with what is there now.
    ///
    /// # Errors
    /// Those of [`App::find`], those of `change`, and those of the store; [`Error::Limited`] for a holder.
    pub(super) async fn change(
        &self,
        caller: Caller<'_>,
        change: &mut dyn FnMut(Found) -> Result<Option<Record>, Error>,
    ) -> Result<(), Error> {
        let mut patience = Patience::new(&self.host);
        let mut tried: Option<Record> = None;
        loop {
            let found = self.find(caller).await?;
            let (client_id, seen) = (found.client_id.clone(), found.record.changes());
            if tried.as_ref().is_some_and(|record| found.record.is(record)) {
                // It was stored; only the answer was lost.
                self.announce(&client_id, seen).await;
                return Ok(());
            }
            let changed = change(found)?;
            let key = Key::client(self.issuer.id(), &client_id);
            let Some(mut record) = changed else {
                // That there is nothing to do has to be true everywhere, where it is the operator's will.
                if let Caller::Operator(_) = caller {
                    self.refuse_outdated(&client_id, &key, seen).await?;
                }
                return Ok(());
            };
            // Only now: who has no right to write takes nothing from those who have.
            if let (Caller::Holder(claimant), None) = (caller, &tried) {
                self.count_issuer(claimant.address).await?;
            }
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
        record.renew(lifetimes.unused_client, lifetimes.idle_client, self.host.now());
    }

    /// Writes a record as it is to be stored now.
    pub(super) fn seal(&self, record: &mut Record) -> Result<Sealed, Error> {
        self.renew(record);
        let summary = serde_json::to_string(&Summary::of(record))?;
        Ok(Sealed { text: record.to_json()?, summary, ttl: record.ttl(self.host.now()) })
    }

    /// A client may have been deleted or changed at another location, which its record may not show here for
    /// a minute. What a location has written that could not see the tombstone goes the way of the client; what
    /// would undo a change is not written. Each change has a key of its own: the next one after what is `seen`
    /// has hardly ever been looked for here, so what the store says of it is no memory.
    pub(super) async fn refuse_outdated(
        &self,
        client_id: &ClientId,
        key: &Key,
        seen: u64,
    ) -> Result<(), Error> {
        let tombstone = Key::tombstone(self.issuer.id(), client_id);
        if self.get_cached(&tombstone, BRIEFLY).await?.is_some() {
            self.delete(key).await?;
            return Err(Error::BadToken);
        }
        let next = Key::change(self.issuer.id(), client_id, seen.saturating_add(1));
        let outdated = self.get_cached(&next, BRIEFLY).await?.is_some();
        if outdated { Err(Error::Outdated) } else { Ok(()) }
    }

    /// Tells other locations of a change. Should that fail, theirs may undo it for a minute.
    async fn announce(&self, client_id: &ClientId, number: u64) {
        let key = Key::change(self.issuer.id(), client_id, number);
        let value = Value { text: "{\"v\":1}", ttl: Some(CHANGE_TTL), summary: None };
        if let Err(StoreError::Unavailable(why)) = self.store.put(&key, value).await {
            self.note(&format!("a change could not be announced: {why}"));
        }
    }
}
